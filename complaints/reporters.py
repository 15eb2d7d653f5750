"""Who is told who a reporter is. A confidential one is for the discipline commission only: for everybody else the case
reads as if he had stayed unnamed, in every word and every button."""

from flask_babel import gettext
from sqlalchemy import CompoundSelect, select, union_all

from complaints import rules
from complaints.models import Clock, Complaint, Escalation, Extension, RoutingObjection, Takeover
from core.database import db
from core.identity import is_mobile, mask_name, mask_phone
from core.principal import Principal


def reads_as_anonymous(principal: Principal, complaint: Complaint) -> bool:
    """Whether there is no reporter to know of for the principal: he left no name, or not for him."""
    withheld = complaint.confidential and not principal.may(rules.READ_SEALED)
    return complaint.anonymous or not complaint.reporter_name or withheld


def gets_sms(complaint: Complaint) -> bool:
    """Whether its reporter is told by SMS: he left a mobile number. Never of a sealed case: whoever picks up the phone
    must not learn of it. Nor of a confidential one: the outbox would show that he is known."""
    phone = complaint.reporter_phone
    return bool(phone and is_mobile(phone)) and not complaint.sealed and not complaint.confidential


def may_reveal(principal: Principal, complaint: Complaint) -> bool:
    """Whether the principal, who sees the case, may be shown name and phone for a reason that is recorded: the office
    that has it; a confidential one the discipline commission, wherever the case lies."""
    own = complaint.owner_id == principal.organisation_id
    known = not reads_as_anonymous(principal, complaint)
    return known and (own or complaint.confidential) and principal.may(rules.HANDLE_COMPLAINTS)


def offices_concerned(complaint: Complaint) -> set[int]:
    """The offices on whose desk the case lies, to which it has gone up, from which it was taken over, whose answer is
    reviewed in it, or which decide where it belongs or whether it has more days."""
    review = [complaint.review.answered_by_id] if complaint.review else []
    others: CompoundSelect[int] = union_all(
        select(Escalation.to_organisation_id).where(Escalation.complaint_id == complaint.id),
        select(Takeover.from_organisation_id).where(Takeover.complaint_id == complaint.id),
        select(RoutingObjection.deciding_id).where(
            RoutingObjection.complaint_id == complaint.id, RoutingObjection.ended_at.is_(None)
        ),
        select(Extension.deciding_id)
        .join(Clock, Clock.id == Extension.clock_id)
        .where(
            Clock.complaint_id == complaint.id,
            Clock.stopped_on.is_(None),
            Extension.granted.is_(None),
            Extension.deciding_id.is_not(None),
        ),
    )
    return {complaint.owner_id, *review, *db.session.scalars(others)}


def concerns_office(principal: Principal, complaint: Complaint) -> bool:
    """Whether the case is a matter of the principal's office. The discipline commission sees confidential ones besides;
    what it would write into them would tell the office in charge of which kind they are."""
    return principal.organisation_id in offices_concerned(complaint)


def masked_reporter(principal: Principal, complaint: Complaint) -> str:
    """The reporter as the page of the case names him."""
    if reads_as_anonymous(principal, complaint):
        return str(gettext("匿名"))
    phone = mask_phone(complaint.reporter_phone) if complaint.reporter_phone else gettext("未留电话")
    shown = f"{mask_name(complaint.reporter_name or '')} {phone}"
    return str(gettext("%(reporter)s（保密，只有纪委监委知道）", reporter=shown)) if complaint.confidential else shown
