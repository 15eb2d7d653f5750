"""Real worker processes: killed in the middle of their work, and two at work at once."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from core import clock, jobs, principal, uploads
from core.audit import AuditEntry
from core.database import db
from core.jobs import LEASE, BackgroundJob
from core.principal import OrganisationKind, Role, system
from core.uploads import Upload
from tests import factories, processes
from tests.conftest import settings_for
from tests.core import worker_process
from tests.core.worker_process import LINES

SYSTEM = system("test")


@pytest.fixture
def jobs_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'jobs.sqlite'}"


@pytest.fixture
def waiting_app(database_url: str, jobs_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application whose jobs wait for a worker."""
    app = create_app(settings_for(database_url, tmp_path / "instance", YKT_JOBS_URL=jobs_url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
        app.extensions["huey"].storage.close()


@pytest.fixture
def start(database_url: str, jobs_url: str, tmp_path: Path) -> Iterator[Callable[[str], BaseProcess]]:
    """Starts a worker process; none outlives the test."""
    started: list[BaseProcess] = []

    def run(task: str) -> BaseProcess:
        started.append(processes.start(worker_process.main, task, database_url, str(tmp_path / "w"), jobs_url))
        return started[-1]

    yield run
    for process in started:
        if process.is_alive():
            assert process.pid
            os.killpg(process.pid, signal.SIGKILL)
            processes.end(process)


def until(condition: Callable[[], object], process: BaseProcess) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert process.is_alive(), "the worker ended too early"
        assert time.monotonic() < end, "nothing happened for a minute"
        time.sleep(0.02)


def entries() -> list[str]:
    found = list(db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("test."))))
    db.session.rollback()
    return found


def states() -> list[str]:
    found = list(db.session.scalars(select(BackgroundJob.state).order_by(BackgroundJob.id)))
    db.session.rollback()
    return found


@pytest.mark.kill
def test_a_worker_killed_in_the_middle_loses_nothing_and_leaves_nothing(
    waiting_app: Flask, start: Callable[[str], BaseProcess], tmp_path: Path
) -> None:
    job_id = jobs.enqueue("test.held", {"folder": str(tmp_path)}, SYSTEM, at=clock.utc_now()).id
    db.session.commit()
    worker = start("once")
    until((tmp_path / "began").exists, worker)
    # Seen from another process while the work goes on.
    assert jobs.progress_of(job_id) == (1, 2)
    worker.kill()
    assert processes.end(worker) == -signal.SIGKILL
    assert entries() == []
    assert states() == ["running"]
    (tmp_path / "go").touch()
    assert jobs.run_due(at=clock.utc_now()) == 0
    assert jobs.run_due(at=clock.utc_now() + LEASE + timedelta(seconds=1)) == 1
    assert entries() == ["test.held"]
    assert states() == ["done"]


@pytest.mark.kill
def test_a_save_killed_in_the_middle_saves_all_or_nothing(
    waiting_app: Flask,
    start: Callable[[str], BaseProcess],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER)
    monkeypatch.setattr(principal, "_loaders", [lambda _id: official])
    now = datetime(2020, 7, 6, 2, tzinfo=UTC)
    upload = uploads.receive(official, LINES, b"1\n2\n3\n", "a.csv", {"folder": str(tmp_path)}, at=now)
    upload_id = upload.id
    db.session.commit()
    jobs.run_due(at=now)
    uploads.confirm(official, uploads.visible_upload(official, upload_id), at=now)
    db.session.commit()
    worker = start("once")
    until((tmp_path / "began").exists, worker)
    worker.kill()
    processes.end(worker)
    assert entries() == []
    assert db.session.get_one(Upload, upload_id).state == "saving"
    db.session.rollback()
    (tmp_path / "go").touch()
    jobs.run_due(at=clock.utc_now() + LEASE + timedelta(seconds=1))
    assert entries() == ["test.line"] * 3
    assert db.session.get_one(Upload, upload_id, populate_existing=True).state == "saved"


def test_one_worker_with_two_processes_does_two_jobs_at_once_and_each_once(
    waiting_app: Flask, start: Callable[[str], BaseProcess], tmp_path: Path
) -> None:
    worker = start("consume")
    ids = []
    for name, other in (("one", "two"), ("two", "one")):
        payload = {"folder": str(tmp_path), "name": name, "other": other}
        ids.append(jobs.enqueue("test.meeting", payload, SYSTEM, at=clock.utc_now()).id)
        # Each commit wakes one process.
        db.session.commit()
    until(lambda: (tmp_path / "one").exists() and (tmp_path / "two").exists(), worker)
    assert [jobs.progress_of(job_id) for job_id in ids] == [(1, 2), (1, 2)]
    (tmp_path / "go").touch()
    until(lambda: states() == ["done", "done"], worker)
    rows = db.session.execute(select(AuditEntry.details, AuditEntry.subject_id)).all()
    db.session.rollback()
    assert sorted(row.details["name"] for row in rows) == ["one", "two"]
    assert len({row.subject_id for row in rows}) == 2
    assert worker.pid
    os.kill(worker.pid, signal.SIGINT)
    assert processes.end(worker) == 0
