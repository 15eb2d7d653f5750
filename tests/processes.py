"""Processes of their own for tests: to be killed in the middle of their work, or to work at once.

They are forked from one that has the product loaded: to start a Python and load the product takes seconds of a
processor, and no test is about those.
"""

import multiprocessing
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["app"])
PATIENCE = 60.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(work: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A process that does this work, a function of a module; it has begun."""
    process = _context.Process(target=work, args=arguments)
    process.start()
    return process


def end(process: BaseProcess, patience: float = PATIENCE) -> int | None:
    """Wait until it has ended; its exit code, which for a killed one is the signal's number below zero."""
    process.join(patience)
    return process.exitcode


def kill_in_the_middle(work: Callable[..., None], task: str, database_url: str, folder: Path) -> None:
    """Have another process do a task on this database, and kill it where it puts a file named ``began`` into the
    folder: the work does so where nearly everything is written, and waits for its end."""
    process = start(work, task, database_url, str(folder))
    try:
        until = time.monotonic() + PATIENCE
        while not (folder / "began").exists():
            assert process.is_alive(), "it ended too early"
            assert time.monotonic() < until, "it never came so far"
            time.sleep(0.01)
    finally:
        process.kill()
    assert end(process) == -signal.SIGKILL
