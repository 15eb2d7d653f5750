"""A worker may be killed at any step between claim and record: no message is lost, and no machine sends one twice."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from core.database import db
from core.principal import system
from sms.lookup import AT_ONCE, look_up_lost
from sms.models import Message, PhoneDay, SendAttempt, SmsDay
from sms.rules import LEASE
from tests import processes
from tests.sms import dying_workers
from tests.sms.conftest import OFFICE, gateway, queue, run
from tests.sms.dying_workers import BEFORE, MOMENT, POINTS, SECOND
from tests.sms.provider import Provider

KILLS = 500
"""On each of the two databases."""
MESSAGES = 1700
SEED = 20200706


def sums(*columns: InstrumentedAttribute[int]) -> list[int]:
    return [db.session.scalar(select(func.sum(column))) or 0 for column in columns]


@pytest.mark.kill
@pytest.mark.timeout(300)
def test_five_hundred_killed_workers_neither_lose_nor_double(
    twilio_app: Flask, provider: Provider, database_url: str, tmp_path: Path
) -> None:
    queue(3, at=BEFORE - SECOND)
    queue(MESSAGES, first=11)
    db.session.remove()
    arguments = (database_url, str(tmp_path), provider.port, SEED, KILLS)
    assert processes.end(processes.start(dying_workers.main, *arguments), patience=250) == 0
    report = json.loads((tmp_path / "report").read_text())
    died, ended = report["died"], report["ended"]
    assert (sum(died.values()) >= KILLS, ended) == (True, 0), report
    assert min(died.get(point, 0) for point in (*POINTS, MOMENT)) > KILLS // 20, report
    later = datetime.fromisoformat(report["at"]) + LEASE + SECOND
    assert run(twilio_app, later)["accepted"] > 0, "there was work until the end"
    assert not run(twilio_app, later + LEASE + SECOND)

    # What left, left once; of what was not handed over somebody knows.
    took = {message["to"].removeprefix("+86"): message["sid"] for message in provider.messages}
    assert len(took) == len(provider.messages)
    rows = db.session.execute(
        select(
            Message.phone, Message.provider_id, Message.state, Message.error_code, Message.attempts,
            SendAttempt.number, SendAttempt.outcome,
        ).join(SendAttempt, SendAttempt.message_id == Message.id)
    ).all()  # fmt: skip
    assert len(rows) == db.session.scalar(select(func.count(Message.id))) == MESSAGES + 3
    ends = Counter(tuple(row[2:]) for row in rows)
    assert set(ends) == {("accepted", "", 1, 1, "accepted"), ("unknown", "lease_expired", 1, 1, "unknown")}
    accepted = {row.phone: row.provider_id for row in rows if row.state == "accepted"}
    assert accepted.items() <= took.items()
    lost = {row.phone for row in rows if row.state == "unknown"}
    # Workers died both before and after the provider had taken over: else this has tested one half only.
    assert 0 < len(lost & took.keys()) < len(lost)
    # The ceilings count no less than what the county pays for.
    assert min(sums(SmsDay.segments, PhoneDay.sent)) >= len(took)

    # And the provider tells which of them left.
    used = gateway(twilio_app)
    assert look_up_lost(system("sms"), used, OFFICE, now=lambda: later) > 0
    used.close()
    asked = db.session.execute(select(Message.phone, Message.state).where(Message.looked_up_at.is_not(None))).all()
    assert len(asked) == AT_ONCE
    assert {phone for phone, state in asked if state == "accepted"} == {phone for phone, _ in asked} & took.keys()
