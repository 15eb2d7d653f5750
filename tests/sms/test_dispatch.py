"""Each message leaves once, or somebody knows why not. The provider is a local server; the client is the real one."""

import dataclasses
import signal
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from core import audit
from core.calendar import SHANGHAI
from core.database import db
from core.principal import system
from sms.dispatch import dispatch
from sms.gateways.twilio_gateway import TwilioGateway
from sms.lookup import look_up_lost
from sms.models import Message, SendAttempt
from sms.operations import queue_message
from sms.outbox import Office
from sms.rules import LEASE, QuietHours
from tests import processes
from tests.factories import AT
from tests.processes import free_port
from tests.sms import crashing_worker
from tests.sms import provider as provider_module
from tests.sms.conftest import OFFICE, PAID, TEXT, gateway, queue, run, run_without_patience
from tests.sms.provider import SENDER, Call, Provider, accept, hang, refuse, reset, taken_but

LATER = AT + LEASE + timedelta(seconds=1)


def only() -> Message:
    return db.session.scalars(select(Message)).one()


def look_up(app: Flask, at: datetime = AT) -> int:
    used = gateway(app)
    try:
        return look_up_lost(system("sms"), used, OFFICE, now=lambda: at)
    finally:
        used.close()
        db.session.expire_all()


def test_a_message_is_handed_over_with_all_that_the_provider_needs(twilio_app: Flask, provider: Provider) -> None:
    queue()
    assert run(twilio_app) == {"accepted": 1}
    message = only()
    assert (message.state, message.provider_id, message.segments) == ("accepted", provider.messages[0]["sid"], 1)
    assert provider.calls == [
        {
            "To": "+8613800000001",
            "From": SENDER,
            "Body": TEXT,
            "StatusCallback": f"https://ykt.example.gov.cn/sms/twilio/receipts?attempt={message.id}-1",
            "ValidityPeriod": "36000",
        }
    ]
    assert db.session.scalars(select(SendAttempt.outcome)).all() == ["accepted"]
    assert db.session.scalars(select(audit.AuditEntry.action)).all() == ["sms.dispatch"]


def test_many_messages_leave_once_each(twilio_app: Flask, provider: Provider) -> None:
    queue(60)
    provider.latency = 0.005
    assert run(twilio_app) == {"accepted": 60}
    assert not run(twilio_app)
    assert sorted(call["To"] for call in provider.calls) == [f"+86138{number:08d}" for number in range(1, 61)]


# What faults of all kinds lead to stands in test_faults.py; these are the codes that Twilio names.
REFUSALS = [
    (21211, "rejected"),
    (21610, "rejected"),
    (21408, "rejected"),
    (21606, "queued"),
    (20003, "queued"),
    (21611, "queued"),
]


@pytest.mark.parametrize(("code", "state"), REFUSALS)
def test_each_code_has_its_outcome(twilio_app: Flask, provider: Provider, code: int, state: str) -> None:
    queue()
    provider.script = [refuse(400, code)]
    run(twilio_app)
    message = only()
    assert (message.state, message.error_code, message.lease_until) == (state, str(code), None)
    # Once in this run: nothing is tried again at once.
    assert len(provider.calls) == 1
    assert run(twilio_app, AT + timedelta(days=1)).get("accepted", 0) == (1 if state == "queued" else 0)


def gateway_at(app: Flask, address: str) -> TwilioGateway:
    settings = app.extensions["settings"]
    return TwilioGateway(dataclasses.replace(settings, twilio=dataclasses.replace(settings.twilio, api_base=address)))


def test_a_refused_connection_surely_sent_nothing(twilio_app: Flask, provider: Provider) -> None:
    queue()
    used = gateway_at(twilio_app, f"http://127.0.0.1:{free_port()}")
    assert dispatch(system("sms"), used, OFFICE, now=lambda: AT) == {"requeued": 1}
    used.close()
    message = only()
    assert (message.state, message.error_code) == ("queued", "no_connection")
    assert message.not_before == AT + timedelta(minutes=1)


def test_a_name_that_does_not_resolve_surely_sent_nothing(twilio_app: Flask, provider: Provider) -> None:
    queue()
    used = gateway_at(twilio_app, "http://provider.invalid")
    assert dispatch(system("sms"), used, OFFICE, now=lambda: AT) == {"requeued": 1}
    used.close()


def test_a_provider_that_hangs_costs_one_message_a_run(twilio_app: Flask, provider: Provider) -> None:
    queue(20)
    provider.script = [hang] * 20
    assert run_without_patience(twilio_app) == {"unknown": 1}
    assert len(provider.calls) == 1
    lost = db.session.scalars(select(Message).where(Message.state == "unknown")).one()
    assert (lost.error_code, lost.lease_until) == ("read_timeout", None)


def test_a_single_trouble_does_not_end_the_run(twilio_app: Flask, provider: Provider) -> None:
    queue(20)
    provider.script = [accept, accept, accept, refuse(500)]
    assert run(twilio_app) == {"accepted": 19, "unknown": 1}


def test_a_bad_number_does_not_slow_the_others(twilio_app: Flask, provider: Provider) -> None:
    queue(12)
    provider.script = [refuse(400, 21211)] * 6
    assert run(twilio_app) == {"rejected": 6, "accepted": 6}


def test_a_wrong_key_rejects_nobody_for_good(twilio_app: Flask, provider: Provider) -> None:
    queue(5)
    provider.script = [refuse(401, 20003)]
    assert run(twilio_app) == {"requeued": 1}
    assert set(db.session.scalars(select(Message.state))) == {"queued"}
    assert run(twilio_app, AT + timedelta(hours=1)) == {"accepted": 5}


def test_a_message_whose_time_has_passed_is_not_sent(twilio_app: Flask, provider: Provider) -> None:
    queue()
    assert run(twilio_app, AT + timedelta(days=3)) == {"expired": 1}
    assert provider.calls == []


@pytest.mark.parametrize(
    ("phone", "parameters", "code"),
    [
        ("08345421234", PAID, "not_mobile"),
        ("13800000001", PAID | {"name": "看http://x.cn"}, "link"),
        ("13800000001", PAID | {"name": "513426196801017030"}, "id_number"),
    ],
)
def test_what_may_not_be_sent_is_not(
    twilio_app: Flask, provider: Provider, phone: str, parameters: dict[str, object], code: str
) -> None:
    queue_message("payment_paid", phone, parameters, subject_kind="attempt", subject_id=1, at=AT)
    queue(1, first=2)
    assert run(twilio_app) == {"suppressed": 1, "accepted": 1}
    states = db.session.execute(select(Message.state, Message.error_code).order_by(Message.id)).all()
    assert list(states) == [("suppressed", code), ("accepted", "")]


def test_codes_go_before_notices_and_reminders(twilio_app: Flask, provider: Provider) -> None:
    reminder = {"title": "核实", "due_on": "2020-07-10"}
    queue_message("deadline_reminder", "13800000009", reminder, subject_kind="case", subject_id=1, at=AT)
    queue()
    code = {"code": "482913", "minutes": 5}
    queue_message("lookup_code", "13800000008", code, subject_kind="code", subject_id=1, at=AT)
    db.session.commit()
    run(twilio_app)
    assert [call["To"][-1] for call in provider.calls] == ["8", "1", "9"]
    assert provider.calls[0]["ValidityPeriod"] == "300"


# --- crashes ---


def crash(database_url: str, instance: Path, provider: Provider, where: str) -> None:
    """A worker that is killed at this point of its first call."""
    worker = processes.start(crashing_worker.main, database_url, str(instance), provider.url, where)
    assert processes.end(worker) == -signal.SIGKILL


@pytest.mark.kill
@pytest.mark.parametrize("where", ["before_call", "after_call"])
def test_a_killed_worker_neither_loses_nor_doubles(
    twilio_app: Flask, provider: Provider, database_url: str, tmp_path: Path, where: str
) -> None:
    queue()
    db.session.remove()
    crash(database_url, tmp_path / "instance", provider, where)
    left = 1 if where == "after_call" else 0
    assert len(provider.messages) == left
    assert only().state == "sending"
    # Nobody touches it while the lease runs; afterwards nobody knows, and no machine sends it again.
    assert not run(twilio_app)
    assert run(twilio_app, LATER) == {"unknown": 1}
    assert not run(twilio_app, LATER + timedelta(days=1))
    assert (only().state, only().error_code) == ("unknown", "lease_expired")
    assert db.session.scalars(select(SendAttempt.outcome)).all() == ["unknown"]
    assert len(provider.messages) == left
    # The provider knows which of the two it was.
    assert look_up(twilio_app, LATER) == left
    assert only().state == ("accepted" if left else "unknown")


def test_a_lost_message_is_not_taken_for_another_one_of_the_same_words(twilio_app: Flask, provider: Provider) -> None:
    queue_message("payment_paid", "13800000001", PAID, subject_kind="attempt", subject_id=2, at=AT)
    db.session.commit()
    run(twilio_app)
    queue()
    provider.script = [hang]
    run_without_patience(twilio_app)
    assert look_up(twilio_app) == 0
    assert sorted(db.session.scalars(select(Message.state))) == ["accepted", "unknown"]


def test_a_message_that_left_before_the_time_out_is_found(twilio_app: Flask, provider: Provider) -> None:
    queue()
    provider.script = [taken_but(hang)]
    run_without_patience(twilio_app)
    assert only().state == "unknown"
    assert look_up(twilio_app) == 1
    assert (only().state, only().provider_id) == ("accepted", provider.messages[0]["sid"])
    assert len(provider.messages) == 1


def test_a_late_record_cannot_overwrite_what_came_after(twilio_app: Flask, provider: Provider) -> None:
    """A worker that slept through its lease: the message is unknown by then, and its record still tells the truth."""
    queue()

    def sleep_through_the_lease(call: Call) -> None:
        with twilio_app.app_context():
            db.session.execute(update(Message).values(state="unknown", lease_until=None))
            db.session.commit()
            db.engine.dispose()
        accept(call)

    provider.script = [sleep_through_the_lease]
    assert run(twilio_app) == {"accepted": 1}
    assert only().state == "accepted"


def test_two_dispatchers_at_once_send_each_message_once(
    twilio_app: Flask, provider: Provider, database_url: str, tmp_path: Path
) -> None:
    queue(80)
    db.session.remove()
    provider.latency = 0.01
    arguments = (database_url, str(tmp_path / "instance"), provider.url, "nowhere")
    workers = [processes.start(crashing_worker.main, *arguments) for _ in range(2)]
    assert [processes.end(worker) for worker in workers] == [0, 0]
    assert len({call["To"] for call in provider.calls}) == len(provider.calls) == 80
    assert db.session.scalar(select(func.count()).where(Message.state == "accepted")) == 80


def test_phones_and_texts_stay_out_of_the_log(
    twilio_app: Flask, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    queue(2)
    provider.script = [refuse(400, 21211), taken_but(reset)]
    run(twilio_app)
    logged = caplog.text
    assert "13800000001" not in logged
    assert "吉克" not in logged
    assert provider_module.TOKEN not in logged


# --- the night, and the cost of a step ---


def test_phones_are_left_in_peace_at_night_but_codes_go_at_once(twilio_app: Flask, provider: Provider) -> None:
    night = datetime(2020, 7, 6, 23, tzinfo=SHANGHAI)
    queue(at=night - timedelta(hours=3))
    code = {"code": "482913", "minutes": 5}
    queue_message("lookup_code", "13800000008", code, subject_kind="code", subject_id=1, at=night)
    db.session.commit()
    office = Office(OFFICE.signature, QuietHours(time(21), time(8)))
    used = gateway(twilio_app)
    assert dispatch(system("sms"), used, office, now=lambda: night) == {"accepted": 1}
    assert [call["To"] for call in provider.calls] == ["+8613800000008"]
    morning = night + timedelta(hours=9)
    assert dispatch(system("sms"), used, office, now=lambda: morning - timedelta(seconds=1)) == {}
    assert dispatch(system("sms"), used, office, now=lambda: morning) == {"accepted": 1}
    used.close()


def test_a_message_queued_at_night_waits_for_the_morning(twilio_app: Flask) -> None:
    settings = twilio_app.extensions["settings"]
    twilio_app.extensions["settings"] = dataclasses.replace(settings, quiet_hours=(time(21), time(8)))
    queue(at=datetime(2020, 7, 6, 23, tzinfo=SHANGHAI))
    morning = datetime(2020, 7, 7, 8, tzinfo=SHANGHAI)
    assert (only().not_before, only().expires_at) == (morning, morning + timedelta(days=3))


def test_the_sending_path_counts_no_rows(twilio_app: Flask, provider: Provider) -> None:
    queue(30)
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement.lower())

    event.listen(db.engine, "before_cursor_execute", note)
    run(twilio_app)
    event.remove(db.engine, "before_cursor_execute", note)
    assert statements
    # The claimed messages of each phone are counted, which are a few; the outbox never is.
    counted = [statement for statement in statements if "count(" in statement]
    assert all(statement.startswith("insert into phone_days") and "messages.id" in statement for statement in counted)
