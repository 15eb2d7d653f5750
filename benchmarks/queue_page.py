"""The pages of the queue with a million cases against the same pages with ten thousand: the whole request, through the
application, by an official who is signed in. Both counties have the same offices, so that the desk of one grows with
the county: its page must not."""

import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.children import Databases, run_child, timed

MANY, FEW = 1_000_000, 10_000
PAIRS = 3
TIMES = 25
BAR = 1.5
MODULE = "benchmarks.queue_page"
PAGES = {
    "desk": ("township0", "/staff/complaints/"),
    "desk-mine": ("township0", "/staff/complaints/?handler=mine"),
    "finance-desk": ("finance", "/staff/complaints/"),
    "all": ("township0", "/staff/complaints/all"),
    "supervised": ("discipline", "/staff/complaints/supervised"),
    "discipline-all": ("discipline", "/staff/complaints/all"),
    "confidential": ("discipline", "/staff/complaints/confidential"),
    "sealed": ("discipline", "/staff/complaints/sealed"),
    "board": ("township0", "/staff/"),
    "discipline-board": ("discipline", "/staff/"),
}
"""Name of a line of the results → who asks for which address."""


def measure(url: str) -> list[dict[str, Any]]:
    """Milliseconds of each page with many cases and with few, on the empty database at ``url``."""
    with Databases(url) as databases, databases.copy() as few:
        run_child("benchmarks.sweep", "prepared", few, FEW)
        run_child("benchmarks.sweep", "prepared", url, MANY)
        pairs = [(_pages(url), _pages(few)) for _ in range(PAIRS)]
    return [_line(name, databases.kind, [(many[name], few[name]) for many, few in pairs]) for name in PAGES]


def _line(name: str, kind: str, pairs: list[tuple[float, float]]) -> dict[str, Any]:
    ratio = statistics.median(many / few for many, few in pairs)
    return {
        "name": f"queue-{name}",
        "database": kind,
        "ours": round(statistics.median(many for many, _ in pairs), 1),
        "floor": round(statistics.median(few for _, few in pairs), 1),
        "ratio": round(ratio, 2),
        "unit": "ms",
        "bar": BAR,
        "holds": ratio <= BAR,
    }


def _pages(url: str) -> dict[str, float]:
    command = [sys.executable, "-m", MODULE, url]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def asked(app: Flask) -> dict[str, float]:
    """Median milliseconds of each page."""
    clients = {username: signed_in(app, username) for username in {username for username, _ in PAGES.values()}}
    found = {}
    for name, (username, address) in PAGES.items():
        client = clients[username]
        first = client.get(address)
        assert first.status_code == 200, (address, first.status_code)
        assert name.endswith("board") or first.text.count("<tr") > 2, address
        found[name] = statistics.median(timed(partial(client.get, address)) for _ in range(TIMES)) * 1000
    return found


def signed_in(app: Flask, username: str) -> FlaskClient:
    """The official's browser."""
    from benchmarks.complaints_county import PASSWORD

    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/staff/login").text)
    assert token is not None
    answer = client.post("/staff/login", data={"username": username, "password": PASSWORD, "csrf_token": token[1]})
    assert answer.status_code == 302, answer.text
    return client


@contextmanager
def application(url: str) -> Iterator[Flask]:
    """The application over the database at ``url``, with an instance of its own."""
    from app import create_app
    from core.settings import Settings

    with tempfile.TemporaryDirectory() as instance:
        environ = {
            "YKT_DATABASE_URL": url,
            "YKT_INSTANCE": instance,
            "YKT_JOBS_URL": f"sqlite:///{instance}/jobs.sqlite",
        }
        yield create_app(Settings.from_environment(environ))


if __name__ == "__main__":
    with application(sys.argv[1]) as app:
        print(json.dumps(asked(app)))
