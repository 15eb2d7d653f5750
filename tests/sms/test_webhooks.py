"""What the provider reports, and what only claims to be the provider."""

import itertools
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from core.database import db
from core.principal import system
from sms import inbound as inbound_module
from sms import receipts
from sms.dispatch import dispatch
from sms.inbound import Said, inbound_word
from sms.models import InboundMessage, Message, Receipt
from tests.factories import AT
from tests.sms.conftest import OFFICE, gateway, queue, run, run_without_patience
from tests.sms.provider import TOKEN, Call, Provider, accept, hang, taken_but

PUBLIC = "https://ykt.example.gov.cn"


def post(
    app: Flask, path: str, form: dict[str, str], *, token: str = TOKEN, signature: str | None = None, **options: object
) -> TestResponse:
    """A call as the provider makes it: signed for the public address, arriving behind a proxy at another one."""
    signature = RequestValidator(token).compute_signature(PUBLIC + path, form) if signature is None else signature
    client: FlaskClient = app.test_client()
    return client.post(path, data=form, headers={"X-Twilio-Signature": signature}, **options)


def report(app: Flask, message: Message, status: str, attempt: str = "", error: str = "") -> int:
    form = {"MessageSid": message.provider_id or "SMunknown", "MessageStatus": status, "ErrorCode": error}
    code = post(app, f"/sms/twilio/receipts?attempt={attempt or f'{message.id}-1'}", form).status_code
    db.session.expire_all()
    return code


def sent(app: Flask) -> Message:
    queue()
    run(app)
    return db.session.scalars(select(Message)).one()


def outcomes() -> list[str]:
    return list(db.session.scalars(select(Receipt.outcome).order_by(Receipt.id)))


def test_receipts_lead_a_message_to_its_end(twilio_app: Flask) -> None:
    message = sent(twilio_app)
    for status, state in (("queued", "accepted"), ("sent", "accepted"), ("delivered", "delivered")):
        assert report(twilio_app, message, status) == 204
        assert message.state == state
    assert outcomes() == ["applied"] * 3
    assert message.finished_at is not None


def test_a_failure_is_kept_with_its_code(twilio_app: Flask) -> None:
    message = sent(twilio_app)
    report(twilio_app, message, "undelivered", error="30005")
    assert (message.state, message.error_code) == ("undelivered", "30005")


def test_a_forged_receipt_changes_nothing(twilio_app: Flask) -> None:
    message = sent(twilio_app)
    form = {"MessageSid": message.provider_id or "", "MessageStatus": "delivered"}
    path = f"/sms/twilio/receipts?attempt={message.id}-1"
    good = RequestValidator(TOKEN).compute_signature(PUBLIC + path, form)
    tries = [
        {"token": "another key"},
        {"signature": ""},
        {"signature": "签名"},
        {"signature": good[:-4] + "AAA="},
        {"signature": RequestValidator(TOKEN).compute_signature("http://localhost" + path, form)},
        {"signature": RequestValidator(TOKEN).compute_signature(PUBLIC + path, form | {"MessageStatus": "sent"})},
        {"signature": RequestValidator(TOKEN).compute_signature(PUBLIC + "/sms/twilio/receipts", form)},
    ]
    for forgery in tries:
        assert post(twilio_app, path, form, **forgery).status_code == 403
    db.session.expire_all()
    assert message.state == "accepted"
    assert outcomes() == []
    assert post(twilio_app, path, form, signature=good).status_code == 204


def test_a_forged_host_does_not_help(twilio_app: Flask) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    signature = RequestValidator(TOKEN).compute_signature("http://evil.example/sms/twilio/receipts", form)
    answer = twilio_app.test_client().post(
        "/sms/twilio/receipts",
        data=form,
        headers={"X-Twilio-Signature": signature, "Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert answer.status_code == 403


def test_the_provider_may_sign_with_the_default_port(twilio_app: Flask) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}:443/sms/twilio/receipts", form)
    assert post(twilio_app, "/sms/twilio/receipts", form, signature=signature).status_code == 204


def test_a_replayed_receipt_changes_nothing(twilio_app: Flask) -> None:
    message = sent(twilio_app)
    for _ in range(3):
        assert report(twilio_app, message, "sent") == 204
        assert report(twilio_app, message, "delivered") == 204
    assert (message.state, outcomes()) == ("delivered", ["applied", "applied"])


ORDERS = list(itertools.permutations(["queued", "sent", "delivered"]))


@pytest.mark.parametrize("order", ORDERS, ids=["-".join(order) for order in ORDERS])
def test_receipts_in_any_order_lead_to_the_same_end(twilio_app: Flask, order: tuple[str, ...]) -> None:
    message = sent(twilio_app)
    for status in order:
        report(twilio_app, message, status)
    assert message.state == "delivered"
    late = order[order.index("delivered") + 1 :]
    assert outcomes().count("late") == len(late)


def test_a_contradiction_overwrites_nothing_and_is_kept(twilio_app: Flask) -> None:
    message = sent(twilio_app)
    report(twilio_app, message, "delivered")
    report(twilio_app, message, "undelivered", error="30008")
    assert (message.state, message.error_code) == ("delivered", "")
    assert outcomes() == ["applied", "contradicts"]


def test_a_receipt_that_overtakes_our_own_record_is_applied_with_it(twilio_app: Flask, provider: Provider) -> None:
    queue()
    seen: list[str] = []

    def report_at_once(call: Call) -> None:
        message = call.provider.take(call.form)
        form = {"MessageSid": message["sid"], "MessageStatus": "delivered"}
        path = call.form["StatusCallback"].removeprefix(PUBLIC)
        seen.append(str(post(twilio_app, path, form).status_code))
        call.answer(201, message)

    provider.script = [report_at_once]
    assert run(twilio_app) == {"accepted": 1}
    assert seen == ["204"]
    assert db.session.scalars(select(Message.state)).one() == "delivered"
    assert outcomes() == ["applied"]


def test_a_receipt_clears_up_what_a_time_out_left_unknown(twilio_app: Flask, provider: Provider) -> None:
    queue()
    provider.script = [taken_but(hang)]
    run_without_patience(twilio_app)
    message = db.session.scalars(select(Message)).one()
    assert message.state == "unknown"
    form = {"MessageSid": provider.messages[0]["sid"], "MessageStatus": "delivered"}
    assert post(twilio_app, f"/sms/twilio/receipts?attempt={message.id}-1", form).status_code == 204
    db.session.expire_all()
    assert (message.state, message.provider_id) == ("delivered", provider.messages[0]["sid"])


def test_a_receipt_stops_a_second_sending(twilio_app: Flask, provider: Provider) -> None:
    """The person decided to resend, and then the first attempt turns out to have arrived."""
    message = sent(twilio_app)
    message.state, message.provider_id = "queued", None
    db.session.commit()
    form = {"MessageSid": provider.messages[0]["sid"], "MessageStatus": "delivered"}
    post(twilio_app, f"/sms/twilio/receipts?attempt={message.id}-1", form)
    db.session.expire_all()
    assert (message.state, message.error_code) == ("suppressed", "already_left")
    assert not run(twilio_app)


def test_a_receipt_for_nobody_waits_and_is_laid_aside(twilio_app: Flask) -> None:
    queue()
    message = db.session.scalars(select(Message)).one()
    for attempt in ("999999-1", "nonsense", "1-99", "-", "9" * 30 + "-1", f"{message.id}-7"):
        message.provider_id = f"SM-{attempt}"
        db.session.expunge(message)
        assert report(twilio_app, message, "sent", attempt=attempt) == 204
        message = db.session.scalars(select(Message)).one()
    assert set(outcomes()) == {"early"}
    db.session.execute(db.update(Receipt).values(received_at=AT))
    receipts.apply_early(system("sms"), "twilio", at=AT + timedelta(days=2))
    db.session.commit()
    assert set(outcomes()) == {"unclaimed"}


@pytest.mark.parametrize("form", [{}, {"MessageSid": "SM1"}, {"MessageStatus": "sent"}])
def test_a_receipt_without_its_parts_is_refused(twilio_app: Flask, form: dict[str, str]) -> None:
    assert post(twilio_app, "/sms/twilio/receipts", form).status_code == 400


def test_a_huge_call_is_refused(twilio_app: Flask) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "sent", "Body": "x" * 100_000}
    assert post(twilio_app, "/sms/twilio/receipts", form).status_code == 413


def test_only_the_gateway_in_use_is_listened_to(twilio_app: Flask, app: Flask) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": "sent"}
    assert post(twilio_app, "/sms/simulated/receipts", form).status_code == 404
    assert post(app, "/sms/twilio/receipts", form).status_code == 404
    assert post(app, "/sms/simulated/receipts", form).status_code == 403
    assert twilio_app.test_client().get("/sms/twilio/receipts").status_code == 405


def test_a_webhook_needs_no_token_of_a_browser(twilio_app: Flask) -> None:
    twilio_app.config["WTF_CSRF_ENABLED"] = True
    assert post(twilio_app, "/sms/twilio/receipts", {"MessageSid": "SM1", "MessageStatus": "sent"}).status_code == 204


def test_receipts_of_a_set_are_applied_as_a_set(twilio_app: Flask, provider: Provider) -> None:
    queue(5)
    used = gateway(twilio_app)
    provider.script = [accept] * 5
    dispatch(system("sms"), used, OFFICE, now=lambda: AT)
    used.close()
    from sms.gateways.base import Report

    ids = db.session.scalars(select(Message.provider_id).order_by(Message.id)).all()
    found = [Report(str(one), "delivered", "delivered") for one in ids]
    assert receipts.record_receipts(system("sms"), "twilio", found * 2, at=AT) == {"applied": 5, "repeated": 5}
    db.session.commit()
    assert set(db.session.scalars(select(Message.state))) == {"delivered"}


# --- inbound ---


def say(app: Flask, text: str, sid: str = "SM77", sender: str = "+8613800000001", **options: str) -> TestResponse:
    form = {"MessageSid": sid, "From": sender, "To": "+15005550006", "Body": text}
    answer = post(app, "/sms/twilio/inbound", form, **options)
    db.session.expire_all()
    return answer


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[Said]:
    """A room above that has registered two words."""
    monkeypatch.setattr(inbound_module, "_words", {})
    heard: list[Said] = []

    @inbound_word("查询")
    def look_up(said: Said) -> str:
        heard.append(said)
        return "最近一笔90元"

    inbound_word("查询全部")(lambda said: "全部")
    return heard


def test_a_registered_word_is_acted_on_once(twilio_app: Flask, words: list[Said]) -> None:
    answer = say(twilio_app, " 查询 2020 ")
    assert "【会东一卡通】最近一笔90元" in answer.text
    assert answer.mimetype == "text/xml"
    assert [(said.phone, said.text) for said in words] == [("13800000001", "2020")]
    again = say(twilio_app, "查询 2020")
    assert "Message" not in again.text
    assert len(words) == 1
    assert "全部" in say(twilio_app, "查询全部", sid="SM78").text


@time_machine.travel(AT, tick=False)
def test_anything_else_gets_one_line_of_help_a_day(twilio_app: Flask, words: list[Said]) -> None:
    assert "查询" in say(twilio_app, "你好").text
    assert "Message" not in say(twilio_app, "喂？", sid="SM78").text
    assert "查询" in say(twilio_app, "你好", sid="SM79", sender="+8613800000002").text
    assert len(db.session.scalars(select(InboundMessage)).all()) == 3


def test_a_forged_inbound_message_is_not_even_kept(twilio_app: Flask, words: list[Said]) -> None:
    assert say(twilio_app, "查询", token="another key").status_code == 403
    assert db.session.scalars(select(InboundMessage)).all() == []
    assert words == []


def test_a_number_that_is_none_is_refused(twilio_app: Flask, words: list[Said]) -> None:
    assert say(twilio_app, "查询", sender="+442071838750").status_code == 400
    assert say(twilio_app, "查询", sid="").status_code == 400
