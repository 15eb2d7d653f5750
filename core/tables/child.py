"""The process in which a file is parsed, so that a crafted one kills it and not the service.

It is started with a file descriptor and its limits, limits itself before it looks at the file, and writes frames
to its standard output. It imports nothing of the application but `core.tables`, and it is given no settings and no
keys: there is nothing in it to steal. What a job does not need it does not import, so that it starts at once.
"""

import gc
import json
import os
import resource
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from core.tables.content import WORKBOOKS, kind_of
from core.tables.frames import Done, Frame, Opened, Refused, TableFrame, packed
from core.tables.refusals import TableError

if TYPE_CHECKING:
    from core.tables.marks import Marks


def main(arguments: list[str]) -> int:
    """Do one job: ``arguments`` are its name and a JSON object. Returns the exit status."""
    job, options = arguments[0], json.loads(arguments[1])
    _limit(options["memory"], options["cpu_seconds"])
    gc.freeze()
    gc.disable()  # rows hold no cycles; looking for some among a million lists takes time
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        for frame in _answering(_JOBS[job](options)):
            out.write(packed(frame))
            if isinstance(frame, Opened):
                out.flush()
        out.flush()
    except BrokenPipeError:
        return 1  # the parent has seen enough
    return 0


def _limit(memory: int, cpu_seconds: int) -> None:
    _set(resource.RLIMIT_AS, memory, memory)
    # The soft limit comes first and says by its signal what happened; the hard one kills without a word.
    _set(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 2)
    _set(resource.RLIMIT_CORE, 0, 0)


def _set(limit: int, soft: int, hard: int) -> None:
    _, granted = resource.getrlimit(limit)
    most = hard if granted == resource.RLIM_INFINITY else min(hard, granted)
    resource.setrlimit(limit, (min(soft, most), most))


def _answering(frames: Iterator[Frame]) -> Iterator[Frame]:
    """The frames, or why there are none."""
    try:
        yield from frames
    except TableError as error:
        yield Refused(error.code, error.parameters)
    except MemoryError:
        yield Refused("too_complex", {})


def _reading(options: dict[str, int]) -> Iterator[Frame]:
    with os.fdopen(options["file"], "rb") as file:
        kind = kind_of(file, options["unpacked"])
        yield Opened(kind)
        yield from _frames(kind, file)
    yield Done("")


def _marking(options: dict[str, int]) -> Iterator[Frame]:
    from core.tables.marks import Marks

    with (
        os.fdopen(options["file"], "rb") as file,
        os.fdopen(options["marks"], "rb") as told,
        os.fdopen(options["out"], "wb") as out,
    ):
        yield Done(_marked(kind_of(file, options["unpacked"]), file, Marks(told), out))


def _marked(kind: str, file: BinaryIO, marks: "Marks", out: BinaryIO) -> str:
    if kind == "text":
        from core.tables.encodings import decoded
        from core.tables.marked_text import mark_text

        return mark_text(decoded(file.read()), marks, out)
    if kind in ("xlsx", "xlsm"):
        from core.tables.marked_workbook import NotEditableError, mark_workbook

        try:
            mark_workbook(file, marks, out)
        except NotEditableError:
            file.seek(0)
            out.seek(0)
            out.truncate()
        else:
            return kind
    from core.tables.rewritten import rewrite

    rewrite(_frames(kind, file, hidden_too=True), marks, out)
    return "xlsx"


def _frames(kind: str, file: BinaryIO, *, hidden_too: bool = False) -> Iterator[TableFrame]:
    """The sheets and rows of a table file of a known kind. Raises TableError."""
    if kind in WORKBOOKS:
        from core.tables.workbooks import read_workbook

        return read_workbook(file, hidden_too=hidden_too)
    content = file.read()
    if kind == "spreadsheetml":
        from core.tables.markup import read_spreadsheetml

        return read_spreadsheetml(content, hidden_too=hidden_too)
    from core.tables.encodings import decoded

    text = decoded(content).text
    if kind == "html":
        from core.tables.markup import read_html

        return read_html(text)
    from core.tables.delimited import read_text

    return read_text(text)


_JOBS = {"read": _reading, "mark": _marking}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
