"""Marked copies of spreadsheets of other kinds (xls, ods, web pages): written anew as a workbook of Excel 2007 and
later, sheet for sheet and row for row. Runs in the child process."""

import re
from collections.abc import Iterable
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import OverlappingRange
from xlsxwriter.worksheet import Worksheet

from core.tables.frames import PlainRow, Rows, SheetStart, TableFrame
from core.tables.marks import Marks
from core.tables.rows import BOOLEAN, NUMBER

_MOST_MERGED = 20_000
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def rewrite(frames: Iterable[TableFrame], marks: Marks, out: BinaryIO) -> None:
    """Write the sheets that are read from ``frames``, each with its column of sentences."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        red = workbook.add_format({"font_color": "red", "text_wrap": True})
        for start, rows in _sheets(frames):
            sheet = workbook.add_worksheet(_free_name(start.name, [each.name for each in workbook.worksheets()]))
            if start.hidden:
                sheet.hide()
            _merge(sheet, start)
            width = max((len(cells) for _, cells, _ in rows), default=0)
            texts, column = marks.placed(start.name, rows, width)
            _write_rows(sheet, rows, without=column)
            sheet.set_column(column, column, 60)
            for number, sentence in texts.items():
                sheet.write_string(number - 1, column, sentence, red)


def _sheets(frames: Iterable[TableFrame]) -> Iterable[tuple[SheetStart, list[PlainRow]]]:
    sheets: list[tuple[SheetStart, list[PlainRow]]] = []
    for frame in frames:
        if isinstance(frame, SheetStart):
            sheets.append((frame, []))
        elif isinstance(frame, Rows):
            sheets[-1][1].extend(frame.rows)
    return sheets


def _free_name(name: str | None, taken: list[str]) -> str | None:
    """The name if it may be one in the new file and is not there yet; else the next usual one."""
    wanted = _FORBIDDEN.sub("", name or "").strip("'")[:31]
    return wanted if wanted and wanted.lower() not in (other.lower() for other in taken) else None


def _merge(sheet: Worksheet, start: SheetStart) -> None:
    for top, left, bottom, right in start.merged[:_MOST_MERGED]:
        if (top, left) != (bottom, right) and bottom - top < 10_000 and right - left < 200:
            try:
                sheet.merge_range(top - 1, left, bottom - 1, right, "")
            except OverlappingRange:
                continue


def _write_rows(sheet: Worksheet, rows: Iterable[PlainRow], without: int) -> None:
    for number, cells, kinds in rows:
        for column, (text, kind) in enumerate(zip(cells, kinds, strict=False)):
            if not text or column == without:
                continue
            if kind == NUMBER:
                sheet.write_number(number - 1, column, float(text))
            elif kind == BOOLEAN:
                sheet.write_boolean(number - 1, column, text == "TRUE")
            else:
                sheet.write_string(number - 1, column, text)
