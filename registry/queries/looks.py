"""Who has looked at a person's full numbers, or done something with his record: for himself, out of the audit log.

What the discipline commission has looked at is not told (个人信息保护法 §18 and §35: to tell would hinder its duty),
nor is anything that only some offices may know. The file and the page say so, whether or not there is any of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select

from accounts.models import Organisation
from core.audit import AuditEntry
from core.database import db
from core.principal import OrganisationKind

LOOKS = ("registry.reveal", "registry.read_evidence", "registry.export_person")
"""The actions by which somebody sees more of a person than the masked values."""


@dataclass(frozen=True)
class LooksAt:
    """That somebody of an office has looked; ``entry`` is for officials."""

    at: datetime
    office: str
    entry: AuditEntry


def entries_about(records: Collection[int]) -> Sequence[LooksAt]:
    """Everything that was done with these records of a person, looked at or changed, the newest first."""
    return _read(_entries(records))


def looks_at(records: Collection[int], *, most: int) -> Sequence[LooksAt]:
    """The newest looks at these records of a person, at most so many."""
    return _read(_entries(records, AuditEntry.action.in_(LOOKS)).limit(most))


def _entries(records: Collection[int], *where: ColumnElement[bool]) -> Select[AuditEntry, str]:
    return (
        select(AuditEntry, Organisation.name)
        .outerjoin(Organisation, Organisation.id == AuditEntry.organisation_id)
        .where(
            AuditEntry.subject_id.in_([str(record) for record in records]),
            AuditEntry.subject_kind == "beneficiary",
            AuditEntry.visible_to.is_(None),
            or_(Organisation.kind.is_(None), Organisation.kind != OrganisationKind.DISCIPLINE.value),
            *where,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )


def _read(statement: Select[AuditEntry, str]) -> list[LooksAt]:
    return [LooksAt(entry.at, office or "", entry) for entry, office in db.session.execute(statement)]
