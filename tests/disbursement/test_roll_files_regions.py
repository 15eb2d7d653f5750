"""Villages and groups in every spelling, and what is none of ours."""

import pytest

from disbursement.roll_files.regions import UNKNOWN, Mention, RegionIndex, group_key
from tests.builders.regions import index_of

INDEX = index_of("513426251000")  # 野租乡: 清水村 …200, 红岩村 …201, 青杠村 …202, each with 1社 to 4社
CLEAR, RED = "513426251200", "513426251201"


@pytest.mark.parametrize(
    ("township", "village", "group", "code"),
    [
        ("野租乡", "清水村", "1社", CLEAR + "001"),
        ("", "清水", "2", CLEAR + "002"),
        ("会东县野租乡", "清 水 村", "３组", CLEAR + "003"),
        ("野租镇", "清水社区", "第四村民小组", CLEAR + "004"),
        ("野租", "清水村村民委员会", "四社", CLEAR + "004"),
        ("513426251000", "清水村委会", "1社", CLEAR + "001"),
        ("", "清水村1社", "", CLEAR + "001"),
        ("", "清水村第二村民小组", "", CLEAR + "002"),
        ("", "会东县野租乡红岩村四组", "", RED + "004"),
        ("", "野租乡红岩村", "红岩村3社", RED + "003"),
        ("", "清水村1社12号", "", CLEAR + "001"),
        ("", "红岩村", "", RED),
        ("", "红岩村", "十一社", RED),
        ("", "红岩村上坝组", "", RED),
        ("", "", "", "513426251000"),
        ("", "", "1社", "513426251000"),
        ("姜州镇", "青杠村", "1社", None),
        ("", "姜州镇青杠村", "1社", None),
        ("", "不存在村", "1社", None),
        ("", "不知道", "", None),
    ],
)
def test_a_line_is_placed(township: str, village: str, group: str, code: str | None) -> None:
    assert INDEX.resolve(township, village, group).code == code


def test_what_could_not_be_made_out_is_said() -> None:
    assert INDEX.resolve("", "红岩村", "99社").group_unknown
    assert INDEX.resolve("", "", "1社").unnamed
    assert INDEX.resolve("", "", "2社", Mention(RED)).code == RED + "002"
    assert INDEX.resolve("", "3社", "", Mention(RED)).code == RED + "003"
    assert INDEX.resolve("", "", "", Mention(UNKNOWN)).code is None


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("会东县野租乡清水村2020年第2季度花名册", Mention(CLEAR)),
        ("2020年度清水村困难残疾人生活补贴", Mention(CLEAR)),
        ("一、红岩村（52户）", Mention(RED)),
        ("野租乡清水村1社花名册", Mention(CLEAR, "1社")),
        ("3社", Mention(None, "3社")),
        ("野租乡不存在村2020年花名册", Mention(UNKNOWN)),
        ("不存在村", Mention(UNKNOWN)),
        ("会东县野租乡不存在村花名册", Mention(UNKNOWN)),
        ("野租乡大清水村2020年花名册", Mention(UNKNOWN)),
        ("野租乡2020年花名册", None),
        ("野租乡农村低保花名册", None),
        ("农村", None),
        ("清水村、红岩村花名册", None),
        ("Sheet1", None),
        ("2020年2季度", None),
    ],
)
def test_titles(text: str, mention: Mention | None) -> None:
    assert INDEX.in_title(text) == mention


def test_groups_in_any_spelling() -> None:
    spellings = ("12社", "１２组", "十二社", "第十二村民小组", "12", "第12组", "十二队", "012社")
    assert {group_key(text) for text in spellings} == {"12"}
    assert group_key("上坝组") == group_key("上坝社") == "上坝"


def test_a_village_and_a_community_of_one_name_are_two() -> None:
    index = RegionIndex.build(
        "513426001000", "鱼城街道", [("513426001200", "新村"), ("513426001201", "新社区"), ("513426001202", "大桥村")]
    )
    assert index.resolve("", "新村", "").code == "513426001200"
    assert index.resolve("", "新社区", "").code == "513426001201"
    assert index.resolve("", "新", "").code is None
    assert index.resolve("鱼城街道办事处", "大桥", "").code == "513426001202"
