"""Layouts and traps, one by one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from core.tables.reading import open_table
from disbursement.roll_files.account import RollFileError
from disbursement.roll_files.lines import LineProblem, RollLine
from disbursement.roll_files.reading import RollReading
from disbursement.roll_files.rows import RowKind
from disbursement.roll_files.vocabulary import Field
from tests.builders import tables
from tests.builders.regions import SAMPLES, index_of

INDEX = index_of("513426251000")  # 野租乡: 清水村, 红岩村, 青杠村
A, B, C, D = "513426199509167030", "513426196605279004", "513426195003210910", "51342619620608017X"
CARD = "6217002572034294702"
HEADER = ["序号", "村", "社", "姓名", "身份证号", "社保卡号", "金额"]

Rows = Sequence[Sequence[object]]


def reading_of(content: bytes) -> tuple[RollReading, list[RollLine | LineProblem]]:
    with open_table(content) as table:
        reading = RollReading(table, INDEX, date(2020, 7, 10))
        return reading, list(reading.items())


def found(rows: Rows, sheet: str = "Sheet1", **more: Any) -> list[tuple[object, ...]]:
    """(row, name, fen) of good lines, (row, code) of bad ones, from a workbook of one sheet."""
    _, items = reading_of(tables.xlsx({sheet: rows}, **more))
    return [
        (item.row, item.name, item.amount_fen) if isinstance(item, RollLine) else (item.row, item.code)
        for item in items
    ]


def notes(rows: Rows, sheet: str = "Sheet1") -> list[str]:
    reading, _ = reading_of(tables.xlsx({sheet: rows}))
    for note in reading.notes:
        assert (note.sentence % note.parameters).endswith("。")
    return [note.code for note in reading.notes]


def column_of(rows: Rows, field: Field) -> str:
    reading, _ = reading_of(tables.xlsx({"Sheet1": rows}))
    return next((use.letter for use in reading.sheets[0].columns if use.field is field), "")


# --- which amount is paid ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "first", "second", "letter"),
    [
        (["应发金额", "扣款", "实发金额"], [300, 30, 270], [300, 0, 300], "E"),
        (["实发金额", "应发金额"], [270, 300], [300, 300], "C"),
        (["4月", "5月", "6月", "合计"], [90, 90, 90, 270], [90, 90, 0, 180], "F"),
        (["困难补贴", "护理补贴", "合计"], [90, 80, 170], [90, 0, 90], "E"),
        (["补贴金额", "补发金额", "合计金额"], [270, 30, 300], [270, "", 270], "E"),
        (["补贴标准", "补贴面积", "补贴金额"], [105.2, 7.2, 757.44], [105.2, 3, 315.6], "E"),
        (["标准", "月数", "发放金额", "累计发放金额"], [90, 3, 270, 540], [90, 1, 90, 90], "E"),
        (["发放金额", "发放金额（大写）"], [270, "贰佰柒拾元整"], [90, "玖拾元整"], "C"),
        (["数量", "标准", "应兑付"], [3, 90, 270], [2, 90, 180], "E"),
        (["数量", "标准", "本期"], [3, 90, 270], [2, 90, 180], "E"),
        (["补贴金额", "中央", "省级", "县级"], [270, 100, 100, 70], [90, 30, 30, 30], "C"),
    ],
)
def test_the_amount_that_is_paid(labels: list[str], first: list[object], second: list[object], letter: str) -> None:
    rows: Rows = [["姓名", "身份证号", *labels], ["王秀英", A, *first], ["李丽", B, *second]]
    assert column_of(rows, Field.AMOUNT) == letter


def test_levels_of_government_below_the_amount() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "补贴金额", "", "", "备注"],
        ["", "", "中央", "省级", "小计", ""],
        ["王秀英", A, 100, 170, 270, ""],
        ["李丽", B, 30, 60, 90, ""],
    ]
    assert found(rows, merged={"Sheet1": ["A1:A2", "B1:B2", "C1:E1", "F1:F2"]}) == [
        (3, "王秀英", 27000),
        (4, "李丽", 9000),
    ]


def test_two_amounts_that_nothing_decides_between_are_told() -> None:
    rows: Rows = [["姓名", "身份证号", "补贴金额", "应补金额"], ["王秀英", A, 270, 300], ["李丽", B, 90, 100]]
    assert "amount_chosen" in notes(rows)
    reading, _ = reading_of(tables.xlsx({"S": rows}))
    assert not reading.sheets[0].certain


@pytest.mark.parametrize(
    ("title", "label", "written", "fen"),
    [
        ("", "金额（万元）", 0.027, 27000),
        ("单位：万元", "金额", 0.02705, 27050),
        ("单位：元", "金额（万元）", "0.027", 27000),
        ("单位：元、亩", "金额", 270.5, 27050),
        ("", "金额(分)", 27000, 27000),
        ("", "金额（万元）", "270元", 27000),
        ("", "金额（百元）", 2.7, 27000),
    ],
)
def test_units_of_money(title: str, label: str, written: object, fen: int) -> None:
    rows: Rows = [[title, "", ""], ["姓名", "身份证号", label], ["王秀英", A, written], ["李丽", B, written]]
    assert found(rows) == [(3, "王秀英", fen), (4, "李丽", fen)]


def test_an_amount_of_ten_thousands_below_a_fen() -> None:
    rows: Rows = [["姓名", "身份证号", "金额（万元）"], ["王秀英", A, 0.0270001], ["李丽", B, "0.0270005"]]
    assert found(rows) == [(2, "amount_below_fen"), (3, "amount_below_fen")]


# --- whose name and number -----------------------------------------------------------------------


def test_guardian_and_ward_in_any_order() -> None:
    rows: Rows = [
        ["监护人姓名", "监护人身份证号", "社保卡号", "补贴对象姓名", "补贴对象身份证号", "金额", "与监护人关系"],
        ["王秀英", A, CARD, "王明", B, 270, "母子"],
    ]
    _, items = reading_of(tables.xlsx({"S": rows}))
    (line,) = items
    assert isinstance(line, RollLine)
    assert (line.name, line.id_number) == ("王明", B)
    assert (line.payee_name, line.payee_id, line.card) == ("王秀英", A, CARD)


def test_name_and_card_of_the_payee_under_the_same_words() -> None:
    rows: Rows = [["姓名", "身份证号码", "姓名", "社会保障卡号", "补贴金额"], ["王明", B, "王秀英", CARD, 270]]
    _, items = reading_of(tables.xlsx({"S": rows}))
    assert isinstance(items[0], RollLine)
    assert (items[0].name, items[0].payee_name) == ("王明", "王秀英")


def test_the_disability_certificate_is_no_id_number() -> None:
    rows: Rows = [["残疾证号", "残疾人姓名", "身份证号", "金额"], [A + "43", "王秀英", A, 270]]
    assert found(rows) == [(2, "王秀英", 27000)]


def test_a_header_over_the_wrong_columns_is_noticed() -> None:
    rows: Rows = [["身份证号", "姓名", "金额"], ["王秀英", A, 270], ["李丽", B, 90]]
    assert found(rows) == [(2, "王秀英", 27000), (3, "李丽", 9000)]
    assert "by_content" in notes(rows)


def test_without_any_header() -> None:
    rows: Rows = [
        ["1", "清水村", "1社", "王秀英", A, CARD, "18739320300", 3, 90, 270],
        ["2", "清水村", "2社", "李丽", B, CARD, "18739320301", 2, 90, 180],
        ["3", "红岩村", "2社", "张敏", C[:-1] + "1", CARD, "18739320302", 1, 90, 90],
    ]
    assert found(rows) == [(1, "王秀英", 27000), (2, "李丽", 18000), (3, "id_checksum")]
    assert "no_header" in notes(rows)


def test_columns_without_a_label_are_known_by_what_they_hold() -> None:
    rows: Rows = [
        ["", "", "姓名", "身份证号", "号码", "打款数额"],
        ["清水村", "1社", "王秀英", A, CARD, 270],
        ["", "", "李丽", B, CARD, 90],
        ["红岩村", "2社", "张敏", C, CARD, 90],
    ]
    _, items = reading_of(tables.xlsx({"S": rows}))
    lines = [item for item in items if isinstance(item, RollLine)]
    assert [line.card for line in lines] == [CARD] * 3
    assert [line.region_code for line in lines] == ["513426251200001", "513426251200001", "513426251201002"]


def test_two_tables_side_by_side() -> None:
    header: Rows = ["序号", "姓名", "身份证号", "金额"]
    rows: Rows = [
        ["野租乡清水村花名册"],
        [*header, "", *header],
        [1, "王秀英", A, 270, "", 3, "张敏", C, 90],
        [2, "李丽", B, 180, "", 4, "", D, 90],
        ["合计", "", "", 630],
    ]
    assert found(rows) == [(3, "王秀英", 27000), (3, "张敏", 9000), (4, "李丽", 18000), (4, "name_missing")]


def test_a_second_table_below_with_columns_of_its_own() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "金额"],
        ["王秀英", A, 270],
        ["合计", "", 270],
        [],
        ["序号", "身份证号码", "受益人", "发放金额", "社保卡号"],
        [1, B, "李丽", 90, CARD],
    ]
    assert found(rows) == [(2, "王秀英", 27000), (6, "李丽", 9000)]


def test_a_summary_below_is_no_line_and_is_named() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "金额"],
        ["王秀英", A, 270],
        ["村名", "人数", "金额", "备注"],
        ["清水村", 1, 270],
    ]
    assert found(rows) == [(2, "王秀英", 27000)]
    assert "lost_table" in notes(rows)


# --- what is a line ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        (["合计", "", "", "", "", "", 540], RowKind.TOTAL),
        (["", "清水村小计", "", "", "", "", 540], RowKind.TOTAL),
        (["", "", "", "合　计", "", "", 540], RowKind.TOTAL),
        (["", "", "", "本页合计2人", "", "", 540], RowKind.TOTAL),
        (["合计金额（大写）：伍佰肆拾元整"], RowKind.TOTAL),
        (["", "", "", "", "", "", 540], RowKind.TOTAL),
        (["制表人：王小明", "", "", "审核人：李四", "", "", ""], RowKind.SIGNATURE),
        (["制表人：", "", "", "王小明", "审核人：", "", "2020年7月6日"], RowKind.SIGNATURE),
        (["", "", "", "", "", "2020年7月6日", ""], RowKind.SIGNATURE),
        (["单位负责人（签字）：", "", "", "王小明", "", "", ""], RowKind.SIGNATURE),
        (["红岩村"], RowKind.SECTION),
        (["二、红岩村（共12户）"], RowKind.SECTION),
        (["", "3社", "", "", "", "", ""], RowKind.SECTION),
        (["备注：本表一式三份。"], RowKind.NOTE),
        (["", "", "", "（以下空白）", "", "", ""], RowKind.NOTE),
        ([53, "", "", "", "", "", ""], RowKind.BLANK),
        ([53, "清水村", "1社", "", "", "", 0], RowKind.BLANK),
        (HEADER, RowKind.HEADER),
        (["1", "2", "3", "4", "5", "6", "7"], RowKind.HEADER),
        ([9, "清水村", "1社", "王小明", "", CARD, 270], RowKind.LINE),
        (["", "", "", "王小明", "", "", 270], RowKind.LINE),
        ([9, "", "", "王小明", "", "", ""], RowKind.LINE),
        ([9, "清水村", "1社", "", "", CARD, 270], RowKind.LINE),
        ([9, "清水村", "1社", "王小明", "无", "", "九十元"], RowKind.LINE),
        (["", "", "", "", "51342619950916", "", ""], RowKind.LINE),
        ([9, "清水村", "1社", "王小明", "2020-01-01", "", 90], RowKind.LINE),
    ],
)
def test_what_a_row_is(row: list[object], kind: RowKind) -> None:
    before: Rows = [HEADER, [1, "清水村", "1社", "王秀英", A, CARD, 270], [2, "清水村", "1社", "李丽", B, CARD, 270]]
    reading, items = reading_of(tables.xlsx({"S": [*before, row]}))
    wanted = {RowKind.HEADER: 1, RowKind.LINE: 2}
    wanted[kind] = wanted.get(kind, 0) + 1
    assert {name: count for name, count in reading.sheets[0].rows.items() if count} == wanted
    assert len(items) == wanted[RowKind.LINE]


def test_a_total_with_the_number_of_people_under_the_id_numbers() -> None:
    rows: Rows = [["姓名", "身份证号", "金额"], ["王秀英", A, 270], ["合计", "1人", 270]]
    assert found(rows) == [(2, "王秀英", 27000)]


@pytest.mark.parametrize(
    "row",
    [
        ["制表人：", "王明", "13812345678", ""],
        ["单位负责人：王明", "", "填表人：李丽 13812345678", "填报日期：2020-06-30"],
        ["", "", "联系电话：13812345678", ""],
    ],
)
def test_the_telephone_of_an_official_under_the_id_numbers_is_no_line(row: list[object]) -> None:
    rows: Rows = [["序号", "姓名", "身份证号", "金额"], [1, "王秀英", A, 270], row]
    assert found(rows) == [(2, "王秀英", 27000)]


def test_a_wrong_total_is_told() -> None:
    rows: Rows = [["姓名", "身份证号", "金额"], ["王秀英", A, 270], ["合计", "", 280]]
    assert "total_differs" in notes(rows)
    right: Rows = [
        ["姓名", "身份证号", "金额"],
        ["王秀英", A, 270],
        ["小计", "", 270],
        ["李丽", B, 30],
        ["总计", "", 300],
    ]
    assert "total_differs" not in notes(right)


def test_an_amount_merged_over_a_household_is_paid_once() -> None:
    rows: Rows = [["户主姓名", "身份证号", "金额"], ["王秀英", A, 270], ["李丽", B, ""], ["张敏", C, ""]]
    assert found(rows, merged={"Sheet1": ["C2:C4"]}) == [
        (2, "王秀英", 27000),
        (3, "amount_unreadable"),
        (4, "amount_unreadable"),
    ]


def test_cells_that_excel_spoilt() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "社保卡号", "金额"],
        ["王秀英", 513426199509167030, CARD, 270],
        ["王秀英", "5.13426E+17", CARD, 270],
        ["王秀英", 513426950916703, CARD, 270],
        ["王秀英", 51342695, CARD, 270],
        ["王秀英", date(1995, 9, 16), CARD, 270],
        ["王秀英", A, 6217002572034294702, 270],
        ["王秀英", A, "6.217E+18", 270],
        ["王秀英", A, CARD, "#REF!"],
        ["王秀英", A, CARD, 0.1 + 0.2],
    ]
    assert found(rows) == [
        (2, "id_precision_lost"),
        (3, "id_precision_lost"),
        (4, "id_precision_lost"),
        (5, "id_precision_lost"),
        (6, "id_length"),
        (7, "card_unreadable"),
        (8, "card_unreadable"),
        (9, "amount_unreadable"),
        (10, "王秀英", 30),
    ]


def test_numbers_that_excel_filled_up_before_it_wrote_text_are_told() -> None:
    rows: Rows = [["姓名", "身份证号", "金额"], ["王秀英", A[:15] + "000", 270], ["李丽", "513426194501164000", 90]]
    assert found(rows) == [(2, "id_checksum"), (3, "李丽", 9000)]
    assert "id_noughts" in notes(rows)
    assert "id_noughts" not in notes([rows[0], rows[2]])


@pytest.mark.parametrize("written", ["", "无", "/", "—", "未办卡", "未办理", "正在办理", "已挂失"])
def test_a_missing_card_is_no_problem(written: str) -> None:
    rows: Rows = [["姓名", "身份证号", "社保卡号", "金额"], ["李丽", B, CARD, 90], ["王秀英", A, written, 270]]
    _, items = reading_of(tables.xlsx({"S": rows}))
    assert isinstance(items[1], RollLine)
    assert items[1].card == ""


def test_names_are_kept_without_the_blanks_around_them() -> None:
    rows: Rows = [["姓名", "身份证号", "金额"], [" 罗\u3000超\n", A, 270], ["阿西•木呷 ", B, 90], ["--", C, 90]]
    assert found(rows) == [(2, "罗超", 27000), (3, "阿西·木呷", 9000), (4, "name_missing")]


def test_only_later_good_lines_are_duplicates() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "金额"],
        ["王秀英", A, "九十元"],
        ["王秀英", A, 90],
        ["王秀英", A.replace("5", "５"), 90],
        ["王秀英", A, 0],
    ]
    assert found(rows) == [
        (2, "amount_unreadable"),
        (3, "王秀英", 9000),
        (4, "duplicate_in_file"),
        (5, "amount_not_positive"),
    ]


def test_a_duplicate_on_another_sheet() -> None:
    sheet: Rows = [["姓名", "身份证号", "金额"], ["王秀英", A, 90]]
    _, items = reading_of(tables.xlsx({"清水村": sheet, "红岩村": sheet}))
    assert [(item.sheet, type(item)) for item in items] == [("清水村", RollLine), ("红岩村", LineProblem)]


# --- where ---------------------------------------------------------------------------------------


def regions(rows: Rows, sheet: str = "Sheet1") -> list[str]:
    _, items = reading_of(tables.xlsx({sheet: rows}))
    return [item.region_code if isinstance(item, RollLine) else item.code for item in items]


def test_the_village_stands_in_the_sheet_name_or_the_title() -> None:
    rows: Rows = [
        ["社", "姓名", "身份证号", "金额"],
        ["1社", "王秀英", A, 90],
        ["", "李丽", B, 90],
        ["2社", "张敏", C, 90],
    ]
    by_sheet = ["513426251201001", "513426251201001", "513426251201002"]
    assert regions(rows, "红岩村") == by_sheet
    assert regions(rows, "红岩") == by_sheet
    assert regions([["会东县野租乡红岩村2020年花名册"], *rows]) == by_sheet
    assert regions([["填报单位：野租乡红岩村村民委员会（盖章）"], *rows]) == by_sheet
    assert regions([["野租乡不存在村2020年花名册"], *rows]) == ["unknown_region"] * 3
    assert regions(rows, "不存在村") == ["unknown_region"] * 3
    assert regions([["野租乡2020年农村低保花名册"], *rows], "农村") == ["513426251000"] * 3


def test_rows_between_the_lines_name_village_and_group() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "金额"],
        ["清水村"],
        ["一社"],
        ["王秀英", A, 90],
        ["2社"],
        ["李丽", B, 90],
        ["红岩村"],
        ["张敏", C, 90],
        ["不存在村"],
        ["赵明", D, 90],
    ]
    assert regions(rows) == ["513426251200001", "513426251200002", "513426251201", "unknown_region"]


def test_the_title_again_on_the_next_page_keeps_the_group() -> None:
    title, header = ["野租乡清水村花名册"], ["社", "姓名", "身份证号", "金额"]
    rows: Rows = [title, header, ["1社", "王秀英", A, 90], title, header, ["", "李丽", B, 90]]
    assert regions(rows) == ["513426251200001", "513426251200001"]


def test_addresses_tell_the_village_too() -> None:
    rows: Rows = [
        ["姓名", "身份证号", "金额", "家庭住址"],
        ["王秀英", A, 90, "会东县野租乡清水村1社12号"],
        ["李丽", B, 90, "四川省会东县姜州镇青杠村3组"],
        ["张敏", C, 90, ""],
    ]
    assert regions(rows) == ["513426251200001", "unknown_region", "513426251000"]


def test_another_township_is_unknown_here() -> None:
    rows: Rows = [
        ["乡镇", "村", "姓名", "身份证号", "金额"],
        ["姜州镇", "青杠村", "王秀英", A, 90],
        ["野租乡", "青杠村", "李丽", B, 90],
    ]
    assert regions(rows) == ["unknown_region", "513426251202"]


def test_an_unknown_group_belongs_to_its_village() -> None:
    rows: Rows = [
        ["村", "社", "姓名", "身份证号", "金额"],
        ["清水村", "99社", "王秀英", A, 90],
        ["清水村", "上坝组", "李丽", B, 90],
    ]
    assert regions(rows) == ["513426251200"] * 2
    assert "group_unknown" in notes(rows)


# --- files that are no rolls ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "programmes.xlsx",
        "fund-plan-2020.xlsx",
        "regions.csv",
        "bank-statement-202007.csv",
        "bank-result-困难残疾人生活补贴-202006.txt",
    ],
)
def test_other_files_of_the_county_are_refused(name: str) -> None:
    with pytest.raises(RollFileError) as refused:
        reading_of((SAMPLES / name).read_bytes())
    assert refused.value.code in ("not_a_roll", "no_headers")


def test_a_refusal_names_headers_and_no_person() -> None:
    rows: Rows = [["序号", "姓名", "社保卡号", "金额"], [1, "王秀英", CARD, 270], [2, "李丽", CARD, 90]]
    with pytest.raises(RollFileError) as refused:
        reading_of(tables.xlsx({"S": rows}))
    assert refused.value.code == "not_a_roll"
    assert "受益人身份证号" in str(refused.value)
    assert "序号、姓名、社保卡号、金额" in str(refused.value)
    assert "王秀英" not in str(refused.value)
    assert CARD not in str(refused.value)


def test_a_file_of_people_without_amounts_is_refused() -> None:
    with pytest.raises(RollFileError, match="发放金额"):
        reading_of(tables.xlsx({"S": [["姓名", "身份证号"], ["王秀英", A]]}))


def test_an_empty_workbook_is_refused() -> None:
    with pytest.raises(RollFileError) as refused:
        reading_of(tables.xlsx({"Sheet1": [], "Sheet2": []}))
    assert refused.value.code == "no_rows"


def test_sheets_that_are_left_out_are_named() -> None:
    roll: Rows = [["姓名", "身份证号", "金额"], ["王秀英", A, 90]]
    people: Rows = [["姓名", "身份证号", "性别"], ["李丽", B, "女"]]
    content = tables.xlsx({"花名册": roll, "旧表": roll, "名单": people, "说明": [["请勿改动"]]}, hidden=["旧表"])
    reading, items = reading_of(content)
    assert len(items) == 1
    assert [(note.code, note.parameters["sheet"]) for note in reading.notes if note.code != "region_unnamed"] == [
        ("hidden_sheet", "旧表"),
        ("incomplete_sheet", "名单"),
        ("other_sheet", "说明"),
    ]
