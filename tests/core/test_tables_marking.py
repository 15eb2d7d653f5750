"""The file comes back as it was, with one more column that says what is wrong."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import Font, PatternFill

from core.tables.marking import HEADING, write_marked_copy
from core.tables.reading import TableError, WholeSheet, read_all
from tests.builders import tables

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
PEOPLE = [
    ["花名册"],
    ["序号", "姓名", "身份证号码", "金额", "备注"],
    ["1", "阿西·木呷", "513426199509167030", "270.00"],
    ["2", "罗\u3000超", "5134261950", "1,080.50", "新增"],
    ["3", "李䶮", "", "90"],
]


def marked(content: bytes | Path, marks: Mapping[tuple[str | None, int], str], **more: Any) -> tuple[str, bytes]:
    out = io.BytesIO()
    extension = write_marked_copy(content, marks, out, **more)
    return extension, out.getvalue()


def without_last_column(sheets: list[WholeSheet], width: int) -> list[list[tuple[int, list[str]]]]:
    """Rows without the column of sentences, blank cells at the end cut off."""
    return [
        [(row.number, list(_cut([cell.strip() for cell in row.cells[:width]]))) for row in sheet.rows]
        for sheet in sheets
    ]


def _cut(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
def test_text_keeps_encoding_delimiter_and_rows(encoding: str, delimiter: str) -> None:
    people = PEOPLE[:4] if encoding == "gbk" else PEOPLE
    content = tables.text(people, delimiter, encoding)
    extension, copy = marked(content, {(None, 4): "身份证号的位数不对。"}, header_rows={None: 2})
    assert extension == ("csv" if delimiter == "," else "txt")
    text = copy.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    lines = text.split("\r\n")
    assert lines[1] == delimiter.join([*PEOPLE[1], HEADING])
    assert lines[3].endswith(f"{delimiter}新增{delimiter}身份证号的位数不对。")
    (before,), (after,) = read_all(content), read_all(copy)
    assert without_last_column([after], 5) == without_last_column([before], 5)


def test_text_with_guards_and_line_breaks_stays_as_it_is() -> None:
    content = (
        '姓名,证号,住址\r\n王秀英,"=""513426199509167030""","会东县\r\n野租乡"\r\n李丽,\t6217002572034294702,x\r\n'
    )
    _, copy = marked(content.encode("gb18030"), {(None, 4): "没有金额。"})
    assert copy.decode("gb18030") == (
        '姓名,证号,住址,问题\r\n王秀英,"=""513426199509167030""","会东县\r\n野租乡"\r\n'
        "李丽,\t6217002572034294702,x,没有金额。\r\n"
    )


def test_a_sentence_that_begins_like_a_formula_does_no_harm() -> None:
    _, copy = marked(tables.text(PEOPLE), {(None, 3): "=HYPERLINK(1)"})
    assert "'=HYPERLINK(1)" in copy.decode("utf-8-sig")
    _, copy = marked(tables.xlsx({"S": PEOPLE}), {("S", 3): "=1+1"})
    cell = openpyxl.load_workbook(io.BytesIO(copy))["S"]["F3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_workbook_keeps_formats_formulas_and_results() -> None:
    book = xlsxwriter.Workbook(buffer := io.BytesIO())
    sheet = book.add_worksheet("花名册")
    sheet.merge_range("A1:D1", "标题", book.add_format({"bold": True, "bg_color": "#FFFF00"}))
    sheet.write_row("A2", ["姓名", "人数", "标准", "金额"])
    sheet.write_row("A3", ["王秀英", 3, 90])
    sheet.write_formula("D3", "=B3*C3", None, 270)
    sheet.write_row("A4", ["李丽", 3, 90])
    sheet.write_formula("D4", "=B4*C4", None, 270)
    sheet.set_column("A:A", 33)
    book.add_worksheet("别的").write("A1", "不动")
    book.close()
    original = buffer.getvalue()

    extension, copy = marked(original, {("花名册", 4): "错 & <坏>"}, header_rows={"花名册": 2})

    assert extension == "xlsx"
    (first, second) = read_all(copy)
    assert [row.cells for row in first.rows[1:]] == [
        ["姓名", "人数", "标准", "金额", "问题"],
        ["王秀英", "3", "90", "270", ""],
        ["李丽", "3", "90", "270", "错 & <坏>"],
    ]
    assert [row.cells for row in second.rows] == [["不动"]]
    after = openpyxl.load_workbook(io.BytesIO(copy))["花名册"]
    assert after["D4"].value == "=B4*C4"
    assert after["A1"].font.bold
    assert after.column_dimensions["A"].width > 30
    assert after.column_dimensions["E"].width == 60
    assert [str(place) for place in after.merged_cells.ranges] == ["A1:D1"]


def test_cells_formatted_beyond_the_table_are_no_obstacle() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "S"
    sheet.append(["姓名", "证号", "金额"])
    sheet.append(["王秀英", "513426", 90])
    for column in range(1, 20):
        sheet.cell(2, column).fill = PatternFill("solid", fgColor="FF0000")
        sheet.cell(2, column).font = Font(bold=True)
    book.save(out := io.BytesIO())
    _, copy = marked(out.getvalue(), {("S", 2): "错"})
    after = openpyxl.load_workbook(io.BytesIO(copy))["S"]
    assert (after["D1"].value, after["D2"].value) == (HEADING, "错")
    assert after["E2"].font.bold
    assert [cell.coordinate for cell in after[2]] == [f"{chr(65 + column)}2" for column in range(19)]


@pytest.mark.parametrize(
    "build",
    [
        lambda: tables.xlsx({"S": PEOPLE}),
        lambda: tables.text(PEOPLE, "|", "gb18030"),
        lambda: tables.xls({"S": PEOPLE}),
        lambda: tables.html(PEOPLE),
    ],
    ids=["xlsx", "text", "xls", "html"],
)
def test_the_marks_of_an_earlier_copy_go(build: object) -> None:
    assert callable(build)
    content = build()
    (sheet,) = read_all(content)
    _, once = marked(content, {(sheet.name, 3): "第一次", (sheet.name, 4): "第一次"}, header_rows={sheet.name: 2})
    (name,) = (each.name for each in read_all(once))
    _, twice = marked(once, {(name, 4): "第二次"}, header_rows={name: 2})
    (after,) = read_all(twice)
    assert [row.cells[5:] for row in after.rows if any(row.cells[5:])] == [[HEADING], ["第二次"]]
    _, none = marked(twice, {}, header_rows={name: 2})
    assert [row.cells[5:] for row in read_all(none)[0].rows if any(row.cells[5:])] == [[HEADING]]


@pytest.mark.parametrize(
    "build",
    [
        lambda: tables.xls({"一": PEOPLE, "二": PEOPLE}, {"一": [(0, 0, 0, 4)]}),
        lambda: tables.spreadsheetml({"一": PEOPLE, "二": PEOPLE}),
        lambda: tables.ods(PEOPLE),
        lambda: tables.html(PEOPLE),
    ],
    ids=["xls", "spreadsheetml", "ods", "html"],
)
def test_other_spreadsheets_become_workbooks(build: object) -> None:
    assert callable(build)
    content = build()
    before = read_all(content)
    extension, copy = marked(content, {(before[0].name, 5): "没有身份证号。"})
    after = read_all(copy)
    assert extension == "xlsx"
    assert len(after) == len(before)
    assert without_last_column(after, 5) == without_last_column(before, 5)
    assert after[0].rows[-1].cells[5] == "没有身份证号。"
    assert after[0].rows[1].cells[5] == HEADING
    assert after[0].merged == before[0].merged


def test_a_hidden_sheet_stays_and_stays_hidden() -> None:
    content = tables.spreadsheetml({"一": PEOPLE, "二": PEOPLE}, hidden=["二"])
    _, copy = marked(content, {("一", 3): "错"})
    book = openpyxl.load_workbook(io.BytesIO(copy))
    assert book["二"].sheet_state == "hidden"
    assert book["二"]["B3"].value == "阿西·木呷"


def test_columns_by_position_become_columns_by_tab() -> None:
    lines = ["姓名    证号                金额", "王秀英  513426199509167030  270", "李丽    513426196605279004  90"]
    content = "\n".join(lines).encode("gbk")
    extension, copy = marked(content, {(None, 3): "错"})
    assert extension == "txt"
    assert copy.decode("gb18030").splitlines()[2] == "李丽\t513426196605279004\t90\t错"


def test_workbooks_of_unusual_form() -> None:
    rows = '<x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>姓名</x:t></x:is></x:c></x:row><x:row r="2"/>'
    xml = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<x:dimension ref="A1"/><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    )
    _, copy = marked(tables.xlsx_of_xml(xml), {("Sheet1", 2): "二"}, header_rows={"Sheet1": 1})
    assert [row.cells for row in read_all(copy)[0].rows] == [["姓名", HEADING], ["", "二"]]
    without_places = "<row><c><v>1</v></c></row><row><c><v>2</v></c></row>"
    _, copy = marked(tables.xlsx_of_xml(tables.sheet_xml(without_places)), {("Sheet1", 2): "二"})
    assert [row.cells for row in read_all(copy)[0].rows] == [["1", ""], ["2", "二"]]


def test_a_long_workbook() -> None:
    lines = [(str(number), "王秀英", "513426199509167030", "270") for number in range(20_000)]
    rows = [("序号", "姓名", "证号", "金额"), *lines]
    marks: dict[tuple[str | None, int], str] = {("S", number): "有问题。" for number in range(2, 20_002, 3)}
    _, copy = marked(tables.xlsx({"S": rows}), marks)
    (after,) = read_all(copy)
    assert {("S", row.number) for row in after.rows[1:] if row.cells[4]} == marks.keys()


def test_everything_else_in_the_archive_stays() -> None:
    original = (SAMPLES / "roll-困难残疾人生活补贴-202006-鲹鱼河镇.xlsx").read_bytes()
    _, copy = marked(original, {("清水村", 7): "金额是零。"}, header_rows={"清水村": 4})
    with zipfile.ZipFile(io.BytesIO(original)) as before, zipfile.ZipFile(io.BytesIO(copy)) as after:
        assert before.namelist() == after.namelist()
        different = [name for name in before.namelist() if before.read(name) != after.read(name)]
    assert different == ["xl/worksheets/sheet3.xml"]


def test_what_cannot_be_read_cannot_be_marked() -> None:
    with pytest.raises(TableError) as refused:
        marked(tables.encrypted_xlsx(), {})
    assert refused.value.code == "encrypted"
