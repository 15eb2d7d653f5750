"""What officials see and decide, and what they do not."""

import dataclasses
import re
from datetime import timedelta

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core import audit, clock
from core.board import items_for
from core.database import db
from core.errors import NotVisible
from core.principal import OrganisationKind, Role
from core.workflow import history
from sms import handset, tasks
from sms.decisions import decide_unknown
from sms.models import InboundMessage, Message
from sms.operations import queue_message
from sms.rules import SMS_WORKFLOW
from tests import factories
from tests.factories import AT
from tests.signing import sign_in
from tests.sms.conftest import PAID, queue, run, run_without_patience
from tests.sms.provider import Provider, hang

TOWNSHIP = "513426103000"
OTHER_TOWNSHIP = "513426104000"
FINANCE = (OrganisationKind.FINANCE, Role.PREPARER)


def enter(app: Flask, person: Official | None) -> FlaskClient:
    """A browser in which this official is signed in. The context that the tests keep open remembers the last one."""
    for remembered in ("_login_user", "principal", "organisation_name"):
        g.pop(remembered, None)
    return sign_in(app.test_client(), person) if person else app.test_client()


def finance() -> Official:
    return factories.official(*FINANCE)


def lost(app: Flask, provider: Provider) -> Message:
    queue()
    provider.script = [hang]
    run_without_patience(app)
    return db.session.scalars(select(Message)).one()


def test_the_list_shows_messages_with_masked_phones(twilio_app: Flask, client_of_finance: FlaskClient) -> None:
    queue(3)
    run(twilio_app)
    page = client_of_finance.get("/staff/sms/")
    assert page.status_code == 200
    assert "138****0001" in page.text
    assert "13800000001" not in page.text
    assert page.text.count("运营商已接收") >= 3
    assert "138****" not in client_of_finance.get("/staff/sms/?state=rejected").text


@pytest.fixture
def client_of_finance(twilio_app: Flask) -> FlaskClient:
    return enter(twilio_app, finance())


def test_a_search_by_phone_keeps_the_phone_out_of_the_address(
    twilio_app: Flask, client_of_finance: FlaskClient
) -> None:
    queue(3)
    answer = client_of_finance.post("/staff/sms/", data={"q": "138 0000 0002"})
    assert answer.status_code == 303
    assert "0002" not in answer.location
    found = client_of_finance.get(answer.location).text
    assert "138****0002" in found
    assert "138****0001" not in found


def test_the_list_is_exported_with_masked_phones(twilio_app: Flask, client_of_finance: FlaskClient) -> None:
    queue(2)
    answer = client_of_finance.post("/staff/sms/", data={"export": "csv"})
    assert "138****0001" in answer.text
    assert "13800000001" not in answer.text


def test_a_township_sees_its_own_messages_only(twilio_app: Flask) -> None:
    queue()
    message = db.session.scalars(select(Message)).one()
    own = enter(twilio_app, township(TOWNSHIP))
    assert "138****0001" in own.get("/staff/sms/").text
    assert own.get(f"/staff/sms/messages/{message.id}").status_code == 200
    other = enter(twilio_app, township(OTHER_TOWNSHIP))
    assert "138****0001" not in other.get("/staff/sms/").text
    assert other.get(f"/staff/sms/messages/{message.id}").status_code == 404


def township(region_code: str) -> Official:
    return factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=region_code)


def test_who_holds_no_right_sees_no_list(twilio_app: Flask) -> None:
    bank = enter(twilio_app, factories.official(OrganisationKind.BANK, Role.PREPARER))
    assert bank.get("/staff/sms/").status_code == 403
    assert bank.get("/staff/sms/unknown").status_code == 403
    stranger = enter(twilio_app, None)
    for path in ("/staff/sms/", "/staff/sms/unknown", "/staff/sms/messages/1", "/staff/sms/handset"):
        assert stranger.get(path).status_code == 302


def test_that_somebody_complained_is_for_the_discipline_commission_only(twilio_app: Flask) -> None:
    queue_message(
        "complaint_answered", "13800000001", {"number": "T2020-8841"}, subject_kind="entry", subject_id=1, at=AT
    )
    db.session.commit()
    message = db.session.scalars(select(Message)).one()
    finance_client = enter(twilio_app, finance())
    assert "138****" not in finance_client.get("/staff/sms/").text
    assert finance_client.get(f"/staff/sms/messages/{message.id}").status_code == 404
    found = finance_client.post("/staff/sms/", data={"q": "13800000001"}, follow_redirects=True)
    assert "138****" not in found.text
    discipline = factories.official(OrganisationKind.DISCIPLINE, Role.COMPLAINT_HANDLER)
    assert "138****0001" in enter(twilio_app, discipline).get("/staff/sms/").text


def test_the_story_of_a_message_is_told(twilio_app: Flask, client_of_finance: FlaskClient) -> None:
    queue()
    run(twilio_app)
    message = db.session.scalars(select(Message)).one()
    page = client_of_finance.get(f"/staff/sms/messages/{message.id}").text
    assert "尾号为5341" in page
    assert "发送经过" in page
    assert str(message.provider_id) in page


# --- unknown ---


def test_a_lost_message_waits_on_the_board_and_its_page_says_the_risk(
    twilio_app: Flask, provider: Provider, client_of_finance: FlaskClient
) -> None:
    lost(twilio_app, provider)
    with twilio_app.test_request_context():
        items = items_for(factories.principal(*FINANCE), AT.date())
        assert [item.url for item in items if item.room == "sms"] == ["/staff/sms/unknown"]
    page = client_of_finance.get("/staff/sms/unknown").text
    assert "两条相同的短信" in page
    assert "138****0001" in page


@pytest.mark.parametrize(
    ("decision", "state"), [("resend", "queued"), ("confirm", "delivered"), ("give_up", "undelivered")]
)
def test_a_person_decides_about_a_lost_message(
    twilio_app: Flask, provider: Provider, client_of_finance: FlaskClient, decision: str, state: str
) -> None:
    message = lost(twilio_app, provider)
    path = f"/staff/sms/messages/{message.id}/decide"
    client_of_finance.post(path, data={"decision": decision, "reason": ""})
    client_of_finance.post(path, data={"decision": "accept", "reason": "试试"})
    db.session.expire_all()
    assert message.state == "unknown"
    client_of_finance.post(path, data={"decision": decision, "reason": "已电话核实"})
    db.session.expire_all()
    assert message.state == state
    steps = [(step.action, step.reason) for step in history(SMS_WORKFLOW, message.id)]
    assert steps == [(decision, "已电话核实")]
    actions = db.session.scalars(select(audit.AuditEntry.action)).all()
    assert actions.count(f"sms.{decision}") == 1
    again = client_of_finance.post(path, data={"decision": decision, "reason": "再来"}, follow_redirects=True)
    assert "状态已经变化" in again.text


def test_what_a_person_resends_leaves_once_more(twilio_app: Flask, provider: Provider) -> None:
    message = lost(twilio_app, provider)
    later = AT + timedelta(days=30)
    decide_unknown(factories.principal(*FINANCE), message.id, "resend", "本人没有收到", at=later)
    db.session.commit()
    assert run(twilio_app, later) == {"accepted": 1}
    assert (message.state, message.attempts, len(provider.messages)) == ("accepted", 2, 1)


def test_a_lost_code_is_not_resent_and_not_left_for_a_person(twilio_app: Flask, provider: Provider) -> None:
    queue_message(
        "lookup_code", "13800000001", {"code": "482913", "minutes": 5}, subject_kind="code", subject_id=1, at=AT
    )
    db.session.commit()
    waiting = enter(twilio_app, finance()).get(f"/staff/sms/messages/{db.session.scalars(select(Message.id)).one()}")
    assert waiting.status_code == 200
    assert "482913" not in waiting.text, "it waits, and is its receiver's alone"
    provider.script = [hang]
    run_without_patience(twilio_app)
    message = db.session.scalars(select(Message)).one()
    assert (message.state, message.parameters) == ("unknown", {})
    client = enter(twilio_app, finance())
    assert "482913" not in client.get(f"/staff/sms/messages/{message.id}").text
    client.post(f"/staff/sms/messages/{message.id}/decide", data={"decision": "resend", "reason": "重发"})
    db.session.expire_all()
    assert message.state == "unknown"
    tasks.look_up(clock.utc_now())
    db.session.commit()
    assert (message.state, message.error_code) == ("undelivered", "overtaken")


def test_another_township_decides_nothing(twilio_app: Flask, provider: Provider) -> None:
    message = lost(twilio_app, provider)
    client = enter(twilio_app, township(TOWNSHIP))
    client.post(f"/staff/sms/messages/{message.id}/decide", data={"decision": "give_up", "reason": "x"})
    assert client.post(f"/staff/sms/messages/{message.id}/ask-provider").status_code == 403
    db.session.expire_all()
    assert message.state == "unknown"


def test_an_official_has_the_provider_asked(twilio_app: Flask, provider: Provider) -> None:
    message = lost(twilio_app, provider)
    message.looked_up_at = AT
    db.session.commit()
    client = enter(twilio_app, finance())
    assert client.post(f"/staff/sms/messages/{message.id}/ask-provider").status_code == 302
    db.session.expire_all()
    assert message.looked_up_at is None


# --- the handset ---


@pytest.fixture
def handset_client(app: Flask) -> FlaskClient:
    person = finance()
    for number, phone in enumerate(("13800000001", "13800000001", "13900000002")):
        queue_message(
            "payment_paid", phone, PAID | {"name": f"阿依{number}"}, subject_kind="attempt", subject_id=number,
            at=clock.utc_now() - timedelta(seconds=1),
        )  # fmt: skip
    db.session.commit()
    return enter(app, person)


def test_the_handset_shows_what_arrived(handset_client: FlaskClient) -> None:
    page = handset_client.get("/staff/sms/handset").text
    assert "139****0002" in page
    answer = handset_client.post("/staff/sms/handset", data={"phone": "+86 138 0000 0001"})
    assert answer.status_code == 302
    assert "13800000001" not in answer.location
    shown = handset_client.get(answer.location).text
    assert "阿依0您好" in shown
    assert "阿依1您好" in shown
    assert "13800000001" not in shown


@pytest.mark.parametrize("phone", ["13700000000", "不是号码", ""])
def test_a_handset_without_messages_is_said_to_have_none(handset_client: FlaskClient, phone: str) -> None:
    answer = handset_client.post("/staff/sms/handset", data={"phone": phone}, follow_redirects=True)
    assert answer.status_code == 200
    assert "还没有收到过短信" in answer.text or "请输入手机号" in answer.text


def written_on(client: FlaskClient, text: str, name: str = "") -> str:
    """The handset after this text was sent from the phone that is shown first."""
    page = client.get("/staff/sms/handset").text
    action = re.findall(r'action="(/staff/sms/handset/[0-9]+/write)"', page)[0]
    name = name or re.findall(r'name="form_name" value="([^"]+)"', page)[0]
    return client.post(action, data={"text": text, "form_name": name}, follow_redirects=True).text


def test_a_text_from_the_handset_is_answered_as_from_any_phone(handset_client: FlaskClient) -> None:
    shown = written_on(handset_client, "查询")
    assert "查询" in shown
    assert "这个手机号没有登记" in shown
    assert shown.index("这个手机号没有登记") < shown.index('<span class="visually-hidden">发出：'), "newest first"
    assert "可回复" in written_on(handset_client, "你们几点上班")
    assert "已退订到账通知" in written_on(handset_client, "退订")
    assert "请先写短信" in written_on(handset_client, "  ")


def test_a_text_that_is_sent_twice_counts_once(handset_client: FlaskClient) -> None:
    name = re.findall(r'name="form_name" value="([^"]+)"', handset_client.get("/staff/sms/handset").text)[0]
    for _ in range(2):
        written_on(handset_client, "投诉 六月的低保没有到账", name)
    assert len(db.session.scalars(select(InboundMessage)).all()) == 1


def test_nobody_writes_from_a_handset_where_messages_really_leave(
    twilio_app: Flask, client_of_finance: FlaskClient
) -> None:
    assert client_of_finance.post("/staff/sms/handset/1/write", data={"text": "查询"}).status_code == 404


def test_there_is_no_handset_where_messages_really_leave(twilio_app: Flask, client_of_finance: FlaskClient) -> None:
    assert client_of_finance.get("/staff/sms/handset").status_code == 404
    assert "模拟手机" not in client_of_finance.get("/staff/sms/").text


def test_there_is_no_handset_in_production(handset_client: FlaskClient, app: Flask) -> None:
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], environment="production")
    assert not handset.handset_is_open()
    with pytest.raises(NotVisible):
        handset.recent_phones(factories.principal(*FINANCE))


# --- the command ---


def test_the_command_says_what_it_sent(app: Flask) -> None:
    app.extensions["wakers"]["sms"] = lambda: None
    queue(2, at=clock.utc_now() - timedelta(seconds=1))
    result = app.test_cli_runner().invoke(args=["sms", "dispatch", "--json"])
    assert result.output.strip() == (
        '{"accepted": 2, "rejected": 0, "requeued": 0, "unknown": 0, "suppressed": 0, "expired": 0}'
    )
    assert "已提交运营商 0 条" in app.test_cli_runner().invoke(args=["sms", "dispatch"]).output
