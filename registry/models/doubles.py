"""Records that may be one person: found by the machine, decided by two people."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id
from registry.models.people import Beneficiary


class Double(Base):
    """Two records that may be one person, the older first.

    ``grounds`` are codes of rules.Ground with commas between them. Once a merge is proposed, ``kept_id`` says which
    record stays. ``moved`` is what the merge moved, part by part, so that it can be taken back while nothing has
    happened since.
    """

    __tablename__ = "doubles"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="ordered"),
        Index("ix_doubles_state", "state", "region_code"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    first_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    second_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"), index=True)
    # What both regions share: the township where both live in one, else the county.
    region_code: Mapped[str] = mapped_column(String(15))
    grounds: Mapped[str]
    state: Mapped[str] = mapped_column(default="found")
    kept_id: Mapped[int | None] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    moved: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    found_at: Mapped[datetime]
    merged_at: Mapped[datetime | None]

    first: Mapped[Beneficiary] = relationship(foreign_keys=[first_id])
    second: Mapped[Beneficiary] = relationship(foreign_keys=[second_id])

    @property
    def merged_id(self) -> int | None:
        """The record that goes up in the other; None before one is proposed."""
        if self.kept_id is None:
            return None
        return self.second_id if self.kept_id == self.first_id else self.first_id
