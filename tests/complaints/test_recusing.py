"""Recusal from a case, and standing interests: whoever keeps out knows of nothing, and somebody always has it."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Official
from complaints import misrouted, operations, queries
from complaints.figures import Wanted, figures
from complaints.models import Interest, Recusal
from complaints.operations import approving
from complaints.operations.assigning import assign
from complaints.operations.registering import Registration
from complaints.persons import cases_about
from complaints.presence import note_opening, others_at
from complaints.rulebook import ClockKind
from complaints.rules.figures import By, Period, Span
from complaints.tracking import track
from core import clock
from core.audit import AuditEntry
from core.board import items_for
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role, system
from tests import factories
from tests.complaints.county import AT, OTHER_TOWNSHIP, TOWNSHIP, VILLAGE, County, submit
from tests.complaints.test_handling import sees

DAY = timedelta(days=1)
HANDLER, APPROVER = Role.COMPLAINT_HANDLER, Role.APPROVER


def beside(principal: Principal, *roles: Role) -> Principal:
    """A colleague in the same office."""
    office = db.session.get_one(Official, principal.official_id).organisation
    return factories.principal(
        OrganisationKind(office.kind), *roles, region_code=office.region_code, organisation_name=office.name
    )


@pytest.fixture
def colleague(county: County) -> Principal:
    """A second handler in the township."""
    found = beside(county.township, HANDLER)
    db.session.commit()
    return found


def register(
    who: Principal, of: Principal, *, at: Any = AT, reason: str = "亲属在那里", since: date | None = None, **where: Any
) -> Interest:
    assert of.official_id is not None
    given = Registration(of.official_id, reason, since or AT.date(), **where)
    return operations.register_interest(who, given, at=at)[0]


# --- Recusal -----------------------------------------------------------------------------------


def test_whoever_recuses_himself_has_never_heard_of_it(app: Flask, county: County, colleague: Principal) -> None:
    complaint, code = submit()
    operations.accept(county.township, complaint, at=AT)
    note_opening(county.township, complaint, at=AT)
    before = [(found.kind, found.due_on, found.stopped_on) for found in complaint.clocks]
    with pytest.raises(UserError, match="理由"):
        operations.recuse(county.township, complaint, None, " ", at=AT + DAY)
    operations.recuse(county.township, complaint, None, "当事人是我表哥", at=AT + DAY)
    db.session.commit()
    assert not sees(county.township, complaint)
    assert (complaint.owner_id, complaint.handler_id) == (county.township.organisation_id, None)
    assert [(found.kind, found.due_on, found.stopped_on) for found in complaint.clocks] == before
    assert others_at(colleague, complaint, at=AT + DAY) == []
    assert sees(colleague, complaint)
    with app.test_request_context():
        assert not items_for(county.township, clock.local_date(AT))
        titles = [item.title for item in items_for(colleague, clock.local_date(AT))]
    assert f"回避后没有人经办（{complaint.number}）" in titles
    story = queries.story(colleague, complaint)
    assert [(entry.kind, entry.text, entry.public) for entry in story][-1] == ("recused", "当事人是我表哥", False)
    assert "当事人是我表哥" not in repr(track(code, at=AT + DAY))
    for deed in (operations.accept, operations.start_investigation, operations.mark_read, operations.close):
        with pytest.raises(NotVisible):
            deed(county.township, complaint, at=AT + DAY)
    operations.start_investigation(colleague, complaint, at=AT + DAY)
    assert complaint.handler_id == colleague.official_id


def test_who_recuses_whom(county: County, colleague: Principal) -> None:
    complaint, _code = submit()
    other_approver = factories.principal(OrganisationKind.TOWNSHIP, APPROVER, region_code=OTHER_TOWNSHIP)
    approver = county.township_approver
    with pytest.raises(UserError, match="列出的人员"):
        operations.recuse(colleague, complaint, county.township.official_id, "理由", at=AT)
    with pytest.raises(UserError, match="列出的人员"):
        operations.recuse(approver, complaint, county.finance.official_id, "理由", at=AT)
    for stranger in (other_approver, county.discipline, county.finance):
        with pytest.raises(NotVisible):
            operations.recuse(stranger, complaint, county.township.official_id, "理由", at=AT)
    operations.recuse(approver, complaint, county.township.official_id, "与当事人有纠纷", at=AT)
    assert not sees(county.township, complaint)
    with pytest.raises(UserError, match="列出的人员"):
        operations.recuse(approver, complaint, county.township.official_id, "理由", at=AT)
    # The discipline commission, once the case has gone up to it.
    operations.escalate_overdue(system("night"), at=AT + 40 * DAY)
    operations.recuse(county.discipline, complaint, approver.official_id, "线索涉及他", at=AT + 40 * DAY)
    assert not sees(approver, complaint)
    assert sees(colleague, complaint)


def test_it_is_lifted_for_a_reason_by_somebody_else(county: County, colleague: Principal) -> None:
    complaint, _code = submit()
    operations.recuse(county.township, complaint, None, "当事人是我表哥", at=AT)
    whom = county.township.official_id
    assert whom is not None
    with pytest.raises(NotVisible):
        operations.lift_recusal(county.township, complaint, whom, "弄错了", at=AT)
    with pytest.raises(Conflict, match="没有回避"):
        operations.lift_recusal(colleague, complaint, whom, "弄错了", at=AT)
    with pytest.raises(UserError, match="为什么解除"):
        operations.lift_recusal(county.township_approver, complaint, whom, "", at=AT)
    operations.lift_recusal(county.township_approver, complaint, whom, "同名的另一个人", at=AT)
    assert sees(county.township, complaint)
    with pytest.raises(Conflict, match="没有回避"):
        operations.lift_recusal(county.township_approver, complaint, whom, "同名", at=AT)
    operations.recuse(county.township, complaint, None, "还是回避好", at=AT)
    assert len(db.session.scalars(select(Recusal)).all()) == 2
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == complaint.number)).all()
    assert actions.count("complaint.recuse") == 2 and "complaint.lift_recusal" in actions


def test_a_recusal_of_an_approver_is_not_his_to_lift(county: County, colleague: Principal) -> None:
    complaint, _code = submit()
    second = beside(county.township, APPROVER)
    assert county.township_approver.official_id is not None
    operations.recuse(second, complaint, county.township_approver.official_id, "理由", at=AT)
    with pytest.raises(NotVisible):
        operations.lift_recusal(county.township_approver, complaint, county.township_approver.official_id, "理", at=AT)
    operations.lift_recusal(second, complaint, county.township_approver.official_id, "弄错了", at=AT)
    assert sees(county.township_approver, complaint)


@pytest.mark.parametrize("state", ["received", "accepted", "investigating", "concluded"])
def test_where_nobody_else_could_handle_it_the_case_goes_up(county: County, state: str) -> None:
    complaint, code = submit()
    steps = {
        "accepted": lambda: operations.accept(county.township, complaint, at=AT),
        "investigating": lambda: operations.start_investigation(county.township, complaint, at=AT),
        "concluded": lambda: operations.conclude(county.township, complaint, "已补发。", at=AT),
    }
    for name, step in steps.items():
        if state in list(steps)[list(steps).index(name) :]:
            step()
    before = [(found.kind, found.due_on, found.stopped_on) for found in complaint.clocks]
    operations.recuse(county.township, complaint, None, "当事人是我表哥", at=AT + DAY)
    assert (complaint.state, complaint.owner_id, complaint.handler_id) == (state, county.finance.organisation_id, None)
    assert [(found.kind, found.due_on, found.stopped_on) for found in complaint.clocks] == before
    assert sees(county.finance, complaint) and not sees(county.township, complaint)
    told = track(code, at=AT + DAY)
    last = told.entries[-1]
    assert (last.kind, last.title, last.text) == ("passed_up", "办理人员回避，改由上一级单位办理", "")
    assert told.office == "finance 513426000000"
    assert county.township.name not in repr(told)


def test_it_goes_past_an_office_with_nobody_left_for_it(county: County) -> None:
    register(county.finance, county.finance, region_code=VILLAGE)
    complaint, _code = submit()
    operations.recuse(county.township, complaint, None, "理由", at=AT)
    assert complaint.owner_id == county.discipline.organisation_id


def test_where_there_is_nobody_above_it_is_refused_and_says_whom_to_ask(county: County) -> None:
    clue, _code = submit(category="fraud")
    with pytest.raises(Conflict, match="没有别的人能办理，上面也没有单位可以接办，所以还不能回避。请先由管理员"):
        operations.recuse(county.discipline, clue, None, "理由", at=AT)
    assert sees(county.discipline, clue)
    second = beside(county.discipline, HANDLER)
    operations.recuse(county.discipline, clue, None, "理由", at=AT)
    assert not sees(county.discipline, clue) and sees(second, clue)
    with pytest.raises(Conflict, match="没有别的人能办理"):
        operations.recuse(second, clue, None, "理由", at=AT)


def test_the_last_of_the_commission_stays_with_what_may_yet_come_to_it(county: County) -> None:
    complaint, _code = submit(anonymous=False, confidential=True, name="王某某")
    with pytest.raises(Conflict, match="没有别的人能办理"):
        operations.recuse(county.discipline, complaint, None, "理由", at=AT)


def test_a_recusal_of_the_commission_does_not_betray_a_confidential_reporter(county: County) -> None:
    complaint, _code = submit(anonymous=False, confidential=True, name="王某某")
    second = beside(county.discipline, HANDLER, APPROVER)
    with pytest.raises(UserError, match="列出的人员"):
        operations.recuse(second, complaint, county.township.official_id, "理由", at=AT)
    before = len(queries.story(county.township, complaint))
    operations.recuse(county.discipline, complaint, None, "是我亲戚", at=AT)
    assert len(queries.story(county.township, complaint)) == before
    assert queries.story(second, complaint)[-1].kind == "recused_in_confidence"
    assert county.discipline.official_id is not None
    operations.lift_recusal(second, complaint, county.discipline.official_id, "弄错了", at=AT)
    assert len(queries.story(county.township, complaint)) == before
    assert sees(county.discipline, complaint)


def test_an_answer_of_his_waits_no_longer(county: County, colleague: Principal) -> None:
    complaint, _code = submit()
    operations.accept(county.township, complaint, at=AT)
    operations.start_investigation(county.township, complaint, at=AT)
    approving.set_approval(county.township_approver, True, "质量不一", at=AT)
    approving.hand_in_answer(county.township, complaint, "已补发。", at=AT)
    operations.recuse(county.township, complaint, None, "理由", at=AT)
    assert approving.waiting_draft(complaint) is None
    approving.hand_in_answer(colleague, complaint, "已补发。", at=AT)
    register(county.township_approver, colleague, region_code=VILLAGE)
    assert approving.waiting_draft(complaint) is None


def test_nothing_is_assigned_to_whoever_keeps_out(county: County, colleague: Principal) -> None:
    complaint, _code = submit()
    free, _code = submit()
    assert colleague.official_id is not None
    operations.recuse(colleague, complaint, None, "理由", at=AT)
    outcome = assign(
        county.township, [complaint.number, free.number], colleague.official_id, also_from_others=True, at=AT
    )
    assert outcome.done == 1
    assert (complaint.handler_id, free.handler_id) == (None, colleague.official_id)


# --- Standing interests ------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["region", "organisation"])
def test_a_case_of_his_interest_never_exists_for_him(
    app: Flask, county: County, colleague: Principal, where: str
) -> None:
    about = county.village_office_id
    programme = factories.programme()
    there, _code = submit(about_organisation_id=about)
    elsewhere, _code = submit(region_code=TOWNSHIP)
    operations.accept(county.township, there, at=AT)
    given = {"region_code": VILLAGE} if where == "region" else {"organisation_id": about}
    register(county.township, county.township, **given)
    assert not sees(county.township, there) and sees(county.township, elsewhere)
    assert there.handler_id is None
    assert sees(colleague, there)
    later, _code = submit(about_organisation_id=about, programme_id=programme.id)
    assert not sees(county.township, later) and sees(colleague, later)
    assert programme.department_id is not None
    july = Wanted(Period("2020-07", Span.MONTH, date(2020, 7, 1), date(2020, 7, 31)))
    seen = figures(county.township, july, AT.date())
    assert seen.shown(By.OFFICE, str(county.township.organisation_id), "received") == 1
    assert cases_about(county.township, 1) == []
    with app.test_request_context():
        titles = [item.title for item in items_for(county.township, clock.local_date(AT))]
    assert not any(there.number in title or later.number in title for title in titles)


def test_a_sealed_one_neither_in_the_commission_itself(county: County) -> None:
    second = beside(county.discipline, HANDLER)
    clue, _code = submit(category="fraud")
    register(second, county.discipline, region_code=VILLAGE)
    assert not sees(county.discipline, clue) and sees(second, clue)
    with pytest.raises(NotVisible):
        operations.accept(county.discipline, clue, at=AT)


def test_somebody_of_the_commission_is_left_for_whatever_comes(county: County) -> None:
    with pytest.raises(Conflict, match="始终有一位办理人员"):
        register(county.discipline, county.discipline, region_code=VILLAGE)
    second = beside(county.discipline, HANDLER)
    register(county.discipline, county.discipline, region_code=VILLAGE)
    register(county.discipline, second, region_code=OTHER_TOWNSHIP)
    with pytest.raises(Conflict, match="始终有一位办理人员"):
        register(county.discipline, second, organisation_id=county.village_office_id)
    reader = beside(county.discipline, APPROVER)
    register(county.discipline, reader, region_code=VILLAGE)


def test_what_he_was_the_only_one_for_goes_up_at_once(county: County) -> None:
    here, code = submit()
    elsewhere, _code = submit(region_code=TOWNSHIP)
    operations.accept(county.township, here, at=AT)
    given = Registration(county.township.official_id or 0, "老家", AT.date(), region_code=VILLAGE)
    interest, gone = operations.register_interest(county.township, given, at=AT + DAY)
    assert gone == 1
    assert here.owner_id == county.finance.organisation_id and sees(county.finance, here)
    assert elsewhere.owner_id == county.township.organisation_id
    assert track(code, at=AT + DAY).entries[-1].kind == "passed_up"
    # What comes later does not come to an office that has nobody for it.
    later, _code = submit()
    assert later.owner_id == county.finance.organisation_id
    operations.end_interest(county.township_approver, interest, "搬走了", at=AT + DAY)
    assert submit()[0].owner_id == county.township.organisation_id


def test_a_review_and_a_misrouted_case_go_past_it_too(county: County) -> None:
    register(county.finance, county.finance, region_code=VILLAGE)
    complaint, code = submit()
    assert county.finance.organisation_id not in {office.id for office in misrouted.targets(complaint)}
    operations.accept(county.township, complaint, at=AT)
    operations.start_investigation(county.township, complaint, at=AT)
    operations.conclude(county.township, complaint, "答复", at=AT)
    operations.ask_review(code, "不满意", at=AT)
    assert complaint.owner_id == county.discipline.organisation_id


def test_who_enters_and_who_ends(county: County, colleague: Principal) -> None:
    with pytest.raises(UserError, match="是谁的"):
        register(colleague, county.township, region_code=VILLAGE)
    with pytest.raises(UserError, match="是谁的"):
        register(county.township_approver, county.finance, region_code=VILLAGE)
    own = register(county.township, county.township, region_code=VILLAGE)
    by_approver = register(county.township_approver, colleague, organisation_id=county.village_office_id)
    by_commission = register(county.discipline, county.finance, region_code=OTHER_TOWNSHIP)
    assert (own.entered_by, by_approver.entered_by) == (
        county.township.official_id,
        county.township_approver.official_id,
    )
    for person in (county.township, colleague, county.finance):
        with pytest.raises(PermissionDenied):
            operations.end_interest(person, own, "理由", at=AT)
    with pytest.raises(UserError, match="请写明理由"):
        operations.end_interest(county.township_approver, own, "", at=AT)
    operations.end_interest(county.township_approver, own, "搬走了", at=AT + DAY)
    assert (own.until, own.end_reason, own.ended_by) == (
        (AT + DAY).date(),
        "搬走了",
        county.township_approver.official_id,
    )
    with pytest.raises(Conflict, match="已经注销"):
        operations.end_interest(county.discipline, own, "理由", at=AT)
    operations.end_interest(county.discipline, by_commission, "离婚", at=AT)
    seen = {
        found.visible_to
        for found in db.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "interest"))
    }
    assert seen == {"discipline"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reason": ""}, "请写明理由"),
        ({"region_code": ""}, "选一个单位，或者选一个地方"),
        ({"organisation_id": 1}, "选一个单位，或者选一个地方"),
        ({"region_code": "513426000000"}, "请选择乡镇"),
        ({"region_code": "1"}, "请选择乡镇"),
        ({"region_code": "", "organisation_id": 999999}, "没有找到您选的单位"),
        ({"since": AT.date() + DAY}, "从哪一天起"),
    ],
)
def test_what_is_wrong_is_said(county: County, wrong: dict[str, Any], said: str) -> None:
    fields: dict[str, Any] = {"region_code": VILLAGE}
    with pytest.raises(UserError, match=said):
        register(county.township, county.township, **(fields | wrong))
    register(county.township, county.township, region_code=VILLAGE)
    with pytest.raises(Conflict, match="已经登记过"):
        register(county.township, county.township, region_code=VILLAGE)


def test_it_is_refused_whole_where_a_case_would_be_left_to_nobody(app: Flask) -> None:
    factories.load_regions()
    alone = factories.principal(OrganisationKind.TOWNSHIP, HANDLER, region_code=TOWNSHIP)
    factories.organisation(OrganisationKind.FINANCE)
    complaint, _code = submit()
    db.session.commit()
    with pytest.raises(Conflict, match="没有别的人能办理"):
        register(alone, alone, region_code=VILLAGE)
    db.session.rollback()
    assert sees(alone, complaint)
    assert db.session.scalars(select(Interest)).all() == []


def test_no_clock_stands_still_while_nobody_handles_it(county: County, colleague: Principal) -> None:
    complaint, _code = submit()
    operations.accept(county.township, complaint, at=AT)
    operations.recuse(county.township, complaint, None, "理由", at=AT)
    resolve = next(found for found in complaint.clocks if found.kind == ClockKind.RESOLVE.value)
    assert resolve.stopped_on is None
    assert operations.escalate_overdue(system("night"), at=AT + 40 * DAY)["resolve_overdue"] == 1
