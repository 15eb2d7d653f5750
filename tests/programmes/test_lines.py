"""Lines of policy lists, rules and fund plans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programmes.catalogue_lines import ProgrammeLine, RuleLine, check_programmes, check_rules, find_code
from programmes.fund_plan_lines import FundPlanLine, KnownProgramme, check_fund_plan, total_of
from programmes.rules import Channel, Handling, LineProblem, Source

NAMES = {"DISABLED_LIVING": "困难残疾人生活补贴", "SENIOR": "高龄津贴", "FARMLAND": "耕地地力保护补贴"}
GOOD = ProgrammeLine("SENIOR", "高龄津贴", "县民政局", channel="一卡通", publicity_days="0")


class TestProgrammes:
    def test_a_line_is_read(self) -> None:
        (read,), problems = check_programmes([GOOD], {})
        assert not problems
        assert (read.code, read.name, read.channel, read.publicity_days) == ("SENIOR", "高龄津贴", Channel.PLATFORM, 0)

    @pytest.mark.parametrize(
        ("line", "problem"),
        [
            (ProgrammeLine("", "高龄津贴", "县民政局"), LineProblem.CODE_MISSING),
            (ProgrammeLine("高龄", "高龄津贴", "县民政局"), LineProblem.CODE_UNREADABLE),
            (ProgrammeLine("A" * 41, "高龄津贴", "县民政局"), LineProblem.CODE_UNREADABLE),
            (ProgrammeLine("SENIOR", " ", "县民政局"), LineProblem.NAME_MISSING),
            (ProgrammeLine("SENIOR", "高龄津贴"), LineProblem.DEPARTMENT_MISSING),
            (ProgrammeLine("SENIOR", "高龄津贴", "县民政局", channel="邮局"), LineProblem.CHANNEL_UNKNOWN),
            (
                ProgrammeLine("SENIOR", "高龄津贴", "县民政局", publicity_days="一周"),
                LineProblem.PUBLICITY_DAYS_UNREADABLE,
            ),
        ],
    )
    def test_what_is_wrong_with_a_line(self, line: ProgrammeLine, problem: LineProblem) -> None:
        assert check_programmes([line], {}) == ([], [(0, problem)])

    def test_a_code_or_a_name_twice_is_a_double(self) -> None:
        again = ProgrammeLine("SENIOR", "高龄补贴", "县民政局")
        same_name = ProgrammeLine("OLD_AGE", "高龄津贴", "县民政局")
        good, problems = check_programmes([GOOD, again, same_name], {})
        assert len(good) == 1
        assert problems == [(1, LineProblem.DUPLICATE), (2, LineProblem.DUPLICATE)]

    def test_a_name_on_record_under_another_code_is_taken(self) -> None:
        assert check_programmes([ProgrammeLine("OLD_AGE", "高龄津贴", "县民政局")], NAMES) == (
            [],
            [(0, LineProblem.NAME_TAKEN)],
        )
        assert check_programmes([GOOD], NAMES)[1] == []


class TestRules:
    def test_programmes_are_named_by_code_or_name_in_any_order(self) -> None:
        lines = [
            RuleLine("SENIOR", "耕地地力保护补贴", "不得同时享受", "文件"),
            RuleLine("高龄 津贴", "DISABLED_LIVING", "可以"),
        ]
        good, problems = check_rules(lines, NAMES)
        assert not problems
        assert [(rule.first_code, rule.second_code, rule.handling) for rule in good] == [
            ("FARMLAND", "SENIOR", Handling.FORBIDDEN),
            ("DISABLED_LIVING", "SENIOR", Handling.ALLOWED),
        ]

    def test_what_is_wrong_with_a_line(self) -> None:
        lines = [
            RuleLine("SENIOR", "高铁补贴", "不得"),
            RuleLine("", "SENIOR", "不得"),
            RuleLine("SENIOR", "高龄津贴", "不得"),
            RuleLine("SENIOR", "FARMLAND", "看情况"),
            RuleLine("SENIOR", "FARMLAND", "不得"),
            RuleLine("FARMLAND", "SENIOR", "可以"),
        ]
        good, problems = check_rules(lines, NAMES)
        assert len(good) == 1
        assert problems == [
            (0, LineProblem.PROGRAMME_UNKNOWN),
            (1, LineProblem.PROGRAMME_UNKNOWN),
            (2, LineProblem.SAME_PROGRAMME),
            (3, LineProblem.HANDLING_UNKNOWN),
            (5, LineProblem.RULE_DUPLICATE),
        ]

    @given(st.permutations(sorted(NAMES)))
    def test_codes_stand_in_alphabetical_order(self, codes: list[str]) -> None:
        (rule,), _ = check_rules([RuleLine(codes[0], codes[1], "不得")], NAMES)
        assert rule.first_code < rule.second_code
        assert {rule.first_code, rule.second_code} == set(codes[:2])

    def test_a_blank_names_nothing(self) -> None:
        assert find_code("", {"": "", "A": ""}) is None


PROGRAMMES = [
    KnownProgramme(1, "DISABLED_LIVING", "困难残疾人生活补贴", "县民政局"),
    KnownProgramme(2, "SENIOR", "高龄津贴", "县民政局"),
]
LINE = FundPlanLine("2020", "SENIOR", "高龄津贴", "县民政局", "东财社〔2020〕9号", "县级", "当年下达", "800000", True)


def check(
    *lines: FundPlanLine, on_record: dict[tuple[int, int, str, str, str], int] | None = None
) -> list[LineProblem]:
    good, problems = check_fund_plan(lines, PROGRAMMES, on_record or {}, last_year=2021)
    assert len(good) + len(problems) == len(lines)
    return [problem for _, problem in problems]


def changed(**values: str) -> FundPlanLine:
    return FundPlanLine(**LINE.__dict__ | values)


class TestFundPlans:
    def test_a_line_is_read(self) -> None:
        (read,), problems = check_fund_plan([LINE], PROGRAMMES, {}, last_year=2021)
        assert not problems
        assert read.key == (2, 2020, "东财社〔2020〕9号", Source.CURRENT_YEAR, "县级")
        assert total_of([read]) == 80_000_000

    @pytest.mark.parametrize(
        ("values", "problem"),
        [
            ({"code": "OTHER"}, LineProblem.PROGRAMME_UNKNOWN),
            ({"code": "", "name": "别的"}, LineProblem.PROGRAMME_UNKNOWN),
            ({"code": "DISABLED_LIVING"}, LineProblem.NAME_DIFFERS),
            ({"department": "县农业农村局"}, LineProblem.DEPARTMENT_DIFFERS),
            ({"year": "去年"}, LineProblem.YEAR_UNREADABLE),
            ({"year": "2022"}, LineProblem.YEAR_UNREADABLE),
            ({"document": " "}, LineProblem.DOCUMENT_MISSING),
            ({"source": "自筹"}, LineProblem.SOURCE_UNKNOWN),
            ({"amount": ""}, LineProblem.AMOUNT_UNREADABLE),
            ({"amount": "-5"}, LineProblem.AMOUNT_NOT_POSITIVE),
            ({"amount": "1.005"}, LineProblem.AMOUNT_BELOW_FEN),
        ],
    )
    def test_what_is_wrong_with_a_line(self, values: dict[str, str], problem: LineProblem) -> None:
        assert check(changed(**values)) == [problem]

    @pytest.mark.parametrize(
        "values", [{"code": ""}, {"name": ""}, {"department": ""}, {"level": ""}, {"year": "2021年"}]
    )
    def test_what_may_be_left_out(self, values: dict[str, str]) -> None:
        assert check(changed(**values)) == []

    def test_the_same_line_twice_in_a_file(self) -> None:
        assert check(LINE, changed(document="东财社[2020]9号", amount="1")) == [LineProblem.FUND_LINE_DUPLICATE]
        assert check(LINE, changed(level="省级")) == []

    def test_what_is_recorded_is_never_changed(self) -> None:
        key = (2, 2020, "东财社〔2020〕9号", "current_year", "县级")
        assert check(LINE, on_record={key: 80_000_000}) == []
        assert check(LINE, on_record={key: 80_000_001}) == [LineProblem.FUND_LINE_DIFFERS]
