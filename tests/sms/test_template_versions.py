"""A wording is written by one person and approved by another; what leaves is the version in use, as each provider knows
it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core import audit
from core.board import items_for
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role, system
from sms import template_operations as operations
from sms.dispatch import dispatch
from sms.gateways.aliyun_gateway import AliyunGateway
from sms.models import Message, TemplateVersion
from sms.outbox import Office
from sms.wordings import load_wordings
from tests import factories
from tests.conftest import settings_for
from tests.factories import AT
from tests.signing import sign_in
from tests.sms.aliyun_provider import AliyunProvider, running_aliyun, values_of
from tests.sms.conftest import OFFICE, gateway, queue
from tests.sms.provider import Provider

TEXT = "{name}您好，{programme}{amount}元已到账，请查收。"
SHORT = "{name}：{programme}{amount}元到账。"
SIGNATURE = "会东一卡通"


def finance(role: Role) -> Principal:
    return factories.principal(OrganisationKind.FINANCE, role)


@pytest.fixture
def writer(twilio_app: Flask) -> Principal:
    return finance(Role.PREPARER)


@pytest.fixture
def approver(twilio_app: Flask) -> Principal:
    return finance(Role.APPROVER)


def written(writer: Principal, text: str = TEXT, english: str = "") -> TemplateVersion:
    return operations.write_version(writer, "payment_paid", chinese=text, english=english, signature=SIGNATURE, at=AT)


def step(
    principal: Principal, version: TemplateVersion, action: str, *gateways: str, reason: str = ""
) -> TemplateVersion:
    return operations.move_version(
        principal, version.template, version.number, action, gateways=gateways, at=AT, reason=reason
    )


def in_use(writer: Principal, approver: Principal, text: str = TEXT) -> TemplateVersion:
    version = written(writer, text)
    step(writer, version, "submit")
    return step(approver, version, "approve")


def sent_text(app: Flask, provider: Provider) -> str:
    used = gateway(app)
    try:
        office = Office(OFFICE.signature, None, wordings=load_wordings())
        dispatch(system("sms"), used, office, now=lambda: AT)
    finally:
        used.close()
    db.session.expire_all()
    return provider.calls[-1]["Body"]


def test_what_leaves_is_the_version_in_use(
    twilio_app: Flask, provider: Provider, writer: Principal, approver: Principal
) -> None:
    queue(1)
    first = in_use(writer, approver)
    assert sent_text(twilio_app, provider) == "【会东一卡通】吉克阿依您好，困难残疾人生活补贴90元已到账，请查收。"
    queue(1, first=2)
    second = in_use(writer, approver, SHORT)
    assert sent_text(twilio_app, provider) == "【会东一卡通】吉克阿依：困难残疾人生活补贴90元到账。"
    assert (first.state, second.state) == ("retired", "in_use")
    assert [one.template_version for one in db.session.scalars(select(Message).order_by(Message.id))] == [1, 2]


def test_a_draft_changes_nothing_that_leaves(twilio_app: Flask, provider: Provider, writer: Principal) -> None:
    queue(1)
    step(writer, written(writer), "submit")
    assert "已发放到尾号为5341" in sent_text(twilio_app, provider)


def test_nobody_approves_what_he_handed_in(twilio_app: Flask) -> None:
    both = factories.principal(OrganisationKind.FINANCE, Role.PREPARER, Role.APPROVER)
    version = step(both, written(both), "submit")
    with pytest.raises(PermissionDenied):
        step(both, version, "approve")


def test_who_may_not_may_not(twilio_app: Flask, writer: Principal, approver: Principal) -> None:
    township = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, Role.APPROVER)
    bank = factories.principal(OrganisationKind.BANK, Role.PREPARER)
    for somebody in (township, approver):
        with pytest.raises(PermissionDenied):
            written(somebody)
    version = step(writer, written(writer), "submit")
    for somebody in (township, writer):
        with pytest.raises(PermissionDenied):
            step(somebody, version, "approve")
    with pytest.raises(PermissionDenied):
        operations.visible_template(bank, "payment_paid")
    with pytest.raises(NotVisible):
        operations.visible_template(writer, "no_such")


def test_a_version_goes_back_and_forth(twilio_app: Flask, writer: Principal, approver: Principal) -> None:
    version = written(writer)
    step(writer, version, "submit")
    step(writer, version, "withdraw")
    step(writer, version, "submit")
    with pytest.raises(UserError, match="理由"):
        step(approver, version, "send_back")
    step(approver, version, "send_back", reason="写上期次")
    operations.change_version(writer, "payment_paid", 1, chinese=SHORT, english="", signature=SIGNATURE, at=AT)
    step(writer, version, "submit")
    with pytest.raises(Conflict):
        operations.change_version(writer, "payment_paid", 1, chinese=TEXT, english="", signature=SIGNATURE, at=AT)
    step(approver, version, "approve")
    step(approver, version, "retire", reason="恢复原来的文字")
    assert load_wordings().in_use == {}
    with pytest.raises(Conflict):
        step(writer, version, "submit")
    assert set(db.session.scalars(select(audit.AuditEntry.action))) >= {
        "sms.write_template", "sms.change_template", "sms.template_submit", "sms.template_approve",
        "sms.template_send_back", "sms.template_retire", "sms.template_withdraw",
    }  # fmt: skip


def test_what_a_provider_has_not_approved_is_not_approved_here(
    twilio_app: Flask, writer: Principal, approver: Principal
) -> None:
    version = written(writer)
    with pytest.raises(UserError, match="报备"):
        step(writer, version, "submit", "aliyun")
    operations.register(writer, "payment_paid", 1, "aliyun", code="SMS_2001", places="", at=AT)
    step(writer, version, "submit", "aliyun")
    with pytest.raises(Conflict):
        operations.register(writer, "payment_paid", 1, "aliyun", code="SMS_2002", places="", at=AT)
    with pytest.raises(Conflict):
        operations.forget_registration(writer, "payment_paid", 1, "aliyun", at=AT)
    step(approver, version, "approve", "aliyun")


@pytest.mark.parametrize(("code", "places"), [("", ""), ("SMS 1", ""), ("SMS_1", "name"), ("SMS_1", "name, x, amount")])
def test_a_wrong_registration_is_refused(twilio_app: Flask, writer: Principal, code: str, places: str) -> None:
    written(writer)
    with pytest.raises(UserError):
        operations.register(writer, "payment_paid", 1, "aliyun", code=code, places=places, at=AT)
    with pytest.raises(NotVisible):
        operations.register(writer, "payment_paid", 1, "twilio", code="SMS_1", places="", at=AT)


def test_a_changed_draft_forgets_places_that_no_longer_fit(twilio_app: Flask, writer: Principal) -> None:
    version = written(writer)
    operations.register(writer, "payment_paid", 1, "aliyun", code="SMS_1", places="name, programme, amount", at=AT)
    operations.change_version(
        writer, "payment_paid", 1, chinese=TEXT + "{period}", english="", signature=SIGNATURE, at=AT
    )
    with pytest.raises(UserError, match="报备"):
        step(writer, version, "submit", "aliyun")


@pytest.fixture
def provider_of_aliyun() -> Iterator[AliyunProvider]:
    with running_aliyun() as running:
        yield running


def test_a_template_only_provider_gets_its_code_and_its_names(
    twilio_app: Flask, provider_of_aliyun: AliyunProvider, writer: Principal, approver: Principal
) -> None:
    version = written(writer)
    operations.register(
        writer, "payment_paid", 1, "aliyun", code="SMS_2001", places="amount=money, name, programme=item", at=AT
    )
    step(writer, version, "submit", "aliyun")
    step(approver, version, "approve", "aliyun")
    queue(1)
    assert _by_aliyun(twilio_app, provider_of_aliyun) == {"accepted": 1}
    call = provider_of_aliyun.calls[-1]
    assert values_of(call) == {"money": "90", "name": "吉克阿依", "item": "困难残疾人生活补贴"}
    assert list(values_of(call)) == ["money", "name", "item"], "in the provider's order"
    assert call["TemplateCode"] == "SMS_2001"


def test_a_code_of_the_settings_stands_for_the_built_in_wording_alone(
    twilio_app: Flask, provider_of_aliyun: AliyunProvider, writer: Principal, approver: Principal
) -> None:
    in_use(writer, approver)
    queue(1)
    assert _by_aliyun(twilio_app, provider_of_aliyun) == {"requeued": 1}
    assert provider_of_aliyun.calls == []
    assert db.session.scalars(select(Message.error_code)).one() == "no_template"


def _by_aliyun(app: Flask, provider: AliyunProvider) -> dict[str, int]:
    settings = settings_for(str(app.config["SQLALCHEMY_DATABASE_URI"]), Path(app.instance_path), **provider.settings())
    office = Office(OFFICE.signature, None, wordings=load_wordings())
    counts = dispatch(system("sms"), AliyunGateway(settings), office, now=lambda: AT)
    db.session.expire_all()
    return dict(counts)


# The pages.


def enter(app: Flask, person: Official) -> FlaskClient:
    for remembered in ("_login_user", "principal", "organisation_name"):
        g.pop(remembered, None)
    return sign_in(app.test_client(), person)


def test_from_the_first_word_to_the_phone(twilio_app: Flask, provider: Provider) -> None:
    preparer = factories.official(OrganisationKind.FINANCE, Role.PREPARER)
    approver = factories.official(OrganisationKind.FINANCE, Role.APPROVER)
    client = enter(twilio_app, preparer)
    assert "系统自带" in client.get("/staff/sms/templates").text
    assert "另写一版" in client.get("/staff/sms/templates/payment_paid/0").text
    wrong = client.post("/staff/sms/templates/payment_paid/new", data={"chinese": "{name}{x}", "english": ""}).text
    assert "没有“{x}”这个变量" in wrong
    assert "缺少必须有的变量“{amount}”" in wrong
    looked = client.post("/staff/sms/templates/payment_paid/new", data={"chinese": TEXT, "preview": "1"}).text
    assert "吉克阿依您好，困难残疾人生活补贴90元已到账" in looked
    assert db.session.scalars(select(TemplateVersion)).all() == []
    saved = client.post("/staff/sms/templates/payment_paid/new", data={"chinese": TEXT})
    assert saved.location == "/staff/sms/templates/payment_paid/1"
    move = "/staff/sms/templates/payment_paid/1/move"
    assert "等另一位同事审批" in client.post(move, data={"action": "submit"}, follow_redirects=True).text
    boss = enter(twilio_app, approver)
    with twilio_app.test_request_context("/staff/"):
        titles = [item.title for item in items_for(factories.principal_for(approver), local_date(AT))]
    assert [title for title in titles if "到账通知" in title and "等待审批" in title]
    assert "从现在起按这一版发送" in boss.post(move, data={"action": "approve"}, follow_redirects=True).text
    assert boss.post(move, data={"action": "burn"}).status_code == 400
    queue(1)
    assert sent_text(twilio_app, provider).endswith("困难残疾人生活补贴90元已到账，请查收。")
    message = db.session.scalars(select(Message)).one()
    assert "90元已到账，请查收" in boss.get(f"/staff/sms/messages/{message.id}").text


def test_the_story_of_a_message_keeps_the_words_that_left(
    twilio_app: Flask, provider: Provider, writer: Principal, approver: Principal
) -> None:
    queue(1)
    in_use(writer, approver)
    sent_text(twilio_app, provider)
    in_use(writer, approver, SHORT)
    db.session.commit()
    message = db.session.scalars(select(Message)).one()
    client = enter(twilio_app, factories.official(OrganisationKind.FINANCE, Role.VIEWER))
    assert "90元已到账，请查收" in client.get(f"/staff/sms/messages/{message.id}").text
    assert client.get("/staff/sms/templates/payment_paid/new").status_code == 403
    assert client.get("/staff/sms/templates/payment_paid/9").status_code == 404
