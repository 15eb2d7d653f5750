"""More days where the office has nobody but the one who asks: the office above grants them, and what nobody has decided
is taken back or lapses."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from complaints import operations, queries
from complaints.models import Complaint, Extension
from complaints.operations.case import open_extension
from complaints.operations.taking_over import take_over
from complaints.tracking import track
from core import clock
from core.board import items_for
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied
from core.principal import OrganisationKind, Principal, Role, system
from tests import factories
from tests.complaints.county import AT, OTHER_TOWNSHIP, VILLAGE, County, submit
from tests.complaints.test_handling import sees
from tests.complaints.test_recusing import beside, register
from tests.complaints.test_sealed import signed_in

DAY = timedelta(days=1)


@pytest.fixture
def approver(county: County) -> Principal:
    """The one in the finance bureau who grants more days."""
    found = factories.principal(OrganisationKind.FINANCE, Role.APPROVER)
    db.session.commit()
    return found


def asked(county: County, **values: Any) -> tuple[Complaint, str]:
    """A case of the other township, in which nobody approves."""
    complaint, code = submit(**({"region_code": OTHER_TOWNSHIP} | values))
    operations.accept(county.other_township, complaint, at=AT)
    operations.ask_extension(county.other_township, complaint, 5, "要去村里核实", at=AT)
    db.session.commit()
    return complaint, code


def test_the_office_above_grants_what_nobody_here_may(app: Flask, county: County, approver: Principal) -> None:
    complaint, code = asked(county)
    other, _code = submit(region_code=OTHER_TOWNSHIP)
    db.session.commit()
    due = complaint.due_on
    assert sees(approver, complaint) and sees(county.finance, complaint) and not sees(approver, other)
    for stranger in (county.township, county.township_approver, county.department, county.discipline):
        assert not sees(stranger, complaint)
    assert db.session.scalars(queries.extension_cases(approver)).all() == [complaint]
    with app.test_request_context():
        titles = [item.title for item in items_for(approver, clock.local_date(AT))]
    assert titles == [f"审批下级单位的延期（{complaint.number}）"]
    for person, error in (
        (county.other_township, PermissionDenied),
        (county.finance, PermissionDenied),
        (county.township_approver, NotVisible),
    ):
        with pytest.raises(error):
            operations.decide_extension(person, complaint, True, at=AT)
    operations.decide_extension(approver, complaint, True, at=AT + DAY)
    assert due is not None and complaint.due_on is not None and complaint.due_on > due
    assert not sees(approver, complaint)
    assert [entry.kind for entry in track(code, at=AT + DAY).entries][-1] == "extended"


def test_the_office_above_refuses_and_the_due_day_stays(county: County, approver: Principal) -> None:
    complaint, code = asked(county)
    due = complaint.due_on
    operations.decide_extension(approver, complaint, False, at=AT + DAY)
    assert complaint.due_on == due and not sees(approver, complaint)
    assert db.session.scalars(select(Extension.granted)).all() == [False]
    assert "extended" not in [entry.kind for entry in track(code, at=AT + DAY).entries]
    assert db.session.scalars(queries.extension_cases(approver)).all() == []


def test_it_is_seen_and_decided_on_the_pages(app: Flask, county: County, approver: Principal) -> None:
    complaint, _code = asked(county, anonymous=False, confidential=True, name="王某某", phone="13800000001")
    client, page = signed_in(app, approver), f"/staff/complaints/{complaint.number}"
    assert complaint.number in client.get("/staff/complaints/extensions").text
    text = client.get(page).text
    assert "要去村里核实" in text and "同意延期" in text and "撤回延期申请" not in text
    assert "王某某" not in text and "保密" not in text
    own = signed_in(app, county.other_township)
    shown = own.get(page).text
    assert "撤回延期申请" in shown and "同意延期" not in shown
    assert "延期申请，等finance 513426000000审批" in shown
    assert client.post(f"{page}/refuse", data={"seen": "9"}).status_code == 303
    assert client.get(page).status_code == 404
    assert "没有等您单位审批的延期申请" in client.get("/staff/complaints/extensions").text


def test_an_own_colleague_decides_before_anybody_above(county: County, approver: Principal) -> None:
    complaint, _code = submit()
    operations.accept(county.township, complaint, at=AT)
    assert operations.ask_extension(county.township, complaint, 5, "要核实", at=AT).deciding_id is None
    assert not sees(approver, complaint)
    with pytest.raises(NotVisible):
        operations.decide_extension(approver, complaint, True, at=AT)
    # He keeps out of it from now on: somebody else must decide.
    operations.recuse(county.township_approver, complaint, None, "当事人是我表哥", at=AT)
    assert sees(approver, complaint)
    operations.decide_extension(approver, complaint, False, at=AT)
    with pytest.raises(Conflict, match="只能一次"):
        operations.ask_extension(county.township, complaint, 5, "要核实", at=AT)


@pytest.mark.parametrize("who", ["own", "above"])
def test_whoever_has_an_interest_there_is_no_colleague(county: County, approver: Principal, who: str) -> None:
    keeps_out = county.township_approver if who == "own" else approver
    second = factories.principal(OrganisationKind.DISCIPLINE, Role.APPROVER)
    complaint, _code = submit()
    operations.accept(county.township, complaint, at=AT)
    extension = operations.ask_extension(county.township, complaint, 5, "要核实", at=AT)
    register(keeps_out, keeps_out, region_code=VILLAGE)
    above = {"own": approver.organisation_id, "above": None}[who]
    assert extension.deciding_id == above
    if who == "above":
        register(county.township_approver, county.township_approver, region_code=VILLAGE)
        assert extension.deciding_id == second.organisation_id
        assert sees(second, complaint) and not sees(approver, complaint)


def test_what_nobody_could_grant_is_not_asked_for(county: County) -> None:
    complaint, _code = submit(region_code=OTHER_TOWNSHIP)
    operations.accept(county.other_township, complaint, at=AT)
    with pytest.raises(Conflict, match="没有单位可以审批。请先由管理员"):
        operations.ask_extension(county.other_township, complaint, 5, "要核实", at=AT)
    assert db.session.scalars(select(Extension)).all() == []


def test_a_request_is_withdrawn_and_asked_anew(county: County, approver: Principal) -> None:
    complaint, code = asked(county)
    second = beside(county.township, Role.COMPLAINT_HANDLER)
    with pytest.raises(NotVisible):
        operations.withdraw_extension(second, complaint, at=AT)
    with pytest.raises(PermissionDenied):
        operations.withdraw_extension(county.finance, complaint, at=AT)
    operations.withdraw_extension(county.other_township, complaint, at=AT)
    assert (complaint.extension_asked, open_extension(complaint)) == (False, None)
    assert not sees(approver, complaint)
    with pytest.raises(Conflict, match="没有等待审批"):
        operations.withdraw_extension(county.other_township, complaint, at=AT)
    operations.ask_extension(county.other_township, complaint, 9, "还要去两个村", at=AT + DAY)
    operations.decide_extension(approver, complaint, True, at=AT + DAY)
    with pytest.raises(Conflict, match="没有等待审批"):
        operations.withdraw_extension(county.other_township, complaint, at=AT + DAY)
    kinds = [entry.kind for entry in queries.story(county.other_township, complaint)]
    assert kinds[-4:] == ["extension_asked", "extension_withdrawn", "extension_asked", "extended"]
    assert "extension_withdrawn" not in [entry.kind for entry in track(code, at=AT + DAY).entries]


def test_what_waits_when_the_case_is_answered_is_said_to_lapse(county: County, approver: Principal) -> None:
    complaint, code = asked(county)
    operations.start_investigation(county.other_township, complaint, at=AT)
    operations.conclude(county.other_township, complaint, "已补发。", at=AT + DAY)
    kinds = [entry.kind for entry in queries.story(county.other_township, complaint)]
    assert kinds[-2:] == ["extension_lapsed", "answer"]
    assert [entry.kind for entry in track(code, at=AT + DAY).entries] == ["received", "accepted", "started", "answer"]
    assert not sees(approver, complaint)
    plain, _code = submit(region_code=OTHER_TOWNSHIP)
    for step in (operations.accept, operations.start_investigation):
        step(county.other_township, plain, at=AT)
    operations.conclude(county.other_township, plain, "已补发。", at=AT)
    assert "extension_lapsed" not in [entry.kind for entry in queries.story(county.other_township, plain)]


def test_a_case_that_is_sealed_is_nobody_elses_to_extend(county: County, approver: Principal) -> None:
    complaint, _code = asked(county)
    operations.refer_to_discipline(county.finance, complaint, "疑似截留", at=AT)
    assert not sees(approver, complaint) and not sees(county.other_township, complaint)
    assert db.session.scalars(queries.extension_cases(approver)).all() == []
    with pytest.raises(NotVisible):
        operations.decide_extension(approver, complaint, True, at=AT)
    clue, _code = submit(category="fraud")
    operations.accept(county.discipline, clue, at=AT)
    with pytest.raises(Conflict):
        operations.ask_extension(county.discipline, clue, 5, "要核实", at=AT)


def test_a_case_that_is_taken_over_is_decided_by_the_office_that_has_it(county: County, approver: Principal) -> None:
    complaint, _code = asked(county)
    operations.escalate_overdue(system("night"), at=AT + 60 * DAY)
    take_over(county.discipline, complaint, "久拖不决", at=AT + 60 * DAY)
    extension = open_extension(complaint)
    assert extension is not None and extension.deciding_id is None
    operations.withdraw_extension(county.discipline, complaint, at=AT + 60 * DAY)
