"""The audit log: one entry for each operation, append-only, sealed afterwards in a hash chain by a job.

Sealing is a step of its own so that no operation waits for another's entry. An entry holds no personal data:
``details`` are counts, codes, states and internal ids.
"""

import contextlib
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, db
from core.principal import OrganisationKind, Principal

GENESIS = "0" * 64
SEAL_CHUNK = 5000


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
    """Write the one entry of an operation into its transaction. ``details`` must be free of personal data."""
    db.session.add(
        AuditEntry(
            at=at,
            actor_kind=principal.kind.value,
            actor_name=principal.name,
            official_id=principal.official_id,
            organisation_id=principal.organisation_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            details=details,
            visible_to=visible_to.value if visible_to else None,
        )
    )


def _entry_hash(entry: AuditEntry, before: str) -> str:
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


def seal(*, at: datetime) -> int:
    """Append every unsealed entry to the chain; returns how many. Two sealers at once: the second one's insert fails.

    An entry that commits late, with a lower id than one already sealed, is found by the next run: the chain is in
    the order of sealing, not of ids.
    """
    sealed = 0
    last = db.session.scalars(select(AuditSeal).order_by(AuditSeal.sequence.desc()).limit(1)).first()
    sequence, before = (last.sequence, last.chain_hash) if last else (0, GENESIS)
    unsealed = (
        select(AuditEntry)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.sequence.is_(None))
        .order_by(AuditEntry.id)
        .limit(SEAL_CHUNK)
    )
    while entries := db.session.scalars(unsealed).all():
        for entry in entries:
            sequence += 1
            before = _entry_hash(entry, before)
            db.session.add(AuditSeal(sequence=sequence, entry_id=entry.id, chain_hash=before, sealed_at=at))
        db.session.flush()
        sealed += len(entries)
        db.session.expunge_all()
    return sealed


@dataclass(frozen=True)
class Verdict:
    """What verification found: how many links hold, and where the chain first breaks (None: nowhere)."""

    verified: int
    unsealed: int
    broken_at: int | None


def verify() -> Verdict:
    """Walk the chain from its start and compare each link with its entry. An edit, deletion or swap breaks it."""
    before, verified = GENESIS, 0
    links = db.session.execute(
        select(AuditSeal, AuditEntry)
        .outerjoin(AuditEntry, AuditSeal.entry_id == AuditEntry.id)
        .order_by(AuditSeal.sequence)
        .execution_options(yield_per=SEAL_CHUNK)
    )
    with contextlib.closing(links):
        for expected, (link, entry) in enumerate(links, start=1):
            if link.sequence != expected or entry is None or _entry_hash(entry, before) != link.chain_hash:
                return Verdict(verified, 0, expected)
            before, verified = link.chain_hash, expected
    sealed_ids = select(AuditSeal.entry_id)
    waiting = db.session.scalar(select(db.func.count()).select_from(AuditEntry).where(AuditEntry.id.not_in(sealed_ids)))
    return Verdict(verified, waiting or 0, None)
