"""What people download runs nothing when they open it."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from xlsxwriter.worksheet import Worksheet

from core.tables.export import harmless, write_csv, write_xlsx
from core.tables.reading import read_all

HOSTILE = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    " =1+1",
    "\u3000=1+1",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    out = io.BytesIO()
    assert write_csv(out, ["姓名", text], [[text, "王秀英"], ["x", text]]) == 2
    rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))
    dangerous = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
    assert not any(cell.strip(" \u3000").startswith(dangerous) for row in rows for cell in row)
    assert rows[1] == ["'" + text, "王秀英"]


def test_ordinary_text_is_left_alone() -> None:
    for text in ("", "王秀英", "270.00", "6217002572034294702", "a=b", "阿西·木呷"):
        assert harmless(text) == text


@pytest.mark.parametrize("text", [*HOSTILE, "http://example.org", "270", "{=1}", "513426199509167030"])
def test_every_cell_of_a_workbook_is_text(text: str) -> None:
    out = io.BytesIO()
    assert write_xlsx(out, ["姓名"], [[text], [None], [270]], sheet="花名册") == 3
    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue()))["花名册"]
    assert sheet["A2"].data_type in ("s", "inlineStr")
    assert sheet["A2"].hyperlink is None
    assert sheet["A3"].value is None
    assert (sheet["A4"].value, sheet["A4"].data_type) == ("270", "s")


def test_what_is_written_can_be_read_back() -> None:
    rows = [["1", "罗\u3000超", '引"号', "逗,号"], ["2", "", "换\n行", "x"]]
    for write in (write_csv, write_xlsx):
        out = io.BytesIO()
        write(out, ["a", "b", "c", "d"], rows)
        (sheet,) = read_all(out.getvalue())
        assert [row.cells for row in sheet.rows] == [["a", "b", "c", "d"], *rows]


def test_memory_does_not_grow_with_the_rows() -> None:
    def rows(count: int) -> Iterator[list[object]]:
        return ([number, "王秀英", "270.00"] for number in range(count))

    peaks = []
    for count in (2_000, 20_000):
        tracemalloc.start()
        with Path("/dev/null").open("wb") as out:
            write_csv(out, ["a", "b", "c"], rows(count))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Worksheet.__init__

    def low(self: Worksheet) -> None:
        original(self)
        self.xls_rowmax = 3

    monkeypatch.setattr(Worksheet, "__init__", low)
    with pytest.raises(ValueError, match="row 4"):
        write_xlsx(io.BytesIO(), ["a"], [["1"], ["2"], ["3"]])
