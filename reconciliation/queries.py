"""What may be read of statements, differences and months, always through the principal.

Finance, bank, audit and discipline see the whole account; a department sees the months, and of the differences those of
its own programmes.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased, contains_eager

from accounts.models import Organisation
from core.database import db
from core.errors import NotVisible
from core.principal import OrganisationKind, Principal, PrincipalKind
from disbursement.models import Attempt, Batch, Payment
from programmes.models import Programme
from reconciliation.models import Difference, Month, MonthSignature, Statement, StatementLine
from reconciliation.rules import NEEDS_WORD, READ, SEE_LINES, LineClass, Resolution, Sides, month_days


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


def visible_lines(principal: Principal, month: Month) -> Select[StatementLine]:
    """The lines of a month's statements."""
    own = select(Statement.id).where(Statement.month_id == month.id, Statement.replaced_at.is_(None))
    seen = true() if principal.may(SEE_LINES) else false()
    return select(StatementLine).where(StatementLine.statement_id.in_(own), seen)


def _of_own_programmes(principal: Principal) -> ColumnElement[bool]:
    if principal.kind == PrincipalKind.SYSTEM or principal.organisation_kind != OrganisationKind.DEPARTMENT:
        return true()
    return Programme.department_id == principal.organisation_id


def visible_differences(principal: Principal, month: Month) -> Select[Difference]:
    """The differences of a month, with line, attempt and payment; a department those of its own programmes."""
    return (
        select(Difference)
        .outerjoin(Difference.line)
        .outerjoin(Difference.attempt)
        .outerjoin(Payment, Payment.id == Attempt.payment_id)
        .outerjoin(Batch, Batch.id == Payment.batch_id)
        .outerjoin(Programme, Programme.id == Batch.programme_id)
        .options(contains_eager(Difference.line), contains_eager(Difference.attempt).contains_eager(Attempt.payment))
        .where(
            Difference.month_id == month.id,
            true() if principal.may(READ) else false(),
            _of_own_programmes(principal),
        )
    )


class ClassFigure(NamedTuple):
    """How many lines of a class a month has, what they come to in fen, and how many want a word."""

    kind: LineClass
    number: int
    fen: int
    open: int


def figures_of(month: Month) -> list[ClassFigure]:
    """Every class with its count and sum, matched first."""
    own = select(Statement.id).where(Statement.month_id == month.id, Statement.replaced_at.is_(None))
    lines = {
        kind: (number, int(fen or 0))
        for kind, number, fen in db.session.execute(
            select(StatementLine.kind, func.count(), func.sum(StatementLine.debit_fen + StatementLine.credit_fen))
            .where(StatementLine.statement_id.in_(own))
            .group_by(StatementLine.kind)
        )
    }
    missing = db.session.execute(
        select(func.count(), func.sum(Difference.book_fen)).where(
            Difference.month_id == month.id, Difference.kind == LineClass.MISSING_IN_BANK.value
        )
    ).one()
    lines[LineClass.MISSING_IN_BANK.value] = (missing[0], int(missing[1] or 0))
    waiting = dict(
        db.session.execute(select(Difference.kind, func.count()).where(_is_open(month)).group_by(Difference.kind)).all()
    )
    return [ClassFigure(kind, *lines.get(kind.value, (0, 0)), waiting.get(kind.value, 0)) for kind in LineClass]


def _is_open(month: Month) -> ColumnElement[bool]:
    return (
        (Difference.month_id == month.id)
        & Difference.resolved_at.is_(None)
        & Difference.kind.in_([kind.value for kind in NEEDS_WORD])
    )


def open_difference_count(month: Month) -> int:
    """How many differences want somebody's word."""
    return db.session.scalar(select(func.count()).select_from(Difference).where(_is_open(month))) or 0


def carried_into(month: Month) -> Sequence[Difference]:
    """Differences of earlier months that were carried over and have not found their line since."""
    later = aliased(StatementLine)
    answered = exists().where(later.attempt_id == Difference.attempt_id, later.kind == LineClass.MATCHED.value)
    return db.session.scalars(
        select(Difference)
        .join(Difference.month)
        .where(Month.month < month.month, Difference.resolution == Resolution.NEXT_MONTH.value, ~answered)
        .order_by(Difference.id)
        .limit(200)
    ).all()


def still_unclear(month: Month) -> int:
    """Payments of the month that the bank has not cleared up and that no line speaks of."""
    first, last = month_days(month.month)
    line = aliased(StatementLine)
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Attempt)
            .where(
                Attempt.outcome == "unclear",
                or_(Attempt.bank_date.is_(None), Attempt.bank_date.between(first, last)),
                ~exists().where(line.attempt_id == Attempt.id),
            )
        )
        or 0
    )


def sides_of(month: Month) -> Sides:
    """The three sides of a month: the book, its lines, the balances."""
    first, last = month_days(month.month)
    statements = statements_of(month)
    own = [statement.id for statement in statements]
    debits = {
        kind: int(fen or 0)
        for kind, fen in db.session.execute(
            select(StatementLine.kind, func.sum(StatementLine.debit_fen))
            .where(StatementLine.statement_id.in_(own), StatementLine.debit_fen > 0)
            .group_by(StatementLine.kind)
        )
    }
    credits = db.session.scalar(select(func.sum(StatementLine.credit_fen)).where(StatementLine.statement_id.in_(own)))
    in_month = Attempt.bank_date.between(first, last)
    paid = Attempt.outcome.in_(("paid", "returned")) & in_month
    # A payment of the month before may have its line in this month, and one of this month's in the next.
    answering = aliased(StatementLine)
    elsewhere = (
        exists()
        .where(answering.attempt_id == Attempt.id, answering.kind == LineClass.MATCHED.value)
        .where(answering.statement_id.not_in(own))
    )
    book = db.session.scalar(select(func.sum(Attempt.amount_fen)).where(paid, ~elsewhere))
    before = db.session.scalar(
        select(func.sum(Attempt.amount_fen))
        .join(answering, answering.attempt_id == Attempt.id)
        .where(answering.statement_id.in_(own), answering.kind == LineClass.MATCHED.value, ~in_month)
    )
    differing = db.session.scalar(
        select(func.sum(Attempt.amount_fen))
        .join(answering, answering.attempt_id == Attempt.id)
        .where(answering.statement_id.in_(own), answering.kind == LineClass.AMOUNT_DIFFERS.value)
    )
    missing = db.session.scalar(
        select(func.sum(Difference.book_fen)).where(
            Difference.month_id == month.id, Difference.kind == LineClass.MISSING_IN_BANK.value
        )
    )
    return Sides(
        opening=sum(int(statement.opening_fen) for statement in statements),
        closing=sum(int(statement.closing_fen) for statement in statements),
        book=int(book or 0) + int(before or 0),
        matched=debits.get(LineClass.MATCHED.value, 0),
        missing=int(missing or 0),
        amount_book=int(differing or 0),
        amount_bank=debits.get(LineClass.AMOUNT_DIFFERS.value, 0),
        outcome=debits.get(LineClass.OUTCOME_DIFFERS.value, 0),
        twice=debits.get(LineClass.TWICE_IN_BANK.value, 0),
        unknown=debits.get(LineClass.UNKNOWN_IN_BOOK.value, 0),
        corrected=debits.get(LineClass.CORRECTED_BY_BANK.value, 0),
        own_debits=debits.get(LineClass.NOT_OURS.value, 0),
        credits=int(credits or 0),
    )


def signatures_of(month: Month) -> Sequence[MonthSignature]:
    """Who has signed, in order."""
    return db.session.scalars(
        select(MonthSignature).where(MonthSignature.month_id == month.id).order_by(MonthSignature.id)
    ).all()


def departments_to_sign(month: Month) -> Sequence[Organisation]:
    """The departments whose programmes were paid in the month and that have not signed."""
    first, last = month_days(month.month)
    paid = (
        select(Programme.department_id)
        .join(Batch, Batch.programme_id == Programme.id)
        .join(Payment, Payment.batch_id == Batch.id)
        .join(Attempt, Attempt.payment_id == Payment.id)
        .where(Attempt.bank_date.between(first, last), Attempt.outcome.in_(("paid", "returned")))
    )
    signed = select(MonthSignature.organisation_id).where(MonthSignature.month_id == month.id)
    return db.session.scalars(
        select(Organisation)
        .where(Organisation.id.in_(paid), Organisation.id.not_in(signed))
        .order_by(Organisation.name)
    ).all()
