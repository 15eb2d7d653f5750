"""Breakers, pace, and ceilings: a provider in trouble is left alone, and nobody has the county pay for a million."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.database import db
from core.principal import OrganisationKind, Principal, Role, system
from core.sms_settings import SmsLimits
from sms import queries, tasks
from sms.dispatch import dispatch
from sms.models import GatewayHealth, Message, PhoneDay, SmsDay
from sms.operations import queue_message
from sms.outbox import GENEROUS, Office
from sms.rules import FIRST_BREAK, LONGEST_BREAK, PROBE, TROUBLES, Health, Pace
from tests import factories
from tests.conftest import settings_for
from tests.core.together import together
from tests.factories import AT
from tests.sms.aliyun_provider import running_aliyun
from tests.sms.conftest import OFFICE, PAID, gateway, queue
from tests.sms.provider import Provider, refuse

TOMORROW = AT + timedelta(days=1)
SECOND = timedelta(seconds=1)


def run(app: Flask, limits: SmsLimits = GENEROUS, at: datetime = AT, tick: timedelta = timedelta()) -> Counter[str]:
    """One run of the dispatcher; the clock moves on by ``tick`` with each look at it."""
    used, looks = gateway(app), count()
    try:
        return dispatch(
            system("sms"), used, Office(OFFICE.signature, None, limits), now=lambda: at + next(looks) * tick
        )
    finally:
        used.close()
        db.session.expire_all()


def states() -> dict[str, int]:
    return dict(db.session.execute(select(Message.state, func.count()).group_by(Message.state)).all())


def code(number: int, phone: str = "13900000001", at: datetime = AT - SECOND) -> None:
    queue_message("lookup_code", phone, {"code": "123456", "minutes": 5}, subject_kind="code", subject_id=number, at=at)


# --- The decisions ---------------------------------------------------------------------------------


def test_five_troubles_in_a_row_shut_a_gateway_and_each_further_one_doubles_the_break() -> None:
    health = Health()
    for _ in range(TROUBLES - 1):
        health = health.after(well=False, at=AT)
        assert health.room(8, AT) == 8
    health = health.after(well=False, at=AT)
    assert health.shut_until == AT + FIRST_BREAK
    assert (health.room(8, AT + FIRST_BREAK - SECOND), health.room(8, AT + FIRST_BREAK)) == (0, 1)
    health = health.after(well=False, at=AT)
    assert health.shut_until == AT + 2 * FIRST_BREAK
    for _ in range(20):
        health = health.after(well=False, at=AT)
    assert health.shut_until == AT + LONGEST_BREAK
    assert health.after(well=True, at=AT) == Health()


@given(st.integers(1, 1000), st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 50)), max_size=40))
def test_the_pace_is_kept_whoever_asks_and_when(per_second: int, asks: list[tuple[int, int]]) -> None:
    """In no stretch of time begin more than a second's worth and what that time allows."""
    pace, slot, now = Pace(per_second), None, AT
    taken: list[tuple[datetime, int]] = []
    for later, wanted in asks:
        now += timedelta(milliseconds=later)
        number = min(wanted, pace.room(slot, now))
        if number:
            slot = pace.taken(slot, now, number)
            taken.append((now, number))
    for first, (begin, _) in enumerate(taken):
        for last in range(first, len(taken)):
            length = (taken[last][0] - begin).total_seconds()
            assert sum(number for _, number in taken[first : last + 1]) <= per_second * (1 + length) + 1


# --- The breaker -----------------------------------------------------------------------------------


def test_a_provider_in_trouble_is_left_alone_and_tried_with_one_message(twilio_app: Flask, provider: Provider) -> None:
    queue(20)
    provider.script += [refuse(503)] * 30
    at = AT
    for _ in range(TROUBLES):
        run(twilio_app, at=at)
    troubled = len(provider.calls)
    assert troubled == TROUBLES
    assert run(twilio_app, at=at + FIRST_BREAK - SECOND) == {}
    assert len(provider.calls) == troubled
    assert run(twilio_app, at=at + FIRST_BREAK) == {"unknown": 1}
    assert len(provider.calls) == troubled + 1
    provider.script.clear()
    later = at + FIRST_BREAK + LONGEST_BREAK
    assert run(twilio_app, at=later)["accepted"] == 20 - troubled - 1
    assert db.session.get_one(GatewayHealth, "twilio").shut_until is None


def test_while_one_message_tries_it_no_other_does(twilio_app: Flask, provider: Provider) -> None:
    queue(5)
    row = GatewayHealth(gateway="twilio", troubles=TROUBLES, shut_until=AT - SECOND)
    db.session.add(row)
    db.session.commit()
    provider.latency = 0.3
    results = together(twilio_app, *[lambda: run(twilio_app, at=AT) for _ in range(3)])
    assert all(isinstance(result, Counter) for result in results), results
    assert row.shut_until is None or row.shut_until <= AT + PROBE
    assert sum(result["accepted"] for result in results) == len(provider.calls)
    assert len({call["To"] for call in provider.calls}) == len(provider.calls)


# --- The day ---------------------------------------------------------------------------------------


def test_a_day_has_its_pieces_and_the_rest_waits_for_the_next(twilio_app: Flask, provider: Provider) -> None:
    queue(10)
    limits = replace(GENEROUS, daily_segments=4)
    assert run(twilio_app, limits) == {"accepted": 4}
    assert run(twilio_app, limits) == {}
    assert db.session.scalars(select(SmsDay.segments)).one() == 4
    assert run(twilio_app, limits, TOMORROW) == {"accepted": 4}
    assert len(provider.calls) == 8


def test_money_is_a_ceiling_too() -> None:
    limits = SmsLimits(1000, 10, daily_yuan=3, segment_fen=50, per_second=1, phone_a_day=1)
    assert limits.segments_a_day == 6
    assert replace(limits, daily_segments=5).segments_a_day == 5


def test_what_surely_did_not_leave_costs_nothing(twilio_app: Flask, provider: Provider) -> None:
    queue(1)
    provider.script.append(refuse(429))
    assert run(twilio_app) == {"requeued": 1}
    assert db.session.scalars(select(SmsDay.segments)).one() == 0


def test_codes_have_a_ceiling_of_their_own_that_stops_no_notice(twilio_app: Flask, provider: Provider) -> None:
    """Somebody asks for codes for a thousand phones: the county pays for so many, and the notices go out."""
    for number in range(10):
        code(number, f"139{number:08d}")
    queue(3)
    assert run(twilio_app, replace(GENEROUS, daily_codes=4)) == {"accepted": 7}
    assert states() == {"accepted": 7, "queued": 6}


def test_a_phone_has_its_number_of_the_day_and_the_rest_comes_tomorrow(twilio_app: Flask, provider: Provider) -> None:
    for number in range(5):
        queue_message("payment_paid", "13800000001", PAID, subject_kind="attempt", subject_id=number, at=AT - SECOND)
    queue(1, first=99)
    limits = replace(GENEROUS, phone_a_day=2)
    assert run(twilio_app, limits) == {"accepted": 3}
    waiting = db.session.scalars(select(Message).where(Message.state == "queued")).all()
    assert {one.error_code for one in waiting} == {"phone_full"}
    assert run(twilio_app, limits, AT + timedelta(hours=1)) == {}
    assert run(twilio_app, limits, TOMORROW) == {"accepted": 2}
    assert sorted(db.session.scalars(select(PhoneDay.sent))) == [1, 2, 2]


def test_the_pace_holds_for_all_workers_together(twilio_app: Flask, provider: Provider) -> None:
    queue(12)
    limits = replace(GENEROUS, per_second=5)
    assert run(twilio_app, limits, tick=timedelta(milliseconds=100)) == {"accepted": 12}
    slot = db.session.get_one(GatewayHealth, "twilio").next_slot
    # Five at once, and the other seven at five a second.
    assert slot is not None
    assert slot >= AT + 12 * SECOND / 5


# --- The second gateway ----------------------------------------------------------------------------


def test_the_second_takes_what_waits_while_the_first_is_shut(twilio_app: Flask, provider: Provider) -> None:
    with running_aliyun() as other, time_machine.travel(AT, tick=False):
        settings: Any = twilio_app.extensions["settings"]
        both = other.settings() | provider.settings() | {"YKT_SMS_SECOND_GATEWAY": "aliyun"}
        twilio_app.extensions["settings"] = settings_for(settings.database_url, settings.instance, **both)
        queue(3)
        provider.script += [refuse(401, 20003)] * 9
        tasks.send_due()
        db.session.expire_all()
        assert (len(provider.calls), states()) == (1, {"queued": 3})
        db.session.get_one(GatewayHealth, "twilio").troubles = TROUBLES
        db.session.get_one(GatewayHealth, "twilio").shut_until = AT + FIRST_BREAK
        db.session.commit()
        tasks.send_due()
        db.session.expire_all()
        # The one that was tried waits for its next time; it surely did not leave.
        assert (len(other.messages), states()) == (2, {"accepted": 2, "queued": 1})
        assert set(db.session.scalars(select(Message.gateway).where(Message.state == "accepted"))) == {"aliyun"}


# --- Nobody ----------------------------------------------------------------------------------------


def test_where_nothing_is_sent_messages_wait_and_are_laid_aside_in_time(twilio_app: Flask, provider: Provider) -> None:
    settings: Any = twilio_app.extensions["settings"]
    nobody = provider.settings() | {"YKT_SMS_GATEWAY": "none"}
    twilio_app.extensions["settings"] = settings_for(settings.database_url, settings.instance, **nobody)
    queue(2)
    with time_machine.travel(AT, tick=False):
        assert tasks.send_due() == {}
        tasks.look_up(AT)
    with time_machine.travel(AT + timedelta(days=4), tick=False):
        assert tasks.send_due() == {"expired": 2}
    db.session.expire_all()
    assert (states(), provider.calls) == ({"expired": 2}, [])
    assert twilio_app.test_client().post("/sms/twilio/receipts").status_code == 404


# --- The board -------------------------------------------------------------------------------------


def test_finance_is_told_when_sending_is_in_trouble(twilio_app: Flask) -> None:
    finance = factories.principal(OrganisationKind.FINANCE, Role.PREPARER)
    township = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426100000")
    db.session.add(GatewayHealth(gateway="twilio", troubles=TROUBLES, shut_until=AT, last_error="20003"))
    queue(1)

    def told(principal: Principal) -> list[str]:
        with twilio_app.test_request_context(), time_machine.travel(AT + timedelta(minutes=40), tick=False):
            return [item.title for item in queries.board_items(principal, AT.date())]

    assert [title for title in told(finance) if "已暂停" in title]
    assert [title for title in told(finance) if "40 分钟" in title]
    assert told(township) == []
