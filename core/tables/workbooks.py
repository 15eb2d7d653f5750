"""Workbooks (xlsx, xlsm, xlsb, xls, ods) through calamine. Runs in the child process."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import BinaryIO, cast

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from core.tables.frames import PlainRow, SheetStart, TableFrame, batches
from core.tables.refusals import TableError
from core.tables.rows import BOOLEAN, DATE, NUMBER, TEXT

Value = str | float | int | bool | date | time | timedelta

_KINDS: dict[type, str] = {
    str: TEXT,
    float: NUMBER,
    int: NUMBER,
    bool: BOOLEAN,
    date: DATE,
    datetime: DATE,
    time: DATE,
    timedelta: DATE,
}
_EXACT = 1e15
"""Spreadsheets keep fifteen significant digits of a number."""


def read_workbook(file: BinaryIO, *, hidden_too: bool = False) -> Iterator[TableFrame]:
    """The sheets of a workbook with their rows. A hidden sheet is announced, but its rows are read only on demand: what
    the official cannot see must not become lines. Raises TableError for a password or a broken file."""
    try:
        workbook = CalamineWorkbook.from_filelike(file)
        for index, sheet in enumerate(workbook.sheets_metadata):
            if sheet.typ != SheetTypeEnum.WorkSheet:
                continue
            hidden = sheet.visible != SheetVisibleEnum.Visible
            yield from _sheet(workbook.get_sheet_by_index(index), sheet.name, hidden, not hidden or hidden_too)
    except PasswordError as error:
        raise TableError("encrypted") from error
    except CalamineError as error:
        raise TableError("damaged") from error


def _sheet(sheet: CalamineSheet, name: str, hidden: bool, read: bool) -> Iterator[TableFrame]:
    ranges = sheet.merged_cell_ranges or []
    merged = [(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in ranges]
    yield SheetStart(name, hidden, merged if read else [])
    yield from batches(rows_of(sheet) if read else (), sheet.end[0] + 1 if sheet.end else 0)


def rows_of(sheet: CalamineSheet) -> Iterator[PlainRow]:
    """The rows of a sheet that are not blank."""
    # Rows come from the top of the sheet, cells only from the first column that is used.
    margin = [""] * (sheet.start[1] if sheet.start else 0)
    shapes: dict[tuple[type, ...], tuple[str, list[int]]] = {}
    for number, values in enumerate(sheet.iter_rows(), 1):
        if values.count("") == len(values):
            continue
        # Rows of a table are alike: which cells are no text is found out once for each kind of row.
        types = tuple(map(type, values))
        shape = shapes.get(types)
        if shape is None:
            letters = "".join([_KINDS[held] for held in types])
            shape = shapes[types] = letters, [place for place, held in enumerate(types) if held is not str]
        cells = cast("list[str]", values)
        for place in shape[1]:
            cells[place] = shown(values[place])
        if margin:
            yield number, margin + cells, TEXT * len(margin) + shape[0]
        else:
            yield number, cells, shape[0]


@lru_cache(maxsize=8192, typed=True)
def shown(value: Value) -> str:
    """The text of a value that is no text: numbers as a wide column shows them, dates in ISO form."""
    if type(value) is float:
        return shown_number(value)
    if type(value) is bool:
        return "TRUE" if value else "FALSE"
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def shown_number(value: float) -> str:
    """Fifteen significant digits, no exponent, no needless nought: 7.0 is "7", 5.13426199509167e17 is
    "513426199509167000"."""
    if value.is_integer() and -_EXACT < value < _EXACT:
        return str(int(value))
    text = f"{value:.15g}"
    if "e" in text:
        return f"{Decimal(text):f}"
    return "" if text in ("nan", "inf", "-inf") else text
