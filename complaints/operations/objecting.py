"""Misrouted: the office that has a case says that it is not for it, and the one above decides (信访工作条例 §23)."""

from datetime import datetime

from sqlalchemy import update

from complaints import rules
from complaints.misrouted import (
    arrived,
    decides,
    deciding_office,
    may_redirect,
    targets,
    waiting_objection,
)
from complaints.models import Complaint, RoutingObjection
from complaints.operations.case import add_entry, book_of, checked_text, hold, record
from complaints.operations.desk import require_handler
from complaints.operations.linking import leave_group
from complaints.queries import is_visible
from complaints.rules import Office
from core import workflow
from core.calendar import local_date
from core.database import db, rows_changed
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.msgid import N_
from core.principal import Principal
from core.working_days import load_calendar


def object_to_routing(
    principal: Principal, complaint: Complaint, proposed_id: int, reason: str, *, at: datetime
) -> RoutingObjection:
    """Say that the case is not for the own office, and for which it is. The next office above decides; until then no
    clock moves, and the case stays where it is and may still be accepted.

    Once, before anybody has taken it on, within the working days of the rulebook after it came here. Raises UserError
    for an office that may not have it, Conflict where it is too late or nobody stands above.
    """
    hold(complaint)
    require_handler(principal, complaint)
    if complaint.sealed:
        raise Conflict("移送的线索不能转办。")
    said = checked_text(reason, N_("请写明为什么不属于本单位，由上一级单位裁定。"))
    book, calendar = book_of(complaint), load_calendar()
    case = arrived(complaint)
    if case.waiting:
        raise Conflict("已经提出异议，正在等上一级单位裁定。")
    if case.refused:
        raise Conflict("上一级单位已经裁定由本单位办理，不能再提出异议。请受理，或者写明理由不予受理。")
    if not rules.may_object(case, local_date(at), book, calendar):
        raise Conflict(
            "现在不能提出异议：只能在收到后 %(days)d 个工作日内、受理之前提出。请受理，或者写明理由不予受理。",
            days=book.objection.days,
        )
    deciding = deciding_office(complaint)
    if deciding is None:
        raise Conflict("本单位上面没有单位可以裁定，请直接转办。")
    proposed = _target(complaint, proposed_id)
    objection = RoutingObjection(
        complaint_id=complaint.id,
        organisation_id=complaint.owner_id,
        official_id=principal.official_id,
        proposed_id=proposed.id,
        deciding_id=deciding.id,
        reason=said,
        at=at,
    )
    db.session.add(objection)
    add_entry(complaint, principal, "objected", f"{proposed.name}：{said}", public=False, at=at)
    record(principal, "object_to_routing", complaint, at=at, proposed_id=proposed.id, deciding_id=deciding.id)
    db.session.flush()
    return objection


def pass_on(principal: Principal, complaint: Complaint, to_organisation_id: int, reason: str, *, at: datetime) -> None:
    """Decide that the case goes to another office, the proposed one or not; the reporter reads why. No clock moves.

    Raises NotVisible, PermissionDenied for an office that does not decide, UserError for one that may not have it,
    Conflict where the objection waits no longer.
    """
    objection = _to_decide(principal, complaint)
    said = checked_text(reason, N_("请写明转办的理由，反映人会看到。"))
    target = _target(complaint, to_organisation_id)
    _end(objection, "passed_on", principal, at)
    _hand_over(principal, complaint, target, said, at)


def refuse_objection(principal: Principal, complaint: Complaint, reason: str, *, at: datetime) -> None:
    """Decide that the case stays; its office cannot object again. Raises what pass_on raises."""
    objection = _to_decide(principal, complaint)
    said = checked_text(reason, N_("请写明为什么由原单位办理。"))
    _end(objection, "refused", principal, at)
    add_entry(complaint, principal, "objection_refused", said, public=False, at=at)
    record(principal, "refuse_objection", complaint, at=at)
    db.session.flush()


def redirect(principal: Principal, complaint: Complaint, to_organisation_id: int, reason: str, *, at: datetime) -> None:
    """Pass a misrouted case on, by an office above which there is nobody to decide. No clock moves.

    Raises UserError for an office that may not have it: the one complained of, one not above it, the same one, one
    that handles no complaints, or the discipline commission (which is what refer_to_discipline is for); Conflict where
    somebody stands above.
    """
    require_handler(principal, complaint)
    if complaint.sealed:
        raise Conflict("移送的线索不能转办。")
    said = checked_text(reason, N_("请写明转办的理由，反映人会看到。"))
    target = _target(complaint, to_organisation_id)
    if not may_redirect(complaint):
        raise Conflict("不属于本单位的，请提出异议，由上一级单位裁定转给谁；已经受理的不能转办。")
    _hand_over(principal, complaint, target, said, at)


def end_objection(complaint: Complaint, principal: Principal, *, at: datetime) -> None:
    """Nobody has to decide any more: the case was taken on, or left the desk in another way."""
    objection = waiting_objection(complaint)
    if objection is not None:
        _end(objection, "withdrawn", principal, at)


def _to_decide(principal: Principal, complaint: Complaint) -> RoutingObjection:
    hold(complaint)
    principal.require(rules.HANDLE_COMPLAINTS)
    if not is_visible(principal, complaint):
        raise NotVisible
    objection = waiting_objection(complaint)
    if objection is None:
        raise Conflict("没有等待裁定的异议：可能已经裁定，或者原单位已经受理。请刷新页面后再看。")
    if not decides(principal, objection):
        raise PermissionDenied("这件异议由别的单位裁定。")
    return objection


def _target(complaint: Complaint, organisation_id: int) -> Office:
    found = next((office for office in targets(complaint) if office.id == organisation_id), None)
    if found is None:
        raise UserError("不能转给这个单位。请从列出的单位中选择；被反映的单位及其下级不能办理。")
    return found


def _end(objection: RoutingObjection, outcome: str, principal: Principal, at: datetime) -> None:
    ended = db.session.execute(
        update(RoutingObjection)
        .where(RoutingObjection.id == objection.id, RoutingObjection.ended_at.is_(None))
        .values(outcome=outcome, ended_by=principal.official_id, ended_at=at)
    )
    if not rows_changed(ended):
        raise Conflict("刚才已有同事办理了这一步。请刷新页面后再看。")


def _hand_over(principal: Principal, complaint: Complaint, target: Office, said: str, at: datetime) -> None:
    workflow.move(rules.COMPLAINT_WORKFLOW, complaint, "redirect", principal, at=at)
    before = complaint.owner_id
    complaint.owner_id, complaint.handler_id = target.id, None
    leave_group(principal, complaint, at=at)
    add_entry(complaint, principal, "redirected", said, public=True, at=at)
    record(principal, "redirect", complaint, at=at, from_organisation_id=before, to_organisation_id=target.id)
    db.session.flush()
    db.session.expire(complaint, ["owner", "handler"])
