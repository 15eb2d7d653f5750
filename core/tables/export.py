"""Writes tables for people to open: every cell is text, so that no formula of anybody's runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_767
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


def _with_heading(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[Sequence[object]]:
    yield heading
    yield from rows


def _text(value: object) -> str:
    return value if type(value) is str else "" if value is None else str(value)
