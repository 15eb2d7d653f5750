"""The database goes away between a call and its record, or the clock jumps: nothing is lost, nothing is sent twice, and
nothing waits for ever."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from core.calendar import SHANGHAI
from core.database import db
from core.principal import system
from core.sms_settings import SmsLimits
from sms import dispatch as dispatcher
from sms.dispatch import dispatch
from sms.models import GatewayHealth, Message, SendAttempt, SmsDay
from sms.outbox import GENEROUS, Office
from sms.rules import FIRST_BREAK, LEASE, TROUBLES, QuietHours
from tests.conftest import administer
from tests.factories import AT
from tests.sms.conftest import OFFICE, gateway, queue, run
from tests.sms.provider import Act, Call, Provider, accept, refuse, reset, taken_but

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
LATER = AT + LEASE + SECOND


def states() -> dict[str, int]:
    return dict(db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all())


def nothing_left_twice(provider: Provider) -> bool:
    return max(Counter(message["to"] for message in provider.messages).values()) == 1


# --- The answer --------------------------------------------------------------------------------------


@pytest.mark.timeout(30)
def test_an_answer_that_drips_for_ever_is_not_waited_for(
    twilio_app: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No read takes too long, and the whole never ends."""
    monkeypatch.setattr(dispatcher, "LATEST_ANSWER", 0.5)
    queue(3)
    enough = Event()

    def drip(call: Call) -> None:
        call.taken()
        call.wfile.write(b"HTTP/1.1 201 Created\r\nX-Drops: ")
        for _ in range(400):
            if enough.wait(0.05):
                break
            call.wfile.write(b".")
        call.close_connection = True

    provider.script = [accept, drip]
    try:
        assert run(twilio_app, patience=2) == {"accepted": 1}
    finally:
        enough.set()
    assert states() == {"accepted": 1, "sending": 1, "queued": 1}
    assert run(twilio_app, LATER) == {"unknown": 1, "accepted": 1}
    assert nothing_left_twice(provider)


# --- The database ------------------------------------------------------------------------------------


def sever(connection: sa.Connection) -> None:
    """Take the database away from this connection, in the middle of its transaction."""
    if connection.dialect.name == "sqlite":
        raise OperationalError("a statement", {}, sqlite3.OperationalError("disk I/O error"))
    driver: Any = connection.connection.driver_connection
    terminate(driver.info.backend_pid)


def terminate(backend: int) -> None:
    """As an operator does."""
    url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    administer(url, f"SELECT pg_terminate_backend({backend})")


@contextmanager
def severed(provider: Provider, where: str) -> Iterator[None]:
    """The first time a worker comes to this point with a message handed over, it has no database any more."""
    struck: list[str] = []

    def strike(connection: sa.Connection) -> None:
        if provider.messages and not struck:
            struck.append(where)
            sever(connection)

    def at_statement(connection: sa.Connection, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith(where):
            strike(connection)

    point, listener = ("commit", strike) if where == "commit" else ("before_cursor_execute", at_statement)
    event.listen(db.engine, point, listener)
    try:
        yield
    finally:
        event.remove(db.engine, point, listener)
    assert struck, "it never came there"


def is_made_good(app: Flask, provider: Provider) -> None:
    """What was under way when the database went away is unknown in the end, and all else has left."""
    db.session.rollback()
    assert states() == {"sending": 1, "queued": 2}
    assert run(app) == {"accepted": 2}
    assert run(app, LATER) == {"unknown": 1}
    for days in (1, 2):
        assert not run(app, LATER + timedelta(days=days))
    assert states() == {"accepted": 2, "unknown": 1}
    assert len(provider.calls) == len(provider.messages) == 3
    assert nothing_left_twice(provider)
    assert Counter(db.session.scalars(select(SendAttempt.outcome))) == {"accepted": 2, "unknown": 1}
    assert db.session.scalar(select(func.sum(SmsDay.segments))) == 3


@pytest.mark.parametrize("where", ["SELECT gateway_health", "UPDATE messages", "UPDATE send_attempts", "commit"])
def test_a_database_that_goes_away_during_the_record(twilio_app: Flask, provider: Provider, where: str) -> None:
    queue(3)
    with severed(provider, where), pytest.raises(OperationalError):
        run(twilio_app)
    is_made_good(twilio_app, provider)


def test_a_database_that_goes_away_during_the_call(twilio_app: Flask, provider: Provider, database_url: str) -> None:
    queue(3)
    db.session.remove()
    on_file = database_url.startswith("sqlite")
    # The connection that the worker will have. On SQLite its patience with others is half a minute in service.
    with db.engine.connect() as connection:
        asked = connection.exec_driver_sql("PRAGMA busy_timeout=50" if on_file else "SELECT pg_backend_pid()")
        backend = asked.scalar_one()
    held: list[sqlite3.Connection] = []

    def take_away(call: Call) -> None:
        if on_file:
            other = sqlite3.connect(database_url.removeprefix("sqlite:///"), check_same_thread=False)
            other.execute("BEGIN IMMEDIATE")
            held.append(other)
        else:
            with twilio_app.app_context():
                terminate(backend)
        accept(call)

    provider.script = [take_away]
    if not on_file:
        # PostgreSQL takes a new connection, and the record of the call is made by that.
        assert run(twilio_app) == {"accepted": 3}
        assert len(provider.calls) == len(provider.messages) == 3
        assert nothing_left_twice(provider)
        return
    with pytest.raises(OperationalError):
        run(twilio_app)
    for other in held:
        other.close()
    is_made_good(twilio_app, provider)


# --- The clock ---------------------------------------------------------------------------------------


@dataclass
class Clock:
    """The clock of a machine that somebody sets."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at

    def jump(self, by: timedelta, act: Act = accept) -> Act:
        """A call during which the clock jumps."""

        def then(call: Call) -> None:
            self.at += by
            act(call)

        return then


def run_by(app: Flask, clock: Clock, limits: SmsLimits = GENEROUS, quiet: QuietHours | None = None) -> Counter[str]:
    used = gateway(app)
    try:
        return dispatch(system("sms"), used, Office(OFFICE.signature, quiet, limits), now=clock)
    finally:
        used.close()
        db.session.expire_all()


JUMPS = {"hours ahead": 6 * HOUR, "hours back": -6 * HOUR, "days ahead": 48 * HOUR, "days back": -48 * HOUR}
ANSWERS: dict[str, tuple[Act, dict[str, int]]] = {
    "accepted": (accept, {"accepted": 3}),
    "too much at once": (refuse(429), {"accepted": 3}),
    "an error": (refuse(500), {"accepted": 2, "unknown": 1}),
    "cut": (taken_but(reset), {"accepted": 2, "unknown": 1}),
}


@pytest.mark.timeout(30)
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_between_claim_and_record(
    twilio_app: Flask, provider: Provider, jump: str, answer: str
) -> None:
    queue(3)
    act, ends = ANSWERS[answer]
    clock = Clock()
    provider.script = [clock.jump(JUMPS[jump], act)]
    run_by(twilio_app, clock)
    assert not states().get("sending")
    # It is set right, and goes on until what was put off by the wrong one is due.
    for after in (timedelta(0), LEASE + SECOND, 6 * HOUR + 2 * LEASE, 48 * HOUR + 2 * LEASE):
        clock.at = AT + after
        run_by(twilio_app, clock)
    assert states() == ends
    assert len(provider.messages) == (3 if answer != "an error" else 2)
    assert nothing_left_twice(provider)


@pytest.mark.timeout(30)
def test_a_clock_that_jumps_to_and_fro_during_a_run(twilio_app: Flask, provider: Provider) -> None:
    queue(30)
    clock = Clock()
    there_and_back = [clock.jump(9 * HOUR), clock.jump(-9 * HOUR)]
    provider.script = there_and_back * 10
    run_by(twilio_app, clock, replace(GENEROUS, per_second=1000))
    clock.at = AT
    run_by(twilio_app, clock)
    assert states() == {"accepted": 30}
    assert nothing_left_twice(provider)


@pytest.mark.parametrize("jump", [6 * HOUR, -6 * HOUR, -timedelta(days=400)])
def test_what_a_dead_worker_left_is_given_up_whatever_the_clock_says(
    twilio_app: Flask, provider: Provider, jump: timedelta
) -> None:
    queue()
    message = db.session.scalars(select(Message)).one()
    message.state, message.attempts, message.lease_until = "sending", 1, AT + LEASE
    db.session.add(SendAttempt(message_id=message.id, number=1, gateway="twilio", started_at=AT))
    db.session.commit()
    # Nobody who is alive has his lease from another hour: an end that far away is none.
    assert not run(twilio_app, AT + LEASE)
    assert run(twilio_app, AT + jump) == {"unknown": 1}
    for at in (AT, LATER, AT + 24 * HOUR):
        assert not run(twilio_app, at)
    assert provider.calls == []


def test_a_break_from_another_hour_keeps_nobody_waiting(twilio_app: Flask, provider: Provider) -> None:
    queue(TROUBLES + 5)
    provider.script = [refuse(500)] * TROUBLES
    for minutes in range(TROUBLES):
        run(twilio_app, AT + 6 * HOUR + timedelta(minutes=minutes))
    shut_until = db.session.scalars(select(GatewayHealth.shut_until)).one()
    assert shut_until is not None
    assert not run(twilio_app, shut_until - FIRST_BREAK / 2), "it is shut"
    assert run(twilio_app, AT) == {"accepted": 5}, "and not until the clock comes there a second time"
    assert db.session.scalars(select(GatewayHealth.shut_until)).one() is None


def test_a_pace_from_another_hour_keeps_nobody_waiting(twilio_app: Flask, provider: Provider) -> None:
    limits = replace(GENEROUS, per_second=40)
    queue(20)
    clock = Clock(AT + 6 * HOUR)
    assert run_by(twilio_app, clock, limits) == {"accepted": 20}
    queue(5, first=21)
    clock.at = AT
    assert run_by(twilio_app, clock, limits) == {"accepted": 5}


def test_the_ceiling_of_a_day_holds_however_often_it_comes(twilio_app: Flask, provider: Provider) -> None:
    limits = replace(GENEROUS, daily_segments=4)
    queue(20)
    for day, left in ((0, 4), (1, 4), (0, 0), (1, 0), (2, 4), (0, 0)):
        assert run_by(twilio_app, Clock(AT + timedelta(days=day)), limits)["accepted"] == left
    assert list(db.session.scalars(select(SmsDay.segments))) == [4, 4, 4]
    assert nothing_left_twice(provider)


def test_what_did_not_leave_yesterday_is_not_given_back_to_today(twilio_app: Flask, provider: Provider) -> None:
    queue(5)
    clock = Clock(datetime(2020, 7, 6, 23, 59, 59, tzinfo=SHANGHAI))
    next_day = Event()

    def refused_the_day_after(call: Call) -> None:
        next_day.wait(20)
        refuse(429)(call)

    def accepted_on_the_next_day(call: Call) -> None:
        accept(call)
        next_day.set()

    provider.script = [accept, accept, refused_the_day_after, clock.jump(2 * SECOND), accepted_on_the_next_day]
    assert run_by(twilio_app, clock) == {"accepted": 4, "requeued": 1}
    counted = dict(db.session.execute(select(SmsDay.day, SmsDay.segments)).all())
    assert [counted[day] for day in sorted(counted)] == [4, 1]


def test_a_jump_into_the_night_wakes_nobody(twilio_app: Flask, provider: Provider) -> None:
    quiet = QuietHours(time(21), time(8))
    queue(5)
    clock = Clock()
    # From ten in the morning to ten in the evening, in the middle of the run.
    provider.script = [clock.jump(12 * HOUR)]
    assert run_by(twilio_app, clock, quiet=quiet) == {"accepted": 1}
    assert states() == {"accepted": 1, "queued": 4}
    clock.at = AT
    assert run_by(twilio_app, clock, quiet=quiet) == {"accepted": 4}
