"""A worker in a process of its own, with jobs that tests can hold and kill."""

import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app import create_app
from core import audit, clock, jobs, uploads
from core.jobs import Progress
from core.principal import OrganisationKind, Permission, Principal, Role, system
from core.settings import Settings
from core.uploads import Incoming, Report, UploadKind

PATIENCE = 60.0
RIGHT = Permission("test.upload", frozenset({(OrganisationKind.TOWNSHIP, Role.PREPARER)}))


def wait_for(path: Path) -> None:
    """Until a file is there; the test that made us wait has a time limit of its own."""
    end = time.monotonic() + PATIENCE
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.02)


@jobs.background("test.held")
def held(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
    """Writes one audit entry, says that it has, and waits until ``go`` is there before it ends."""
    folder = Path(payload["folder"])
    progress(1, 2)
    audit.record(system("test"), "test.held", "process", os.getpid(), at=at)
    (folder / "began").touch()
    wait_for(folder / "go")


@jobs.background("test.meeting")
def meeting(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
    """Waits, without a transaction, until the other job is at work too: only two processes can do that."""
    folder, name = Path(payload["folder"]), payload["name"]
    progress(1, 2)
    (folder / name).touch()
    wait_for(folder / payload["other"])
    wait_for(folder / "go")
    audit.record(system("test"), "test.meeting", "process", os.getpid(), at=at, name=name)


def check_lines(_principal: Principal, incoming: Incoming, _at: datetime, _progress: Progress) -> Report:
    """Each line is good."""
    return Report(good=len(incoming.content.splitlines()), total_fen=0)


def save_lines(principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    """One audit entry a line; in the middle it says so and waits for ``go``."""
    for number, _ in enumerate(incoming.content.splitlines()):
        audit.record(principal, "test.line", "line", number, at=at)
        if number == 1 and "folder" in incoming.parameters:
            (Path(incoming.parameters["folder"]) / "began").touch()
            wait_for(Path(incoming.parameters["folder"]) / "go")
    return f"/staff/lines/{incoming.upload_id}"


LINES = uploads.register_kind(UploadKind("test.lines", "行", RIGHT, check_lines, save_lines))


def main(task: str, database_url: str, instance: str, jobs_url: str) -> None:
    """Do what waits (``once``) and end, or go on as a worker until a signal (``consume``). Whoever kills it can kill
    its own processes with it: they are of its group."""
    os.setsid()
    environ = {"YKT_DATABASE_URL": database_url, "YKT_INSTANCE": instance, "YKT_JOBS_URL": jobs_url}
    app = create_app(Settings.from_environment(environ))
    if task == "consume":
        jobs.run_worker(app, workers=2, scheduler=False)
        return
    with app.app_context():
        jobs.run_waiting(clock.utc_now)
