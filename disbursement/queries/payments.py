"""Payments and their attempts: as officials see them, and as the person sees them whom they are for."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import contains_eager

from core.database import db
from core.errors import NotVisible
from core.money import Fen
from core.principal import Principal
from disbursement.models import Attempt, Batch, Payment, Roll
from disbursement.queries.rolls import rolls_in_scope
from programmes.models import Programme
from registry.models import Card


def visible_payments(principal: Principal) -> Select[Payment]:
    """Payments with their card, roll, batch, programme and township."""
    return (
        select(Payment)
        .join(Payment.roll)
        .join(Roll.batch)
        .join(Batch.programme)
        .join(Roll.township)
        .outerjoin(Payment.card)
        .options(
            contains_eager(Payment.card),
            contains_eager(Payment.roll).contains_eager(Roll.batch).contains_eager(Batch.programme),
            contains_eager(Payment.roll).contains_eager(Roll.township),
        )
        .where(rolls_in_scope(principal))
    )


def get_payment(principal: Principal, payment_id: int) -> Payment:
    """One payment. Raises NotVisible."""
    payment = db.session.scalars(visible_payments(principal).where(Payment.id == payment_id)).first()
    if payment is None:
        raise NotVisible
    return payment


def attempts_of(payment: Payment) -> Sequence[Attempt]:
    """The tries to pay a payment, first to last."""
    return db.session.scalars(select(Attempt).where(Attempt.payment_id == payment.id).order_by(Attempt.number)).all()


class PaymentOfPerson(NamedTuple):
    """A payment as the person whom it is for may see it."""

    payment_id: int
    programme: str
    period: str
    amount_fen: Fen
    state: str
    paid_on: date | None
    card_tail: str | None
    failure_reason: str


# Made once: every lookup runs it, and to put a statement together costs more than to run it.
_PAYMENTS_OF = (
    select(
        Payment.id,
        Programme.name,
        Batch.period,
        Payment.amount_fen,
        Payment.state,
        Payment.paid_on,
        Card.tail,
        Payment.failure_reason,
    )
    .join(Batch, Batch.id == Payment.batch_id)
    .join(Programme, Programme.id == Batch.programme_id)
    .outerjoin(Card, Card.id == Payment.card_id)
    .where(Payment.beneficiary_id == bindparam("person"), Payment.state.not_in(("drafted", "struck")))
    .order_by(Batch.period.desc(), Payment.id.desc())
)


def payments_of(beneficiary_id: int) -> Sequence[PaymentOfPerson]:
    """All that one person was ever owed, newest first, in one query. Drafts and struck lines are nobody's yet.

    The caller has made sure that it is this person who asks.
    """
    rows = db.session.connection().execute(_PAYMENTS_OF, {"person": beneficiary_id})
    return [PaymentOfPerson._make(row) for row in rows]
