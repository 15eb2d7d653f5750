"""Cases of one matter, through the principal: which are linked, which may be, and which take a step together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from accounts.models import Official
from complaints import queries, rules
from complaints.models import Complaint, Link
from complaints.rules import Linkable
from core.database import db
from core.principal import Principal

MOST_PERHAPS = 5


@dataclass(frozen=True)
class Linked:
    """The cases that are linked with one: the one that leads (None where it does so itself or is alone), and the others
    that follow. ``links`` are its own and those to it that hold."""

    leading: Complaint | None
    followers: Sequence[Complaint]
    links: Sequence[Link]


def link_of(complaint: Complaint) -> Link | None:
    """The link by which it follows another case."""
    return db.session.scalar(select(Link).where(Link.complaint_id == complaint.id, Link.ended_at.is_(None)))


def linkable(complaint: Complaint) -> Linkable:
    """What decides whether it may be linked, and whether it goes along."""
    link = link_of(complaint)
    return Linkable(
        complaint.id,
        complaint.owner_id,
        complaint.state,
        complaint.sealed,
        complaint.unread,
        complaint.reopened_at is not None or complaint.review is not None,
        link.leading_id if link else None,
        complaint.sealed and complaint.outcome is None,
    )


def linked_with(principal: Principal, complaint: Complaint) -> Linked:
    """What is linked with a case, as far as it exists for the principal, who sees the case."""
    own = link_of(complaint)
    leading_id = own.leading_id if own else complaint.id
    links = db.session.scalars(
        select(Link).where(Link.leading_id == leading_id, Link.ended_at.is_(None)).order_by(Link.id)
    ).all()
    ids = {leading_id, *(link.complaint_id for link in links)} - {complaint.id}
    seen = {case.id: case for case in queries.visible_among(principal, ids)}
    if own and leading_id not in seen:
        # Who keeps out of the leading case is not told that there is one, nor by what follows it.
        return Linked(None, [], [])
    shown = [link for link in links if {link.complaint_id, leading_id} <= {*seen, complaint.id}]
    followers = [seen[link.complaint_id] for link in links if link.complaint_id in seen]
    return Linked(seen.get(leading_id), followers, shown)


@dataclass(frozen=True)
class Told:
    """What the story of a case says of its links: when, by whom, what (``linked``, ``moved`` for one that follows
    another case than before, ``undone``), and which other case. ``leads``: the other one is the leading one."""

    at: datetime
    official: Official | None
    what: str
    other: str
    leads: bool


def told(principal: Principal, complaint: Complaint) -> list[Told]:
    """How a case was linked and unlinked, from the links themselves and as far as the other cases exist for the
    principal: no word is left of one that was sealed, nor of one that was passed on to where he does not see it."""
    links = db.session.scalars(
        select(Link)
        .where(or_(Link.complaint_id == complaint.id, Link.leading_id == complaint.id))
        .options(joinedload(Link.official), joinedload(Link.mover), joinedload(Link.ender))
        .order_by(Link.id)
    ).all()
    ids = {case for link in links for case in (link.complaint_id, link.leading_id, link.formerly_id) if case}
    seen = {case.id: case.number for case in queries.visible_among(principal, ids - {complaint.id})}
    known = {*seen, complaint.id}
    found = []
    for link in links:
        if not {link.complaint_id, link.leading_id} <= known:
            continue
        leads = link.complaint_id == complaint.id
        other = seen[link.leading_id if leads else link.complaint_id]
        if link.moved_at is not None and link.formerly_id in known:
            found.append(Told(link.moved_at, link.mover, "moved", other, leads))
        else:
            found.append(Told(link.at, link.official, "linked", other, leads))
        if link.ended_at is not None and not _went_on(link, links, known):
            found.append(Told(link.ended_at, link.ender, "undone", other, leads))
    return found


def _went_on(ended: Link, links: Sequence[Link], known: set[int]) -> bool:
    """Whether the case follows another one instead, which is told as such."""
    return any(
        (link.complaint_id, link.formerly_id, link.moved_at) == (ended.complaint_id, ended.leading_id, ended.ended_at)
        and link.leading_id in known
        for link in links
    )


def going_along(principal: Principal, complaint: Complaint, action: str) -> list[Complaint]:
    """The linked cases that take this step together with the one that leads them; none where it follows another."""
    linked = linked_with(principal, complaint)
    if linked.leading is not None:
        return []
    here = linkable(complaint)
    return [case for case in linked.followers if rules.goes_along(here, linkable(case), action)]


def perhaps_same(principal: Principal, complaint: Complaint) -> Sequence[Complaint]:
    """Other cases of the own desk that may be the same matter, the newest first: about the same payment or line of a
    list, or of the same place, category and organisation within rules.SAME_MATTER_WITHIN. Those that are linked with it
    already are not among them."""
    if complaint.owner_id != principal.organisation_id or complaint.state not in rules.OPEN:
        return []
    linked = linked_with(principal, complaint)
    known = {complaint.id, *(case.id for case in linked.followers), linked.leading.id if linked.leading else 0}
    return queries.desk_among(
        principal,
        or_(*_same(complaint)),
        Complaint.id.not_in(known),
        Complaint.sealed.is_(complaint.sealed),
        Complaint.state != "declined",
        most=MOST_PERHAPS,
    )


def _same(complaint: Complaint) -> list[ColumnElement[bool]]:
    first, last = (complaint.received_on + sign * rules.SAME_MATTER_WITHIN for sign in (-1, 1))
    about, programme = Complaint.about_organisation_id, Complaint.programme_id
    parts = [
        and_(
            Complaint.region_code == complaint.region_code,
            Complaint.category == complaint.category,
            Complaint.received_on.between(first, last),
            about.is_not_distinct_from(complaint.about_organisation_id),
            programme.is_not_distinct_from(complaint.programme_id),
        )
    ]
    if complaint.payment_id is not None:
        parts.append(Complaint.payment_id == complaint.payment_id)
    if complaint.publicity_list_id is not None:
        same_line = Complaint.publicity_line.is_not_distinct_from(complaint.publicity_line)
        parts.append(and_(Complaint.publicity_list_id == complaint.publicity_list_id, same_line))
    return parts
