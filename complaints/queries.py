"""Reads, always through the principal: a case that he may not see does not exist for him."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true, union_all

from complaints import rules
from complaints.models import Complaint, Escalation
from core.database import db
from core.errors import NotVisible
from core.plain_text import plain_without_spaces
from core.principal import Principal, PrincipalKind


def visible_complaints(principal: Principal) -> ColumnElement[bool]:
    """The one condition of who sees which case, for every list, count, search, board and export.

    An office sees what lies on its desk and what has gone up to it. Nobody of the organisation complained of sees the
    case about it. A sealed case exists for the discipline commission only. The system's jobs see all.
    """
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    if not principal.may(rules.READ_COMPLAINTS) or principal.organisation_id is None:
        return false()
    return and_(_concerns(principal), not_withheld(principal))


def on_desk(principal: Principal) -> ColumnElement[bool]:
    """Cases of the principal's own office."""
    return Complaint.owner_id == principal.organisation_id


def supervised(principal: Principal) -> ColumnElement[bool]:
    """Cases that have gone up to the principal's office because they were late."""
    told = select(Escalation.complaint_id).where(Escalation.to_organisation_id == principal.organisation_id)
    return Complaint.id.in_(told)


def _concerns(principal: Principal) -> ColumnElement[bool]:
    """On the own desk or gone up to it. One list of ids, not an OR: an index serves each half of it."""
    if principal.organisation_kind not in rules.SUPERVISING_KINDS:
        return on_desk(principal)
    own = select(Complaint.id).where(on_desk(principal))
    told = select(Escalation.complaint_id).where(Escalation.to_organisation_id == principal.organisation_id)
    return Complaint.id.in_(union_all(own, told))


def not_withheld(principal: Principal) -> ColumnElement[bool]:
    """Not about his own office, and not sealed unless he is of the discipline commission."""
    about = Complaint.about_organisation_id
    withheld = or_(about.is_(None), about != principal.organisation_id)
    return withheld if principal.may(rules.READ_SEALED) else and_(withheld, Complaint.sealed.is_(False))


def is_visible(principal: Principal, complaint: Complaint) -> bool:
    """Whether this case exists for the principal."""
    found = select(Complaint.id).where(Complaint.id == complaint.id, visible_complaints(principal))
    return db.session.scalar(found) is not None


def complaint_by_number(principal: Principal, number: str) -> Complaint:
    """The case of that public number. Raises NotVisible where there is none for him."""
    found = db.session.scalar(
        select(Complaint).where(Complaint.number == clean_code(number), visible_complaints(principal))
    )
    if found is None:
        raise NotVisible
    return found


def complaint_by_receipt(receipt_code: str) -> Complaint:
    """The case of that receipt code, which is the reporter's only key. Raises NotVisible for any other."""
    code = clean_code(receipt_code)
    if len(code) != rules.RECEIPT_DIGITS or not code.isascii() or not code.isdecimal():
        raise NotVisible
    found = db.session.scalar(select(Complaint).where(Complaint.receipt_index == code))
    if found is None:
        raise NotVisible
    return found


def clean_code(text: str) -> str:
    """A number or receipt code as it was meant: without blanks and dashes, half-width."""
    return plain_without_spaces(text).replace("-", "")
