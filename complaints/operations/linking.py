"""The same matter twice: linked, not lost. Each case keeps its own clocks, answer and receipt code."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, update

from complaints import rules
from complaints.linked import link_of, linkable, linked_with
from complaints.models import Complaint, Link
from complaints.operations.case import record
from complaints.operations.desk import require_handler
from complaints.queries import complaint_by_number
from core.database import db, rows_changed
from core.errors import Conflict, NotVisible, UserError
from core.principal import Principal


def link(principal: Principal, complaint: Complaint, number: str, *, at: datetime) -> Complaint:
    """Link a case of the own desk with the one of that number: it follows that one (or the one which that follows), and
    so does whatever followed it. Returns the leading case.

    The stories tell of it from the links (linked.told): what is written into a story would still speak of a case after
    it is sealed. Raises UserError for a number that he cannot see, and what rules.leading_of raises; IntegrityError
    where somebody linked it at the same moment.
    """
    require_handler(principal, complaint)
    try:
        other = complaint_by_number(principal, number)
    except NotVisible as error:
        raise UserError("没有找到这个编号的事。请核对编号；只能与本单位办理的事并案。") from error
    leading_id = rules.leading_of(linkable(complaint), linkable(other))
    assert principal.official_id is not None  # nobody else holds the right
    followers = db.session.scalars(
        select(Link.complaint_id).where(Link.leading_id == complaint.id, Link.ended_at.is_(None))
    ).all()
    own = link_of(complaint)
    _end(or_(Link.complaint_id == complaint.id, Link.leading_id == complaint.id), principal, at)
    formerly = {complaint.id: own.leading_id if own else None} | dict.fromkeys(followers, complaint.id)
    db.session.add_all(
        Link(
            complaint_id=follower,
            leading_id=leading_id,
            official_id=principal.official_id,
            at=at,
            formerly_id=before,
            moved_at=at if before else None,
            moved_by=principal.official_id if before else None,
        )
        for follower, before in formerly.items()
    )
    record(principal, "link", complaint, at=at, linked=len(followers) + 1)
    db.session.flush()
    return db.session.get_one(Complaint, leading_id)


def unlink(principal: Principal, complaint: Complaint, number: str, *, at: datetime) -> None:
    """Undo the link between a case and the one of that number, whichever of the two follows the other; by the office
    that has the one at hand. Raises NotVisible for a number that is not linked with it, as far as he sees."""
    require_handler(principal, complaint)
    linked = linked_with(principal, complaint)
    cases = [*linked.followers, *([linked.leading] if linked.leading else [])]
    other = next((case for case in cases if case.number == number), None)
    if other is None:
        raise NotVisible
    # Between two that follow the same one there is nothing to undo but the link of the one at hand.
    follower = other if linked.leading is None else complaint
    if not _end(Link.complaint_id == follower.id, principal, at):
        raise Conflict("刚才已有同事办理了这一步。请刷新页面后再看。")
    record(principal, "unlink", complaint, at=at)
    db.session.flush()


def leave_group(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """Undo all its links, because it leaves for where its companions do not follow. Where it led them, they stay
    together under another of them (rules.leading_when_left).

    Who linked them and when stays as it was: for whoever may not know of the case that left, because it is sealed or
    another office's, they read as if they had always followed the one that leads them now.
    """
    followed = db.session.scalars(
        select(Link).where(Link.leading_id == complaint.id, Link.ended_at.is_(None)).order_by(Link.id)
    ).all()
    _end(or_(Link.complaint_id == complaint.id, Link.leading_id == complaint.id), principal, at)
    ids = [link.complaint_id for link in followed]
    left = db.session.scalars(
        select(Complaint).where(Complaint.id.in_(ids)).order_by(Complaint.received_at, Complaint.id)
    ).all()
    leading_id = rules.leading_when_left([linkable(case) for case in left])
    if leading_id is None:
        return
    db.session.add_all(
        Link(
            complaint_id=link.complaint_id,
            leading_id=leading_id,
            official_id=link.official_id,
            at=link.at,
            formerly_id=complaint.id,
            moved_at=at,
            moved_by=principal.official_id,
        )
        for link in followed
        if link.complaint_id != leading_id
    )
    record(principal, "lead", db.session.get_one(Complaint, leading_id), at=at)
    db.session.flush()


def _end(which: ColumnElement[bool], principal: Principal, at: datetime) -> int:
    ended = db.session.execute(
        update(Link).where(which, Link.ended_at.is_(None)).values(ended_at=at, ended_by=principal.official_id)
    )
    return rows_changed(ended)
