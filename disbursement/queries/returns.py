"""Return orders, and the payments that should be in one."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, union_all
from sqlalchemy.orm import aliased, contains_eager

from core.database import db
from core.errors import NotVisible
from core.money import Fen
from core.principal import Principal
from disbursement.models import Batch, Payment, ReturnLine, ReturnOrder, ReturnReversal
from disbursement.queries.batches import batches_in_scope
from disbursement.queries.failures import bound_by_order, disputed
from disbursement.queries.payments import visible_payments
from disbursement.rules import SEE_BALANCE
from programmes.models import Programme

OFFLINE_UNDER_WAY = ("finance_confirmed", "results_in")
"""States of a batch whose programme pays outside the platform in which money may be handed over."""


def returnable() -> ColumnElement[bool]:
    """Payments that an order may take, in no other order: failed, corrected, or sent back by the bank; and approved
    ones that nobody collects, or that have no card while the others of their batch are with the bank."""
    return and_(or_(_in_cycle(), _uncollected(*OFFLINE_UNDER_WAY), _cardless()), ~bound_by_order(), ~disputed())


def _in_cycle() -> ColumnElement[bool]:
    """All of them have a day in the cycle, which an order's approval ends."""
    return and_(Payment.due_on.is_not(None), Payment.state.in_(("failed", "corrected", "returned")))


def _uncollected(*batch_states: str) -> ColumnElement[bool]:
    batch, programme = aliased(Batch), aliased(Programme)
    offline = exists().where(
        batch.id == Payment.batch_id,
        batch.state.in_(batch_states),
        programme.id == batch.programme_id,
        programme.channel == "offline",
    )
    return and_(Payment.state == "approved", offline)


def _cardless() -> ColumnElement[bool]:
    batch = aliased(Batch)
    with_bank = exists().where(batch.id == Payment.batch_id, batch.state.in_(("sent", "results_in")))
    return and_(Payment.state == "approved", Payment.card_id.is_(None), with_bank)


def binds_payments(batch: Batch) -> bool:
    """Whether an order that has not been withdrawn holds payments of the batch."""
    bound = select(Payment.id).where(Payment.batch_id == batch.id, bound_by_order())
    return db.session.scalar(bound.limit(1)) is not None


def returnable_payments(principal: Principal, batch: Batch) -> Select[Payment]:
    """The payments of a batch that an order may take."""
    return visible_payments(principal).where(Payment.batch_id == batch.id, returnable())


def visible_returns(principal: Principal) -> Select[ReturnOrder]:
    """Return orders with their batch and programme, for the departments of the programmes and those who see all
    money."""
    return (
        select(ReturnOrder)
        .join(ReturnOrder.batch)
        .join(Batch.programme)
        .options(contains_eager(ReturnOrder.batch).contains_eager(Batch.programme))
        .where(batches_in_scope(principal) if principal.may(SEE_BALANCE) else false())
    )


def get_return(principal: Principal, order_id: int) -> ReturnOrder:
    """One return order. Raises NotVisible."""
    order = db.session.scalars(visible_returns(principal).where(ReturnOrder.id == order_id)).first()
    if order is None:
        raise NotVisible
    return order


def payments_of_return(principal: Principal, order: ReturnOrder) -> Select[Payment]:
    """The payments of an order that the principal may see, withdrawn ones included."""
    inside = select(ReturnLine.payment_id).where(ReturnLine.order_id == order.id)
    return visible_payments(principal).where(Payment.id.in_(inside))


def order_holding(principal: Principal, payment: Payment) -> ReturnOrder | None:
    """The order that has this payment, if there is one that the principal may see."""
    holding = select(ReturnLine.order_id).where(ReturnLine.payment_id == payment.id, ReturnLine.released_at.is_(None))
    return db.session.scalars(visible_returns(principal).where(ReturnOrder.id.in_(holding))).first()


def reversals_of(order: ReturnOrder) -> Sequence[ReturnReversal]:
    """The counter-entries of an order (which the caller has found through the principal), newest first."""
    return db.session.scalars(
        select(ReturnReversal).where(ReturnReversal.order_id == order.id).order_by(ReturnReversal.id.desc())
    ).all()


class OwedReturn(NamedTuple):
    """A batch with payments that should go back, and by when (None: no day yet)."""

    batch_id: int
    programme: str
    period: str
    due_on: date | None
    number: int
    total_fen: Fen


def owed_returns(principal: Principal, *, due_before: date | None = None) -> Sequence[OwedReturn]:
    """Batches with money that should be in an order, the earliest due first; with ``due_before`` only those due
    earlier. Who has no card may get one yet, and what is handed over has not begun may all be collected: such money
    is not owed, though an order may take it."""
    if not principal.may(SEE_BALANCE):
        return []
    # As two small sets, each from its own index, among millions of payments.
    owed = union_all(select(Payment.id).where(_in_cycle()), select(Payment.id).where(_uncollected("results_in")))
    statement = (
        visible_payments(principal)
        .where(Payment.id.in_(owed), ~bound_by_order(), ~disputed())
        .with_only_columns(
            Batch.id,
            Programme.name,
            Batch.period,
            Batch.return_due_on,
            func.count(),
            func.sum(Payment.amount_fen),
            maintain_column_froms=True,
        )
        .group_by(Batch.id, Programme.name, Batch.period, Batch.return_due_on)
        .order_by(None)
        .order_by(Batch.return_due_on.is_(None), Batch.return_due_on, Batch.id)
    )
    if due_before is not None:
        statement = statement.where(Batch.return_due_on < due_before)
    return [OwedReturn._make(row) for row in db.session.execute(statement)]
