"""Processes of their own for tests that kill one, or let two work at once.

They are forked from a server that has imported the application already: to import it takes longer than most of these
tests. The server itself is started anew, so that nothing of a test is inherited.
"""

import multiprocessing
import signal
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds that a process may take on a busy machine."""
BEGAN = "began"
"""The file by which a process says that it is in the middle of its work."""

_context: ForkServerContext = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["app", "tests.factories"])


def launch(main: Callable[..., None], *arguments: Any) -> ForkServerProcess:
    """A process that runs a module's function with these arguments."""
    process = _context.Process(target=main, args=arguments)
    process.start()
    return process


def ended(process: ForkServerProcess, patience: float = PATIENCE) -> int:
    """The exit code of a process, negative for the signal that killed it; it must end within so many seconds."""
    process.join(patience)
    assert process.exitcode is not None, "the process does not end"
    return process.exitcode


def kill_in_the_middle(main: Callable[..., None], task: str, database_url: str, folder: Path) -> None:
    """Run a task in a process of its own, and kill it where it says that it is in the middle of it."""
    process = launch(main, task, database_url, str(folder))
    try:
        end = time.monotonic() + PATIENCE
        while not (folder / BEGAN).exists():
            assert process.exitcode is None and time.monotonic() < end
            time.sleep(0.02)
    finally:
        process.kill()
    assert ended(process) == -signal.SIGKILL
