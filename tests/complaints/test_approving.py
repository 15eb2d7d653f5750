"""An answer that needs a second person, where the office has set so."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accounts.models import Official
from complaints import operations, queries
from complaints.models import Complaint
from complaints.operations import approving, handling
from complaints.rulebook import ClockKind
from complaints.tracking import track
from core import clock
from core.board import items_for
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role
from tests import factories
from tests.complaints.county import AT, TOWNSHIP, County, submit
from tests.signing import sign_in

DAY = timedelta(days=1)


def investigated(county: County) -> tuple[Complaint, str]:
    complaint, code = submit()
    operations.accept(county.township, complaint, at=AT)
    operations.start_investigation(county.township, complaint, at=AT)
    approving.set_approval(county.township_approver, True, "答复质量不一", at=AT)
    db.session.commit()
    return complaint, code


def handed_in(complaint: Complaint) -> str:
    draft = approving.waiting_draft(complaint)
    assert draft is not None
    return draft.written_at.isoformat()


def test_the_clock_stops_only_when_it_is_approved(county: County) -> None:
    complaint, code = investigated(county)
    with pytest.raises(Conflict, match="送审"):
        operations.conclude(county.township, complaint, "已补发。", at=AT + DAY)
    approving.hand_in_answer(county.township, complaint, "已补发。", at=AT + DAY)
    resolve = next(found for found in complaint.clocks if found.kind == ClockKind.RESOLVE.value)
    assert (complaint.state, complaint.answer, resolve.stopped_on) == ("investigating", None, None)
    assert "已补发。" not in {entry.text for entry in track(code, at=AT + DAY).entries}
    handling.approve_answer(county.township_approver, complaint, handed_in(complaint), at=AT + 2 * DAY)
    assert (complaint.state, complaint.answer) == ("concluded", "已补发。")
    assert resolve.stopped_on == (AT + 2 * DAY).date()
    assert track(code, at=AT + 2 * DAY).answer == "已补发。"
    assert approving.waiting_draft(complaint) is None


def test_it_is_sent_back_with_a_reason(county: County) -> None:
    complaint, code = investigated(county)
    approving.hand_in_answer(county.township, complaint, "已补发。", at=AT + DAY)
    first = handed_in(complaint)
    with pytest.raises(UserError, match="要改什么"):
        approving.send_back_answer(county.township_approver, complaint, first, "", at=AT + DAY)
    approving.send_back_answer(county.township_approver, complaint, first, "写明日期", at=AT + DAY)
    assert complaint.state == "investigating"
    assert queries.story(county.township, complaint)[-1].text == "写明日期"
    assert "写明日期" not in {entry.text for entry in track(code, at=AT + DAY).entries}
    approving.hand_in_answer(county.township, complaint, "6 日已补发。", at=AT + 2 * DAY)
    with pytest.raises(Conflict):
        handling.approve_answer(county.township_approver, complaint, first, at=AT + 2 * DAY)
    handling.approve_answer(county.township_approver, complaint, handed_in(complaint), at=AT + 2 * DAY)
    assert complaint.answer == "6 日已补发。"


def test_nobody_approves_his_own_nor_another_office_any(county: County) -> None:
    complaint, code = investigated(county)
    office = db.session.get_one(Official, county.township.official_id).organisation.name
    both = factories.principal(
        OrganisationKind.TOWNSHIP,
        Role.COMPLAINT_HANDLER,
        Role.APPROVER,
        region_code=TOWNSHIP,
        organisation_name=office,
    )
    approving.hand_in_answer(both, complaint, "已补发。", at=AT)
    written_at = handed_in(complaint)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        handling.approve_answer(both, complaint, written_at, at=AT)
    with pytest.raises(PermissionDenied):
        handling.approve_answer(county.township, complaint, written_at, at=AT)
    stranger = factories.principal(OrganisationKind.FINANCE, Role.APPROVER)
    with pytest.raises(NotVisible):
        handling.approve_answer(stranger, complaint, written_at, at=AT)
    operations.add_from_reporter(code, "还有", at=AT)
    with pytest.raises(Conflict, match="标记已阅"):
        handling.approve_answer(county.township_approver, complaint, written_at, at=AT)


def test_a_sealed_case_leaves_no_draft_with_the_office(app: Flask, county: County) -> None:
    complaint, _code = investigated(county)
    approving.hand_in_answer(county.township, complaint, "已补发。", at=AT)
    assert titles(app, county.township_approver) == [f"审核答复（{complaint.number}）"]
    operations.refer_to_discipline(county.township, complaint, "疑似截留", at=AT)
    db.session.commit()
    assert titles(app, county.township_approver) == []
    assert approving.waiting_draft(complaint) is None
    operations.accept(county.discipline, complaint, at=AT)
    operations.start_investigation(county.discipline, complaint, at=AT)
    operations.record_outcome(county.discipline, complaint, "unfounded", "已核实。", at=AT)
    operations.conclude(county.discipline, complaint, "已处理。", at=AT)


def titles(app: Flask, principal: Principal) -> list[str]:
    with app.test_request_context():
        return [item.title for item in items_for(principal, clock.local_date(AT))]


def test_on_the_screen(app: Flask, client: FlaskClient, county: County) -> None:
    sign_in(client, db.session.get_one(Official, county.township_approver.official_id))
    answer = client.post("/staff/complaints/approval", data={"required": "1", "reason": ""}, follow_redirects=True)
    assert "请写明为什么这样设置" in answer.text
    client.post("/staff/complaints/approval", data={"required": "1", "reason": "质量不一"})
    page = client.get("/staff/complaints/approval").text
    assert "质量不一" in page
    assert county.township_approver.name in page
    complaint, _code = submit(at=clock.utc_now())
    operations.accept(county.township, complaint, at=clock.utc_now())
    operations.start_investigation(county.township, complaint, at=clock.utc_now())
    db.session.commit()
    address = f"/staff/complaints/{complaint.number}"
    handler = sign_in(app.test_client(), db.session.get_one(Official, county.township.official_id))
    assert handler.post("/staff/complaints/approval", data={"required": "0", "reason": "x"}).status_code in {303, 403}
    page = handler.get(address).text
    assert f"{address}/conclude" not in page
    assert handler.post(f"{address}/hand_in", data={"text": "已补发。"}).status_code == 303
    page = client.get(address).text
    assert "等待审核的答复" in page
    draft = {"draft": handed_in(complaint)}
    assert client.post(f"{address}/send_back", data=draft | {"text": ""}).status_code == 400
    assert client.post(f"{address}/approve", data=draft).status_code == 303
    assert db.session.get_one(Complaint, complaint.id, populate_existing=True).state == "concluded"
    other = sign_in(app.test_client(), db.session.get_one(Official, county.other_township.official_id))
    assert other.post(f"{address}/approve", data=draft).status_code == 404
    assert "质量不一" not in other.get("/staff/complaints/approval").text


def test_one_person_cannot_set_that_there_be_two(county: County) -> None:
    alone = factories.principal(OrganisationKind.HUMAN_RESOURCES, Role.APPROVER, Role.COMPLAINT_HANDLER)
    with pytest.raises(Conflict, match="只有一个人"):
        approving.set_approval(alone, True, "理由", at=AT)
