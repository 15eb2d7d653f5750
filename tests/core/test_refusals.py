"""What is refused at the staff door is written down: who, which page; never which object, and never enough to fill a
disk."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.audit.refusals import is_milestone
from core.database import db
from core.principal import OrganisationKind, Role
from tests import factories
from tests.complaints.county import build_county, submit
from tests.signing import sign_in

AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
KINDS = OrganisationKind


def refusals() -> list[tuple[str, str, int]]:
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "access.refused").order_by(AuditEntry.id))
    return [(entry.subject_id, entry.details["method"], entry.details["times"]) for entry in found]


def official(app: Flask, kind: OrganisationKind = KINDS.TOWNSHIP, *roles: Role) -> FlaskClient:
    return sign_in(app.test_client(), factories.official(kind, *(roles or (Role.PREPARER,))))


def test_a_page_without_the_right_and_one_that_is_not_there_leave_an_entry(app: Flask) -> None:
    client = official(app)
    assert client.get("/staff/audit/").status_code == 403
    assert client.get("/staff/officials/999").status_code == 403
    assert client.get("/staff/complaints/123456789012").status_code in (403, 404)
    assert client.post("/staff/officials/999/close").status_code in (302, 403)
    assert ("accounts.audit_log", "GET", 1) in refusals()
    assert ("complaints.case", "GET", 1) in refusals()
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "access.refused").limit(1)).one()
    assert (entry.actor_kind, entry.official_id is not None, entry.visible_to) == ("official", True, None)
    # No object, no number, no address.
    assert "123456789012" not in str([(e.subject_id, e.details) for e in db.session.scalars(select(AuditEntry))])


def test_a_refusal_that_a_view_says_beside_a_field_is_one_all_the_same(app: Flask) -> None:
    administrator = factories.official(KINDS.TOWNSHIP, Role.ADMINISTRATOR)
    client = sign_in(app.test_client(), administrator)
    form = {"kind": KINDS.FINANCE.value, "name": "某局", "region_code": factories.COUNTY}
    answer = client.post("/staff/organisations/new", data=form)
    assert "您不能新增这一类单位" in answer.text
    assert ("accounts.add_organisation", "POST", 1) in refusals()


def test_nothing_is_written_for_what_was_not_refused(app: Flask) -> None:
    client = official(app)
    client.get("/staff/")
    client.get("/staff/no-such-page")
    app.test_client().get("/staff/audit/")  # nobody has signed in: he is sent there
    app.test_client().get("/lists/no-such-list")
    assert refusals() == []


def test_a_flood_leaves_a_few_entries(app: Flask) -> None:
    with time_machine.travel(AT, tick=False) as traveller:
        client = official(app)
        for _time in range(120):
            client.get("/staff/audit/chain")
        assert refusals() == [("accounts.audit_chain", "GET", times) for times in (1, 10, 100)]
        traveller.shift(timedelta(days=1))
        official(app).get("/staff/audit/chain")
        assert len(refusals()) == 4


@pytest.mark.parametrize("times", [1, 10, 100, 1000])
def test_powers_of_ten_are_milestones(times: int) -> None:
    assert is_milestone(times)
    assert not is_milestone(times + 1) and not is_milestone(2 * times) and not is_milestone(11 * times)


def test_a_sealed_case_and_one_that_is_not_there_leave_the_same(app: Flask) -> None:
    build_county()
    hidden, _code = submit(category="fraud", at=AT)
    db.session.commit()
    told = []
    for number in ("123456789012", hidden.number):
        client = official(app, KINDS.TOWNSHIP, Role.COMPLAINT_HANDLER)
        before = len(refusals())
        for page in ("", "/attachments/1", "/print"):
            client.get(f"/staff/complaints/{number}{page}")
        client.post(f"/staff/complaints/{number}/accept")
        told.append(refusals()[before:])
    assert told[0] == told[1] != []


def test_what_the_commission_is_refused_is_its_own(app: Flask) -> None:
    client = official(app, KINDS.DISCIPLINE, Role.COMPLAINT_HANDLER)
    client.get("/staff/complaints/123456789012")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "access.refused")).one()
    assert entry.visible_to == "discipline"
