"""Return orders, and the payments that should be in one."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, select
from sqlalchemy.orm import contains_eager

from core.database import db
from core.errors import NotVisible
from core.money import Fen
from core.principal import Principal
from disbursement.models import Batch, Payment, ReturnLine, ReturnOrder
from disbursement.queries.batches import batches_in_scope
from disbursement.queries.failures import bound_by_order, disputed
from disbursement.queries.payments import visible_payments
from disbursement.rules import SEE_BALANCE
from programmes.models import Programme


def returnable() -> ColumnElement[bool]:
    """Payments that an order may take: failed, corrected, or sent back by the bank, and in no other order. All have a
    day in the cycle, which an order's approval ends."""
    open_states = Payment.state.in_(("failed", "corrected", "returned"))
    return and_(Payment.due_on.is_not(None), open_states, ~bound_by_order(), ~disputed())


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


class OwedReturn(NamedTuple):
    """A batch with payments that should go back, and by when (None: no day yet)."""

    batch_id: int
    programme: str
    period: str
    due_on: date | None
    number: int
    total_fen: Fen


def owed_returns(principal: Principal, *, due_before: date | None = None) -> Sequence[OwedReturn]:
    """Batches with money that an order may take, the earliest due first; with ``due_before`` only those due earlier."""
    if not principal.may(SEE_BALANCE):
        return []
    statement = (
        visible_payments(principal)
        .where(returnable())
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
