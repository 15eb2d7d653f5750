"""Misrouted: the office that has a case objects, the one above decides, and no clock minds (信访工作条例 §23)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from complaints import misrouted, operations, queries
from complaints.models import Complaint, Escalation, RoutingObjection
from complaints.operations.taking_over import take_over
from complaints.tracking import track
from core import clock
from core.board import items_for
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role, system
from tests import factories
from tests.complaints.county import AT, County, submit
from tests.complaints.test_handling import sees

DAY = timedelta(days=1)


def office(principal: Principal) -> int:
    assert principal.organisation_id is not None
    return principal.organisation_id


def objected(county: County, **values: Any) -> tuple[Complaint, str]:
    complaint, code = submit(**values)
    operations.object_to_routing(county.township, complaint, office(county.other_township), "不属于本镇", at=AT + DAY)
    db.session.commit()
    return complaint, code


def clocks(complaint: Complaint) -> list[tuple[object, ...]]:
    return [(found.kind, found.started_on, found.due_on, found.stopped_on) for found in complaint.clocks]


def test_the_office_above_passes_it_on_and_the_clocks_run_on(county: County) -> None:
    complaint, code = submit()
    before = clocks(complaint)
    assert not sees(county.finance, complaint)
    operations.object_to_routing(county.township, complaint, office(county.other_township), "不属于本镇", at=AT + DAY)
    assert complaint.state == "received" and sees(county.township, complaint)
    assert sees(county.finance, complaint)
    for nobody in (county.other_township, county.department, county.discipline):
        assert not sees(nobody, complaint)
    operations.pass_on(county.finance, complaint, office(county.department), "由主管部门答复", at=AT + DAY)
    assert (complaint.state, complaint.owner_id) == ("redirected", office(county.department))
    assert clocks(complaint) == before
    assert sees(county.department, complaint)
    assert not sees(county.township, complaint) and not sees(county.finance, complaint)
    operations.accept(county.department, complaint, at=AT + DAY)
    told = track(code, at=AT + DAY).entries
    assert [(entry.kind, entry.text) for entry in told] == [
        ("received", ""),
        ("redirected", "由主管部门答复"),
        ("accepted", ""),
    ]
    story = [(entry.kind, entry.text, entry.public) for entry in queries.story(county.department, complaint)]
    assert ("objected", f"township {county.other_township.region_prefix}000：不属于本镇", False) in story


def test_the_office_above_refuses_once_and_for_all(county: County) -> None:
    complaint, code = objected(county)
    with pytest.raises(UserError, match="为什么由原单位办理"):
        operations.refuse_objection(county.finance, complaint, " ", at=AT + DAY)
    operations.refuse_objection(county.finance, complaint, "就在贵镇", at=AT + DAY)
    assert not sees(county.finance, complaint)
    assert complaint.state == "received"
    with pytest.raises(Conflict, match="已经裁定由本单位办理"):
        operations.object_to_routing(county.township, complaint, office(county.department), "再看看", at=AT + DAY)
    operations.accept(county.township, complaint, at=AT + DAY)
    assert [entry.kind for entry in track(code, at=AT + DAY).entries] == ["received", "accepted"]


def test_only_the_office_that_decides_decides(county: County) -> None:
    complaint, _code = objected(county)
    to = office(county.department)
    for person, error in (
        (county.township, PermissionDenied),
        (county.township_approver, PermissionDenied),
        (county.other_township, NotVisible),
        (county.department, NotVisible),
        (county.discipline, NotVisible),
    ):
        with pytest.raises(error):
            operations.pass_on(person, complaint, to, "理由", at=AT + DAY)
        with pytest.raises(error):
            operations.refuse_objection(person, complaint, "理由", at=AT + DAY)
    reader = factories.principal(OrganisationKind.FINANCE, Role.APPROVER)
    with pytest.raises(PermissionDenied):
        operations.pass_on(reader, complaint, to, "理由", at=AT + DAY)
    # It decides where the case belongs; it does not handle it, nor is it given what only the owner may know.
    with pytest.raises(PermissionDenied):
        operations.accept(county.finance, complaint, at=AT + DAY)
    with pytest.raises(PermissionDenied):
        operations.reveal_reporter(county.finance, complaint, "理由", at=AT + DAY)
    with pytest.raises(UserError, match="不能转给"):
        operations.pass_on(county.finance, complaint, office(county.discipline), "理由", at=AT + DAY)
    operations.pass_on(county.finance, complaint, office(county.finance), "由本局办理", at=AT + DAY)
    assert complaint.owner_id == office(county.finance)


def test_it_is_asked_within_five_working_days_of_coming_here(county: County) -> None:
    complaint, _code = submit()
    assert misrouted.may_object(complaint, (AT + 7 * DAY).date())
    assert misrouted.objecting_ends(complaint) == (AT + 7 * DAY).date()
    with pytest.raises(Conflict, match="5 个工作日"):
        operations.object_to_routing(county.township, complaint, office(county.department), "理由", at=AT + 8 * DAY)
    operations.object_to_routing(county.township, complaint, office(county.department), "理由", at=AT + 7 * DAY)
    operations.pass_on(county.finance, complaint, office(county.other_township), "理由", at=AT + 7 * DAY)
    # For the next office the days begin when it comes there.
    operations.object_to_routing(county.other_township, complaint, office(county.department), "理由", at=AT + 14 * DAY)
    with pytest.raises(Conflict, match="正在等"):
        operations.object_to_routing(county.other_township, complaint, office(county.finance), "理由", at=AT + 14 * DAY)


def test_a_case_never_goes_back_to_an_office_that_was_right(county: County) -> None:
    complaint, _code = objected(county)
    operations.pass_on(county.finance, complaint, office(county.other_township), "理由", at=AT + DAY)
    with pytest.raises(UserError, match="不能转给"):
        operations.object_to_routing(county.other_township, complaint, office(county.township), "是他们的", at=AT)
    operations.object_to_routing(county.other_township, complaint, office(county.department), "也不是", at=AT + DAY)
    with pytest.raises(UserError, match="不能转给"):
        operations.pass_on(county.finance, complaint, office(county.township), "理由", at=AT + DAY)
    operations.pass_on(county.finance, complaint, office(county.department), "理由", at=AT + DAY)
    assert {found.id for found in misrouted.targets(complaint)} == {office(county.finance)}


def test_it_may_go_neither_to_the_office_complained_of_nor_below_it(county: County) -> None:
    complaint, _code = submit(about_organisation_id=office(county.department))
    assert complaint.owner_id == office(county.finance)
    assert misrouted.targets(complaint) == []
    assert not misrouted.may_object(complaint, AT.date())
    for refused in (county.department, county.township, county.other_township, county.discipline, county.finance):
        with pytest.raises(UserError, match="不能转给"):
            operations.object_to_routing(county.finance, complaint, office(refused), "理由", at=AT)
    with pytest.raises(UserError, match="不能转给"):
        operations.object_to_routing(county.finance, complaint, county.village_office_id, "理由", at=AT)


def accepted(county: County, complaint: Complaint) -> None:
    operations.accept(county.township, complaint, at=AT + 2 * DAY)


def declined(county: County, complaint: Complaint) -> None:
    operations.decline(county.township, complaint, "理由", at=AT + 2 * DAY)


def referred(county: County, complaint: Complaint) -> None:
    operations.refer_to_discipline(county.township, complaint, "疑似截留", at=AT + 2 * DAY)


def taken_over(county: County, complaint: Complaint) -> None:
    operations.escalate_overdue(system("night"), at=AT + 10 * DAY)
    take_over(county.finance, complaint, "一直没有受理", at=AT + 10 * DAY)


@pytest.mark.parametrize("end", [accepted, declined, referred, taken_over])
def test_what_else_becomes_of_the_case_ends_it(county: County, end: Callable[[County, Complaint], None]) -> None:
    complaint, _code = objected(county)
    end(county, complaint)
    db.session.commit()
    objection = db.session.scalars(select(RoutingObjection)).one()
    assert (objection.outcome, objection.ended_at is not None) == ("withdrawn", True)
    assert not sees(county.finance, complaint) or end is taken_over
    with pytest.raises((Conflict, NotVisible)):
        operations.pass_on(county.finance, complaint, office(county.department), "理由", at=AT + 10 * DAY)


def test_it_goes_up_at_its_day_all_the_same(county: County) -> None:
    complaint, _code = objected(county)
    operations.escalate_overdue(system("night"), at=AT + 10 * DAY)
    assert [found.level for found in db.session.scalars(select(Escalation))] == ["accept_overdue"]
    assert misrouted.waiting_objection(complaint) is not None


def test_where_nobody_stands_above_the_office_passes_it_on_by_itself(county: County) -> None:
    complaint, code = submit(about_organisation_id=county.village_office_id)
    complaint.owner_id = office(county.discipline)
    db.session.flush()
    assert misrouted.may_redirect(complaint)
    with pytest.raises(Conflict, match="直接转办"):
        operations.object_to_routing(county.discipline, complaint, office(county.finance), "理由", at=AT)
    operations.redirect(county.discipline, complaint, office(county.finance), "由财政办理", at=AT)
    assert complaint.owner_id == office(county.finance)
    with pytest.raises(Conflict, match="请提出异议"):
        operations.redirect(county.finance, complaint, office(county.department), "理由", at=AT)
    assert track(code, at=AT).entries[-1].text == "由财政办理"


def test_a_clue_is_neither_objected_to_nor_passed_on(county: County) -> None:
    complaint, _code = submit(category="fraud")
    for verb in (operations.redirect, operations.object_to_routing):
        with pytest.raises(Conflict, match="线索"):
            verb(county.discipline, complaint, office(county.finance), "理由", at=AT)


def test_what_has_been_taken_on_is_not_objected_to(county: County) -> None:
    complaint, _code = submit()
    operations.accept(county.township, complaint, at=AT)
    with pytest.raises(Conflict, match="受理之前"):
        operations.object_to_routing(county.township, complaint, office(county.department), "理由", at=AT)
    with pytest.raises(UserError, match="为什么不属于"):
        operations.object_to_routing(county.township, complaint, office(county.department), "", at=AT)


def test_the_board_of_the_office_that_decides_shows_the_day_to_accept(app: Flask, county: County) -> None:
    complaint, _code = objected(county)
    with app.test_request_context():
        items = [(item.title, item.due_on) for item in items_for(county.finance, clock.local_date(AT))]
        assert items == [(f"裁定转办异议（{complaint.number}）", complaint.queue_on)]
        assert not items_for(county.department, clock.local_date(AT))
    operations.accept(county.township, complaint, at=AT + DAY)
    with app.test_request_context():
        assert not items_for(county.finance, clock.local_date(AT))


def test_whoever_decides_may_have_to_keep_out_as_well(county: County) -> None:
    complaint, _code = objected(county)
    operations.recuse(county.finance, complaint, None, "当事人是我妹妹", at=AT + DAY)
    assert not sees(county.finance, complaint)
    # Nobody else of finance could decide: the discipline commission does, the only one above that has somebody.
    assert sees(county.discipline, complaint)
    operations.pass_on(county.discipline, complaint, office(county.department), "由部门办理", at=AT + DAY)
    assert complaint.owner_id == office(county.department)
