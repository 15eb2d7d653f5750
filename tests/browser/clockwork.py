"""Runs a module of the site, as ``python -m`` would, at another moment than now.

The moment stands in the file that YKT_TEST_CLOCK names, and goes on from there; without the file it is now. A test
moves the whole site, web and worker, by writing it.
"""

import os
import runpy
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import clock

ROOT = Path(__file__).parents[2]


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


def run(arguments: tuple[str, ...], environ: Mapping[str, str], output: str, errors: str) -> None:
    """Make this process, which is a fresh one, a module of the site (the first argument) with an environment of its
    own, whose output goes to these files."""
    os.setsid()
    for number, file in ((1, output), (2, errors)):
        with Path(file).open("ab") as opened:
            os.dup2(opened.fileno(), number)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environ)
    where = Path(environ["YKT_TEST_CLOCK"])
    clock.utc_now = lambda: moment(where)
    sys.argv = list(arguments)
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
