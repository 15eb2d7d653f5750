"""Background work. The table holds the truth, with leases; huey only wakes the work.

A killed worker loses nothing: its transaction never happened, and when its lease has run out the job is claimed
again. Progress lives in huey's own storage, because on SQLite a job's open transaction would hold up a writer.
"""

import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app
from huey import Huey, RedisHuey, SqliteHuey, crontab
from huey.api import PostgresHuey
from sqlalchemy import Index, event, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from core import clock
from core.database import Base, Id, db, only_reads
from core.errors import UserError
from core.principal import Principal

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=15)
ATTEMPTS = 3
JOBS = "jobs"
WAKE = "wake_after_commit"


class BackgroundJob(Base):
    """One piece of work to be done once: ``queued → running → done | failed``."""

    __tablename__ = "background_jobs"
    __table_args__ = (Index("ix_background_jobs_state_id", "state", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    official_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(default="")


Progress = Callable[[int, int], None]
Handler = Callable[[Mapping[str, Any], datetime, Progress], None]
Sweeper = Callable[[datetime], object]


@dataclass(frozen=True)
class Periodic:
    """Work that the scheduler wakes: it must be idempotent, because two schedulers may wake it twice."""

    name: str
    run: Sweeper
    schedule: Callable[[datetime], bool]


_handlers: dict[str, Handler] = {}
_periodic: dict[str, Periodic] = {}
_wakeable: dict[str, Sweeper] = {}


def background(kind: str) -> Callable[[Handler], Handler]:
    """Register the handler of a kind of job. It does its work in the open transaction and does not commit."""

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return register


def periodic(name: str, **schedule: str) -> Callable[[Sweeper], Sweeper]:
    """Register periodic work by huey's crontab fields (county time). It receives the present instant and commits
    for itself where it works in steps; what it leaves open is committed for it."""

    def register(run: Sweeper) -> Sweeper:
        _periodic[name] = Periodic(name, run, crontab(**schedule))
        return run

    return register


def wakeable(name: str) -> Callable[[Sweeper], Sweeper]:
    """Register work on a room's own table with leases, woken by ``wake_after_commit(name)``. It commits for itself."""

    def register(run: Sweeper) -> Sweeper:
        _wakeable[name] = run
        return run

    return register


def create_huey(url: str) -> Huey:
    """The waker for a YKT_JOBS_URL."""
    if url.startswith("sqlite:///"):
        return SqliteHuey("yikatong", filename=url.removeprefix("sqlite:///"), utc=False)
    if url.startswith("postgresql://"):
        return PostgresHuey("yikatong", dsn=url, utc=False)
    if url.startswith(("redis://", "rediss://")):
        return RedisHuey("yikatong", url=url, utc=False)
    return SqliteHuey("yikatong", filename=":memory:", immediate=True, utc=False)


def install(app: Flask, url: str) -> None:
    """Give the application its waker, the wake-up task, and the periodic tasks of all rooms."""
    huey = create_huey(url)

    def wake() -> None:
        with app.app_context():
            run_due(at=clock.utc_now())

    app.extensions["huey"] = huey
    app.extensions["wakers"] = {
        JOBS: huey.task(name="wake")(wake),
        **{name: huey.task(name=f"wake_{name}")(_waker(app, run)) for name, run in _wakeable.items()},
    }
    huey.periodic_task(crontab(minute="*"), name="wake_every_minute")(wake)
    for entry in _periodic.values():
        huey.periodic_task(entry.schedule, name=entry.name)(_periodic_task(app, entry))


def _waker(app: Flask, run: Sweeper) -> Callable[[], None]:
    def wake() -> None:
        with app.app_context(), only_reads(False):
            run(clock.utc_now())

    return wake


def _periodic_task(app: Flask, entry: Periodic) -> Callable[[], None]:
    def run() -> None:
        with app.app_context(), only_reads(False):
            entry.run(clock.utc_now())
            db.session.commit()

    return run


def enqueue(kind: str, payload: Mapping[str, Any], principal: Principal, *, at: datetime) -> BackgroundJob:
    """Put a job into the present transaction; a worker is woken when that commits. ``payload`` holds ids only."""
    if kind not in _handlers:
        raise ValueError(f"no handler for jobs of kind {kind}")
    job = BackgroundJob(kind=kind, payload=dict(payload), official_id=principal.official_id, created_at=at)
    db.session.add(job)
    db.session.flush()
    wake_after_commit()
    return job


def wake_after_commit(name: str = JOBS) -> None:
    """Wake a worker when the present transaction has committed (and not before: it would find nothing)."""
    db.session.info.setdefault(WAKE, set()).add(name)


@event.listens_for(Session, "after_commit")
def _wake(session: Session) -> None:
    for name in sorted(session.info.pop(WAKE, ())):
        current_app.extensions["wakers"][name]()


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: Any) -> None:
    session.info.pop(WAKE, None)


def claim(*, at: datetime) -> BackgroundJob | None:
    """Take the oldest job that waits or whose worker has died, with a lease; commits the claim."""
    free = or_(
        BackgroundJob.state == "queued",
        (BackgroundJob.state == "running") & (BackgroundJob.lease_until < at),
    )
    candidate = select(BackgroundJob.id).where(free).order_by(BackgroundJob.id).limit(1)
    job_id = db.session.scalar(candidate.with_for_update(skip_locked=True))
    if job_id is not None:
        db.session.execute(
            update(BackgroundJob)
            .where(BackgroundJob.id == job_id)
            .values(state="running", lease_until=at + LEASE, attempts=BackgroundJob.attempts + 1)
        )
    db.session.commit()
    return db.session.get(BackgroundJob, job_id) if job_id is not None else None


def run_due(*, at: datetime) -> int:
    """Run every job that waits; returns how many were run. Each job is one transaction, committed with its end."""
    count = 0
    with only_reads(False):
        while (job := claim(at=at)) is not None:
            _run(job.id, job.kind, dict(job.payload), job.attempts, at)
            count += 1
    return count


def _run(job_id: int, kind: str, payload: Mapping[str, Any], attempts: int, at: datetime) -> None:
    db.session.commit()
    try:
        _handlers[kind](payload, at, lambda done, total: report_progress(job_id, done, total))
        _finish(job_id, "done", at)
    except UserError as error:
        db.session.rollback()
        _finish(job_id, "failed", at, str(error))
    except Exception as error:
        # The one place that catches everything: a fault in one job must not stop the others. The job is tried
        # again, then left as failed with the kind of fault; the log has the rest.
        db.session.rollback()
        logger.exception("background job failed", extra={"job_id": job_id, "kind": kind})
        if attempts >= ATTEMPTS:
            _finish(job_id, "failed", at, type(error).__name__)
        else:
            db.session.execute(update(BackgroundJob).where(BackgroundJob.id == job_id).values(state="queued"))
            db.session.commit()


def _finish(job_id: int, state: str, at: datetime, failure: str = "") -> None:
    db.session.execute(
        update(BackgroundJob)
        .where(BackgroundJob.id == job_id)
        .values(state=state, finished_at=at, failure=failure, lease_until=None)
    )
    db.session.commit()


def _progress_key(job_id: int) -> str:
    return f"progress-{job_id}"


def report_progress(job_id: int, done: int, total: int) -> None:
    """Note how far a job is, outside its transaction."""
    current_app.extensions["huey"].storage.put_data(_progress_key(job_id).encode(), json.dumps([done, total]).encode())


def progress_of(job_id: int) -> tuple[int, int] | None:
    """How far a job is, as (done, total), or None before its first report."""
    stored = current_app.extensions["huey"].storage.peek_data(_progress_key(job_id).encode())
    with contextlib.suppress(TypeError, ValueError):
        done, total = json.loads(bytes(stored))
        return int(done), int(total)
    return None
