"""Codes, levels and parents of regions; what a file of them would change."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from registry import rules
from registry.rules import Level, ReadRegion, RegionLine, RegionProblem

COUNTY, TOWNSHIP, VILLAGE, GROUP = "513426000000", "513426001000", "513426001200", "513426001200003"
FAMILY = [
    RegionLine(COUNTY, "会东县", "county"),
    RegionLine(TOWNSHIP, "鱼城街道", "township", COUNTY),
    RegionLine(VILLAGE, "青杠村", "village", TOWNSHIP),
    RegionLine(GROUP, "3社", "group", VILLAGE),
]
numbers = st.integers(1, 999).map("{:03d}".format)
full_codes = st.builds(
    lambda parts, depth: ("513426" + "".join(parts[:depth])).ljust(12, "0"),
    st.lists(numbers, min_size=3, max_size=3),
    st.integers(0, 3),
)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("513426", COUNTY),
        ("513426001", TOWNSHIP),
        (" 513426 001 000 ", TOWNSHIP),
        ("５１３４２６００１２００", VILLAGE),
        ('="513426001200"', VILLAGE),
        (GROUP, GROUP),
        ("510000000000", None),  # a province
        ("513400000000", None),  # a prefecture
        ("513426000200", None),  # a village outside any township
        ("513426001000001", None),  # a group outside any village
        ("513426001200000", None),  # no number of a group
        ("5134260012", None),
        ("51342600120X", None),
        ("", None),
    ],
)
def test_codes_are_read_in_full(written: str, code: str | None) -> None:
    assert rules.full_code(written) == code


@given(full_codes)
def test_a_full_code_is_itself_and_its_parent_is_one_level_up(code: str) -> None:
    assert rules.full_code(code) == code
    parent = rules.parent_of(code)
    levels = list(Level)
    if parent is None:
        assert rules.level_of(code) == Level.COUNTY
    else:
        assert levels.index(rules.level_of(parent)) + 1 == levels.index(rules.level_of(code))
        assert rules.lineage(code) == [*rules.lineage(parent), code]


@given(st.text(max_size=20))
def test_nothing_that_is_written_as_a_code_raises(text: str) -> None:
    code = rules.full_code(text)
    assert code is None or rules.full_code(code) == code


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (RegionLine("", "青杠村"), RegionProblem.CODE_MISSING),
        (RegionLine("51342", "青杠村"), RegionProblem.CODE_UNREADABLE),
        (RegionLine(VILLAGE, "  "), RegionProblem.NAME_MISSING),
        (RegionLine(VILLAGE, "村" * 61), RegionProblem.NAME_MISSING),
        (RegionLine(VILLAGE, "青杠村", "省"), RegionProblem.LEVEL_UNKNOWN),
        (RegionLine(VILLAGE, "青杠村", "乡镇"), RegionProblem.LEVEL_DIFFERS),
        (RegionLine(VILLAGE, "青杠村", "village", "513426002000"), RegionProblem.PARENT_DIFFERS),
        (RegionLine(VILLAGE, "青杠村", "village", "何处"), RegionProblem.PARENT_DIFFERS),
        (RegionLine(COUNTY, "会东县", "county", "何处"), RegionProblem.PARENT_DIFFERS),
        (RegionLine(COUNTY, "会东县", "县级", "513400000000"), None),
        (RegionLine(COUNTY, "会东县", "县级", "5134"), RegionProblem.PARENT_DIFFERS),
        (RegionLine(VILLAGE, "青杠村", "社区", "513426001"), None),
        (RegionLine("513426001", "鱼城街道", "街道", "513426"), None),
        (RegionLine(VILLAGE, "青杠村"), None),
    ],
)
def test_what_is_wrong_with_a_line(line: RegionLine, problem: RegionProblem | None) -> None:
    region, found = rules.read_region(line)
    assert found == problem
    assert (region is None) == (problem is not None)


def test_a_name_is_kept_without_blanks_and_full_width_forms() -> None:
    region, _ = rules.read_region(RegionLine(GROUP, " ３ 社\n"))
    assert region == ReadRegion(GROUP, "3社", Level.GROUP, VILLAGE)


def test_the_order_of_the_lines_does_not_matter() -> None:
    expected, _ = rules.check_regions(FAMILY, ())
    assert [region.code for region in expected] == [COUNTY, TOWNSHIP, VILLAGE, GROUP]
    for order in permutations(FAMILY):
        assert rules.check_regions(order, ()) == (expected, [])


def test_a_region_whose_parent_is_missing_or_wrong_is_left_out_with_all_below_it() -> None:
    lines = [FAMILY[0], RegionLine(TOWNSHIP, ""), FAMILY[2], FAMILY[3]]
    good, problems = rules.check_regions(lines, ())
    assert [region.code for region in good] == [COUNTY]
    assert problems == [
        (1, RegionProblem.NAME_MISSING),
        (2, RegionProblem.PARENT_MISSING),
        (3, RegionProblem.PARENT_MISSING),
    ]
    good, problems = rules.check_regions(lines, {TOWNSHIP})
    assert [region.code for region in good] == [COUNTY, VILLAGE, GROUP]
    assert problems == [(1, RegionProblem.NAME_MISSING)]


def test_the_second_line_of_a_code_is_a_double() -> None:
    _, problems = rules.check_regions([*FAMILY, RegionLine("513426", "会东")], ())
    assert problems == [(4, RegionProblem.DUPLICATE)]


@given(st.lists(full_codes, unique=True, max_size=30), st.sets(full_codes, max_size=10))
def test_every_line_is_good_or_has_one_problem(codes: list[str], known: set[str]) -> None:
    good, problems = rules.check_regions([RegionLine(code, "某地") for code in codes], known)
    assert len(good) + len(problems) == len(codes)
    present: set[str] = set(known)
    for region in good:
        assert region.parent_code is None or region.parent_code in present
        present.add(region.code)


class TestChanges:
    good, _ = rules.check_regions(FAMILY, ())

    def test_new_renamed_and_absent(self) -> None:
        on_record = {COUNTY: "会东县", TOWNSHIP: "鱼城镇", "513426002000": "金江街道", "513427000000": "宁南县"}
        changes = rules.compare_regions(self.good, on_record)
        assert [region.code for region in changes.added] == [VILLAGE, GROUP]
        assert [(region.code, before) for region, before in changes.renamed] == [(TOWNSHIP, "鱼城镇")]
        assert changes.absent == ["513426002000"]

    def test_a_file_about_one_village_says_nothing_of_the_others(self) -> None:
        on_record = {region.code: region.name for region in self.good} | {"513426001201": "大坪村"}
        changes = rules.compare_regions(self.good[2:], on_record)
        assert changes == rules.RegionChanges([], [], [])

    def test_no_line_changes_nothing(self) -> None:
        assert rules.compare_regions([], {COUNTY: "会东县"}) == rules.RegionChanges([], [], [])


@pytest.mark.parametrize("reason", ["", "  核对  ", "核", "长" * 201])
def test_a_reason_says_something(reason: str) -> None:
    with pytest.raises(UserError, match="理由"):
        rules.checked_reason(reason)


@pytest.mark.parametrize(
    "reason", ["核对卡号6214000000000000001", "联系 139 0000 0001 的老人", "核对５１３４２６１９６００１０１"]
)
def test_a_reason_holds_no_personal_data(reason: str) -> None:
    with pytest.raises(UserError, match="不要写"):
        rules.checked_reason(reason)


def test_a_good_reason_is_kept_in_one_line() -> None:
    assert rules.checked_reason(" 核对202006期\n发放失败 ") == "核对202006期 发放失败"
