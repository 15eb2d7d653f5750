"""Whether approvals wait for the publicity is switched programme by programme, with who, when and why."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from programmes import operations, queries
from programmes.models import Programme
from tests import factories
from tests.factories import AT
from tests.signing import sign_in


@pytest.fixture
def programme(app: Flask) -> Programme:
    made = factories.programme()
    db.session.commit()
    return made


def test_a_new_programme_waits(programme: Programme) -> None:
    assert programme.waits_for_publicity


def test_who_switched_it_when_and_why_is_recorded(programme: Programme) -> None:
    finance = factories.principal(Kind.FINANCE, Role.PREPARER)
    operations.choose_publicity_wait(finance, programme.id, "救灾资金当天发放", waits=False, at=AT)
    assert not programme.waits_for_publicity
    operations.choose_publicity_wait(finance, programme.id, "救灾结束", waits=True, at=AT)
    assert programme.waits_for_publicity
    choices = queries.publicity_wait_choices(programme)
    assert [(one.waits, one.reason, one.chosen_by, one.chosen_at) for one in choices] == [
        (True, "救灾结束", finance.name, AT),
        (False, "救灾资金当天发放", finance.name, AT),
    ]
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "programmes.choose_publicity_wait").order_by(AuditEntry.id)
    ).all()
    assert [(entry.details["waits"], entry.details["reason"]) for entry in entries] == [
        (False, "救灾资金当天发放"),
        (True, "救灾结束"),
    ]


def test_it_wants_a_reason_a_change_and_the_right(programme: Programme) -> None:
    finance = factories.principal(Kind.FINANCE, Role.PREPARER)
    with pytest.raises(UserError, match="请写明理由"):
        operations.choose_publicity_wait(finance, programme.id, " ", waits=False, at=AT)
    with pytest.raises(Conflict):
        operations.choose_publicity_wait(finance, programme.id, "没有变化", waits=True, at=AT)
    department = factories.principal(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局")
    with pytest.raises(PermissionDenied):
        operations.choose_publicity_wait(department, programme.id, "我们着急", waits=False, at=AT)


def test_the_page_shows_the_switch_and_its_history(programme: Programme, client: FlaskClient) -> None:
    page = f"/staff/programmes/catalogue/{programme.id}"
    sign_in(client, factories.official(Kind.FINANCE, Role.PREPARER))
    assert "公示期满、异议都答复以后" in client.get(page).text
    sent = {"waits": "no", "reason": "救灾资金当天发放"}
    shown = client.post(f"{page}/publicity-wait", data=sent, follow_redirects=True).text
    assert "审批不再等公示期满" in shown and "救灾资金当天发放" in shown
    sign_in(client, factories.official(Kind.TOWNSHIP, Role.PREPARER))
    seen = client.get(page).text
    assert "救灾资金当天发放" in seen and "publicity-wait" not in seen
    assert client.post(f"{page}/publicity-wait", data=sent).status_code == 403


def test_a_programme_with_a_switched_wait_can_still_be_taken_back(programme: Programme) -> None:
    finance = factories.principal(Kind.FINANCE, Role.PREPARER)
    operations.choose_publicity_wait(finance, programme.id, "救灾资金当天发放", waits=False, at=AT)
    operations.remove_programme(finance, programme.id, "重复登记", at=AT)
    assert db.session.get(Programme, programme.id) is None
