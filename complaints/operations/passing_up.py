"""A case that nobody of its office may have any more goes up the line, at once (信访工作条例 §28)."""

from datetime import datetime

from sqlalchemy import update

from complaints import rules
from complaints.interests import able_offices_for, has_somebody, kept_away_from
from complaints.misrouted import deciding_office, not_theirs, waiting_objection
from complaints.models import Complaint
from complaints.offices import case_of, office_of
from complaints.operations.case import add_entry, record
from complaints.operations.extending import find_granter
from complaints.operations.linking import leave_group
from complaints.operations.objecting import end_objection
from core.database import db, rows_changed
from core.errors import Conflict
from core.msgid import N_
from core.principal import OrganisationKind, Principal

NOBODY_ELSE = N_(
    "没有别的人能办理，上面也没有单位可以接办，所以还不能回避。请先由管理员给本单位另一位办理人员开通账号；急的请联系纪委监委。"
)
NOBODY_ABOVE = N_(
    "没有别的人能办理，上面也没有单位可以接办，所以还不能回避。请先由管理员给本单位另一位办理人员开通账号；急的请报告本单位负责人。"
)
"""The same for the discipline commission itself."""


def nobody_else(kind: str) -> str:
    """Why the last official of an office of that kind cannot be kept from a case."""
    return NOBODY_ABOVE if kind == OrganisationKind.DISCIPLINE.value else NOBODY_ELSE


def leave_to_somebody(principal: Principal, complaint: Complaint, office_id: int, *, at: datetime) -> bool:
    """See to it that there is somebody for the case after an official of that office has been kept from it: where the
    office has it and nobody else could handle it, it goes to the next office up the line that has somebody; where the
    office decides upon an objection and nobody else could, the next one up the line decides. No clock moves.

    Returns whether the case has gone up. Raises Conflict where there is nobody above.
    """
    away = kept_away_from(complaint)
    if complaint.state not in rules.OPEN or has_somebody(office_id, away):
        return False
    if complaint.owner_id != office_id:
        _ask_somebody_else(principal, complaint, office_id, at)
        return False
    passed_before = not_theirs(complaint)
    staffed = [
        office
        for office in able_offices_for(complaint)
        if office.id not in passed_before and has_somebody(office.id, away)
    ]
    above = rules.next_above(office_of(complaint.owner), case_of(complaint), staffed)
    if above is None or complaint.sealed:
        raise Conflict(nobody_else(complaint.owner.kind))
    moved = db.session.execute(
        update(Complaint)
        .where(Complaint.id == complaint.id, Complaint.owner_id == office_id, Complaint.sealed.is_(False))
        .values(owner_id=above.id, handler_id=None)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(complaint)
    if not rows_changed(moved):
        raise Conflict("刚才已有同事办理了这一步。请刷新页面后再看。")
    end_objection(complaint, principal, at=at)
    leave_group(principal, complaint, at=at)
    find_granter(complaint)
    add_entry(complaint, principal, "passed_up", public=True, at=at)
    record(principal, "pass_up", complaint, at=at, from_organisation_id=office_id, to_organisation_id=above.id)
    db.session.flush()
    return True


def _ask_somebody_else(principal: Principal, complaint: Complaint, office_id: int, at: datetime) -> None:
    """Nobody of the office can decide upon an objection any more."""
    objection = waiting_objection(complaint)
    if objection is None or objection.deciding_id != office_id:
        return
    above = deciding_office(complaint)
    if above is None:
        end_objection(complaint, principal, at=at)
    else:
        objection.deciding_id = above.id
        db.session.flush()
