"""What stands in the audit log, and the one way to write there.

An entry holds no personal data: ``details`` are counts, codes, states and internal ids.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id, db
from core.principal import OrganisationKind, Principal

# ID numbers, cards, phones and receipt codes as they look in text. Internal ids and codes are shorter.
PERSONAL = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{16}|\d{19,20}|1[3-9]\d{9})(?![0-9A-Za-z])", re.ASCII)
NARROWED_BY = ("action", "official_id", "organisation_id", "subject_kind")
"""What the auditors' page can narrow its list by, beside the period."""


def _indexes() -> tuple[Index, ...]:
    """The list of what everybody may see, and that of what only one kind of organisation may: each has its own indexes
    in the order of the page, so that whoever sees the one never waits for the other to be passed over, and nothing
    depends on how many entries there are."""
    found = []
    for name, condition, first in (("open", "IS NULL", ()), ("confined", "IS NOT NULL", ("visible_to",))):
        where = text(f"visible_to {condition}")
        for column in (None, *NARROWED_BY):
            columns = (*first, *((column,) if column else ()), "at", "id")
            named = f"ix_audit_entries_{name}_{column or 'at'}"
            found.append(Index(named, *columns, sqlite_where=where, postgresql_where=where))
    return tuple(found)


class AuditEntry(Base):
    """Who did what to which thing, when. ``visible_to`` narrows an entry to one kind of organisation (sealed cases)."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        *_indexes(),
        Index("ix_audit_entries_subject", "subject_id", "subject_kind", "at", "id"),
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
