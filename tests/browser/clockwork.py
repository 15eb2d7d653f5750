"""Runs a module of the site, as ``python -m MODULE ARGUMENTS`` would, at another moment than now.

The moment stands in the file that YKT_TEST_CLOCK names, and goes on from there; without the file it is now. A test
moves the whole site, web and worker, by writing it.
"""

import os
import runpy
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import clock

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Streams:
    """The files that a process writes to, and the one that it reads."""

    out: Path
    err: Path
    given: Path | None = None


def moment(file: Path) -> datetime:
    """What the clock of the site shows."""
    now = datetime.now(UTC)
    try:
        begun, written = datetime.fromisoformat(file.read_text(encoding="ascii")), file.stat().st_mtime
    except FileNotFoundError:
        return now
    return begun + timedelta(seconds=now.timestamp() - written)


def set_clock(file: Path, at: datetime) -> None:
    """Move the site to the aware instant ``at``. Written aside and moved, so that nobody reads half of it."""
    aside = file.with_suffix(".new")
    aside.write_text(at.astimezone(UTC).isoformat(), encoding="ascii")
    aside.replace(file)


def run(environ: Mapping[str, str], streams: Streams, *arguments: str) -> None:
    """Become the process of this module and its arguments, at the moment of the file that YKT_TEST_CLOCK names."""
    os.setsid()
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(ROOT)
    for number, path in ((1, streams.out), (2, streams.err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    sys.stdin = (streams.given or Path(os.devnull)).open(encoding="utf-8")
    where = Path(environ["YKT_TEST_CLOCK"])
    clock.utc_now = lambda: moment(where)
    sys.argv = list(arguments)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
