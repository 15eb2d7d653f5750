"""Return orders: money that can no longer be paid goes back to where it came from (B7)."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id
from core.money import Fen
from disbursement.models.batches import Batch
from disbursement.models.payments import Payment

BINDING = "released_at IS NULL"


class ReturnOrder(Base):
    """A request to return payments of one batch, approved by finance, and the bank voucher that credited it.

    ``due_on`` is the day by which the batch's money had to be returned when the order was proposed (None: no day yet).
    ``carried_to`` is the year into which the money was carried over; None where it stands in its own year's plan again.
    """

    __tablename__ = "return_orders"
    __table_args__ = (Index("ix_return_orders_state", "state", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = mapped_column(Id, ForeignKey("batches.id"), index=True)
    state: Mapped[str] = mapped_column(default="drafted")
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    due_on: Mapped[date | None]
    organisation_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    approved_on: Mapped[date | None]
    voucher_number: Mapped[str] = mapped_column(default="")
    voucher_on: Mapped[date | None]
    credited_on: Mapped[date | None]
    carried_to: Mapped[int | None]

    batch: Mapped[Batch] = relationship()


class ReturnReversal(Base):
    """A counter-entry (冲正): the voucher of an order was wrong. It keeps what had been entered; the order is approved
    again and waits for the right voucher. Neither is ever edited."""

    __tablename__ = "return_reversals"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(Id, ForeignKey("return_orders.id"), index=True)
    voucher_number: Mapped[str]
    voucher_on: Mapped[date]
    credited_on: Mapped[date]
    carried_to: Mapped[int | None]
    total_fen: Mapped[Fen]
    reason: Mapped[str]
    reversed_at: Mapped[datetime]
    reversed_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)

    order: Mapped[ReturnOrder] = relationship()


class ReturnLine(Base):
    """A payment that an order returns. ``from_state`` is where it goes back to if the order is withdrawn; then
    ``released_at`` is set and the payment is free for another order."""

    __tablename__ = "return_lines"
    __table_args__ = (
        Index("ix_return_lines_order", "order_id", "payment_id"),
        Index(
            "uq_return_lines_one_binding",
            "payment_id",
            unique=True,
            sqlite_where=text(BINDING),
            postgresql_where=text(BINDING),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(Id, ForeignKey("return_orders.id"))
    payment_id: Mapped[int] = mapped_column(Id, ForeignKey("payments.id"))
    from_state: Mapped[str]
    amount_fen: Mapped[Fen]
    released_at: Mapped[datetime | None]

    order: Mapped[ReturnOrder] = relationship()
    payment: Mapped[Payment] = relationship()
