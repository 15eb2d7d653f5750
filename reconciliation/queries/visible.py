"""Months, statements, lines and differences, always through the principal: finance, bank, audit and discipline see the
whole account; a department sees the months, and of the differences those of its own programmes."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ScalarSelect, Select, false, func, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload, with_expression

from core.database import db
from core.errors import NotVisible
from core.money import Fen
from core.principal import OrganisationKind, Principal, PrincipalKind
from disbursement.models import Attempt, Batch, Payment, RebookingLine
from disbursement.rules import MAY_COME_AFTER
from programmes.models import Programme
from reconciliation.models import Difference, Month, SettlementLine, Statement, StatementLine
from reconciliation.rules import READ, SEE_LINES, LineClass


def visible_months(principal: Principal) -> Select[Month]:
    """The months, for all who may read of them."""
    return select(Month).where(true() if principal.may(READ) else false())


def get_month(principal: Principal, month_id: int) -> Month:
    """One month. Raises NotVisible."""
    found = db.session.scalars(visible_months(principal).where(Month.id == month_id)).first()
    if found is None:
        raise NotVisible
    return found


def statements_of(month: Month) -> Sequence[Statement]:
    """The statements of a month that count."""
    return db.session.scalars(
        select(Statement)
        .where(Statement.month_id == month.id, Statement.replaced_at.is_(None))
        .order_by(Statement.account_tail, Statement.id)
    ).all()


def earlier_statements(month: Month) -> Sequence[int]:
    """The statements of all months before this one that count."""
    return db.session.scalars(
        select(Statement.id)
        .join(Month, Month.id == Statement.month_id)
        .where(Month.month < month.month, Statement.replaced_at.is_(None))
    ).all()


def visible_lines(principal: Principal, month: Month) -> Select[StatementLine]:
    """The lines of a month's statements."""
    own = select(Statement.id).where(Statement.month_id == month.id, Statement.replaced_at.is_(None))
    seen = true() if principal.may(SEE_LINES) else false()
    return (
        select(StatementLine)
        .options(joinedload(StatementLine.attempt).joinedload(Attempt.payment))
        .where(StatementLine.statement_id.in_(own), seen)
    )


def _of_own_programmes(principal: Principal) -> ColumnElement[bool]:
    if principal.kind == PrincipalKind.SYSTEM or principal.organisation_kind != OrganisationKind.DEPARTMENT:
        return true()
    return Programme.department_id == principal.organisation_id


def paid_again() -> ScalarSelect[str]:
    """Over differences: the reference of a later try of the payment that moved money too, or still may. Then the debit
    that the book has as failed is one payment too many."""
    own, later = aliased(Attempt), aliased(Attempt)
    return (
        select(func.max(later.reference))
        .join(own, own.payment_id == later.payment_id)
        .where(
            own.id == Difference.attempt_id,
            Difference.kind == LineClass.OUTCOME_DIFFERS.value,
            later.number > own.number,
            later.outcome.not_in(sorted(MAY_COME_AFTER)),
        )
        .correlate(Difference)
        .scalar_subquery()
    )


def rebooking_under_way() -> ScalarSelect[int]:
    """Over differences: the rebooking of its try that waits for approval."""
    return (
        select(func.max(RebookingLine.rebooking_id))
        .where(
            RebookingLine.attempt_id == Difference.attempt_id,
            RebookingLine.released_at.is_(None),
            RebookingLine.booked_on.is_(None),
        )
        .correlate(Difference)
        .scalar_subquery()
    )


def settlement_under_way() -> ScalarSelect[int]:
    """Over differences: the proposal that waits for its second official."""
    return (
        select(func.max(SettlementLine.proposal_id))
        .where(SettlementLine.difference_id == Difference.id, SettlementLine.ended_at.is_(None))
        .correlate(Difference)
        .scalar_subquery()
    )


def difference_fen() -> ColumnElement[Fen]:
    """Over differences: what one is about; what only one of the two sides has is that side's."""
    return func.coalesce(Difference.book_fen, Difference.bank_fen)


def seen_differences(principal: Principal) -> Select[Difference]:
    """Differences with line, attempt, payment and month; a department those of its own programmes."""
    return (
        select(Difference)
        .join(Difference.month)
        .outerjoin(Difference.line)
        .outerjoin(Difference.attempt)
        .outerjoin(Payment, Payment.id == Attempt.payment_id)
        .outerjoin(Batch, Batch.id == Payment.batch_id)
        .outerjoin(Programme, Programme.id == Batch.programme_id)
        .options(
            contains_eager(Difference.month),
            contains_eager(Difference.line),
            contains_eager(Difference.attempt).contains_eager(Attempt.payment),
            with_expression(Difference.paid_again, paid_again()),
            with_expression(Difference.rebooking_id, rebooking_under_way()),
            with_expression(Difference.settlement_id, settlement_under_way()),
        )
        .where(true() if principal.may(READ) else false(), _of_own_programmes(principal))
    )


def visible_differences(principal: Principal, month: Month) -> Select[Difference]:
    """The differences that a month has found."""
    return seen_differences(principal).where(Difference.month_id == month.id)
