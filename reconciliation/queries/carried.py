"""Differences of earlier months that are not done with: the money is still to come or to go."""

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.database import db
from core.principal import Principal
from disbursement.models import Attempt, ReturnOrder
from disbursement.queries import never_paid
from reconciliation.models import CarriedAtClosing, CarriedSettlement, Difference, Month, StatementLine
from reconciliation.queries.visible import seen_differences
from reconciliation.rules import PAID, WAITING, LineClass


def is_outstanding() -> ColumnElement[bool]:
    """Over differences: somebody has said that the bank is still to act, nobody has said since how it ended, and no
    later line or answer of the bank has settled it."""
    waiting = Difference.resolution.in_(sorted(one.value for one in WAITING))
    ended = exists().where(CarriedSettlement.difference_id == Difference.id)
    return and_(waiting, ~ended, ~_found_since())


def _found_since() -> ColumnElement[bool]:
    line = aliased(StatementLine)
    attempt = aliased(Attempt)
    came = exists().where(line.attempt_id == Difference.attempt_id, line.kind == LineClass.MATCHED.value)
    taken_back = exists().where(
        line.pair_line_id == Difference.line_id,
        line.kind == LineClass.CORRECTED_BY_BANK.value,
        line.credit_fen > 0,
    )
    became_paid = exists().where(attempt.id == Difference.attempt_id, attempt.outcome.in_(sorted(PAID)))
    sent_back = exists().where(attempt.id == Difference.attempt_id, attempt.outcome == "returned")
    credited = exists().where(line.return_order_id == Difference.return_order_id)
    reversed_since = exists().where(ReturnOrder.id == Difference.return_order_id, ReturnOrder.state != "credited")
    return or_(
        and_(Difference.kind == LineClass.CREDIT_MISSING.value, or_(credited, reversed_since)),
        and_(Difference.kind == LineClass.MISSING_IN_BANK.value, or_(came, Difference.attempt_id.in_(never_paid()))),
        and_(Difference.kind == LineClass.OUTCOME_DIFFERS.value, became_paid),
        and_(Difference.kind == LineClass.RETURNED_AFTER_PAYMENT.value, sent_back),
        taken_back,
    )


def outstanding_before(month: Month) -> Select[int]:
    """The differences of earlier months that are outstanding now."""
    return select(Difference.id).join(Difference.month).where(Month.month < month.month, is_outstanding())


def visible_carried(principal: Principal, month: Month) -> Select[Difference]:
    """What earlier months have carried over and is outstanding still; of a closed month, what was when it was
    closed."""
    if month.carried is None:
        return seen_differences(principal).where(Month.month < month.month, is_outstanding())
    frozen = select(CarriedAtClosing.difference_id).where(CarriedAtClosing.month_id == month.id)
    return seen_differences(principal).where(Difference.id.in_(frozen))


def carried_count(month: Month) -> int:
    """How many those are."""
    if month.carried is not None:
        return month.carried
    return db.session.scalar(select(func.count()).select_from(outstanding_before(month).subquery())) or 0
