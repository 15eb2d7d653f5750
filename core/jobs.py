"""Background work. The table holds the truth, with leases; huey only wakes the work.

A killed worker loses nothing: its transaction never happened, and when its lease has run out the job is claimed
again. While a worker lives it renews its lease. A worker that slept past its lease finds the job taken, and what it
did is rolled back: the work of a job and its end are one transaction. Progress lives in huey's own storage, because on
SQLite a job's open transaction would hold up a writer.
"""

import contextlib
import json
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey, crontab
from huey.api import PostgresHuey
from huey.constants import EmptyData
from redis import RedisError
from sqlalchemy import Engine, Index, event, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from core import clock
from core.database import Base, Id, db, only_reads, rows_changed
from core.errors import UserError
from core.msgid import N_
from core.principal import Principal
from core.settings import IMMEDIATE

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
HEARTBEAT = LEASE / 4
ATTEMPTS = 3
JOBS = "jobs"
WAKE = "wake_after_commit"
RETRY_AFTER = timedelta(seconds=30)
KILLED = "WorkerKilled"
UNFINISHED = N_("系统出了点问题，这项工作没有完成，也没有保存任何内容。请稍后重试；如再次出现，请联系系统管理员。")
# What the waker's storage may answer. It only wakes and shows progress: the work does not depend on it.
STORAGE_FAULTS = (sqlite3.Error, psycopg.Error, RedisError, OSError)


class BackgroundJob(Base):
    """One piece of work to be done once: ``queued → running → done | failed``.

    Until ``lease_until`` nobody else takes it: its worker is at work, or it rests before it is tried again.
    """

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
FailureHandler = Callable[[Mapping[str, Any], datetime, str], None]
Sweeper = Callable[[datetime], object]


@dataclass(frozen=True)
class Periodic:
    """Work that the scheduler wakes: it must be idempotent, because two schedulers may wake it twice."""

    name: str
    run: Sweeper
    schedule: Callable[[datetime], bool]


@dataclass(frozen=True)
class Claim:
    """A job that this worker holds. ``attempts`` tells it from every other holding of the same job."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int


_handlers: dict[str, Handler] = {}
_when_failed: dict[str, FailureHandler] = {}
_periodic: dict[str, Periodic] = {}
_wakeable: dict[str, Sweeper] = {}


def background(kind: str, when_failed: FailureHandler | None = None) -> Callable[[Handler], Handler]:
    """Register the handler of a kind of job. It does its work in the open transaction and does not commit.

    ``when_failed`` is told of a job that is given up (payload, instant, a sentence for the person who waits), so that
    the thing it was for does not wait for ever; it works in the transaction that marks the job as failed.
    """

    def register(handler: Handler) -> Handler:
        _handlers[kind] = handler
        if when_failed is not None:
            _when_failed[kind] = when_failed
        return handler

    return register


def periodic(name: str, **schedule: str) -> Callable[[Sweeper], Sweeper]:
    """Register periodic work by huey's crontab fields, in county time whatever the machine's zone. It receives the
    present instant and commits for itself where it works in steps; what it leaves open is committed for it."""

    def register(run: Sweeper) -> Sweeper:
        due = crontab(**schedule)
        # huey asks with the machine's wall clock.
        _periodic[name] = Periodic(name, run, lambda at: due(clock.local_time(at.astimezone()).replace(tzinfo=None)))
        return run

    return register


def wakeable(name: str) -> Callable[[Sweeper], Sweeper]:
    """Register work on a room's own table with leases, woken by ``wake_after_commit(name)``. It commits for itself."""

    def register(run: Sweeper) -> Sweeper:
        _wakeable[name] = run
        return run

    return register


def create_huey(url: str) -> Huey:
    """The waker for a YKT_JOBS_URL. Raises ValueError for one that Settings would have refused.

    Results are not kept: a fault's text may quote a person's data, and nobody would ever delete it.
    """
    if url.startswith("sqlite:///"):
        return SqliteHuey("yikatong", filename=url.removeprefix("sqlite:///"), utc=False, results=False)
    if url.startswith("postgresql://"):
        return _postgres_huey(url)
    if url.startswith(("redis://", "rediss://")):
        return RedisHuey("yikatong", url=url, utc=False, results=False)
    if url == IMMEDIATE:
        return MemoryHuey("yikatong", immediate=True, utc=False, results=False)
    raise ValueError("YKT_JOBS_URL names no storage that is known")


def _postgres_huey(url: str) -> Huey:
    try:
        return PostgresHuey("yikatong", dsn=url, utc=False, results=False)
    except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject):
        # Web and worker start together on an empty database: one creates the tables, the other finds them.
        return PostgresHuey("yikatong", dsn=url, utc=False, results=False)


def install(app: Flask, url: str) -> None:
    """Give the application its waker, the wake-up task, and the periodic tasks of all rooms."""
    huey = create_huey(url)

    def wake() -> None:
        with app.app_context():
            run_waiting(clock.utc_now)

    app.extensions["huey"] = huey
    app.extensions["wakers"] = {
        JOBS: huey.task(name="wake")(wake),
        **{name: huey.task(name=f"wake_{name}")(_guarded(app, name, run)) for name, run in _wakeable.items()},
    }
    huey.periodic_task(crontab(minute="*"), name="wake_every_minute")(wake)
    for entry in _periodic.values():
        huey.periodic_task(entry.schedule, name=entry.name)(_guarded(app, entry.name, entry.run))


def timetable() -> Mapping[str, Periodic]:
    """All periodic work, by name."""
    return dict(_periodic)


def _guarded(app: Flask, name: str, run: Sweeper) -> Callable[[], None]:
    """``run`` as huey calls it: in the application, with what it leaves open committed."""

    def guarded() -> None:
        with app.app_context(), only_reads(False):
            try:
                run(clock.utc_now())
                db.session.commit()
            except Exception:
                # A fault in one sweep must not stop the worker; the schedule's next time tries again.
                db.session.rollback()
                logger.exception("periodic work failed", extra={"kind": name})

    return guarded


def run_worker(app: Flask, *, workers: int, scheduler: bool) -> None:
    """Do background work in ``workers`` processes until a signal ends this one. Of several machines one schedules."""
    huey = app.extensions["huey"]
    with app.app_context():
        # A connection that two processes share garbles both.
        db.engine.dispose()
    huey.storage.close()
    huey.create_consumer(workers=workers, worker_type="process", periodic=scheduler, max_delay=1.0).run()


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
    # A savepoint's end is told as a commit too, but nobody else sees its work yet. A job that runs at once (tests) has
    # an application context and so a session of its own: the one that is just committing cannot be used here.
    if session.in_nested_transaction():
        return
    for name in sorted(session.info.pop(WAKE, ())):
        try:
            current_app.extensions["wakers"][name]()
        except STORAGE_FAULTS:
            # The work is committed and the worker looks every minute: no reason to tell the user that he failed.
            logger.exception("a worker could not be woken", extra={"kind": name})


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: SessionTransaction) -> None:
    # Where only a savepoint was undone, the transaction around it may still commit its job.
    if previous.parent is None:
        session.info.pop(WAKE, None)


def claim(*, at: datetime) -> Claim | None:
    """Take the oldest job that waits or whose worker has died, with a lease; commits the claim."""
    free = BackgroundJob.state.in_(("queued", "running")) & or_(
        BackgroundJob.lease_until.is_(None), BackgroundJob.lease_until < at
    )
    columns = (BackgroundJob.id, BackgroundJob.kind, BackgroundJob.payload, BackgroundJob.attempts)
    # SQLite knows no row locks and needs none: whoever claims has begun as the only writer.
    oldest = select(*columns).where(free).order_by(BackgroundJob.id).limit(1).with_for_update(skip_locked=True)
    found = db.session.execute(oldest).first()
    claimed = Claim(found.id, found.kind, found.payload, found.attempts + 1) if found else None
    if claimed:
        db.session.execute(
            update(BackgroundJob)
            .where(BackgroundJob.id == claimed.id)
            .values(state="running", lease_until=at + LEASE, attempts=claimed.attempts)
        )
    db.session.commit()
    return claimed


def run_due(*, at: datetime) -> int:
    """Run every job that waits, all at the instant ``at``; returns how many were run."""
    return run_waiting(lambda: at)


def run_waiting(now: Callable[[], datetime]) -> int:
    """Run every job that waits, asking ``now`` for each (the first may take long); returns how many were run. Each job
    is one transaction, committed with its end."""
    count = 0
    with only_reads(False):
        while (claimed := claim(at=now())) is not None:
            with _lease_kept(claimed, now):
                _run(claimed, now)
            count += 1
    return count


@contextlib.contextmanager
def _lease_kept(claimed: Claim, now: Callable[[], datetime]) -> Iterator[None]:
    """Renew the lease from a thread and connection of its own while the job is at work."""
    stop, engine = threading.Event(), db.engine

    def beat() -> None:
        while not stop.wait(HEARTBEAT.total_seconds()):
            _renew(engine, claimed, now())

    heart = threading.Thread(target=beat, name=f"lease of job {claimed.id}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        stop.set()
        heart.join(timeout=1)


def _renew(engine: Engine, claimed: Claim, at: datetime) -> None:
    try:
        with engine.begin() as connection:
            connection.execute(_held(claimed).values(lease_until=at + LEASE))
    except DBAPIError:
        # On SQLite a long writer (often this very job) keeps the renewal out, and every other claim with it.
        logger.warning("a lease was not renewed", extra={"job_id": claimed.id, "kind": claimed.kind})


def _held(claimed: Claim) -> Any:
    """An update of the job as long as this worker holds it."""
    return update(BackgroundJob).where(
        BackgroundJob.id == claimed.id, BackgroundJob.state == "running", BackgroundJob.attempts == claimed.attempts
    )


def _run(claimed: Claim, now: Callable[[], datetime]) -> None:
    try:
        if claimed.attempts > ATTEMPTS:
            # Whoever tried before was killed, perhaps by this very job.
            _give_up(claimed, now(), KILLED, UNFINISHED)
            return
        handler = _handlers[claimed.kind]
        handler(claimed.payload, now(), lambda done, total: report_progress(claimed.id, done, total))
        _settle(claimed, state="done", finished_at=now(), lease_until=None, failure="")
    except UserError as error:
        db.session.rollback()
        _give_up(claimed, now(), str(error), str(error))
    except Exception as error:
        # The one place that catches everything: a fault in one job must not stop the others. The job is tried
        # again, then left as failed with the kind of fault; its message may quote a person's data.
        db.session.rollback()
        logger.exception("background job failed", extra={"job_id": claimed.id, "kind": claimed.kind})
        if claimed.attempts >= ATTEMPTS:
            _give_up(claimed, now(), type(error).__name__, UNFINISHED)
        else:
            _settle(claimed, state="queued", lease_until=now() + RETRY_AFTER * claimed.attempts)
    finally:
        _forget_progress(claimed.id)


def _give_up(claimed: Claim, at: datetime, failure: str, sentence: str) -> None:
    if claimed.kind in _when_failed:
        try:
            _when_failed[claimed.kind](claimed.payload, at, sentence)
        except Exception:
            # What is to be told is of a room above: its fault must not keep the job from being given up.
            db.session.rollback()
            logger.exception("a failed job was not told", extra={"job_id": claimed.id, "kind": claimed.kind})
    _settle(claimed, state="failed", finished_at=at, lease_until=None, failure=failure)


def _settle(claimed: Claim, **values: Any) -> None:
    """Commit the job's transaction together with its new state, or, where the lease ran out and another worker holds
    the job, none of it."""
    if rows_changed(db.session.execute(_held(claimed).values(**values))) == 1:
        db.session.commit()
    else:
        db.session.rollback()
        logger.warning("a job was taken over", extra={"job_id": claimed.id, "kind": claimed.kind})


def _progress_key(job_id: int) -> bytes:
    return f"progress-{job_id}".encode()


def report_progress(job_id: int, done: int, total: int) -> None:
    """Note how far a job is, outside its transaction."""
    try:
        current_app.extensions["huey"].storage.put_data(_progress_key(job_id), json.dumps([done, total]).encode())
    except STORAGE_FAULTS:
        logger.warning("progress was not noted", extra={"job_id": job_id})


def _forget_progress(job_id: int) -> None:
    with contextlib.suppress(*STORAGE_FAULTS):
        # A number left behind does no harm: the job's state says that it is over.
        current_app.extensions["huey"].storage.pop_data(_progress_key(job_id))


def progress_of(job_id: int) -> tuple[int, int] | None:
    """How far a running job is, as (done, total), from whichever process asks; None before its first report and after
    its end."""
    stored = current_app.extensions["huey"].storage.peek_data(_progress_key(job_id))
    if stored is EmptyData:
        return None
    done, total = json.loads(bytes(stored))
    return int(done), int(total)
