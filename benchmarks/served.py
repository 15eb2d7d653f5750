"""What is measured over HTTP: ours and a bare Flask route, both served by gunicorn with our own configuration (two
workers of four threads) and asked by 32 connections."""

import os
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load import Load, run

CONNECTIONS = 32
SECONDS = 6.0
PAIRS = 3
BAR = 0.5
P99_BAR = 3.0
ROOT = Path(__file__).parents[1]
OURS, FLOOR = "app:create_app()", "benchmarks.door_floor:create_app()"

Requests = Callable[[int, int], list[bytes]]
"""What one connection (the second number) sends to a server at a port (the first)."""


def environment(url: str, instance: str) -> dict[str, str]:
    """What the servers and the preparing process run with."""
    return os.environ | {
        "YKT_DATABASE_URL": url,
        "YKT_INSTANCE": instance,
        "YKT_DOORS": "public",
        "YKT_BIND": "127.0.0.1",
        "PYTHONPATH": str(ROOT),
    }


def kind_of(url: str) -> str:
    """The database at an address, as results.json names it."""
    return "sqlite" if url.startswith("sqlite") else "postgresql"


def prepare(environ: dict[str, str], people: int) -> None:
    """Fill the database of an environment with a county of so many people, in a process of its own."""
    environ = environ | {"BENCH_PEOPLE": str(people)}
    subprocess.run([sys.executable, "-m", "benchmarks.county"], env=environ, cwd=ROOT, check=True)


def compare(name: str, kind: str, environ: dict[str, str], requests: Requests, answered: bytes) -> list[dict[str, Any]]:
    """Requests a second and the 99th percentile of ours against the floor, in pairs. The floor pads its page to the
    length of ours; ``answered`` stands in every right answer."""
    with served(OURS, environ) as port:
        length = len(ask_once(port, requests(port, 0)[0]))
    loads: dict[str, list[Load]] = {FLOOR: [], OURS: []}
    for _ in range(PAIRS):
        for target, measured in loads.items():
            measured.append(load(target, environ | {"BENCH_PAGE_LENGTH": str(length)}, requests, answered))
    rates = [[one.per_second for one in loads[target]] for target in (OURS, FLOOR)]
    slowest = [[one.p99 for one in loads[target]] for target in (OURS, FLOOR)]
    return [
        figures(name, kind, *rates, bar=BAR, unit="requests/s"),
        figures(f"{name}-p99", kind, *slowest, bar=P99_BAR, unit="s"),
    ]


def load(target: str, environ: dict[str, str], requests: Requests, answered: bytes) -> Load:
    """What one server does under the load of all connections."""
    with served(target, environ) as port:
        return run(port, [requests(port, number) for number in range(CONNECTIONS)], SECONDS, answered)


def figures(
    name: str, kind: str, ours: Sequence[float], floors: Sequence[float], *, bar: float, unit: str
) -> dict[str, Any]:
    """One line of the results: medians, and the median of the pairs' ratios. Of a rate ours may not be less than the
    bar, of a time not more."""
    ratio = statistics.median(mine / floor for mine, floor in zip(ours, floors, strict=True))
    rate = unit == "requests/s"
    return {
        "name": name,
        "database": kind,
        "ours": round(statistics.median(ours), 0 if rate else 4),
        "floor": round(statistics.median(floors), 0 if rate else 4),
        "ratio": round(ratio, 2),
        "unit": unit,
        "bar": bar,
        "holds": ratio >= bar if rate else ratio <= bar,
    }


@contextmanager
def served(target: str, environ: dict[str, str]) -> Iterator[int]:
    """A gunicorn with our configuration; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", target]
    more = {"PORT": str(port), "WEB_CONCURRENCY": "2"}
    server = subprocess.Popen(command, env=environ | more, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def wait_for(port: int) -> None:
    """Until the server answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/lookup"):
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def ask_once(port: int, request: bytes) -> bytes:
    """The body of the answer to one request."""
    with socket.create_connection(("127.0.0.1", port)) as opened:
        opened.sendall(request.replace(b"keep-alive", b"close").replace(b"gzip", b"identity"))
        answer = b""
        while chunk := opened.recv(65536):
            answer += chunk
    return answer.partition(b"\r\n\r\n")[2]


def session_of(port: int) -> tuple[str, str]:
    """The cookie and the token of a new session."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/lookup") as page:
        cookie = (page.headers["Set-Cookie"] or "").split(";")[0]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.read().decode())
    return cookie, token[1] if token else ""


def request(port: int, line: str, cookie: str, body: bytes = b"") -> bytes:
    """One request as a browser sends it; ``line`` is its method and address."""
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
    head = (
        f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: keep-alive\r\nCookie: {cookie}\r\n"
        f"Accept-Encoding: gzip\r\n{form}\r\n"
    )
    return head.encode() + body
