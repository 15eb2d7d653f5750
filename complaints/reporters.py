"""Who is told who a reporter is. A confidential one is for the discipline commission only: for everybody else the case
reads as if he had stayed unnamed, in every word and every button."""

from flask_babel import gettext
from sqlalchemy import select

from complaints import rules
from complaints.desk_models import Takeover
from complaints.models import Complaint, Escalation
from core.database import db
from core.identity import mask_name, mask_phone
from core.principal import Principal


def reads_as_anonymous(principal: Principal, complaint: Complaint) -> bool:
    """Whether there is no reporter to know of for the principal: he left no name, or not for him."""
    withheld = complaint.confidential and not principal.may(rules.READ_SEALED)
    return complaint.anonymous or not complaint.reporter_name or withheld


def may_reveal(principal: Principal, complaint: Complaint) -> bool:
    """Whether the principal, who sees the case, may be shown name and phone for a reason that is recorded: the office
    that has it; a confidential one the discipline commission, wherever the case lies."""
    own = complaint.owner_id == principal.organisation_id
    known = not reads_as_anonymous(principal, complaint)
    return known and (own or complaint.confidential) and principal.may(rules.HANDLE_COMPLAINTS)


def concerns_office(principal: Principal, complaint: Complaint) -> bool:
    """Whether the case lies on the principal's desk, has gone up to his office, was taken over from it or is reviewed
    for its answer. The discipline commission sees confidential ones besides; what it would write into them would tell
    the office in charge of which kind they are."""
    office = principal.organisation_id
    if office in (complaint.owner_id, complaint.review.answered_by_id if complaint.review else None):
        return office is not None
    told = select(Escalation.id).where(Escalation.complaint_id == complaint.id, Escalation.to_organisation_id == office)
    taken = select(Takeover.id).where(Takeover.complaint_id == complaint.id, Takeover.from_organisation_id == office)
    return any(db.session.scalar(found.limit(1)) is not None for found in (told, taken))


def masked_reporter(principal: Principal, complaint: Complaint) -> str:
    """The reporter as the page of the case names him."""
    if reads_as_anonymous(principal, complaint):
        return str(gettext("匿名"))
    phone = mask_phone(complaint.reporter_phone) if complaint.reporter_phone else gettext("未留电话")
    shown = f"{mask_name(complaint.reporter_name or '')} {phone}"
    return str(gettext("%(reporter)s（保密，只有纪委监委知道）", reporter=shown)) if complaint.confidential else shown
