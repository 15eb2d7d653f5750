"""Writes tables for people to open: every cell is text, so that no formula of anybody's runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_767
_LONGEST_SHEET_NAME = 31
_BATCH = 1000


def harmless(text: str) -> str:
    """Text for a CSV cell that spreadsheet programs will not take for a formula: an apostrophe comes before one that
    begins like one. (A cell of a workbook has a type and needs none.)"""
    return "'" + text if text.lstrip(" \u3000\xa0").startswith(_DANGEROUS) else text


def write_csv(out: BinaryIO, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a table as CSV in UTF-8 with a byte order mark, which spreadsheet programs need to see. ``rows`` may be a
    generator: memory stays bounded. None becomes a blank cell. Returns the number of rows without the heading."""
    out.write("\ufeff".encode())
    count = -1
    iterator = _with_heading(heading, rows)
    while batch := list(islice(iterator, _BATCH)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([[harmless(_text(value)) for value in row] for row in batch])
        out.write(text.getvalue().encode("utf-8", "replace"))
        count += len(batch)
    return count


def write_xlsx(
    out: BinaryIO,
    heading: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    sheet: str = "Sheet1",
    widths: Sequence[float] = (),
) -> int:
    """Write a table as a workbook of one sheet, all cells text. ``rows`` may be a generator: memory stays bounded.
    ``widths`` are those of the columns in characters. Raises ValueError past the 1,048,576 rows of a sheet. Returns
    the number of rows without the heading."""
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        worksheet = workbook.add_worksheet(sheet)
        bold = workbook.add_format({"bold": True})
        for column, width in enumerate(widths):
            worksheet.set_column(column, column, width)
        worksheet.freeze_panes(1, 0)
        number, write = 0, worksheet.write_string
        for number, row in enumerate(_with_heading(heading, rows)):
            style = bold if number == 0 else None
            for column, value in enumerate(row):
                if value is not None and value != "" and write(number, column, _text(value)[:_LONGEST_CELL], style):
                    raise ValueError(f"row {number + 1} does not fit into a sheet")
    return number


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its title and rows, the first of them in bold; ``widths`` of the columns in characters."""

    title: str
    rows: Sequence[Sequence[str | int]]
    widths: Sequence[float] = ()


def write_workbook(out: BinaryIO, sheets: Iterable[Sheet]) -> None:
    """Write figures as a workbook of several sheets. A whole number is a number that can be added up, all else is text:
    no formula runs. Titles are cut to what a sheet may be called. Leaves the file open."""
    import xlsxwriter

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        bold = workbook.add_format({"bold": True})
        for number, sheet in enumerate(sheets, start=1):
            worksheet = workbook.add_worksheet(_sheet_name(sheet.title, number))
            for column, width in enumerate(sheet.widths):
                worksheet.set_column(column, column, width)
            for place, row in enumerate(sheet.rows):
                style = bold if place == 0 else None
                for column, value in enumerate(row):
                    if isinstance(value, int):
                        worksheet.write_number(place, column, value, style)
                    else:
                        worksheet.write_string(place, column, value[:_LONGEST_CELL], style)


def _sheet_name(title: str, number: int) -> str:
    """What a sheet may be called: 31 characters, none of those that name places, no two alike."""
    plain = "".join("_" if letter in "[]:*?/\\'" else letter for letter in title)
    return f"{number} {plain}"[:_LONGEST_SHEET_NAME]


def _with_heading(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield heading
    yield from rows


def _text(value: object) -> str:
    return value if type(value) is str else "" if value is None else str(value)
