"""The audit log: one entry for each operation, append-only, sealed afterwards in a hash chain by a job.

Sealing is a step of its own so that no operation waits for another's entry. An entry holds no personal data:
``details`` are counts, codes, states and internal ids.

What the chain shows and what it cannot: an edit, a deletion or a swap of what is sealed breaks it. Whoever may write to
both tables can cut off its end together with the seals, or compute the whole chain anew; only a head hash that was
noted elsewhere (``Verdict.head``) tells. What is not sealed yet is not protected.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Row, exists, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, db
from core.principal import OrganisationKind, Principal

GENESIS = "0" * 64
SEAL_CHUNK = 5000
# The number under which sealers wait for each other on PostgreSQL; it means nothing but must not change.
SEAL_LOCK = 0x59_4B_54_01
# ID numbers, cards, phones and receipt codes as they look in text. Internal ids and codes are shorter.
PERSONAL = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{16}|\d{19,20}|1[3-9]\d{9})(?![0-9A-Za-z])", re.ASCII)


class AuditEntry(Base):
    """Who did what to which thing, when. ``visible_to`` narrows an entry to one kind of organisation (sealed cases)."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_subject", "subject_kind", "subject_id"),
        Index("ix_audit_entries_at", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_name: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    organisation_id: Mapped[int | None] = mapped_column(Id)
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    details: Mapped[dict[str, Any]]
    visible_to: Mapped[str | None]


class AuditSeal(Base):
    """One link of the chain: the hash of an entry together with the link before it."""

    __tablename__ = "audit_seals"

    sequence: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(Id, ForeignKey("audit_entries.id"), unique=True)
    chain_hash: Mapped[str]
    sealed_at: Mapped[datetime]


def record(
    principal: Principal,
    action: str,
    subject_kind: str,
    subject_id: object,
    *,
    at: datetime,
    visible_to: OrganisationKind | None = None,
    **details: Any,
) -> None:
    """Write the one entry of an operation into its transaction.

    ``details`` are plain JSON and free of personal data. Raises ValueError where a text in them looks like an ID
    number, a card, a phone or a receipt code: an append-only log could never forget it. A villager's name is not kept.
    """
    plain: dict[str, Any] = json.loads(json.dumps(details))
    if any(PERSONAL.search(text) for text in (str(subject_id), *_texts(plain))):
        raise ValueError(f"personal data was about to enter the audit log ({action})")
    db.session.add(
        AuditEntry(
            at=at,
            actor_kind=principal.kind.value,
            actor_name=principal.recorded_name,
            official_id=principal.official_id,
            organisation_id=principal.organisation_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            details=plain,
            visible_to=visible_to.value if visible_to else None,
        )
    )


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _entry_hash(entry: Row[Any], before: str) -> str:
    content = [
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
        before,
    ]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _wait_for_other_sealers() -> None:
    """Hold sealing until the transaction ends. On SQLite whoever writes is alone anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(SEAL_LOCK)))


def seal(*, at: datetime) -> int:
    """Append every unsealed entry to the chain; returns how many. Two sealers at once: the second one waits until the
    first has committed and seals what is left.

    An entry that commits late, with a lower id than one already sealed, is found by the next run: the chain is in
    the order of sealing, not of ids.
    """
    db.session.flush()
    _wait_for_other_sealers()
    last = db.session.execute(
        select(AuditSeal.sequence, AuditSeal.chain_hash).order_by(AuditSeal.sequence.desc()).limit(1)
    ).first()
    sequence, before = (last.sequence, last.chain_hash) if last else (0, GENESIS)
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
            sequence, before, upto = sequence + 1, _entry_hash(entry, before), entry.id
            links.append({"sequence": sequence, "entry_id": upto, "chain_hash": before, "sealed_at": at})
        db.session.execute(insert(AuditSeal), links)
        sealed += len(links)
    return sealed


@dataclass(frozen=True)
class Verdict:
    """What verification found: how many links hold, how many entries wait for their seal, and the sequence number at
    which the chain first breaks (None: nowhere; ``unsealed`` is counted only then). ``head`` is the last good hash."""

    verified: int
    unsealed: int
    broken_at: int | None
    head: str = field(default=GENESIS, compare=False)


def verify() -> Verdict:
    """Walk the chain from its start and compare each link with its entry, as the database holds them now.

    Finds an edit, a deletion or a swap of what is sealed; the module's docstring says what it cannot find.
    """
    before, verified = GENESIS, 0
    links = db.session.execute(
        select(AuditSeal.sequence, AuditSeal.entry_id, AuditSeal.chain_hash, *AuditEntry.__table__.c)
        .outerjoin(AuditEntry, AuditSeal.entry_id == AuditEntry.id)
        .order_by(AuditSeal.sequence)
        .execution_options(yield_per=SEAL_CHUNK)
    )
    with contextlib.closing(links):
        for expected, link in enumerate(links, start=1):
            if link.sequence != expected or link.id is None or _entry_hash(link, before) != link.chain_hash:
                return Verdict(verified, 0, expected, before)
            before, verified = link.chain_hash, expected
    sealed = exists().where(AuditSeal.entry_id == AuditEntry.id)
    waiting = db.session.scalar(select(func.count()).select_from(AuditEntry).where(~sealed))
    return Verdict(verified, waiting or 0, None, before)
