"""Background work: done once, never lost, never half, and quiet about people."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from huey.constants import EmptyData
from sqlalchemy import select

from core import audit, jobs
from core.audit import AuditEntry
from core.database import db
from core.errors import UserError
from core.jobs import ATTEMPTS, LEASE, BackgroundJob, Progress
from core.principal import system
from tests.conftest import administer, database_of
from tests.core.together import elsewhere, together

AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
LATER = AT + LEASE + timedelta(seconds=1)
MUCH_LATER = AT + timedelta(hours=1)
SYSTEM = system("test")
SECRET = "513426199509167030"
Work = Callable[[Mapping[str, Any], datetime, Progress], None]


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Registers a handler for this test only."""
    monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
    monkeypatch.setattr(jobs, "_when_failed", dict(jobs._when_failed))

    def register(work: Work, when_failed: jobs.FailureHandler | None = None) -> str:
        jobs.background("test", when_failed)(work)
        return "test"

    yield register


@pytest.fixture
def wakes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who was woken; nothing runs by itself."""
    woken: list[str] = []
    monkeypatch.setitem(
        app.extensions, "wakers", {jobs.JOBS: lambda: woken.append("jobs"), "sms": lambda: woken.append("sms")}
    )
    return woken


def leave_a_trace(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
    audit.record(SYSTEM, "test.done", "job", payload.get("number", 0), at=at)


def enqueue(count: int = 1, kind: str = "test") -> list[int]:
    made = [jobs.enqueue(kind, {"number": number}, SYSTEM, at=AT).id for number in range(count)]
    db.session.commit()
    return made


def traces() -> list[str]:
    found = db.session.scalars(select(AuditEntry.subject_id).order_by(AuditEntry.id)).all()
    db.session.rollback()
    return list(found)


def stored(job_id: int) -> BackgroundJob:
    db.session.rollback()
    job = db.session.get_one(BackgroundJob, job_id, populate_existing=True)
    db.session.expunge(job)
    db.session.rollback()
    return job


def test_a_job_is_done_once_and_marked(app: Flask, wakes: list[str], kind: Any) -> None:
    kind(leave_a_trace)
    (job_id,) = enqueue()
    assert jobs.run_due(at=AT) == 1
    assert jobs.run_due(at=MUCH_LATER) == 0
    job = stored(job_id)
    assert (job.state, job.attempts, job.finished_at, job.lease_until, job.failure) == ("done", 1, AT, None, "")
    assert traces() == ["0"]


def test_only_registered_kinds_are_taken(app: Flask, wakes: list[str]) -> None:
    with pytest.raises(ValueError):
        jobs.enqueue("nobody", {}, SYSTEM, at=AT)


def test_the_wake_comes_after_the_commit_and_once(app: Flask, wakes: list[str], kind: Any) -> None:
    kind(leave_a_trace)
    jobs.enqueue("test", {}, SYSTEM, at=AT)
    jobs.wake_after_commit("sms")
    jobs.enqueue("test", {}, SYSTEM, at=AT)
    db.session.flush()
    assert wakes == []
    with db.session.begin_nested():
        audit.record(SYSTEM, "test.savepoint", "job", 1, at=AT)
    # A savepoint's release is no commit: nobody else sees the job yet.
    assert wakes == []
    db.session.commit()
    assert wakes == ["jobs", "sms"]
    db.session.commit()
    assert wakes == ["jobs", "sms"]


def test_what_was_undone_wakes_nobody(app: Flask, wakes: list[str], kind: Any) -> None:
    kind(leave_a_trace)
    jobs.enqueue("test", {}, SYSTEM, at=AT)
    db.session.rollback()
    db.session.commit()
    assert wakes == []


def test_an_undone_savepoint_does_not_swallow_the_wake(app: Flask, wakes: list[str], kind: Any) -> None:
    kind(leave_a_trace)
    jobs.enqueue("test", {}, SYSTEM, at=AT)
    savepoint = db.session.begin_nested()
    savepoint.rollback()
    db.session.commit()
    assert wakes == ["jobs"]


def test_a_waker_out_of_order_does_not_fail_what_is_committed(
    app: Flask, kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked() -> None:
        raise sqlite3.OperationalError("database is locked")

    kind(leave_a_trace)
    monkeypatch.setitem(app.extensions, "wakers", {jobs.JOBS: locked})
    (job_id,) = enqueue()
    assert stored(job_id).state == "queued"
    assert jobs.run_due(at=AT) == 1


def test_in_tests_a_job_runs_at_once_and_may_ask_for_another(app: Flask, kind: Any) -> None:
    def chain(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
        leave_a_trace(payload, at, progress)
        if payload["number"] < 3:
            jobs.enqueue("test", {"number": payload["number"] + 1}, SYSTEM, at=at)

    kind(chain)
    held = jobs.enqueue("test", {"number": 1}, SYSTEM, at=AT)
    db.session.commit()
    # The session that asked is whole, and sees what was done meanwhile.
    assert held.state == "done"
    audit.record(SYSTEM, "test.after", "job", "after", at=AT)
    db.session.commit()
    assert traces() == ["1", "2", "3", "after"]


def test_two_workers_do_each_job_once(app: Flask, wakes: list[str], kind: Any) -> None:
    kind(leave_a_trace)
    enqueue(12)
    done = together(app, lambda: jobs.run_due(at=AT), lambda: jobs.run_due(at=AT))
    assert sum(done) == 12
    assert sorted(traces(), key=int) == [str(number) for number in range(12)]


def test_a_held_job_is_not_claimed_again_before_its_lease_ends(app: Flask, wakes: list[str], kind: Any) -> None:
    kind(leave_a_trace)
    (job_id,) = enqueue()
    first = jobs.claim(at=AT)
    assert first is not None
    assert (first.id, first.attempts) == (job_id, 1)
    assert jobs.claim(at=AT + LEASE - timedelta(seconds=1)) is None
    second = jobs.claim(at=LATER)
    assert second is not None
    assert (second.id, second.attempts) == (job_id, 2)


def test_a_worker_that_slept_past_its_lease_leaves_nothing_behind(app: Flask, wakes: list[str], kind: Any) -> None:
    def slow(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
        if at == AT:
            # While this worker sleeps another one takes the job and ends it.
            with ThreadPoolExecutor(1) as pool:
                assert elsewhere(app, lambda: jobs.run_due(at=LATER), pool).result(30) == 1
        leave_a_trace({"number": at.isoformat()}, at, progress)

    kind(slow)
    (job_id,) = enqueue()
    jobs.run_due(at=AT)
    assert traces() == [LATER.isoformat()]
    assert (stored(job_id).state, stored(job_id).attempts) == ("done", 2)


def test_a_living_worker_keeps_its_lease(
    app: Flask, wakes: list[str], kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "HEARTBEAT", timedelta(milliseconds=20))
    instants = iter(AT + timedelta(minutes=minutes) for minutes in range(10_000))

    def long(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
        first = _lease()
        for _ in range(500):
            if _lease() > first:
                leave_a_trace(payload, at, progress)
                return
            pause.wait(0.01)

    def _lease() -> datetime:
        until = db.session.scalars(select(BackgroundJob.lease_until)).one()
        # Between its looks the job has no transaction open, as when it reads a long file.
        db.session.rollback()
        assert until is not None
        return until

    from threading import Event

    pause = Event()
    kind(long)
    enqueue()
    jobs.run_waiting(lambda: next(instants))
    assert traces() == ["0"]


def test_each_job_is_claimed_at_its_own_instant(app: Flask, wakes: list[str], kind: Any) -> None:
    # With one instant for all, the lease of a job that comes after a long one would have run out before it began.
    began: list[datetime] = []
    kind(lambda payload, at, progress: began.append(at))
    enqueue(2)
    instants = iter(AT + timedelta(hours=hours) for hours in range(100))
    jobs.run_waiting(lambda: next(instants))
    assert began[1] - began[0] >= timedelta(hours=2)


def failing(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
    leave_a_trace(payload, at, progress)
    db.session.flush()
    raise ValueError(f"cannot read {SECRET}")


def test_a_failing_job_rests_is_tried_again_and_is_then_failed(
    app: Flask, wakes: list[str], kind: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[Any, str]] = []
    kind(failing, lambda payload, at, sentence: told.append((payload["number"], sentence)))
    (job_id,) = enqueue()
    assert jobs.run_due(at=AT) == 1
    assert (stored(job_id).state, told) == ("queued", [])
    assert jobs.run_due(at=AT + timedelta(seconds=1)) == 0
    assert jobs.run_due(at=AT + timedelta(minutes=5)) == 1
    assert jobs.run_due(at=AT + timedelta(minutes=10)) == 1
    assert jobs.run_due(at=MUCH_LATER) == 0
    job = stored(job_id)
    assert (job.state, job.attempts, job.failure) == ("failed", ATTEMPTS, "ValueError")
    assert traces() == []
    assert told == [(0, jobs.UNFINISHED)]
    assert SECRET not in capfd.readouterr().err
    assert app.extensions["huey"].storage.result_store_size() == 0


def test_a_users_error_fails_at_once_in_its_own_words(app: Flask, wakes: list[str], kind: Any) -> None:
    def refused(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
        leave_a_trace(payload, at, progress)
        raise UserError("第 %(row)s 行读不懂。", row=3)

    told: list[str] = []
    kind(refused, lambda payload, at, sentence: told.append(sentence))
    (job_id,) = enqueue()
    jobs.run_due(at=AT)
    assert (stored(job_id).state, stored(job_id).failure) == ("failed", "第 3 行读不懂。")
    assert told == ["第 3 行读不懂。"]
    assert traces() == []


def test_one_bad_job_does_not_stop_the_others(app: Flask, wakes: list[str], kind: Any) -> None:
    kind(
        lambda payload, at, progress: (
            failing(payload, at, progress) if payload["number"] == 0 else leave_a_trace(payload, at, progress)
        )
    )
    enqueue(3)
    assert jobs.run_due(at=AT) == 3
    assert traces() == ["1", "2"]


def test_a_job_that_kills_its_workers_is_given_up(app: Flask, wakes: list[str], kind: Any) -> None:
    told: list[str] = []
    kind(leave_a_trace, lambda payload, at, sentence: told.append(sentence))
    (job_id,) = enqueue()
    for attempt in range(ATTEMPTS):
        assert jobs.claim(at=AT + attempt * timedelta(minutes=5)) is not None
    assert jobs.run_due(at=MUCH_LATER) == 1
    assert (stored(job_id).state, stored(job_id).failure) == ("failed", jobs.KILLED)
    assert (told, traces()) == ([jobs.UNFINISHED], [])


def test_a_fault_in_telling_of_a_failure_does_not_keep_the_job(app: Flask, wakes: list[str], kind: Any) -> None:
    def refused(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
        raise UserError("不行。")

    def broken(payload: Mapping[str, Any], at: datetime, sentence: str) -> None:
        raise KeyError(SECRET)

    kind(refused, broken)
    (job_id,) = enqueue()
    jobs.run_due(at=AT)
    assert (stored(job_id).state, stored(job_id).failure) == ("failed", "不行。")


def test_progress_shows_while_the_job_runs_and_is_gone_after_it(app: Flask, wakes: list[str], kind: Any) -> None:
    seen: list[Any] = []
    (job_id,) = (0,)

    def counting(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
        progress(1, 3)
        seen.append(jobs.progress_of(job_id))
        progress(2, 3)
        seen.append(jobs.progress_of(job_id))

    kind(counting)
    (job_id,) = enqueue()
    assert jobs.progress_of(job_id) is None
    jobs.run_due(at=AT)
    assert seen == [(1, 3), (2, 3)]
    assert jobs.progress_of(job_id) is None


def test_work_on_a_schedule_goes_by_county_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_periodic", {})
    jobs.periodic("test", hour="2", minute="30")(lambda at: None)
    # huey asks with the machine's wall clock, whatever its zone.
    county_half_past_two = datetime(2020, 7, 5, 18, 30, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert jobs._periodic["test"].schedule(county_half_past_two)
    assert not jobs._periodic["test"].schedule(county_half_past_two + timedelta(hours=8))


def test_a_fault_on_schedule_is_undone_and_stops_nothing(app: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    def sweep(at: datetime) -> None:
        audit.record(SYSTEM, "test.sweep", "job", 1, at=at)
        db.session.flush()
        raise ValueError(SECRET)

    jobs._guarded(app, "test", sweep)()
    jobs._guarded(app, "test", lambda at: audit.record(SYSTEM, "test.sweep", "job", 2, at=at))()
    assert traces() == ["2"]
    assert SECRET not in capfd.readouterr().err


def test_an_unknown_storage_is_refused() -> None:
    with pytest.raises(ValueError):
        jobs.create_huey("amqp://host")


def test_progress_is_kept_in_postgresql_too(postgres_url: str) -> None:
    name = f"jobs_{datetime.now(UTC):%H%M%S%f}"
    administer(postgres_url, f"CREATE DATABASE {name}")
    url = database_of(postgres_url, name)
    # Web and worker start together on an empty database.
    with ThreadPoolExecutor(4) as pool:
        wakers = list(pool.map(jobs.create_huey, [url] * 4))
    wakers[0].storage.put_data(b"progress-1", b"[1, 2]")
    assert wakers[1].storage.peek_data(b"progress-1") == b"[1, 2]"
    assert wakers[2].storage.pop_data(b"progress-1") == b"[1, 2]"
    assert wakers[3].storage.peek_data(b"progress-1") is EmptyData
    for waker in wakers:
        waker.storage.close()
    administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")
