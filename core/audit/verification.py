"""The verification of the chain, every night in pieces: a night that was cut off is gone on with, and its verdict is
kept. The auditors' page, the board and ``flask doctor`` tell the last one."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.chain import Place, Verdict, archives, gap_in, last_place, seal, start_of, walk
from core.audit.entries import record
from core.database import Base, Id, db, only_reads, rows_changed
from core.principal import system

PIECE = 20_000
"""So many links are compared between two commits: about half a second, and a few megabytes."""
ABANDONED = timedelta(hours=20)
"""A verification that stood still for so long is begun anew instead of gone on with: what it had compared may have been
changed since."""


class State(StrEnum):
    """How a verification stands."""

    RUNNING = "running"
    WHOLE = "whole"
    BROKEN = "broken"
    ABANDONED = "abandoned"


class AuditVerification(Base):
    """A verification: from where to where, how far it has come, and what it found. ``head`` is the hash of the last
    link that holds; of a whole one, that of ``target``, the end of the chain when it began."""

    __tablename__ = "audit_verifications"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    begun_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    state: Mapped[str]
    target: Mapped[int] = mapped_column(Id)
    sequence: Mapped[int] = mapped_column(Id)
    head: Mapped[str]
    broken_at: Mapped[int | None] = mapped_column(Id)


def latest(*states: State) -> AuditVerification | None:
    """The last verification in one of these states."""
    return db.session.scalar(
        select(AuditVerification)
        .where(AuditVerification.state.in_(states))
        .order_by(AuditVerification.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )


def last_nights(number: int) -> Sequence[AuditVerification]:
    """The last verifications that came to their end, the latest first."""
    return db.session.scalars(
        select(AuditVerification)
        .where(AuditVerification.state.in_((State.WHOLE, State.BROKEN)))
        .order_by(AuditVerification.id.desc())
        .limit(number)
    ).all()


def is_broken() -> bool:
    """Whether the last verification that came to its end found a break."""
    found = latest(State.WHOLE, State.BROKEN)
    return found is not None and found.state == State.BROKEN


def marks() -> dict[int, str]:
    """Hashes that the chain once had, by sequence number: the ends of the archives and of the last whole verification.
    They show an end that was cut off, or a chain that was computed anew, to whoever left these tables alone."""
    known = {archive.last_sequence: archive.hash_after for archive in archives()}
    whole = latest(State.WHOLE)
    return known | ({whole.target: whole.head} if whole else {})


def run(*, at: datetime) -> AuditVerification:
    """Seal what waits, and verify the whole chain up to there, in pieces; commits for itself after each. Goes on with a
    verification that was cut off, and begins one where there is none. Returns it; two at once do no harm."""
    running = _begun(at)
    while running.state == State.RUNNING:
        before, target = Place(running.sequence, running.head), running.target
        db.session.rollback()
        with only_reads():
            reached, broken_at = _piece(before, target)
            db.session.rollback()
        running = _advance(running.id, before, reached, broken_at, at)
    return running


def _piece(place: Place, target: int) -> tuple[Place, int | None]:
    """The next piece: how far it holds, and where it breaks (None: nowhere in it)."""
    start = start_of(archives())
    if start is not None and start.sequence > place.sequence:
        # What was to be compared has been archived and removed since.
        return start, None
    most, known = min(PIECE, target - place.sequence), marks()
    reached, broken_at, ended = walk(place, known, most) if most > 0 else (place, None, False)
    if broken_at is None and reached.sequence >= target and max(known, default=0) > target:
        # The chain was longer once: its end was cut off, and it has grown again since.
        broken_at = target + 1
    if broken_at is None and ended and reached.sequence < target:
        broken_at = reached.sequence + 1
    if broken_at is not None and start_of(archives()) != start:
        return place, None  # removed at this very moment: the next try begins after it
    return reached, broken_at


def _begun(at: datetime) -> AuditVerification:
    found = latest(State.RUNNING)
    if found is not None and found.touched_at > at - ABANDONED:
        return found
    if found is not None:
        _set(found.id, Place(found.sequence), state=State.ABANDONED)
    # A night's head must say nothing of what is in it to whoever knows a part: without this, somebody who sees all
    # entries but the sealed cases' could try out whether there were others.
    record(system("audit"), "audit.verify", "audit", "", at=at, nonce=secrets.token_hex(16))
    seal(at=at)
    known = archives()
    start, gap, end = start_of(known), gap_in(known), last_place()
    begun = AuditVerification(
        begun_at=at, touched_at=at, state=State.RUNNING, target=end.sequence, sequence=0, head=Place().head
    )
    if start is not None and gap is None:
        begun.sequence, begun.head = start.sequence, start.head
    else:
        begun.state, begun.broken_at = State.BROKEN, gap or (known[-1].last_sequence + 1 if known else 1)
    db.session.add(begun)
    db.session.commit()
    return begun


def _advance(
    verification_id: int, before: Place, reached: Place, broken_at: int | None, at: datetime
) -> AuditVerification:
    running = db.session.get_one(AuditVerification, verification_id)
    state = State.BROKEN if broken_at else State.WHOLE if reached.sequence >= running.target else State.RUNNING
    _set(
        verification_id,
        before,
        touched_at=at,
        state=state,
        sequence=reached.sequence,
        head=reached.head,
        broken_at=broken_at,
    )
    db.session.commit()
    return db.session.get_one(AuditVerification, verification_id, populate_existing=True)


def _set(verification_id: int, before: Place, **values: object) -> bool:
    """Write how far it has come, unless another process has done so."""
    moved = db.session.execute(
        update(AuditVerification)
        .where(AuditVerification.id == verification_id, AuditVerification.state == State.RUNNING)
        .where(AuditVerification.sequence == before.sequence)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(rows_changed(moved))


def note(verdict: Verdict, *, at: datetime) -> None:
    """Keep the verdict of a verification by command where it says something new: that the chain is broken, or that it
    no longer is. In the open transaction."""
    if (verdict.broken_at is not None) == is_broken():
        return
    db.session.add(
        AuditVerification(
            begun_at=at,
            touched_at=at,
            state=State.BROKEN if verdict.broken_at is not None else State.WHOLE,
            target=last_place().sequence,
            sequence=last_place().sequence,
            head=verdict.head,
            broken_at=verdict.broken_at,
        )
    )
    db.session.flush()
