"""What the checks before approval have found, how grave each kind is, and how long each step of a roll may take."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, EncryptedText, Id
from disbursement.models.batches import Roll
from disbursement.models.payments import Payment
from programmes.models import Programme

OF_THE_ROLL = "payment_id IS NULL"


class RollFinding(Base):
    """One finding about a line of a roll, or about the roll itself (no payment). A check that finds the same again
    leaves it as it is, with its explanation; one whose facts have changed is a new finding.

    ``other`` says beside what the finding stands (the other payment, the card), so that each stands once. ``facts`` is
    a small JSON text without personal data. ``explanation`` is the reason for which a second person lets a warning
    pass, in that person's own words.
    """

    __tablename__ = "roll_findings"
    __table_args__ = (
        UniqueConstraint("payment_id", "kind", "other"),
        Index(
            "uq_roll_findings_of_the_roll",
            "roll_id",
            "kind",
            unique=True,
            sqlite_where=text(OF_THE_ROLL),
            postgresql_where=text(OF_THE_ROLL),
        ),
        Index("ix_roll_findings_roll", "roll_id", "kind"),
        Index("ix_roll_findings_other", "other_payment_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    roll_id: Mapped[int] = mapped_column(Id, ForeignKey("rolls.id"))
    payment_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payments.id"))
    kind: Mapped[str]
    severity: Mapped[str]
    facts: Mapped[str] = mapped_column(default="{}")
    other: Mapped[str] = mapped_column(default="")
    other_payment_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payments.id"))
    other_programme_id: Mapped[int | None] = mapped_column(Id, ForeignKey("programmes.id"))
    found_at: Mapped[datetime]
    explanation: Mapped[str | None] = mapped_column(EncryptedText("reason"))
    explained_by: Mapped[int | None] = mapped_column(Id)
    explained_by_name: Mapped[str] = mapped_column(default="")
    explained_at: Mapped[datetime | None]

    roll: Mapped[Roll] = relationship()
    payment: Mapped[Payment | None] = relationship(foreign_keys=[payment_id])
    other_payment: Mapped[Payment | None] = relationship(foreign_keys=[other_payment_id])
    other_programme: Mapped[Programme | None] = relationship()

    @property
    def known(self) -> dict[str, Any]:
        """The facts."""
        found: dict[str, Any] = json.loads(self.facts)
        return found


class CheckSeverity(Base):
    """The finance bureau's choice how grave a kind of finding is. Never edited: the newest row of a kind counts."""

    __tablename__ = "check_severities"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    severity: Mapped[str]
    reason: Mapped[str]
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)


class StepLimit(Base):
    """The finance bureau's choice how many working days a step of a roll may take, or for how many calendar days the
    bank may leave an outcome unclear (step ``unclear``). Never edited: the newest row of a step counts."""

    __tablename__ = "step_limits"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    step: Mapped[str] = mapped_column(index=True)
    days: Mapped[int]
    reason: Mapped[str]
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
