"""Rebookings (改记): tries that the book has as failed or unclear, and that the bank proved to have paid; tries that
the book has as paid, and that the bank proved never to have paid; and tries that the bank never answered."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id
from core.money import Fen
from disbursement.models.failures import Evidence
from disbursement.models.payments import Attempt

STANDING = "released_at IS NULL"


class Rebooking(Base):
    """Proposed by one official, approved by another; until then nothing of the book changes. ``result_file_id`` is the
    note that stands for it among the bank's answers, once it is approved. ``kind`` is a RebookingKind's value,
    ``evidence_id`` the bank's letter, where one must be brought."""

    __tablename__ = "rebookings"
    __table_args__ = (Index("ix_rebookings_state", "state", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(default="paid")
    state: Mapped[str] = mapped_column(default="drafted")
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    created_at: Mapped[datetime]
    official_id: Mapped[int | None] = mapped_column(Id)
    result_file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("result_files.id"))
    evidence_id: Mapped[int | None] = mapped_column(Id, ForeignKey("correction_evidence.id"))

    evidence: Mapped[Evidence | None] = relationship()


class RebookingLine(Base):
    """One try of a rebooking, with what the book had of it before. ``bank_day`` is the day on which the bank says that
    it paid, ``booked_on`` the day it has in the book: the same, or the day of the approval where the month of the
    bank's day was closed. Of a try that was never paid ``bank_day`` is the day on which the book has it as paid, and
    ``booked_on`` the day on which it was returned; of one that was never answered it is the day of the bank's letter.
    ``released_at`` is set where the rebooking came to nothing, and where a try without an answer was declared failed:
    it is free for another."""

    __tablename__ = "rebooking_lines"
    __table_args__ = (
        Index("ix_rebooking_lines_rebooking", "rebooking_id", "attempt_id"),
        Index("ix_rebooking_lines_payment", "payment_id"),
        # A try is rebooked once.
        Index(
            "uq_rebooking_lines_one_standing",
            "attempt_id",
            unique=True,
            sqlite_where=text(STANDING),
            postgresql_where=text(STANDING),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    rebooking_id: Mapped[int] = mapped_column(Id, ForeignKey("rebookings.id"))
    attempt_id: Mapped[int] = mapped_column(Id, ForeignKey("attempts.id"))
    payment_id: Mapped[int] = mapped_column(Id, ForeignKey("payments.id"))
    amount_fen: Mapped[Fen]
    bank_day: Mapped[date]
    booked_on: Mapped[date | None]
    was_outcome: Mapped[str]
    was_reason: Mapped[str] = mapped_column(default="")
    was_bank_date: Mapped[date | None]
    was_state: Mapped[str]
    released_at: Mapped[datetime | None]

    rebooking: Mapped[Rebooking] = relationship()
    attempt: Mapped[Attempt] = relationship()
