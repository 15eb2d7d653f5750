"""Starts the child process that parses files, listens to it, and sees to it that it ends."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from core.tables.frames import Done, Frame, Refused, unpacked
from core.tables.refusals import TableError

_ROOT = str(Path(__file__).resolve().parents[2])
_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from core.tables.child import main; sys.exit(main(sys.argv[1:]))"
)
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_PIPE_BYTES = 1 << 20
_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class ReadLimits:
    """What one file may cost.

    ``megabytes`` is the file as it came, ``unpacked_megabytes`` what an archive may claim to hold,
    ``memory_megabytes`` the address space of the child process (a million lines need 1,200), ``cpu_seconds`` its
    working time and ``wait_seconds`` how long its parent waits for it in all.
    """

    megabytes: int = 50
    unpacked_megabytes: int = 2048
    memory_megabytes: int = 1536
    cpu_seconds: int = 60
    wait_seconds: float = 120.0


class Child:
    """A running child process. Use as a context manager: on leaving, it is gone, whatever it was doing."""

    def __init__(self, job: str, options: Mapping[str, object], files: Sequence[int], limits: ReadLimits) -> None:
        """Start ``job`` with its options; ``files`` are descriptors that it inherits."""
        told = {
            "memory": limits.memory_megabytes * _MEGABYTE,
            "cpu_seconds": limits.cpu_seconds,
            "unpacked": limits.unpacked_megabytes * _MEGABYTE,
            **options,
        }
        # A fresh interpreter instead of a fork: a fork of a process with threads inherits locks that nobody opens.
        # Isolated and with an empty environment, it cannot see the keys.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, "-I", "-c", _START, _ROOT, job, json.dumps(told)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=files,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        )
        assert self._process.stdout is not None
        self._pipe = self._process.stdout.fileno()
        _widen(self._pipe)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._pipe, selectors.EVENT_READ)
        self._patience = limits.wait_seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def number(self) -> int:
        """Its process number."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the child, if it still runs, and take back what it held."""
        self._selector.close()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()

    def frames(self) -> Iterator[Frame]:
        """Everything it says, up to and with `Done`. Raises TableError if it refuses the file, dies or dawdles."""
        while True:
            frame = unpacked(self._exactly(int.from_bytes(self._exactly(8), "little")))
            if isinstance(frame, Refused):
                raise TableError(frame.code, **frame.parameters)
            yield frame
            if isinstance(frame, Done):
                return

    def _exactly(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size:
            self._wait()
            part = os.read(self._pipe, size)
            if not part:
                raise TableError(self._cause_of_death())
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _wait(self) -> None:
        """Wait for the child to say something. Only waiting counts: what the parent does in between is its own."""
        started = time.monotonic()
        if not self._selector.select(self._patience):
            raise TableError("too_slow")
        self._patience = max(self._patience - (time.monotonic() - started), 0.0)

    def _cause_of_death(self) -> str:
        """The code for a child that said nothing more. Out of memory, the parser's library aborts."""
        try:
            status = -self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "unreadable"
        if status in (signal.SIGXCPU,):
            return "too_slow"
        if status in (signal.SIGABRT, signal.SIGSEGV, signal.SIGKILL, signal.SIGBUS):
            return "too_complex"
        return "unreadable"


def _widen(pipe: int) -> None:
    """Let the child run ahead: a wider pipe, where the system has such a thing."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:
            return  # above what the system grants to this user: the usual pipe does as well
