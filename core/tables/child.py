"""The process in which a file is parsed, so that a crafted one kills it and not the service.

It is started with a file descriptor and its limits, limits itself before it looks at the file, and writes frames
to its standard output. It imports nothing of the application but `core.tables`, and it is given no settings and no
keys: there is nothing in it to steal.
"""

import gc
import json
import os
import resource
import sys
from collections.abc import Iterator
from typing import BinaryIO

from core.tables.frames import Done, Frame, Opened, Refused, packed
from core.tables.refusals import TableError


def main(arguments: list[str]) -> int:
    """Do one job: ``arguments`` are its name and a JSON object. Returns the exit status."""
    job, options = arguments[0], json.loads(arguments[1])
    _limit(options["memory"], options["cpu_seconds"])
    gc.freeze()
    gc.disable()  # rows hold no cycles; looking for some among a million lists takes time
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        for frame in _JOBS[job](options):
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


def _reading(options: dict[str, int]) -> Iterator[Frame]:
    try:
        with os.fdopen(options["file"], "rb") as file:
            yield from read(file, options["unpacked"])
        yield Done("")
    except TableError as error:
        yield Refused(error.code, error.parameters)
    except MemoryError:
        yield Refused("too_complex", {})


def read(file: BinaryIO, most_unpacked: int) -> Iterator[Frame]:
    """All frames of a table file, whatever it is. Raises TableError."""
    from core.tables.content import WORKBOOKS, kind_of

    kind = kind_of(file, most_unpacked)
    yield Opened(kind)
    if kind in WORKBOOKS:
        from core.tables.workbooks import read_workbook

        yield from read_workbook(file)
        return
    content = file.read()
    if kind == "spreadsheetml":
        from core.tables.markup import read_spreadsheetml

        yield from read_spreadsheetml(content)
        return
    from core.tables.delimited import read_text
    from core.tables.encodings import decoded

    text = decoded(content).text
    del content
    if kind == "html":
        from core.tables.markup import read_html

        yield from read_html(text)
    else:
        yield from read_text(text)


_JOBS = {"read": _reading}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
