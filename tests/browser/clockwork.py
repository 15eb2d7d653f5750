"""Runs a module of the site at another moment than now: ``python -m tests.browser.clockwork MODULE ARGUMENTS``.

The moment stands in the file that YKT_TEST_CLOCK names, and goes on from there; without the file it is now. A test
moves the whole site, web and worker, by writing it.
"""

import os
import runpy
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core import clock


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


if __name__ == "__main__":
    where = Path(os.environ["YKT_TEST_CLOCK"])
    clock.utc_now = lambda: moment(where)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
