"""Taking over: a late case stays with its owner until the office that it went up to takes it."""

from datetime import datetime

from sqlalchemy import exists, select, update

from complaints import rules
from complaints.models import Complaint, Escalation, Takeover
from complaints.operations.case import add_entry, checked_text, record
from complaints.operations.extending import find_granter
from complaints.operations.linking import leave_group
from complaints.operations.objecting import end_objection
from complaints.queries import is_visible
from core.database import db, rows_changed
from core.errors import Conflict, NotVisible, PermissionDenied
from core.msgid import N_
from core.principal import Principal


def went_up_to(principal: Principal, complaint: Complaint) -> bool:
    """Whether the case went up to the principal's office because it was late."""
    found = exists().where(
        Escalation.complaint_id == complaint.id, Escalation.to_organisation_id == principal.organisation_id
    )
    return bool(db.session.scalar(select(found)))


def may_take_over(principal: Principal, complaint: Complaint) -> bool:
    """Whether the principal's office supervises the case, has not got it, and there is still something to do."""
    return (
        principal.may(rules.HANDLE_COMPLAINTS)
        and complaint.state in rules.UNANSWERED
        and not complaint.sealed
        and complaint.owner_id != principal.organisation_id
        and went_up_to(principal, complaint)
    )


def take_over(principal: Principal, complaint: Complaint, reason: str, *, at: datetime) -> None:
    """Make the supervising office the owner of a late case. No clock moves; the office that had it still sees it, and
    the reporter reads in the story who has it now and why.

    Raises NotVisible, PermissionDenied for an office that it did not go up to, Conflict where somebody was quicker.
    """
    principal.require(rules.HANDLE_COMPLAINTS)
    if not is_visible(principal, complaint):
        raise NotVisible
    if not went_up_to(principal, complaint):
        raise PermissionDenied("只有督办这件事的单位可以接办。")
    said = checked_text(reason, N_("请写明为什么接办，反映人会看到。"))
    if not may_take_over(principal, complaint):
        raise Conflict("这件事现在不能接办：已经答复、已经结束，或者已经在您单位。")
    before = complaint.owner_id
    moved = db.session.execute(
        update(Complaint)
        .where(
            Complaint.id == complaint.id,
            Complaint.owner_id == before,
            Complaint.sealed.is_(False),
            Complaint.state.in_(rules.UNANSWERED),
        )
        .values(owner_id=principal.organisation_id, handler_id=principal.official_id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(complaint)
    if not rows_changed(moved):
        raise Conflict("刚才已有同事办理了这一步。请刷新页面后再看。")
    end_objection(complaint, principal, at=at)
    leave_group(principal, complaint, at=at)
    find_granter(complaint)
    db.session.add(
        Takeover(
            complaint_id=complaint.id,
            from_organisation_id=before,
            to_organisation_id=principal.organisation_id,
            official_id=principal.official_id,
            at=at,
        )
    )
    add_entry(complaint, principal, "taken_over", said, public=True, at=at)
    record(principal, "take_over", complaint, at=at, from_organisation_id=before)
    db.session.flush()
