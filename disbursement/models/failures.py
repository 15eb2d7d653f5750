"""What failed, until when each office had to do its part, and when it did; and how names and cards were corrected."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, EncryptedText, Id
from core.uploads import StoredFile
from disbursement.models.payments import Attempt, Payment

OPEN_FAILURE = "ended_on IS NULL"
STANDING = "undone_at IS NULL"


class Failure(Base):
    """One failed or returned attempt and its way through the cycle of one month (B6).

    The three days by which something was to be done stand beside the days on which it was done, so that a missed
    deadline stays in view for good; whether something is late is derived from the two. ``month`` (YYYY-MM) is the
    cycle's, ``bank_name`` the bank's whose account was tried. ``kind``: failed, or returned (退票 after payment).
    ``ending``: paid, failed_again, returned_to_plan, or paid_after_all (the bank proved that this very try had been
    paid); empty while open.
    """

    __tablename__ = "failures"
    __table_args__ = (
        Index("ix_failures_month", "month", "id"),
        Index(
            "uq_failures_one_open",
            "payment_id",
            unique=True,
            sqlite_where=text(OPEN_FAILURE),
            postgresql_where=text(OPEN_FAILURE),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    attempt_id: Mapped[int] = mapped_column(Id, ForeignKey("attempts.id"), index=True)
    payment_id: Mapped[int] = mapped_column(Id, ForeignKey("payments.id"), index=True)
    kind: Mapped[str] = mapped_column(default="failed")
    month: Mapped[str] = mapped_column(String(7))
    reason: Mapped[str] = mapped_column(default="")
    bank_name: Mapped[str] = mapped_column(default="")
    recorded_on: Mapped[date]
    correct_by: Mapped[date]
    resubmit_by: Mapped[date]
    reissue_by: Mapped[date]
    corrected_on: Mapped[date | None]
    resubmitted_on: Mapped[date | None]
    reissued_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    ending: Mapped[str] = mapped_column(default="")

    payment: Mapped[Payment] = relationship()
    attempt: Mapped[Attempt] = relationship()


class Evidence(Base):
    """A document that shows why a correction is right: kept encrypted, handed out as a download only."""

    __tablename__ = "correction_evidence"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    file_id: Mapped[int] = mapped_column(Id, ForeignKey("stored_files.id"))
    filename: Mapped[str] = mapped_column(EncryptedText("filename"))
    brought_at: Mapped[datetime]

    file: Mapped[StoredFile] = relationship()


class Correction(Base):
    """What a township changed of a payment that had failed, from what to what, and why. Cards are named by their last
    digits. ``kind`` is a CorrectionKind's value; ``before_state`` is where an undoing leads back to;
    ``number_confirmed``: the new number does not fit its last digit, and the official has confirmed it."""

    __tablename__ = "corrections"
    __table_args__ = (
        Index(
            "uq_corrections_one_standing",
            "failure_id",
            unique=True,
            sqlite_where=text(STANDING),
            postgresql_where=text(STANDING),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int] = mapped_column(Id, ForeignKey("payments.id"), index=True)
    failure_id: Mapped[int] = mapped_column(Id, ForeignKey("failures.id"))
    kind: Mapped[str]
    before_state: Mapped[str]
    before_card_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cards.id"))
    after_card_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cards.id"))
    before_card_tail: Mapped[str] = mapped_column(String(4), default="")
    after_card_tail: Mapped[str] = mapped_column(String(4), default="")
    number_confirmed: Mapped[bool] = mapped_column(default=False)
    before_payee_name: Mapped[str]
    after_payee_name: Mapped[str]
    before_holder_name: Mapped[str] = mapped_column(default="")
    before_name: Mapped[str]
    after_name: Mapped[str]
    note: Mapped[str] = mapped_column(EncryptedText("reason"))
    evidence_id: Mapped[int | None] = mapped_column(Id, ForeignKey("correction_evidence.id"))
    official_id: Mapped[int | None] = mapped_column(Id)
    actor_name: Mapped[str]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(Id)
    undone_by_name: Mapped[str] = mapped_column(default="")
    undo_reason: Mapped[str] = mapped_column(EncryptedText("reason"), default="")

    payment: Mapped[Payment] = relationship()
    failure: Mapped[Failure] = relationship()
    evidence: Mapped[Evidence | None] = relationship()


class CorrectedAlong(Base):
    """A payment that was approved and not sent yet when a correction put the same person's account right: it goes there
    too. The ``before_…`` are where an undoing leads back to."""

    __tablename__ = "corrected_along"

    correction_id: Mapped[int] = mapped_column(Id, ForeignKey("corrections.id"), primary_key=True)
    payment_id: Mapped[int] = mapped_column(Id, ForeignKey("payments.id"), primary_key=True, index=True)
    before_card_id: Mapped[int] = mapped_column(Id, ForeignKey("cards.id"))
    before_payee_name: Mapped[str]
    before_name: Mapped[str]
