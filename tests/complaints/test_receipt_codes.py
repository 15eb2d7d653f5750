"""A receipt code for the reporter of a case that an official entered, issued by the office in charge."""

import re
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from complaints import operations
from complaints.models import Complaint, ComplaintEntry
from complaints.operations import Submission, submit_complaint
from complaints.tracking import track
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role
from tests import factories
from tests.complaints.county import AT, VILLAGE, County, submit
from tests.complaints.test_pages import code_on, letter_form, name_on, sign_in_as
from tests.core.together import together

REASON = "反映人王某某带身份证来问，13800000001"
FIRST, SECOND = "1" * 20, "2" * 20


def entered(principal: Principal, **values: Any) -> tuple[Complaint, str]:
    fields: dict[str, Any] = {
        "category": "not_received",
        "text": "没有到账。",
        "region_code": VILLAGE,
        "channel": "visit",
    }
    made = submit_complaint(principal, Submission(**(fields | values)), at=AT)
    db.session.commit()
    return made


@pytest.fixture
def clerk(county: County) -> Principal:
    """Of a village office: he enters, and may not see what he has entered."""
    return factories.principal(OrganisationKind.VILLAGE, Role.COMPLAINT_HANDLER, region_code=VILLAGE)


@pytest.fixture
def sealed(clerk: Principal) -> Complaint:
    complaint, code = entered(clerk, category="extortion")
    assert code == "" and complaint.sealed
    return complaint


def issue(principal: Principal, complaint: Complaint, code: str = FIRST, form: str = "form") -> str:
    return operations.issue_receipt_code(principal, complaint, REASON, code, form, at=AT)


def test_the_office_in_charge_gives_the_reporter_the_code_that_nobody_had(county: County, sealed: Complaint) -> None:
    assert issue(county.discipline, sealed) == FIRST
    db.session.commit()
    assert track(FIRST, at=AT).number == sealed.number
    assert all(entry.kind != "code_issued" for entry in track(FIRST, at=AT).entries), "the reason is not for him"
    [entry] = db.session.scalars(select(ComplaintEntry).where(ComplaintEntry.kind == "code_issued"))
    assert entry.text == REASON and not entry.public


def test_the_audit_says_that_it_was_issued_and_neither_code_nor_reason(county: County, sealed: Complaint) -> None:
    issue(county.discipline, sealed)
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.issue_receipt_code"))
    assert (entry.subject_id, entry.official_id, entry.visible_to, entry.details) == (
        sealed.number,
        county.discipline.official_id,
        "discipline",
        {},
    )


def test_the_former_code_stops_working(county: County) -> None:
    complaint, former = entered(county.township)
    assert track(former, at=AT).number == complaint.number
    issue(county.township, complaint)
    with pytest.raises(NotVisible):
        track(former, at=AT)
    issue(county.township, complaint, SECOND, "another form")
    with pytest.raises(NotVisible):
        track(FIRST, at=AT)
    assert track(SECOND, at=AT).number == complaint.number


def test_nobody_takes_over_what_a_reporter_handed_in_himself(county: County) -> None:
    complaint, code = submit()
    with pytest.raises(Conflict, match="只有他本人有"):
        issue(county.township, complaint)
    assert track(code, at=AT).number == complaint.number


def test_others_may_not(county: County, sealed: Complaint, clerk: Principal) -> None:
    for principal in county.everybody_else:
        with pytest.raises((NotVisible, PermissionDenied)):
            issue(principal, sealed)
    with pytest.raises(PermissionDenied):
        issue(clerk, sealed)
    complaint, code = entered(county.township)
    with pytest.raises(NotVisible):
        issue(county.other_township, complaint)
    with pytest.raises(PermissionDenied):
        issue(county.township_approver, complaint)
    assert track(code, at=AT).number == complaint.number


def test_it_wants_a_reason(county: County, sealed: Complaint) -> None:
    with pytest.raises(UserError, match="为什么补发"):
        operations.issue_receipt_code(county.discipline, sealed, " ", FIRST, "form", at=AT)


def test_of_two_colleagues_at_one_moment_one_is_told(county: County) -> None:
    complaint, _code = entered(county.township)
    assert complaint.receipt_index
    db.session.execute(
        update(Complaint).values(receipt_index=SECOND).execution_options(synchronize_session=False),
    )
    with pytest.raises(Conflict, match="同事刚刚补发过"):
        issue(county.township, complaint)


def test_a_case_that_was_read_before_the_same_form_was_done_gives_its_code_all_the_same(
    county: County, sealed: Complaint
) -> None:
    stale = sealed.receipt_index
    issue(county.discipline, sealed)
    db.session.commit()
    set_committed_value(sealed, "receipt_index", stale)
    assert issue(county.discipline, sealed) == FIRST


def page_of(client: FlaskClient, complaint: Complaint) -> str:
    return client.get(f"/staff/complaints/{complaint.number}").text


def send(client: FlaskClient, complaint: Complaint, name: str, reason: str = REASON) -> str:
    return post(client, complaint.number, name, reason)


def post(client: FlaskClient, number: str, name: str, reason: str = REASON) -> str:
    form = {"form_name": name, "reason": reason}
    return client.post(f"/staff/complaints/{number}/receipt-code", data=form, follow_redirects=True).text


def test_the_code_is_on_the_answer_and_nowhere_else(client: FlaskClient, county: County, sealed: Complaint) -> None:
    discipline = sign_in_as(client, county.discipline)
    name = name_on(page_of(discipline, sealed))
    assert "请写明为什么补发查询码" in send(discipline, sealed, name, "")
    page = send(discipline, sealed, name)
    code = code_on(page)
    assert "请把查询码交给反映人本人" in page and sealed.number in page
    assert code_on(send(discipline, sealed, name)) == code, "reloading the page changes nothing"
    case = page_of(discipline, sealed)
    assert code not in case and "补发查询码" in case and REASON in case
    db.session.rollback()
    assert len(db.session.scalars(select(ComplaintEntry).where(ComplaintEntry.kind == "code_issued")).all()) == 1
    code_on(send(discipline, sealed, name_on(case)))
    late = send(discipline, sealed, name)
    assert "没有再补发一次" in late and not re.search(r"\d{4} \d{4} \d{4}", late), "a code that is none any more"


def test_sent_at_one_moment_it_is_issued_once(app: Flask, county: County, sealed: Complaint) -> None:
    clients = [sign_in_as(app.test_client(), county.discipline) for _ in range(4)]
    name, number = name_on(page_of(clients[0], sealed)), sealed.number
    db.session.rollback()
    pages = together(app, *[partial(post, client, number, name) for client in clients])
    assert len({code_on(page) for page in pages}) == 1
    db.session.rollback()
    assert len(db.session.scalars(select(ComplaintEntry).where(ComplaintEntry.kind == "code_issued")).all()) == 1


def test_it_is_offered_for_what_an_official_entered(client: FlaskClient, county: County) -> None:
    mine, _code = entered(county.township)
    web, _code = submit()
    db.session.commit()
    township = sign_in_as(client, county.township)
    assert f"/staff/complaints/{mine.number}/receipt-code" in page_of(township, mine)
    assert "receipt-code" not in page_of(township, web)
    assert "receipt-code" not in page_of(sign_in_as(client, county.township_approver), mine)


def test_an_entered_form_sent_again_neither_enters_anew_nor_revives_its_code(
    client: FlaskClient, county: County
) -> None:
    township = sign_in_as(client, county.township)
    form = letter_form(township)
    former = code_on(township.post("/staff/complaints/enter", data=form).text)
    complaint = db.session.scalars(select(Complaint)).one()
    code = code_on(send(township, complaint, name_on(page_of(township, complaint))))
    again = township.post("/staff/complaints/enter", data=form).text
    assert "已经登记过" in again and former not in again and code not in again
    db.session.rollback()
    assert len(db.session.scalars(select(Complaint)).all()) == 1
    with pytest.raises(NotVisible):
        track(former, at=AT)
