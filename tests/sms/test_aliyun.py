"""Aliyun through its real client: templates and values, what each answer means, and reports that prove nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import db
from core.principal import system
from core.settings import Settings
from sms.gateways.aliyun_gateway import PERMANENT, THROTTLED, UNSURE
from sms.lookup import look_up_lost
from sms.models import GatewayHealth, Message, SendAttempt
from sms.operations import queue_message
from sms.polling import poll_unreported
from sms.rules import POLL_AFTER, POLL_EVERY, UNCONFIRMED_AFTER
from tests.conftest import settings_for
from tests.factories import AT
from tests.processes import free_port
from tests.sms.aliyun_provider import (
    CALLBACK_SECRET,
    AliyunProvider,
    accept,
    decline,
    deny,
    values_of,
)
from tests.sms.conftest import OFFICE, gateway, queue, run
from tests.sms.provider import reset, say, taken_but

RECEIPTS = f"/sms/aliyun/{CALLBACK_SECRET}/receipts"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def provider(aliyun: AliyunProvider) -> AliyunProvider:
    return aliyun


@pytest.fixture
def app(aliyun_app: Flask) -> Flask:
    return aliyun_app


def only() -> Message:
    return db.session.scalars(select(Message)).one()


def detail() -> str:
    return db.session.scalars(select(SendAttempt.detail).order_by(SendAttempt.id.desc())).first() or ""


# --- What is sent ----------------------------------------------------------------------------------


def test_it_sends_a_template_with_named_values_and_no_text(app: Flask, provider: AliyunProvider) -> None:
    queue()
    assert run(app) == {"accepted": 1}
    [call] = provider.calls
    assert (call["SignName"], call["TemplateCode"], call["PhoneNumbers"]) == ("会东一卡通", "SMS_1001", "13800000001")
    assert values_of(call) == {
        "name": "吉克阿依",
        "period": "202006",
        "programme": "困难残疾人生活补贴",
        "amount": "90",
        "card_tail": "5341",
    }
    message = only()
    assert call["OutId"] == f"{message.id}-1"
    assert (message.state, message.provider_id) == ("accepted", f"{1:018d}^0")
    assert provider.authorizations == {"ACS3-HMAC-SHA256"}


def test_a_template_that_is_not_mapped_waits_until_it_is(app: Flask, provider: AliyunProvider) -> None:
    queue_message(
        "complaint_answered", "13800000001", {"number": "T1"}, subject_kind="complaint", subject_id=1, at=AT - MINUTE
    )
    db.session.commit()
    assert run(app) == {"requeued": 1}
    assert (provider.calls, only().error_code) == ([], "no_template")
    # It stands in nobody else's way: five of these had shut the gateway for all.
    assert db.session.get_one(GatewayHealth, "aliyun").troubles == 0


# --- What each answer means ------------------------------------------------------------------------


@pytest.mark.parametrize("code", sorted(PERMANENT))
def test_what_is_refused_for_good(app: Flask, provider: AliyunProvider, code: str) -> None:
    provider.script.append(decline(code))
    queue()
    assert run(app) == {"rejected": 1}
    assert only().error_code == code


@pytest.mark.parametrize("code", sorted(THROTTLED))
def test_what_is_too_much_waits(app: Flask, provider: AliyunProvider, code: str) -> None:
    provider.script.append(decline(code))
    queue()
    assert run(app) == {"requeued": 1}
    assert run(app, AT + timedelta(hours=2)) == {"accepted": 1}


@pytest.mark.parametrize("code", ["isv.AMOUNT_NOT_ENOUGH", "isv.SMS_SIGNATURE_ILLEGAL", "isp.RAM_PERMISSION_DENY"])
def test_what_the_office_has_to_mend_waits(app: Flask, provider: AliyunProvider, code: str) -> None:
    provider.script.append(decline(code))
    queue()
    assert run(app) == {"requeued": 1}
    assert only().error_code == code


@pytest.mark.parametrize("code", sorted(UNSURE))
def test_an_error_in_its_own_house_leaves_the_message_unknown(app: Flask, provider: AliyunProvider, code: str) -> None:
    provider.script.append(decline(code))
    queue()
    assert run(app) == {"unknown": 1}
    assert run(app, AT + timedelta(hours=2)) == {}


def test_one_that_cannot_be_reached_has_sent_nothing(app: Flask, provider: AliyunProvider) -> None:
    settings: Settings = app.extensions["settings"]
    provider.port = free_port()
    app.extensions["settings"] = settings_for(
        settings.database_url, Path(app.instance_path), **(provider.settings() | {"YKT_ALIYUN_API_BASE": provider.url})
    )
    queue()
    assert run(app) == {"requeued": 1}
    assert detail() == "no_connection"


def test_nothing_of_it_is_logged(app: Flask, provider: AliyunProvider, caplog: pytest.LogCaptureFixture) -> None:
    provider.script += [decline("isv.MOBILE_NUMBER_ILLEGAL"), deny(403, "Forbidden"), say(200, "13800000003")]
    queue(3)
    with caplog.at_level(0):
        run(app)
    for told in ("1380000000", "吉克阿依", "a secret of the tests"):
        assert told not in caplog.text


# --- Asking ----------------------------------------------------------------------------------------


def test_a_lost_one_is_found_by_phone_day_and_our_own_number(app: Flask, provider: AliyunProvider) -> None:
    provider.script.append(taken_but(reset))
    queue()
    run(app)
    provider.statuses[f"{only().id}-1"] = 3
    assert look_up_lost(system("sms"), gateway(app), OFFICE, now=lambda: AT + MINUTE) == 1
    db.session.expire_all()
    assert only().state == "delivered"


def test_one_that_never_left_stays_for_a_person(app: Flask, provider: AliyunProvider) -> None:
    provider.script.append(deny(500, "InternalError"))
    queue()
    run(app)
    assert look_up_lost(system("sms"), gateway(app), OFFICE, now=lambda: AT + MINUTE) == 0
    assert only().state == "unknown"


def poll(app: Flask, at: Any) -> int:
    found = poll_unreported(system("sms"), gateway(app), now=lambda: at)
    db.session.expire_all()
    return found


def test_what_nobody_reports_on_is_asked_for(app: Flask, provider: AliyunProvider) -> None:
    queue(2)
    run(app)
    one, two = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert poll(app, AT + POLL_AFTER - MINUTE) == 0
    provider.statuses[f"{one.id}-1"] = 2
    assert poll(app, AT + POLL_AFTER) == 1
    assert (one.state, one.error_code, two.state) == ("undelivered", "MK:0001", "accepted")
    provider.statuses[f"{two.id}-1"] = 3
    assert poll(app, AT + POLL_AFTER + MINUTE) == 0
    assert poll(app, AT + POLL_AFTER + POLL_EVERY) == 1
    assert two.state == "delivered"


def test_after_three_days_it_is_unconfirmed_and_a_late_report_still_counts(
    app: Flask, provider: AliyunProvider
) -> None:
    queue()
    run(app)
    assert poll(app, AT + UNCONFIRMED_AFTER) == 0
    assert only().state == "accepted"
    assert poll(app, AT + UNCONFIRMED_AFTER + POLL_EVERY) == 0
    message = only()
    assert (message.state, message.finished_at) == ("unconfirmed", AT + UNCONFIRMED_AFTER + POLL_EVERY)


# --- Reports ---------------------------------------------------------------------------------------


def report(message: Message, *, success: bool = True) -> dict[str, Any]:
    return {
        "phone_number": "13800000001",
        "send_time": "2020-07-06 10:00:00",
        "report_time": "2020-07-06 10:00:03",
        "success": success,
        "err_code": "DELIVERED" if success else "MK:0001",
        "err_msg": "",
        "sms_size": "1",
        "biz_id": message.provider_id,
        "out_id": f"{message.id}-1",
    }


def test_a_report_is_a_hint_and_what_the_provider_says_when_asked_counts(app: Flask, provider: AliyunProvider) -> None:
    """It signs nothing: whoever learns the address could have everybody believe that the message arrived."""
    queue()
    run(app)
    asked: list[str] = []
    app.extensions["wakers"]["sms_look_up"] = lambda: asked.append("now")
    answer = app.test_client().post(RECEIPTS, json=[report(only())])
    assert (answer.status_code, answer.get_json()["code"]) == (200, 0)
    db.session.expire_all()
    assert (only().state, asked) == ("accepted", ["now"])
    provider.statuses[f"{only().id}-1"] = 2
    assert poll(app, only().poll_at) == 1
    assert only().state == "undelivered"


def test_repeated_early_and_unknown_reports_are_acknowledged_and_change_nothing(app: Flask) -> None:
    queue()
    early = report(only()) | {"biz_id": "000000000000000001^0"}
    client = app.test_client()
    assert client.post(RECEIPTS, json=[early]).status_code == 200
    run(app)
    db.session.commit()
    for _ in range(2):
        assert client.post(RECEIPTS, json=[report(only()), report(only()) | {"biz_id": "9^9"}]).status_code == 200
    db.session.expire_all()
    assert only().state == "accepted"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1]", b'[{"success": "yes", "biz_id": "1"}]', b'[{"success": true}]', b"\xff\xfe"]
)
def test_what_cannot_be_read_is_refused(app: Flask, body: bytes) -> None:
    assert app.test_client().post(RECEIPTS, data=body, content_type="application/json").status_code == 400


def test_whoever_does_not_know_the_secret_address_is_nobody(app: Flask) -> None:
    queue()
    run(app)
    client = app.test_client()
    for path in ("/sms/aliyun/receipts", "/sms/aliyun/wrong/receipts", f"{RECEIPTS[:-10]}x/receipts"):
        assert client.post(path, json=[report(only())]).status_code == 403
    assert client.post("/sms/twilio/receipts", json=[]).status_code == 404


def test_it_calls_from_its_networks_alone_where_they_are_named(app: Flask, provider: AliyunProvider) -> None:
    settings: Settings = app.extensions["settings"]
    named = provider.settings() | {"YKT_ALIYUN_CALLBACK_NETWORKS": "203.0.113.0/24"}
    app.extensions["settings"] = settings_for(settings.database_url, Path(app.instance_path), **named)
    client = app.test_client()
    assert client.post(RECEIPTS, json=[]).status_code == 403
    assert client.post(RECEIPTS, json=[], environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200


def test_the_health_of_the_gateway_is_kept(app: Flask, provider: AliyunProvider) -> None:
    provider.script += [decline("isv.AMOUNT_NOT_ENOUGH"), accept]
    queue()
    run(app)
    health = db.session.get_one(GatewayHealth, "aliyun")
    assert (health.troubles, health.last_error) == (1, "isv.AMOUNT_NOT_ENOUGH")
    run(app, AT + timedelta(hours=1))
    assert (health.troubles, health.last_error) == (0, "")
