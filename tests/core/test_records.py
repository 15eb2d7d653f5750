"""Small tables of known columns, wherever they stand."""

import io
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.tables.records import Form, RecordTable, column_letter, read_records

FRUIT = Form(
    "fruit", {"name": ("名称", "品名"), "price": ("单价", "价格"), "note": ("备注",)}, frozenset({"name", "price"})
)
PAIRS = Form("pairs", {"left": ("左",), "right": ("右",)}, frozenset({"left", "right"}))


def workbook(*sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets, 1):
        sheet = book.create_sheet(f"表{number}")
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows_of(table: RecordTable) -> list[tuple[int, str, str]]:
    return [(record.row, record.text("name"), record.text("price")) for record in table.records]


def test_a_title_a_unit_another_order_and_other_words() -> None:
    rows: list[list[Any]] = [
        ["水果价格表"],
        ["单位：万元", None, None],
        [None],
        ["价格", "产地", "品名"],
        [3, "会东", "梨"],
        [4, None, "桃"],
    ]
    (table,) = read_records(workbook(rows), FRUIT)
    assert rows_of(table) == [(5, "梨", "3"), (6, "桃", "4")]
    assert (table.units["price"], table.sheet) == ("万元", "表1")
    assert "水果价格表" in table.title
    assert [(column["letter"], column["header"], column["column"]) for column in table.columns_json()] == [
        ("C", "品名", "名称"),
        ("A", "价格", "单价"),
    ]
    assert table.records[0].is_number("price")
    assert not table.records[0].is_number("name")
    assert table.records[0].text("note") == ""


def test_the_unit_of_a_column_is_its_own() -> None:
    (table,) = read_records(workbook([["单位：万元"], ["名称", "单价（元）"], ["梨", 3]]), FRUIT)
    assert table.units["price"] == "元"


def test_totals_notes_signatures_and_repeated_headers_are_no_lines() -> None:
    rows: list[list[Any]] = [
        ["名称", "单价"],
        ["梨", "3"],
        ["小计", "3"],
        ["名称", "单价"],
        ["桃", "4"],
        [None, None],
        ["合计", "7"],
        ["注：价格以当天为准", None],
        ["制表人：", None],
    ]
    (table,) = read_records(workbook(rows), FRUIT)
    assert rows_of(table) == [(2, "梨", "3"), (5, "桃", "4")]


def test_a_second_header_in_another_order_begins_a_second_table() -> None:
    rows = [["名称", "单价"], ["梨", "3"], ["单价", "名称"], ["4", "桃"]]
    tables = read_records(workbook(rows), FRUIT)
    assert [rows_of(table) for table in tables] == [[(2, "梨", "3")], [(4, "桃", "4")]]


def test_tables_of_two_forms_on_sheets_of_their_own_or_below_each_other() -> None:
    fruit: list[list[Any]]
    pairs: list[list[Any]]
    fruit, pairs = [["名称", "单价"], ["梨", "3"]], [["左", "右"], ["梨", "桃"]]
    for content in (workbook(fruit, pairs), workbook(pairs, fruit), workbook([*fruit, [None], *pairs])):
        tables = {table.form.name: table for table in read_records(content, FRUIT, PAIRS)}
        assert rows_of(tables["fruit"])[0][1:] == ("梨", "3")
        assert [record.text("right") for record in tables["pairs"].records] == ["桃"]


def test_a_cell_merged_downwards_counts_for_each_row() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([["名称", "单价"], ["梨", 3], [None, 4], [None, 5]])))
    book.worksheets[0].merge_cells("A2:A3")
    stream = io.BytesIO()
    book.save(stream)
    (table,) = read_records(stream.getvalue(), FRUIT)
    assert rows_of(table) == [(2, "梨", "3"), (3, "梨", "4"), (4, "", "5")]


def test_text_files_have_no_sheet() -> None:
    (table,) = read_records("名称\t单价\n梨\t3\n".encode("utf-16"), FRUIT)
    assert (table.sheet, rows_of(table)) == (None, [(2, "梨", "3")])


@pytest.mark.parametrize("rows", [[["名称", "备注"], ["梨", "甜"]], [["梨", "3"]], [["左", "右"], ["梨", "桃"]]])
def test_a_file_without_the_first_form_is_refused_with_the_columns_it_lacks(rows: list[list[Any]]) -> None:
    with pytest.raises(UserError, match="名称、单价"):
        read_records(workbook(rows), FRUIT, PAIRS)


def test_columns_are_lettered_as_spreadsheets_do() -> None:
    assert [column_letter(place) for place in (0, 25, 26, 51, 52, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "AZ",
        "BA",
        "ZZ",
        "AAA",
    ]


@settings(max_examples=25, deadline=None)
@given(
    st.permutations(["名称", "单价", "备注", "序号"]),
    st.integers(0, 8),
    st.lists(st.tuples(st.sampled_from("梨桃李杏"), st.integers(1, 99)), max_size=8),
)
def test_no_line_is_lost_wherever_the_header_stands(order: list[str], above: int, goods: list[tuple[str, int]]) -> None:
    lines = [
        dict(zip(("名称", "单价", "备注", "序号"), (name, str(price), "", str(number)), strict=True))
        for number, (name, price) in enumerate(goods, 1)
    ]
    text = "\n".join(["说明"] * above + [",".join(order)] + [",".join(line[head] for head in order) for line in lines])
    tables = read_records(text.encode(), FRUIT)
    assert [(name, int(price)) for table in tables for _, name, price in rows_of(table)] == goods
