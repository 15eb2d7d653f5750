"""Payments outside the platform: what was handed over, and by which receipt."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id
from core.money import Fen
from core.uploads import StoredFile
from disbursement.models.batches import Roll
from disbursement.models.payments import Payment


class OfflineReceipt(Base):
    """Money handed over outside the platform (B3): the signed sheet of one day, for some or all lines of a roll.

    ``cancelled_at`` is set where it was entered by mistake; its number may then be used again.
    """

    __tablename__ = "offline_receipts"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    roll_id: Mapped[int] = mapped_column(Id, ForeignKey("rolls.id"), index=True)
    number: Mapped[str]
    paid_on: Mapped[date]
    payer: Mapped[str]
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("stored_files.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    cancelled_at: Mapped[datetime | None]

    roll: Mapped[Roll] = relationship()
    file: Mapped[StoredFile | None] = relationship()


class OfflineReceiptLine(Base):
    """Which payments a receipt is for. A payment stands on one receipt that counts, because it is paid only once."""

    __tablename__ = "offline_receipt_lines"
    __table_args__ = (UniqueConstraint("payment_id", "receipt_id"),)

    receipt_id: Mapped[int] = mapped_column(Id, ForeignKey("offline_receipts.id"), primary_key=True)
    payment_id: Mapped[int] = mapped_column(Id, ForeignKey("payments.id"), primary_key=True)

    payment: Mapped[Payment] = relationship()
