"""Measuring in processes of their own: each run starts from the same database and tells its own peak of memory."""

import importlib
import json
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from flask import Flask

ROOMS = ("accounts", "complaints", "disbursement", "programmes", "publicity", "reconciliation", "registry", "sms")
Run = Callable[[Flask, str], float | None]


class Databases:
    """A prepared database and fresh copies of it."""

    def __init__(self, url: str) -> None:
        self.kind = "sqlite" if url.startswith("sqlite") else "postgresql"
        self.folder = tempfile.mkdtemp(prefix="yikatong-bench-")
        self.template = url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The address of a copy, gone afterwards."""
        if self.kind == "sqlite":
            copy = Path(self.folder) / f"{secrets.token_hex(4)}.sqlite"
            shutil.copy(self._file, copy)
            yield f"sqlite:///{copy}"
            copy.unlink()
            return
        source, name = sa.make_url(self.template), f"bench_{secrets.token_hex(4)}"
        self._administer(f"CREATE DATABASE {name} TEMPLATE {source.database}")
        yield source.set(database=name).render_as_string(hide_password=False)
        self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    @property
    def _file(self) -> Path:
        """Of the template; of an empty database there is none yet."""
        file = Path(self.template.removeprefix("sqlite:///"))
        file.touch()
        return file

    def _administer(self, statement: str) -> None:
        other = sa.make_url(self.template).set(database="template1", drivername="postgresql+psycopg")
        engine = sa.create_engine(other, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


def run_child(module: str, name: str, url: str, argument: object) -> dict[str, float]:
    """Run one function of a benchmark in a process of its own: its seconds and its peak of memory in MB."""
    command = [sys.executable, "-m", module, name, url, str(argument)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def serve_child(*runs: Run) -> None:
    """The other end of ``run_child``."""
    from app import create_app
    from core.settings import Settings

    for room in ROOMS:
        importlib.import_module(f"{room}.models")
    _, name, url, argument = sys.argv
    with tempfile.TemporaryDirectory() as instance:
        # Jobs that are woken wait in a file of their own, as they do for a worker: their work is not measured here.
        jobs = f"sqlite:///{instance}/jobs.sqlite"
        app = create_app(
            Settings.from_environment({"YKT_DATABASE_URL": url, "YKT_INSTANCE": instance, "YKT_JOBS_URL": jobs})
        )
        with app.app_context():
            seconds = {run.__name__: run for run in runs}[name](app, argument)
            tidy()
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb()}))


def tidy() -> None:
    """Leave the database as a grown one is: with statistics on PostgreSQL, without a journal beside it on SQLite."""
    from core.database import db

    db.session.remove()
    raw = db.engine.raw_connection()
    connection: Any = raw.driver_connection
    if db.engine.dialect.name == "sqlite":
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")
        # What was written before must not be flushed to disk while something else is measured.
        connection.execute("CHECKPOINT")
    raw.close()
    db.engine.dispose()


def report(name: str, kind: str, pairs: Sequence[tuple[float, float]], unit: str, bar: float) -> dict[str, Any]:
    """One line of results.json: medians of ours, of the floor, and of their ratios pair by pair."""
    ratio = statistics.median(ours / floor for ours, floor in pairs)
    return {
        "name": name,
        "database": kind,
        "ours": round(statistics.median(ours for ours, _ in pairs), 2),
        "floor": round(statistics.median(floor for _, floor in pairs), 2),
        "ratio": round(ratio, 2),
        "unit": unit,
        "bar": bar,
        "holds": ratio <= bar,
    }


def timed(work: Callable[[], Any]) -> float:
    """Seconds on the wall."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_mb() -> float:
    """The most memory this process ever held. (``ru_maxrss`` counts what the parent held when it started this.)"""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell the peak of memory")
