"""The office's side of a case: who may do what, what the reporter then sees, and what no clock forgets."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from complaints import operations, queries
from complaints.models import Complaint, Escalation
from complaints.rules import COMPLAINT_WORKFLOW
from complaints.tracking import track
from core import workflow
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import NOBODY, OrganisationKind, Principal, Role, system
from core.workflow import WorkflowStep
from sms.models import Message
from tests import factories
from tests.complaints.county import AT, TOWNSHIP, County, submit

DAY = timedelta(days=1)


def sees(principal: Principal, complaint: Complaint) -> bool:
    found = db.session.scalars(select(Complaint.id).where(queries.visible_complaints(principal))).all()
    try:
        queries.complaint_by_number(principal, complaint.number)
    except NotVisible:
        assert complaint.id not in found
        return False
    assert complaint.id in found
    return True


def answered(county: County, **values: Any) -> tuple[Complaint, str]:
    complaint, code = submit(**values)
    operations.accept(county.township, complaint, at=AT + DAY)
    operations.start_investigation(county.township, complaint, at=AT + DAY)
    operations.conclude(county.township, complaint, "已补发，请查收。", at=AT + 2 * DAY)
    return complaint, code


def test_accepted_investigated_answered_and_read_by_the_reporter(county: County) -> None:
    complaint, code = answered(county, anonymous=False, name="王某某", phone="13800000001")
    db.session.commit()
    seen = track(code, at=AT + 3 * DAY)
    assert (seen.state, seen.answer) == ("concluded", "已补发，请查收。")
    assert [entry.kind for entry in seen.entries] == ["received", "accepted", "started", "answer"]
    assert all(clock.days_left is None for clock in seen.clocks)
    assert complaint.due_on is None
    assert complaint.handler_id == county.township.official_id
    assert county.township.name not in repr(seen)
    steps = workflow.history(COMPLAINT_WORKFLOW, complaint.id)
    assert [(step.action, step.to_state) for step in steps] == [
        ("accept", "accepted"),
        ("investigate", "investigating"),
        ("conclude", "concluded"),
    ]


def test_a_named_reporter_gets_a_message_when_accepted_and_when_answered(county: County) -> None:
    complaint, _code = answered(county, anonymous=False, name="王某某", phone="13800000001")
    db.session.commit()
    messages = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert [(message.template, message.phone) for message in messages] == [
        ("complaint_accepted", "13800000001"),
        ("complaint_answered", "13800000001"),
    ]
    assert messages[0].parameters == {"number": complaint.number, "due_on": "2020-07-27"}


def test_nobody_without_a_mobile_gets_a_message(county: County) -> None:
    answered(county)
    answered(county, anonymous=False, name="王某某", phone="0834-5421234")
    assert db.session.scalars(select(Message)).all() == []


def test_no_reason_answer_or_note_stands_outside_the_encrypted_story(county: County) -> None:
    complaint, _code = submit()
    operations.decline(county.township, complaint, "不归我们管的SECRET", at=AT)
    db.session.commit()
    for model in (WorkflowStep, AuditEntry):
        for row in db.session.execute(select(model.__table__)):
            assert "SECRET" not in repr(row)


def test_each_operation_writes_one_audit_entry_for_the_discipline_commission(county: County) -> None:
    complaint, code = answered(county)
    operations.add_note(county.township, complaint, "记一笔", at=AT + 2 * DAY)
    operations.add_from_reporter(code, "谢谢", at=AT + 3 * DAY)
    operations.mark_read(county.township, complaint, at=AT + 3 * DAY)
    db.session.commit()
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action.removeprefix("complaint.") for entry in entries] == [
        "submit",
        "accept",
        "investigate",
        "conclude",
        "note",
        "add_from_reporter",
        "mark_read",
    ]
    assert {entry.visible_to for entry in entries} == {"discipline"}
    assert {entry.subject_id for entry in entries} == {complaint.number}


# --- Who sees and who may ----------------------------------------------------------------------


def test_only_the_office_that_has_it_sees_it(county: County) -> None:
    complaint, _code = submit()
    assert sees(county.township, complaint)
    assert sees(county.township_approver, complaint)
    for other in (county.other_township, county.department, county.finance, county.discipline, NOBODY):
        assert not sees(other, complaint)
    viewer = factories.principal(OrganisationKind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
    assert not sees(viewer, complaint)


def test_nobody_of_the_office_complained_of_sees_the_case(county: County) -> None:
    complaint, _code = submit(about_organisation_id=county.township.organisation_id)
    assert complaint.owner_id == county.finance.organisation_id
    assert not sees(county.township, complaint)
    # Not even where a row says that it went up to them.
    db.session.add(
        Escalation(
            complaint_id=complaint.id,
            level="accept_overdue",
            to_organisation_id=county.township.organisation_id,
            at=AT,
        )
    )
    complaint.owner_id = county.township.organisation_id or 0
    db.session.flush()
    assert not sees(county.township, complaint)
    with pytest.raises(NotVisible):
        operations.accept(county.township, complaint, at=AT)


@pytest.mark.parametrize("verb", ["accept", "decline", "redirect", "note", "refer", "reveal", "close"])
def test_others_can_do_nothing_with_it(county: County, verb: str) -> None:
    complaint, _code = submit()
    target = county.department.organisation_id or 0

    def do(principal: Principal) -> None:
        {
            "accept": lambda: operations.accept(principal, complaint, at=AT),
            "decline": lambda: operations.decline(principal, complaint, "理由", at=AT),
            "redirect": lambda: operations.redirect(principal, complaint, target, "理由", at=AT),
            "note": lambda: operations.add_note(principal, complaint, "记录", at=AT),
            "refer": lambda: operations.refer_to_discipline(principal, complaint, "理由", at=AT),
            "reveal": lambda: operations.reveal_reporter(principal, complaint, "理由", at=AT),
            "close": lambda: operations.close(principal, complaint, at=AT),
        }[verb]()

    for stranger in (county.other_township, county.department, county.finance, county.discipline):
        with pytest.raises(NotVisible):
            do(stranger)
    with pytest.raises(PermissionDenied):
        do(county.township_approver)
    with pytest.raises(PermissionDenied):
        do(NOBODY)
    assert complaint.state == "received"


def test_a_supervisor_sees_and_notes_but_does_not_handle(county: County) -> None:
    complaint, _code = submit()
    operations.escalate_overdue(system("night"), at=AT + 30 * DAY)
    assert sees(county.finance, complaint)
    operations.add_note(county.finance, complaint, "请尽快受理。", at=AT + 30 * DAY)
    with pytest.raises(PermissionDenied, match="督办"):
        operations.accept(county.finance, complaint, at=AT + 30 * DAY)
    assert sees(county.township, complaint)


# --- Clocks ------------------------------------------------------------------------------------


def test_nothing_that_is_said_restarts_a_clock(county: County) -> None:
    complaint, code = submit()
    operations.accept(county.township, complaint, at=AT + DAY)
    before = [(clock.kind, clock.started_on, clock.due_on) for clock in complaint.clocks]
    operations.start_investigation(county.township, complaint, at=AT + 2 * DAY)
    operations.add_note(county.township, complaint, "去了现场", at=AT + 3 * DAY)
    operations.ask_reporter(county.township, complaint, "哪个月的？", at=AT + 3 * DAY)
    operations.add_from_reporter(code, "六月", at=AT + 4 * DAY)
    operations.mark_read(county.township, complaint, at=AT + 4 * DAY)
    assert [(clock.kind, clock.started_on, clock.due_on) for clock in complaint.clocks] == before
    assert complaint.due_on == date(2020, 7, 27)


def test_an_extension_takes_two_people_and_happens_once(county: County) -> None:
    complaint, code = submit()
    operations.accept(county.township, complaint, at=AT + DAY)
    operations.ask_extension(county.township, complaint, 10, "等待外地材料", at=AT + 2 * DAY)
    with pytest.raises(PermissionDenied):
        operations.decide_extension(county.township, complaint, True, at=AT + 2 * DAY)
    both = factories.official(OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER, Role.APPROVER, region_code=TOWNSHIP)
    operations.decide_extension(factories.principal_for(both), complaint, True, at=AT + 2 * DAY)
    resolve = next(clock for clock in complaint.clocks if clock.kind == "resolve")
    assert (resolve.started_on, resolve.limit_days, resolve.due_on) == (date(2020, 7, 6), 25, date(2020, 8, 10))
    assert complaint.due_on == date(2020, 8, 10)
    public = [entry for entry in track(code, at=AT).entries if entry.kind == "extended"]
    assert [entry.text for entry in public] == ["等待外地材料"]
    with pytest.raises(Conflict):
        operations.ask_extension(county.township, complaint, 5, "再延", at=AT + 3 * DAY)


def test_who_asked_does_not_grant(county: County) -> None:
    both = factories.principal_for(
        factories.official(OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER, Role.APPROVER, region_code=TOWNSHIP)
    )
    complaint, _code = submit()
    operations.accept(both, complaint, at=AT)
    operations.ask_extension(both, complaint, 10, "等待外地材料", at=AT)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        operations.decide_extension(both, complaint, True, at=AT)
    operations.decide_extension(county.township_approver, complaint, False, at=AT)
    assert complaint.due_on == date(2020, 7, 27)


@pytest.mark.parametrize(
    ("category", "days", "later", "sentence"),
    [
        ("enquiry", 3, 0, "不能延期"),
        ("not_received", 0, 0, "1 到 15"),
        ("not_received", 16, 0, "1 到 15"),
        ("not_received", 5, 22, "期限已过"),
    ],
)
def test_what_cannot_be_extended(county: County, category: str, days: int, later: int, sentence: str) -> None:
    complaint, _code = submit(category=category)
    operations.accept(county.township, complaint, at=AT)
    with pytest.raises(UserError, match=sentence):
        operations.ask_extension(county.township, complaint, days, "理由", at=AT + later * DAY)


# --- Coming back -------------------------------------------------------------------------------


def test_reopened_once_with_a_promise_of_its_own(county: County) -> None:
    complaint, code = answered(county)
    resolve = next(clock for clock in complaint.clocks if clock.kind == "resolve")
    ended = (resolve.due_on, resolve.stopped_on)
    assert track(code, at=AT + 3 * DAY).may_reopen_until == date(2020, 8, 7)
    operations.reopen(code, "钱还是没到", at=AT + 10 * DAY)
    assert (resolve.due_on, resolve.stopped_on) == ended
    assert complaint.due_on == date(2020, 8, 6)
    operations.mark_read(county.township, complaint, at=AT + 10 * DAY)
    operations.start_investigation(county.township, complaint, at=AT + 11 * DAY)
    operations.conclude(county.township, complaint, "已查明并补发。", at=AT + 12 * DAY)
    assert track(code, at=AT + 12 * DAY).may_reopen_until is None
    with pytest.raises(Conflict, match="一次"):
        operations.reopen(code, "还是不满意", at=AT + 13 * DAY)
    answers = [entry.text for entry in track(code, at=AT).entries if entry.kind == "answer"]
    assert answers == ["已补发，请查收。", "已查明并补发。"]


def test_reopening_ends_after_thirty_days(county: County) -> None:
    _complaint, code = answered(county)
    with pytest.raises(Conflict, match="30 天"):
        operations.reopen(code, "不满意", at=AT + 33 * DAY)


def test_answered_is_not_closed(county: County) -> None:
    complaint, code = answered(county)
    with pytest.raises(Conflict, match="不能办结"):
        operations.close(county.township, complaint, at=AT + 10 * DAY)
    operations.add_from_reporter(code, "还有问题", at=AT + 20 * DAY)
    with pytest.raises(Conflict, match="不能办结"):
        operations.close(county.township, complaint, at=AT + 40 * DAY)
    operations.mark_read(county.township, complaint, at=AT + 40 * DAY)
    operations.close(county.township, complaint, at=AT + 40 * DAY)
    assert complaint.state == "closed"
    with pytest.raises(Conflict, match="已经结束"):
        operations.add_from_reporter(code, "还有问题", at=AT + 41 * DAY)


def test_the_reporter_may_say_that_it_is_settled(county: County) -> None:
    complaint, code = answered(county)
    operations.settle(code, at=AT + 3 * DAY)
    assert (complaint.state, complaint.closed_at) == ("closed", AT + 3 * DAY)
    with pytest.raises(Conflict):
        operations.settle(code, at=AT + 3 * DAY)


def test_no_answer_passes_over_unread_evidence(county: County) -> None:
    complaint, code = submit()
    operations.accept(county.township, complaint, at=AT)
    operations.start_investigation(county.township, complaint, at=AT)
    operations.add_from_reporter(code, "新证据", at=AT)
    with pytest.raises(Conflict, match="已阅"):
        operations.conclude(county.township, complaint, "没问题", at=AT)
    operations.mark_read(county.township, complaint, at=AT)
    operations.conclude(county.township, complaint, "已核实。", at=AT)


def test_declined_with_a_reason_that_the_reporter_reads(county: County) -> None:
    complaint, code = submit()
    with pytest.raises(UserError, match="理由"):
        operations.decline(county.township, complaint, " ", at=AT)
    operations.decline(county.township, complaint, "属于法院受理范围。", at=AT)
    seen = track(code, at=AT)
    assert (seen.state, seen.entries[-1].text, seen.may_add) == ("declined", "属于法院受理范围。", False)
    assert complaint.due_on is None


# --- Sealed ------------------------------------------------------------------------------------


def test_a_referred_case_vanishes_from_everybody_else(county: County) -> None:
    complaint, code = submit(anonymous=False, name="王某某", phone="13800000001")
    operations.accept(county.township, complaint, at=AT)
    operations.escalate_overdue(system("night"), at=AT + 40 * DAY)
    operations.refer_to_discipline(county.township, complaint, "疑似截留", at=AT + 41 * DAY)
    db.session.commit()
    for other in county.everybody_else:
        assert not sees(other, complaint)
    assert sees(county.discipline, complaint)
    assert [clock.kind for clock in complaint.clocks if clock.stopped_on is None] == ["notice"]
    seen = track(code, at=AT + 41 * DAY)
    assert (seen.state, [clock.name for clock in seen.clocks]) == ("referred", ["告知是否受理的期限"])
    with pytest.raises(NotVisible):
        operations.refer_to_discipline(county.township, complaint, "再移送", at=AT)
    messages = db.session.scalars(select(Message)).all()
    operations.accept(county.discipline, complaint, at=AT + 42 * DAY)
    operations.start_investigation(county.discipline, complaint, at=AT + 42 * DAY)
    operations.record_outcome(county.discipline, complaint, "case_filed", "已立案。", at=AT + 42 * DAY)
    operations.conclude(county.discipline, complaint, "已查实处理。", at=AT + 42 * DAY)
    assert db.session.scalars(select(Message)).all() == messages
    assert track(code, at=AT + 43 * DAY).answer == "已查实处理。"


def test_a_supervising_office_may_refer(county: County) -> None:
    complaint, _code = submit()
    operations.escalate_overdue(system("night"), at=AT + 40 * DAY)
    operations.refer_to_discipline(county.finance, complaint, "疑似截留", at=AT + 41 * DAY)
    assert complaint.sealed
    assert not sees(county.finance, complaint)


def test_a_clue_cannot_be_passed_on(county: County) -> None:
    complaint, _code = submit(category="fraud")
    with pytest.raises(Conflict):
        operations.redirect(county.discipline, complaint, county.finance.organisation_id or 0, "理由", at=AT)
    with pytest.raises(Conflict, match="已经移送"):
        operations.refer_to_discipline(county.discipline, complaint, "理由", at=AT)


# --- Identity ----------------------------------------------------------------------------------


def test_identity_is_revealed_for_a_reason_that_is_recorded(county: County) -> None:
    complaint, code = submit(anonymous=False, name="王某某", phone="13800000001")
    with pytest.raises(UserError, match="为什么"):
        operations.reveal_reporter(county.township, complaint, "", at=AT)
    assert operations.reveal_reporter(county.township, complaint, "电话核实", at=AT) == ("王某某", "13800000001")
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert "complaint.reveal_reporter" in actions
    assert "revealed" not in [entry.kind for entry in track(code, at=AT).entries]
