"""Cases that are said to lie on the wrong desk: what waits for a decision, who decides, and where they may go."""

from datetime import date, datetime

from sqlalchemy import func, select

from complaints import rules
from complaints.interests import able_offices_for
from complaints.models import Complaint, ComplaintEntry, RoutingObjection
from complaints.offices import case_of, office_of
from complaints.rulebook import RULEBOOKS
from complaints.rules import Arrived, Office
from core.calendar import local_date
from core.database import db
from core.principal import Principal
from core.working_days import load_calendar

ARRIVALS = ("redirected", "taken_over", "passed_up")
"""Entries with which a case comes to another office before anybody has taken it on."""


def waiting_objection(complaint: Complaint) -> RoutingObjection | None:
    """The objection that waits for a decision."""
    return db.session.scalar(
        select(RoutingObjection).where(
            RoutingObjection.complaint_id == complaint.id, RoutingObjection.ended_at.is_(None)
        )
    )


def decides(principal: Principal, objection: RoutingObjection | None) -> bool:
    """Whether that objection is for this principal, who sees the case, to decide."""
    return (
        objection is not None
        and objection.deciding_id == principal.organisation_id
        and principal.may(rules.HANDLE_COMPLAINTS)
    )


def deciding_office(complaint: Complaint) -> Office | None:
    """The office that decides upon an objection of the owner: the next one above it that has anybody left for the case.
    None where there is none: such an owner passes on by itself."""
    return rules.next_above(office_of(complaint.owner), case_of(complaint), able_offices_for(complaint))


def arrived(complaint: Complaint) -> Arrived:
    """What decides whether the owner may object now."""
    last: datetime | None = db.session.scalar(
        select(func.max(ComplaintEntry.at)).where(
            ComplaintEntry.complaint_id == complaint.id, ComplaintEntry.kind.in_(ARRIVALS)
        )
    )
    before = select(RoutingObjection.id).where(
        RoutingObjection.complaint_id == complaint.id,
        RoutingObjection.organisation_id == complaint.owner_id,
        RoutingObjection.outcome == "refused",
    )
    return Arrived(
        complaint.state,
        complaint.sealed,
        local_date(last or complaint.received_at),
        waiting=waiting_objection(complaint) is not None,
        refused=db.session.scalar(before.limit(1)) is not None,
    )


def may_object(complaint: Complaint, today: date) -> bool:
    """Whether the owner may object today: in time, with an office above to decide, and another one to have the case."""
    return (
        complaint.state in rules.NOT_TAKEN_ON
        and rules.may_object(arrived(complaint), today, RULEBOOKS[complaint.rules_version], load_calendar())
        and deciding_office(complaint) is not None
        and bool(targets(complaint))
    )


def may_redirect(complaint: Complaint) -> bool:
    """Whether the owner passes the case on by itself: there is nobody above it to decide."""
    return (
        complaint.state in rules.NOT_TAKEN_ON
        and not complaint.sealed
        and deciding_office(complaint) is None
        and bool(targets(complaint))
    )


def objecting_ends(complaint: Complaint) -> date:
    """The last day on which the owner may object."""
    return rules.objecting_ends(arrived(complaint).on, RULEBOOKS[complaint.rules_version], load_calendar())


def not_theirs(complaint: Complaint) -> set[int]:
    """The offices that have objected to the case with success: it never goes back to them."""
    return set(
        db.session.scalars(
            select(RoutingObjection.organisation_id).where(
                RoutingObjection.complaint_id == complaint.id, RoutingObjection.outcome == "passed_on"
            )
        )
    )


def targets(complaint: Complaint) -> list[Office]:
    """The offices that the case may be passed on to, and that have anybody left for it."""
    about = complaint.about_organisation
    return rules.may_be_passed_to(
        office_of(complaint.owner),
        office_of(about) if about else None,
        able_offices_for(complaint),
        not_theirs(complaint),
    )
