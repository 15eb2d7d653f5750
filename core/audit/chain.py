"""The chain over the audit log: each seal is the hash of an entry together with the seal before it.

What the chain shows and what it cannot: an edit, a deletion or a swap of what is sealed breaks it. Whoever may write to
all tables can cut off its end together with the seals, or compute the whole chain anew; only a head hash that was noted
elsewhere (``Verdict.head``, and the page of the chain for each night) tells. What is not sealed yet is not protected.
"""

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from core.audit.entries import AuditEntry
from core.database import Base, Id, db

GENESIS = "0" * 64
SEAL_CHUNK = 5000
# The number under which sealers wait for each other on PostgreSQL; it means nothing but must not change.
SEAL_LOCK = 0x59_4B_54_01


class AuditSeal(Base):
    """One link of the chain: the hash of an entry together with the link before it.

    ``entry_id`` is no foreign key: triggers (core.audit.guards) refuse to delete an entry that is in no archive,
    whether it is sealed or not, and an archived entry goes before its seal does, by which its archive is found."""

    __tablename__ = "audit_seals"

    sequence: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(Id, unique=True)
    chain_hash: Mapped[str]
    sealed_at: Mapped[datetime]


class AuditArchive(Base):
    """A piece of the chain that was written to a file, and the file read back: from ``first_sequence`` to
    ``last_sequence``, with the chain's hash before and after, and the file's SHA-256."""

    __tablename__ = "audit_archives"

    last_sequence: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    first_sequence: Mapped[int] = mapped_column(Id, unique=True)
    hash_before: Mapped[str]
    hash_after: Mapped[str]
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    earliest_at: Mapped[datetime]
    latest_at: Mapped[datetime]
    archived_at: Mapped[datetime]


@dataclass(frozen=True)
class Link:
    """A link as the chain has it, with the content of its entry; None where the entry is missing."""

    sequence: int
    chain_hash: str
    content: list[Any] | None


@dataclass(frozen=True)
class Place:
    """A place in the chain: the number of a link, and its hash."""

    sequence: int = 0
    head: str = GENESIS


@dataclass(frozen=True)
class Verdict:
    """What verification found: how many links hold (archived ones are counted where their files were read), how many
    entries wait for their seal, and the sequence number at which the chain first breaks (None: nowhere; ``unsealed`` is
    counted only then). ``head`` is the last good hash."""

    verified: int
    unsealed: int
    broken_at: int | None
    head: str = field(default=GENESIS, compare=False)


def content_of(entry: Any) -> list[Any]:
    """What is hashed of an entry, and what an archive keeps of it."""
    return [
        entry.id,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_kind,
        entry.actor_name,
        entry.official_id,
        entry.organisation_id,
        entry.action,
        entry.subject_kind,
        entry.subject_id,
        entry.details,
        entry.visible_to,
    ]


def chained(content: list[Any], before: str) -> str:
    """The hash of a link: of its entry's content and of the link before it."""
    canonical = json.dumps([*content, before], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _wait_for_other_sealers() -> None:
    """Hold sealing until the transaction ends. On SQLite whoever writes is alone anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(SEAL_LOCK)))


def last_place() -> Place:
    """The end of the chain; where all of it was archived and removed, the end of the last archive."""
    last = db.session.execute(
        select(AuditSeal.sequence, AuditSeal.chain_hash).order_by(AuditSeal.sequence.desc()).limit(1)
    ).first()
    if last:
        return Place(last.sequence, last.chain_hash)
    archived = db.session.execute(
        select(AuditArchive.last_sequence, AuditArchive.hash_after).order_by(AuditArchive.last_sequence.desc()).limit(1)
    ).first()
    return Place(*archived) if archived else Place()


def seal(*, at: datetime) -> int:
    """Append every unsealed entry to the chain; returns how many. Two sealers at once: the second one waits until the
    first has committed and seals what is left.

    An entry that commits late, with a lower id than one already sealed, is found by the next run: the chain is in
    the order of sealing, not of ids.
    """
    db.session.flush()
    _wait_for_other_sealers()
    place = last_place()
    sealed, upto = 0, 0
    # Columns, not objects: what is hashed is what the database holds, not what this session remembers.
    unsealed = (
        select(*AuditEntry.__table__.c)
        .where(~exists().where(AuditSeal.entry_id == AuditEntry.id))
        .order_by(AuditEntry.id)
        .limit(SEAL_CHUNK)
    )
    while entries := db.session.execute(unsealed.where(AuditEntry.id > upto)).all():
        links = []
        for entry in entries:
            place, upto = Place(place.sequence + 1, chained(content_of(entry), place.head)), entry.id
            links.append(
                {"sequence": place.sequence, "entry_id": upto, "chain_hash": place.head, "sealed_at": at},
            )
        db.session.execute(insert(AuditSeal), links)
        sealed += len(links)
    return sealed


def unsealed_count() -> int:
    """How many entries wait for their seal."""
    sealed = exists().where(AuditSeal.entry_id == AuditEntry.id)
    return db.session.scalar(select(func.count()).select_from(AuditEntry).where(~sealed)) or 0


def archives() -> list[AuditArchive]:
    """The archives in the order of the chain."""
    return list(db.session.scalars(select(AuditArchive).order_by(AuditArchive.first_sequence)))


def gap_in(known: list[AuditArchive]) -> int | None:
    """Where the archives, in their order, do not follow one another from the chain's start (None: nowhere)."""
    place = Place()
    for archive in known:
        if (archive.first_sequence, archive.hash_before) != (place.sequence + 1, place.head):
            return place.sequence + 1
        place = Place(archive.last_sequence, archive.hash_after)
    return None


def start_of(known: list[AuditArchive]) -> Place | None:
    """Where the links in the database begin: at the chain's start, or after the archive whose links were removed. None
    where they begin after no archive, so that something is missing in between."""
    first = db.session.scalar(select(func.min(AuditSeal.sequence)))
    if first is None:
        return Place(known[-1].last_sequence, known[-1].hash_after) if known else Place()
    ends = {Place().sequence: GENESIS} | {archive.last_sequence: archive.hash_after for archive in known}
    before = first - 1
    return Place(before, ends[before]) if before in ends else None


def walk(start: Place, marks: Mapping[int, str], most: int | None = None) -> tuple[Place, int | None, bool]:
    """Compare the links after ``start``, at most so many, with their entries, as the database holds them now, and with
    the hashes that are known of some of them. Returns the last place that holds, where the chain breaks (None: not
    there), and whether this was its end. Holds one chunk in memory."""
    links = db.session.execute(
        select(AuditSeal.sequence, AuditSeal.entry_id, AuditSeal.chain_hash, *AuditEntry.__table__.c)
        .outerjoin(AuditEntry, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.sequence > start.sequence)
        .order_by(AuditSeal.sequence)
        .limit(most)
        .execution_options(yield_per=SEAL_CHUNK)
    )
    place, seen = start, 0
    with contextlib.closing(links):
        for link in links:
            seen += 1
            expected = place.sequence + 1
            if link.sequence != expected or link.id is None:
                return place, expected, True
            if chained(content_of(link), place.head) != link.chain_hash:
                return place, expected, True
            if marks.get(expected, link.chain_hash) != link.chain_hash:
                return place, expected, True
            place = Place(expected, link.chain_hash)
    ended = most is None or seen < most
    # A link that was known once and is beyond the end: the end was cut off.
    if ended and max(marks, default=0) > place.sequence:
        return place, place.sequence + 1, True
    return place, None, ended


def verify(marks: Mapping[int, str] | None = None) -> Verdict:
    """Walk the chain from where the database's links begin, and compare each link with its entry. ``marks`` are hashes
    known from earlier, by sequence number.

    Finds an edit, a deletion or a swap of what is sealed; the module's docstring says what it cannot find.
    """
    known = archives()
    start, gap = start_of(known), gap_in(known)
    if gap is not None or start is None:
        return Verdict(0, 0, gap or (known[-1].last_sequence + 1 if known else 1))
    place, broken_at, _ended = walk(
        start, {archive.last_sequence: archive.hash_after for archive in known} | dict(marks or {})
    )
    verified = place.sequence - start.sequence
    return Verdict(verified, 0 if broken_at else unsealed_count(), broken_at, place.head)
