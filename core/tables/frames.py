"""What the child process says to its parent, and how: marshalled tuples, each after its length."""

import marshal
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

BATCH = 1000
"""Rows in one frame: large enough to cost nothing, small enough to keep both sides small."""

PlainRow = tuple[int, list[str], str]


class SheetStart(NamedTuple):
    """A sheet begins. ``name`` is None where the file has no sheets."""

    name: str | None
    hidden: bool
    merged: list[tuple[int, int, int, int]]


class Rows(NamedTuple):
    """Rows that are not blank, in order."""

    rows: list[PlainRow]


class SheetEnd(NamedTuple):
    """A sheet ends; it has this many physical rows, blank ones included."""

    row_count: int


class Remark(NamedTuple):
    """Something about the file that the official should know: a code, and a row."""

    code: str
    row: int


class Opened(NamedTuple):
    """The file is of this kind."""

    kind: str


class Refused(NamedTuple):
    """The file cannot be read."""

    code: str
    parameters: dict[str, object]


class Done(NamedTuple):
    """All was said; with a word about what was made."""

    result: str


TableFrame = SheetStart | Rows | SheetEnd | Remark
Frame = TableFrame | Opened | Refused | Done

_FRAMES: tuple[type[Frame], ...] = (SheetStart, Rows, SheetEnd, Remark, Opened, Refused, Done)
_NUMBERS = {frame: number for number, frame in enumerate(_FRAMES)}
_VERSION = 2  # later ones look for shared objects, which takes time and finds nothing here


def batches(rows: Iterable[PlainRow], row_count: int | None) -> Iterator[TableFrame]:
    """Rows as frames, and the end of their sheet (after ``row_count`` rows, or after the last one that came)."""
    iterator, last = iter(rows), 0
    while batch := list(islice(iterator, BATCH)):
        last = batch[-1][0]
        yield Rows(batch)
    yield SheetEnd(last if row_count is None else row_count)


def packed(frame: Frame) -> bytes:
    """A frame as bytes, its length of eight bytes first."""
    body = marshal.dumps((_NUMBERS[type(frame)], *frame), _VERSION)
    return len(body).to_bytes(8, "little") + body


def unpacked(body: bytes) -> Frame:
    """The frame in some bytes (without the length)."""
    number, *fields = marshal.loads(body)  # noqa: S302 - written by our own child, which runs our own code
    frame: Frame = _FRAMES[number](*fields)
    return frame
