"""Opens a table file of any kind and gives its sheets and rows, one after the other."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from core.tables.frames import Frame, Opened, Remark, Rows, SheetEnd, SheetStart
from core.tables.process import Child, ReadLimits
from core.tables.refusals import TableError
from core.tables.rows import Merged, Row

__all__ = ["ReadLimits", "Sheet", "Table", "TableError", "WholeSheet", "open_table", "read_all"]

Source = Path | bytes | BinaryIO
"""A file on disk, its bytes, or an open binary file (read from its beginning)."""

DEFAULT_LIMITS = ReadLimits()


class Sheet:
    """One sheet of a workbook, or the whole of a text file (``name`` is None).

    ``merged`` are its merged ranges, ``hidden`` says that it cannot be seen in a spreadsheet program; a hidden sheet
    has no rows here. ``row_count``, physical and with blank rows, is known when all rows have been read.
    """

    def __init__(self, start: SheetStart, frames: Iterator[Frame], progress: Callable[[int], None] | None) -> None:
        self.name = start.name
        self.hidden = start.hidden
        self.merged = [Merged(*place) for place in start.merged]
        self.row_count: int | None = None
        self.remarks: list[Remark] = []
        self._frames = frames
        self._progress = progress

    def rows(self) -> Iterator[Row]:
        """The rows that are not blank, once, from the top. Raises TableError where the file turns out unreadable."""
        make = Row._make
        for frame in self._frames:
            if isinstance(frame, Rows):
                yield from map(make, frame.rows)
                if self._progress:
                    self._progress(frame.rows[-1][0])
            elif isinstance(frame, Remark):
                self.remarks.append(frame)
            elif isinstance(frame, SheetEnd):
                self.row_count = frame.row_count
                return

    def skip(self) -> None:
        """Read past what is left of the rows."""
        if self.row_count is None:
            for _ in self.rows():
                pass


class Table:
    """An open table file. ``kind`` is xlsx, xlsm, xlsb, xls, ods, html, spreadsheetml or text, by its content."""

    def __init__(self, child: Child, progress: Callable[[int], None] | None) -> None:
        self._child = child
        self._frames = child.frames()
        self._progress = progress
        self.kind = cast("Opened", next(self._frames)).kind

    def sheets(self) -> Iterator[Sheet]:
        """The sheets in their order, each to be read before the next; what was not read of one is skipped."""
        for frame in self._frames:
            if isinstance(frame, SheetStart):
                sheet = Sheet(frame, self._frames, self._progress)
                yield sheet
                sheet.skip()


@contextmanager
def open_table(
    source: Source, limits: ReadLimits = DEFAULT_LIMITS, *, progress: Callable[[int], None] | None = None
) -> Iterator[Table]:
    """Open a table file, whatever its kind, encoding and extension.

    ``progress`` is called with the number of the row last read. Raises TableError, with a sentence for the official,
    if the file is empty, too large, encrypted, broken or no table; never anything else because of what the file
    contains. That may turn out late: rows given before are no reason to keep them.
    """
    with opened(source, limits) as file, Child("read", {"file": file}, [file], limits) as child:
        yield Table(child, progress)


@contextmanager
def opened(source: Source, limits: ReadLimits) -> Iterator[int]:
    """A descriptor of the file, for the child process. Bytes lie in a nameless temporary file meanwhile, so that
    nothing stays behind even after a crash. Raises TableError for an empty or too large file."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield _checked(file, limits)
        return
    if not isinstance(source, bytes):
        source.seek(0)
        source = source.read(limits.megabytes * 2**20 + 1)
    with tempfile.TemporaryFile() as file:
        file.write(source)
        file.seek(0)
        yield _checked(cast("BinaryIO", file), limits)


def _checked(file: BinaryIO, limits: ReadLimits) -> int:
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise TableError("empty")
    if size > limits.megabytes * 2**20:
        raise TableError("too_large", megabytes=-(-size // 2**20), limit=limits.megabytes)
    return file.fileno()


@dataclass(frozen=True)
class WholeSheet:
    """A sheet that is held in memory whole."""

    name: str | None
    hidden: bool
    merged: list[Merged]
    rows: list[Row]
    row_count: int


def read_all(source: Source, limits: ReadLimits = DEFAULT_LIMITS) -> list[WholeSheet]:
    """All sheets of a small file at once. Raises TableError as `open_table` does."""
    sheets = []
    with open_table(source, limits) as table:
        for sheet in table.sheets():
            rows = list(sheet.rows())
            sheets.append(WholeSheet(sheet.name, sheet.hidden, sheet.merged, rows, sheet.row_count or 0))
    return sheets
