"""Reads, always through the principal: a case that he may not see does not exist for him."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true, union_all
from sqlalchemy.orm import defer, joinedload, lazyload, load_only

from accounts.models import Official
from complaints import rules
from complaints.interests import kept_from
from complaints.models import (
    NOTHING_DUE,
    Clock,
    Complaint,
    ComplaintAttachment,
    ComplaintEntry,
    Escalation,
    Extension,
    Rating,
    Review,
    RoutingObjection,
    Takeover,
)
from core.database import db
from core.errors import NotVisible
from core.listing import Parts
from core.plain_text import plain_without_spaces
from core.principal import Principal, PrincipalKind

THERE = Complaint.erased_on.is_(None)
"""Its content has not been deleted: what is left of one that has is for the figures alone."""


def visible_complaints(principal: Principal) -> ColumnElement[bool]:
    """The one condition of who sees which case, for every list, count, search, board and export.

    An office sees what lies on its desk, what has gone up to it, what was taken over from it, what is reviewed for an
    answer of its own, and whose routing or extension it decides upon. Nobody of the organisation complained of sees the
    case about it, nor does whoever has an interest or is recused. A sealed case exists for the discipline commission
    only, which sees those of confidential reporters as well. The system's jobs see all.
    Cases whose content has been deleted are among them, for the figures; every list leaves them out.
    """
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    return _of(principal, _concerns(principal))


def _of(principal: Principal, part: ColumnElement[bool]) -> ColumnElement[bool]:
    """Of a part of what concerns an official, what he may see."""
    if not principal.may(rules.READ_COMPLAINTS) or principal.organisation_id is None:
        return false()
    return and_(part, not_withheld(principal))


def on_desk(principal: Principal) -> ColumnElement[bool]:
    """Cases of the principal's own office."""
    return Complaint.owner_id == principal.organisation_id


def still_on_desk(principal: Principal) -> ColumnElement[bool]:
    """The same of a few cases that were found by something else. The index of the desk, which may be long, is of no use
    there, but SQLite, which knows no statistics before somebody gathers them, would take it: hence the sum."""
    return Complaint.owner_id + 0 == principal.organisation_id


def supervised(principal: Principal) -> ColumnElement[bool]:
    """Cases that have gone up to the principal's office because they were late."""
    return Complaint.id.in_(_told(principal))


def _concerns(principal: Principal) -> ColumnElement[bool]:
    """On the own desk, answered by it before a review, taken over from it, misrouted or asking for more days and for it
    to decide, or gone up to it, or of a reporter whom only the discipline commission knows. One list of ids, not an OR:
    an index serves each part of it."""
    parts = [_reviewed(principal), _taken_over(principal), _decided(principal), _extended(principal)]
    if principal.organisation_kind in rules.SUPERVISING_KINDS:
        parts.append(_told(principal))
    elif all(db.session.scalar(part.limit(1)) is None for part in parts):
        # Such cases are few. An office without one has its own index, in the order of its lists.
        return on_desk(principal)
    if principal.may(rules.READ_SEALED):
        parts.append(select(Complaint.id).where(Complaint.confidential))
    return Complaint.id.in_(union_all(select(Complaint.id).where(on_desk(principal)), *parts))


FEW = 5_000
"""Up to so many cases that went up to an office are looked at one by one; more of them are read in the order of an
index over all that went up, of which they are then no small part."""


def _parts(principal: Principal) -> list[ColumnElement[bool]]:
    """What concerns an official (``_concerns``), part by part, each as an index serves it in the order of a list."""
    found = [on_desk(principal)]
    few = [
        part
        for part in (_reviewed(principal), _taken_over(principal), _decided(principal), _extended(principal))
        if db.session.scalar(part.limit(1))
    ]
    found += [Complaint.id.in_(part) for part in few]
    if principal.organisation_kind in rules.SUPERVISING_KINDS:
        found.append(_went_up(principal))
    if principal.may(rules.READ_SEALED):
        found.append(and_(Complaint.confidential))
    return found


def _went_up(principal: Principal) -> ColumnElement[bool]:
    """The same cases as ``supervised``, for a list."""
    told = _told(principal)
    if (db.session.scalar(select(func.count()).select_from(told.limit(FEW + 1).subquery())) or 0) <= FEW:
        return supervised(principal)
    return and_(Complaint.went_up, told.where(Escalation.complaint_id == Complaint.id).exists())


def _concerns_one(principal: Principal) -> ColumnElement[bool]:
    """The same for a case at hand: nobody draws up the list of all others to find it there."""
    parts = [
        on_desk(principal),
        _reviewed(principal).where(Review.complaint_id == Complaint.id).exists(),
        _taken_over(principal).where(Takeover.complaint_id == Complaint.id).exists(),
        _decided(principal).where(RoutingObjection.complaint_id == Complaint.id).exists(),
        _extended(principal).where(Clock.complaint_id == Complaint.id).exists(),
    ]
    if principal.organisation_kind in rules.SUPERVISING_KINDS:
        parts.append(_told(principal).where(Escalation.complaint_id == Complaint.id).exists())
    if principal.may(rules.READ_SEALED):
        parts.append(Complaint.confidential.is_(True))
    return or_(*parts)


def _told(principal: Principal) -> Select[int]:
    """The ids of what has gone up to the principal's office."""
    return select(Escalation.complaint_id).where(Escalation.to_organisation_id == principal.organisation_id)


def _reviewed(principal: Principal) -> Select[int]:
    """The ids of what is or was reviewed for an answer of the principal's office."""
    return select(Review.complaint_id).where(Review.answered_by_id == principal.organisation_id)


def _taken_over(principal: Principal) -> Select[int]:
    """The ids of what was taken over from the principal's office."""
    return select(Takeover.complaint_id).where(Takeover.from_organisation_id == principal.organisation_id)


def _decided(principal: Principal) -> Select[int]:
    """The ids of what waits for the principal's office to say where it belongs."""
    return select(RoutingObjection.complaint_id).where(
        RoutingObjection.deciding_id == principal.organisation_id, RoutingObjection.ended_at.is_(None)
    )


def _extended(principal: Principal) -> Select[int]:
    """The ids of what waits for the principal's office to grant more days to one below it that has nobody else."""
    return (
        select(Clock.complaint_id)
        .join(Extension, Extension.clock_id == Clock.id)
        .where(
            Extension.deciding_id == principal.organisation_id,
            Extension.granted.is_(None),
            Clock.stopped_on.is_(None),
        )
    )


def not_withheld(principal: Principal) -> ColumnElement[bool]:
    """Not about his own office, not sealed unless he is of the discipline commission, and nothing that he keeps out of
    for an interest or a recusal (信访工作条例 §28)."""
    about = Complaint.about_organisation_id
    parts = [or_(about.is_(None), about != principal.organisation_id)]
    if not principal.may(rules.READ_SEALED):
        parts.append(Complaint.sealed.is_(False))
    return and_(*parts, *kept_from(principal.official_id))


def _visible_one(principal: Principal) -> ColumnElement[bool]:
    """The same condition for a case at hand."""
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    return and_(_of(principal, _concerns_one(principal)), THERE)


def is_visible(principal: Principal, complaint: Complaint) -> bool:
    """Whether this case exists for the principal."""
    found = select(Complaint.id).where(Complaint.id == complaint.id, _visible_one(principal))
    return db.session.scalar(found) is not None


def complaint_by_number(principal: Principal, number: str) -> Complaint:
    """The case of that public number. Raises NotVisible where there is none for him."""
    found = db.session.scalar(select(Complaint).where(Complaint.number == clean_code(number), _visible_one(principal)))
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


# --- Lists -------------------------------------------------------------------------------------

# Nobody reads these in a list, and each would have to be decrypted.
_UNREAD_IN_LISTS = (Complaint.text, Complaint.answer, Complaint.reporter_name, Complaint.reporter_phone)


def cases(principal: Principal) -> Select[Complaint]:
    """Every case that the principal sees and that is not sealed, for a list."""
    return _listed(visible_complaints(principal), Complaint.sealed.is_(False), THERE)


def desk(principal: Principal) -> Select[Complaint]:
    """Cases on the principal's own desk for which a clock runs."""
    mine = _of(principal, on_desk(principal))
    return _listed(mine, Complaint.sealed.is_(False), Complaint.queue_on < NOTHING_DUE)


def case_parts(principal: Principal, *, sealed: bool = False) -> Parts:
    """The rows of ``cases`` (or of ``sealed_cases``) in parts."""
    where = (Complaint.sealed.is_(sealed), THERE)
    return Parts(_listed(), [_listed(_of(principal, part), *where) for part in _parts(principal)])


def supervised_cases(principal: Principal) -> Select[Complaint]:
    """Cases on others' desks that have gone up to the principal's office and for which a clock runs."""
    theirs = _of(principal, _went_up(principal) & (Complaint.owner_id != principal.organisation_id))
    return _listed(theirs, Complaint.sealed.is_(False), Complaint.queue_on < NOTHING_DUE)


def misrouted_cases(principal: Principal) -> Select[Complaint]:
    """Cases on others' desks whose office says that they are not for it, for the principal's office to decide."""
    return _listed(_of(principal, Complaint.id.in_(_decided(principal))), Complaint.sealed.is_(False))


def extension_cases(principal: Principal) -> Select[Complaint]:
    """Cases on others' desks whose office asks for more days and has nobody else to grant them, for the principal's
    office to decide."""
    return _listed(_of(principal, Complaint.id.in_(_extended(principal))), Complaint.sealed.is_(False))


def sealed_cases(principal: Principal) -> Select[Complaint]:
    """The sealed room. Raises NotVisible for everybody but the discipline commission: it does not exist for them."""
    if not principal.may(rules.READ_SEALED):
        raise NotVisible
    return _listed(visible_complaints(principal), Complaint.sealed.is_(True), THERE)


def sealed_desk(principal: Principal) -> Select[Complaint]:
    """Sealed cases on the principal's own desk for which a clock runs."""
    if not principal.may(rules.READ_SEALED):
        raise NotVisible
    mine = _of(principal, on_desk(principal))
    return _listed(mine, Complaint.sealed.is_(True), Complaint.queue_on < NOTHING_DUE)


def confidential_cases(principal: Principal) -> Select[Complaint]:
    """Cases of confidential reporters on any desk, that are not sealed. Raises NotVisible for everybody but the
    discipline commission, which sees them all."""
    if not principal.may(rules.READ_SEALED):
        raise NotVisible
    return _listed(_of(principal, and_(Complaint.confidential)), Complaint.sealed.is_(False), THERE)


def _listed(*where: ColumnElement[bool]) -> Select[Complaint]:
    return (
        select(Complaint)
        .where(*where)
        .options(
            joinedload(Complaint.owner),
            joinedload(Complaint.region),
            joinedload(Complaint.handler).options(
                load_only(Official.name), lazyload(Official.organisation), lazyload(Official.roles)
            ),
            *map(defer, _UNREAD_IN_LISTS),
        )
    )


def visible_among(principal: Principal, ids: Iterable[int]) -> Sequence[Complaint]:
    """Those of a few cases that exist for the principal, sealed ones included, the oldest first."""
    wanted = sorted(ids)
    if not wanted:
        return []
    found = _listed(Complaint.id.in_(wanted), _visible_one(principal)).order_by(Complaint.received_at, Complaint.id)
    return db.session.scalars(found).all()


def desk_among(principal: Principal, *where: ColumnElement[bool], most: int) -> Sequence[Complaint]:
    """At most so many cases of the principal's own desk that meet these conditions, the newest first. The conditions
    say whether sealed ones are meant."""
    mine = _listed(_of(principal, on_desk(principal)), *where, THERE)
    return db.session.scalars(mine.order_by(Complaint.received_at.desc(), Complaint.id).limit(most)).all()


def complaints_about_payment(principal: Principal, payment_id: int) -> Sequence[Complaint]:
    """The cases about one payment that exist for the principal, newest first."""
    return db.session.scalars(
        _listed(visible_complaints(principal), Complaint.payment_id == payment_id).order_by(
            Complaint.received_at.desc()
        )
    ).all()


# --- One case ----------------------------------------------------------------------------------


def story(principal: Principal, complaint: Complaint) -> Sequence[ComplaintEntry]:
    """Everything said and done in a case, oldest first, that the principal may know of. The caller has found the case
    through the principal."""
    hidden = () if principal.may(rules.READ_SEALED) else sorted(rules.IN_CONFIDENCE)
    return db.session.scalars(
        select(ComplaintEntry)
        .where(ComplaintEntry.complaint_id == complaint.id, ComplaintEntry.kind.not_in(hidden))
        .options(joinedload(ComplaintEntry.organisation))
        .order_by(ComplaintEntry.id)
    ).all()


def escalations(complaint: Complaint) -> Sequence[Escalation]:
    """How far a case has gone up, oldest first."""
    return db.session.scalars(
        select(Escalation)
        .where(Escalation.complaint_id == complaint.id)
        .options(joinedload(Escalation.to_organisation))
        .order_by(Escalation.id)
    ).all()


def ratings(complaint: Complaint) -> Sequence[Rating]:
    """What the reporter thinks of each answer, oldest first."""
    return db.session.scalars(
        select(Rating).where(Rating.complaint_id == complaint.id).order_by(Rating.answered_at)
    ).all()


def last_rating(complaint: Complaint) -> Rating | None:
    """What he thinks of the latest answer; None where he has not said."""
    found = select(Rating).where(Rating.complaint_id == complaint.id, Rating.answered_at == complaint.concluded_at)
    return db.session.scalar(found)


def attachments(complaint: Complaint) -> Sequence[ComplaintAttachment]:
    """The files of a case, without their contents."""
    return db.session.scalars(
        select(ComplaintAttachment)
        .where(ComplaintAttachment.complaint_id == complaint.id)
        .order_by(ComplaintAttachment.position)
    ).all()


def files_by_entry(complaint: Complaint) -> dict[int, list[ComplaintAttachment]]:
    """The files of a case by the id of the entry with which they were handed in: the complaint itself, or what was
    added later. Both were written at the same instant; what has no such entry belongs to the complaint."""
    entries = db.session.execute(
        select(ComplaintEntry.at, ComplaintEntry.id)
        .where(ComplaintEntry.complaint_id == complaint.id, ComplaintEntry.kind.in_(("received", "reporter")))
        .order_by(ComplaintEntry.id.desc())
    ).all()
    # The first one of an instant, which is the last that is looked at.
    at = {entry.at: entry.id for entry in entries}
    found: dict[int, list[ComplaintAttachment]] = {}
    for file in attachments(complaint) if entries else ():
        found.setdefault(at.get(file.added_at, entries[-1].id), []).append(file)
    return found


def attachment(complaint: Complaint, position: int) -> ComplaintAttachment:
    """One file of a case. Raises NotVisible where it has none at that place."""
    found = db.session.scalar(
        select(ComplaintAttachment).where(
            ComplaintAttachment.complaint_id == complaint.id, ComplaintAttachment.position == position
        )
    )
    if found is None:
        raise NotVisible
    return found
