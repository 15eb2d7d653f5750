"""Payments, and the attempts to pay them."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, BlindIndex, EncryptedText, Id
from core.money import Fen
from disbursement.models.batches import Batch, Roll
from registry.models import Beneficiary, Card

# Few payments fail: an index of those alone serves the to-do board and costs the others nothing.
HAS_DUE_DATE = "due_on IS NOT NULL"
IS_UNCLEAR = "state = 'unclear'"


class Payment(Base):
    """What one beneficiary is owed by one roll: the obligation. Its tries are attempts.

    ``row`` is the line of the township's file, 0 where the newest version of a draft no longer has it.
    ``struck_at`` is set where a person struck the line, and empty where a newer version of the file just lacks it.
    ``due_on`` is the day by which the present step of the failure cycle is to be done (B6); None outside it.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("roll_id", "beneficiary_id"),
        # The amount stands in the index so that balances are summed from it alone, without visiting the rows.
        Index("ix_payments_batch_state", "batch_id", "state", "amount_fen"),
        Index("ix_payments_beneficiary", "beneficiary_id", "id"),
        # Whose money comes to a card beside its holder's is answered from the index alone.
        Index("ix_payments_card", "card_id", "beneficiary_id"),
        Index("ix_payments_due", "due_on", sqlite_where=text(HAS_DUE_DATE), postgresql_where=text(HAS_DUE_DATE)),
        # The bank's step has no day; few payments are unclear, too.
        Index("ix_payments_unclear", "id", sqlite_where=text(IS_UNCLEAR), postgresql_where=text(IS_UNCLEAR)),
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
    struck_at: Mapped[datetime | None]
    paid_on: Mapped[date | None]
    failure_reason: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]

    roll: Mapped[Roll] = relationship()
    batch: Mapped[Batch] = relationship()
    beneficiary: Mapped[Beneficiary] = relationship()
    card: Mapped[Card | None] = relationship()


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
        # Month-end reads the attempts of a month from this index alone, without visiting the rows.
        Index("ix_attempts_bank_date", "bank_date", "card_index", "amount_fen", "outcome"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    payment_id: Mapped[int] = mapped_column(Id, ForeignKey("payments.id"))
    number: Mapped[int]
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    offer_file_id: Mapped[int] = mapped_column(Id, ForeignKey("offer_files.id"))
    line_number: Mapped[int]
    payee_name: Mapped[str]
    # The payee as the bank spells him, where the file has that instead; and the payment's due day before it was sent.
    sent_name: Mapped[str] = mapped_column(default="")
    was_due_on: Mapped[date | None]
    card_number: Mapped[str] = mapped_column(EncryptedText("card"))
    card_index: Mapped[bytes] = mapped_column(BlindIndex("card"))
    card_tail: Mapped[str] = mapped_column(String(4))
    amount_fen: Mapped[Fen]
    outcome: Mapped[str] = mapped_column(default="open")
    failure_reason: Mapped[str] = mapped_column(default="")
    bank_date: Mapped[date | None]
    # The day on which the bank sent the money back after it had paid (退票).
    returned_on: Mapped[date | None]
    result_file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("result_files.id"), index=True)
    result_line: Mapped[int | None]
    created_at: Mapped[datetime]

    payment: Mapped[Payment] = relationship()
