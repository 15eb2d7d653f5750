"""Somebody has codes sent to thousands, at the county's cost: he runs into the ceiling of the day, each phone and each
address has a limit of its own, and the notices leave all the same."""

from collections import Counter as Tally
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from core import clock
from core.database import db, only_reads, set_only_reads
from portal import rules
from portal.models import LookupCode
from sms import tasks
from sms.models import Message, PhoneDay, SmsDay
from sms.operations import queue_message
from tests import factories
from tests.plain_requests import Body, Visitor
from tests.portal.conftest import GROUP, Village
from tests.portal.test_enumeration import answer_of
from tests.portal.test_floods import ASKED, number_of
from tests.sms.conftest import PAID

BEGIN = factories.AT
SHARED = "13700000000"
"""The phone of a large family."""
FAMILY = 20
PEOPLE = 400
CODES_A_DAY = 60
MINUTES, A_MINUTE = 10, 50
SENT = "几分钟内会有一条短信"
NAME = "王建国"


@pytest.fixture
def town(app: Flask, village: Village, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Four hundred people with phones, twenty of them with one; few codes a day; messages leave when the test says
    so."""
    set_only_reads(False)
    db.session.rollback()
    for serial in range(PEOPLE):
        phone = SHARED if serial < FAMILY else f"139{serial:08}"
        factories.beneficiary(NAME, number_of(serial), GROUP, phone=phone)
    db.session.commit()
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, sms_limits=replace(settings.sms_limits, daily_codes=CODES_A_DAY))
    app.extensions["wakers"] |= {"sms": lambda: None}
    # No wait after an answer: what time tells is tested elsewhere.
    monkeypatch.setattr(rules, "MISS_SECONDS", 0)
    set_only_reads(True)
    return app


def ask_for_code(visitor: Visitor, serial: int, *, answers: bool) -> str:
    """What becomes of a wish for a code; a machine may answer the question that stands before it."""
    form = {"id_number": number_of(serial), "name": NAME}
    page = visitor.post("/lookup/code", Body(urlencode(form).encode())).content.decode()
    if ASKED in page and answers:
        page = visitor.post("/lookup/code", Body(urlencode(form | answer_of(page)).encode())).content.decode()
    return "sent" if SENT in page else "asked" if ASKED in page else "enough"


def visitor_from(app: Flask, address: str) -> Visitor:
    return Visitor(app, environ={"REMOTE_ADDR": address})


def notices(first: int, count: int) -> None:
    with only_reads(False):
        for number in range(first, first + count):
            queue_message(
                "payment_paid", f"138{number:08d}", PAID, subject_kind="attempt", subject_id=number, at=clock.utc_now()
            )
        db.session.commit()


def send() -> None:
    """One run of the dispatcher; what the test has read before is read anew."""
    db.session.rollback()
    tasks.send_due()
    db.session.rollback()


def handed_over(template: str) -> int:
    left = (Message.template == template, Message.sent_at.is_not(None))
    return db.session.scalar(select(func.count()).select_from(Message).where(*left)) or 0


# A quarter of a minute where nothing else is at work.
@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hundreds_of_wishes_for_codes_cost_what_a_day_may_cost(town: Flask) -> None:
    seen: Tally[str] = Tally()
    with time_machine.travel(BEGIN, tick=False) as machine:
        for minute in range(MINUTES):
            for place in range(A_MINUTE):
                wish = minute * A_MINUTE + place
                address = f"203.{wish % 200}.{wish // 200}.7"
                seen[ask_for_code(visitor_from(town, address), wish % PEOPLE, answers=True)] += 1
            if minute % 4 == 2:
                notices(minute * 10, 10)
            send()
            db.session.rollback()
            machine.shift(timedelta(minutes=1))
        # A machine that adds up is slowed by nothing but the ceilings.
        assert seen["sent"] > 400, seen
        assert handed_over("lookup_code") == CODES_A_DAY
        assert db.session.scalars(select(SmsDay.codes)).one() == CODES_A_DAY
        assert handed_over("payment_paid") == 20
        assert db.session.scalars(select(func.max(PhoneDay.sent))).one() <= rules.MOST_CODES_TO_A_PHONE
        # The codes that did not leave are of no use any more, and nobody gets a heap of them the next day.
        machine.shift(timedelta(days=1))
        send()
        states = dict(db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all())
        assert set(states) == {"delivered", "expired"}
        assert states["delivered"] == CODES_A_DAY + 20
        assert ask_for_code(visitor_from(town, "198.51.100.1"), PEOPLE - 1, answers=True) == "sent"
        send()
        assert handed_over("lookup_code") == CODES_A_DAY + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_phone_is_not_rung_by_many_numbers(town: Flask) -> None:
    with time_machine.travel(BEGIN, tick=False) as machine:
        for serial in range(FAMILY):
            assert ask_for_code(visitor_from(town, f"203.0.113.{serial}"), serial, answers=True) == "sent"
        send()
        assert handed_over("lookup_code") == rules.MOST_CODES_TO_A_PHONE
        machine.shift(timedelta(days=1))
        ask_for_code(visitor_from(town, "203.0.113.200"), 0, answers=True)
        send()
        assert handed_over("lookup_code") == rules.MOST_CODES_TO_A_PHONE + 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_address_is_asked_a_question_after_some(town: Flask) -> None:
    visitor = visitor_from(town, "203.0.113.7")
    with time_machine.travel(BEGIN, tick=False):
        seen = Tally(ask_for_code(visitor, FAMILY + serial, answers=False) for serial in range(60))
        assert seen == {"sent": rules.CODES_PER_ADDRESS.amount, "asked": 60 - rules.CODES_PER_ADDRESS.amount}
        send()
        assert handed_over("lookup_code") == rules.CODES_PER_ADDRESS.amount
        assert db.session.scalar(select(func.count(LookupCode.id))) == rules.CODES_PER_ADDRESS.amount
