"""Text whose columns are divided by a character, by blanks or by position. Runs in the child process."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from core.tables.encodings import LOST
from core.tables.frames import PlainRow, Remark, SheetStart, TableFrame, batches
from core.tables.refusals import TableError
from core.tables.rows import TEXT

DELIMITERS = (",", "\t", ";", "|", "，")
_SAMPLE_LINES = 300
_LONGEST_FIELD = 1_000_000
_GUARD = '="'
_ANY_BLANKS = re.compile(r"[ \t]+")  # an ideographic space stands within names
_FILLER, _BLANK_FILLER = "\x00", "\x01"
_WIDE_BLANK = "\u3000" + _BLANK_FILLER
_BLANK = " \t" + _WIDE_BLANK


class Layout(NamedTuple):
    """How a line falls into cells: by a ``delimiter``, at ``cuts`` (display columns), or else at blanks."""

    delimiter: str | None
    cuts: tuple[int, ...] = ()


def read_text(text: str) -> Iterator[TableFrame]:
    """The only "sheet" of a text file. Raises TableError where a quotation mark swallows lines."""
    yield SheetStart(None, False, [])
    damaged = text.find(LOST)
    if damaged >= 0:
        yield Remark("characters_lost", line_count(text[:damaged]) or 1)
    lines = io.StringIO(text, newline="")
    yield from batches(_rows(lines, layout_of(text), text), line_count(text))


def line_count(text: str) -> int:
    """How many physical lines a text has, whatever ends them."""
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    return ends + (not text.endswith(("\n", "\r"))) if text else 0


def _rows(lines: io.StringIO, layout: Layout, text: str) -> Iterator[PlainRow]:
    unguarded = _unguarded if _GUARD in text or ("\t" in text and layout.delimiter != "\t") else None
    for number, cells in records(lines, layout):
        plain = unguarded(cells) if unguarded else cells
        if any(map(str.strip, plain)):
            yield number, plain, TEXT * len(plain)


def records(lines: io.StringIO, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line, blank ones included (as empty lists)."""
    if layout.delimiter is not None:
        yield from _delimited(lines, layout.delimiter)
        return
    split = _splitter(layout)
    for number, line in enumerate(lines, 1):
        yield number, split(line.rstrip("\r\n"))


def _delimited(lines: io.StringIO, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(lines, delimiter=delimiter, strict=False)
    number = 1
    try:
        for cells in reader:
            if reader.line_num > number:
                _refuse_swallowed_lines(cells, delimiter, number)
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise TableError("open_quote", row=number) from error


def _refuse_swallowed_lines(cells: list[str], delimiter: str, number: int) -> None:
    """A quotation mark without its partner makes one cell of many lines: those people would be lost."""
    for cell in cells:
        if "\n" in cell or "\r" in cell:
            rest = cell.splitlines()[1:]
            if any(line.count(delimiter) >= 2 for line in rest) or len(rest) > 30:
                raise TableError("open_quote", row=number)


def _unguarded(cells: list[str]) -> list[str]:
    """Without what keeps Excel from reading a number: `="…"` around it or a tab beside it."""
    return [
        cell[2:-1] if cell.startswith(_GUARD) and cell.endswith('"') else cell
        for cell in [cell.strip("\t") for cell in cells]
    ]


# --- Which layout ------------------------------------------------------------------------------


def layout_of(text: str) -> Layout:
    """How the lines of a text fall into cells, from its first lines."""
    lines = [line for line in islice(io.StringIO(text, newline=""), _SAMPLE_LINES) if line.strip()]
    if not lines:
        return Layout(",")
    cells = {mark: _cells_of_records(lines, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: (sum(count > 2 for count in cells[mark]), sum(cells[mark])))
    if sum(count > 2 for count in cells[best]) >= 0.3 * len(cells[best]):
        return Layout(best)
    # One comma a line may just as well stand in the amounts of a file that is divided by blanks.
    return _layout_by_blanks(lines) or Layout(best)


def _cells_of_records(lines: list[str], delimiter: str) -> list[int]:
    """How many cells each record has, if the lines are divided by this delimiter."""
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        return [len(cells) for cells in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return [1]


def _layout_by_blanks(lines: list[str]) -> Layout | None:
    long = [line.rstrip("\r\n") for line in lines if len(_ANY_BLANKS.split(line.strip())) >= 3]
    if len(long) < 0.5 * len(lines):
        return None
    cells = Counter(len(_ANY_BLANKS.split(line.strip())) for line in long)
    if cells.most_common(1)[0][1] >= 0.95 * len(long):
        return Layout(None)
    return Layout(None, _cuts(long))


def _cuts(lines: list[str]) -> tuple[int, ...]:
    """Display columns that are blank in (nearly) every line and follow one that is not: where cells begin."""
    wide = [_by_display_column(line) for line in lines]
    width = max(map(len, wide))
    taken = Counter(column for line in wide for column, char in enumerate(line) if char not in _BLANK)
    few = 0.01 * len(wide)
    blank = [taken[column] <= few for column in range(width)]
    return tuple(column for column in range(1, width) if blank[column - 1] and not blank[column])


def _by_display_column(line: str) -> str:
    """The line with a filler after each character that is no ASCII: files with columns by position count the bytes of
    GBK, and are aligned for the eye where those are the same."""
    return "".join(char if char < "\x80" else _WIDE_BLANK if char == "\u3000" else char + _FILLER for char in line)


def _splitter(layout: Layout) -> Callable[[str], list[str]]:
    if not layout.cuts:
        return lambda line: _ANY_BLANKS.split(line.strip()) if line.strip() else []
    edges = [0, *layout.cuts]

    def split(line: str) -> list[str]:
        wide = _by_display_column(line)
        ends = [*edges[1:], len(wide)]
        pieces = [wide[start:end] for start, end in zip(edges, ends, strict=True) if start < len(wide)]
        return [piece.replace(_FILLER, "").replace(_BLANK_FILLER, "").strip() for piece in pieces]

    return split
