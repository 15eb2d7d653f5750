"""Batches, rolls, payments, attempts and the bank's files."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, BlindIndex, EncryptedText, Id
from core.money import Fen
from core.uploads import StoredFile
from programmes.models import Programme
from registry.models import Beneficiary, Card, Region


class Batch(Base):
    """One programme and one period (YYYYMM)."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("programme_id", "period"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Id, ForeignKey("programmes.id"))
    period: Mapped[str] = mapped_column(String(6))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship()
    rolls: Mapped[list["Roll"]] = relationship(back_populates="batch")


class Roll(Base):
    """A township's list within a batch."""

    __tablename__ = "rolls"
    __table_args__ = (UniqueConstraint("batch_id", "township_code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = mapped_column(Id, ForeignKey("batches.id"))
    township_code: Mapped[str] = mapped_column(String(15), ForeignKey("regions.code"), index=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    upload_id: Mapped[int | None] = mapped_column(Id, ForeignKey("uploads.id"))
    line_count: Mapped[int] = mapped_column(default=0)
    total_fen: Mapped[Fen]
    created_at: Mapped[datetime]

    batch: Mapped[Batch] = relationship(back_populates="rolls")
    township: Mapped[Region] = relationship()


# Few payments fail: an index of those alone serves the to-do board and costs the others nothing.
HAS_DUE_DATE = "due_on IS NOT NULL"


class Payment(Base):
    """What one beneficiary is owed by one roll: the obligation. Its tries are attempts.

    ``row`` is the line of the township's file, 0 where the newest version of a draft no longer has it.
    ``due_on`` is the day by which the present step of the failure cycle is to be done (B6); None outside it.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("roll_id", "beneficiary_id"),
        # The amount stands in the index so that balances are summed from it alone, without visiting the rows.
        Index("ix_payments_batch_state", "batch_id", "state", "amount_fen"),
        Index("ix_payments_beneficiary", "beneficiary_id", "id"),
        Index("ix_payments_card", "card_id"),
        Index("ix_payments_due", "due_on", sqlite_where=text(HAS_DUE_DATE), postgresql_where=text(HAS_DUE_DATE)),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    roll_id: Mapped[int] = mapped_column(Id, ForeignKey("rolls.id"))
    batch_id: Mapped[int] = mapped_column(Id, ForeignKey("batches.id"))
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    region_code: Mapped[str] = mapped_column(String(15))
    name: Mapped[str]
    payee_name: Mapped[str]
    card_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cards.id"))
    quantity: Mapped[str] = mapped_column(default="")
    amount_fen: Mapped[Fen]
    state: Mapped[str] = mapped_column(default="drafted")
    sheet: Mapped[str] = mapped_column(default="")
    row: Mapped[int]
    paid_on: Mapped[date | None]
    failure_reason: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]

    roll: Mapped[Roll] = relationship()
    batch: Mapped[Batch] = relationship()
    beneficiary: Mapped[Beneficiary] = relationship()
    card: Mapped[Card | None] = relationship()


class OfferFile(Base):
    """A file of attempts handed to the bank, with its control totals.

    The file is made from its attempts in the same transaction, so ``file_id`` is empty only until that ends.
    """

    __tablename__ = "offer_files"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = mapped_column(Id, ForeignKey("batches.id"), index=True)
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    lost_characters: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("stored_files.id"))
    created_at: Mapped[datetime]
    official_id: Mapped[int | None] = mapped_column(Id)

    batch: Mapped[Batch] = relationship()
    file: Mapped[StoredFile | None] = relationship()


# An attempt that may still turn into money on the card: while one exists, the payment cannot be tried again.
OPEN_OUTCOMES = "outcome IN ('open', 'unclear')"


class Attempt(Base):
    """One try to pay a payment, with the payee and card as they were sent. Its reference is what the bank sees."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("payment_id", "number"),
        Index(
            "uq_attempts_one_open",
            "payment_id",
            unique=True,
            sqlite_where=text(OPEN_OUTCOMES),
            postgresql_where=text(OPEN_OUTCOMES),
        ),
        Index("ix_attempts_offer_file", "offer_file_id", "line_number"),
        Index("ix_attempts_card_amount", "card_index", "amount_fen"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int] = mapped_column(Id, ForeignKey("payments.id"))
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    offer_file_id: Mapped[int] = mapped_column(Id, ForeignKey("offer_files.id"))
    line_number: Mapped[int]
    payee_name: Mapped[str]
    card_number: Mapped[str] = mapped_column(EncryptedText("card"))
    card_index: Mapped[bytes] = mapped_column(BlindIndex("card"))
    card_tail: Mapped[str] = mapped_column(String(4))
    amount_fen: Mapped[Fen]
    outcome: Mapped[str] = mapped_column(default="open")
    failure_reason: Mapped[str] = mapped_column(default="")
    bank_date: Mapped[date | None]
    result_file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("result_files.id"), index=True)
    result_line: Mapped[int | None]
    created_at: Mapped[datetime]

    payment: Mapped[Payment] = relationship()


class ResultFile(Base):
    """The bank's answer, kept as it came; the same bytes a second time change nothing."""

    __tablename__ = "result_files"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    file_id: Mapped[int] = mapped_column(Id, ForeignKey("stored_files.id"), unique=True)
    profile: Mapped[str]
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    paid_count: Mapped[int] = mapped_column(default=0)
    failed_count: Mapped[int] = mapped_column(default=0)
    unclear_count: Mapped[int] = mapped_column(default=0)
    repeated_count: Mapped[int] = mapped_column(default=0)
    imported_at: Mapped[datetime]
    official_id: Mapped[int | None] = mapped_column(Id)


class Discrepancy(Base):
    """A line of a bank file that does not fit the book, for a person to clear up. Holds no card and no name."""

    __tablename__ = "discrepancies"
    __table_args__ = (
        UniqueConstraint("result_file_id", "line"),
        Index("ix_discrepancies_open", "settled_at", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    result_file_id: Mapped[int] = mapped_column(Id, ForeignKey("result_files.id"))
    line: Mapped[int]
    kind: Mapped[str]
    bank_outcome: Mapped[str] = mapped_column(default="")
    attempt_id: Mapped[int | None] = mapped_column(Id, ForeignKey("attempts.id"))
    bank_fen: Mapped[Fen | None]
    book_fen: Mapped[Fen | None]
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(Id)
    settlement: Mapped[str] = mapped_column(default="")
