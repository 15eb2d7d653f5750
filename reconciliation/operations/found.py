"""What does not agree in a month is entered as differences; what was said of one stays, as long as it is there."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from core.bulk import insert_selected
from core.database import UtcDateTime, db
from core.principal import Principal
from disbursement.models import Attempt, ReturnOrder
from reconciliation import queries
from reconciliation.models import CarriedSettlement, Difference, Month, SettlementLine, StatementLine
from reconciliation.operations.settlements import lapse_settlements
from reconciliation.rules import ANSWERS, DIFFERENCES, PAID, LineClass, Resolution, month_days

PAID_OUTCOMES = tuple(sorted(PAID))
ANSWERING = [kind.value for kind in ANSWERS]


def note_differences(principal: Principal, month: Month, statements: Sequence[int], at: datetime) -> None:
    """Enter the differences that stand now; those that are gone go, those that stay keep their settlement."""
    _drop(principal, (Difference.month_id == month.id, ~_kept(month, statements)), at)
    columns = ["month_id", "kind", "line_id", "attempt_id", "return_order_id", "bank_fen", "book_fen", "found_at"]
    names = [*columns, "resolution", "resolved_by", "confirmed_by"]
    insert_selected(Difference, names, _line_differences(month, statements, at))
    if statements:
        insert_selected(Difference, names, _missing_in_bank(month, statements, at))
        insert_selected(Difference, names, _credit_missing(month, statements, at))


def _drop(principal: Principal, gone: tuple[ColumnElement[bool], ...], at: datetime) -> None:
    """Take differences out, with what was said or proposed of them."""
    undecided = select(SettlementLine.difference_id).where(SettlementLine.ended_at.is_(None))
    proposed = db.session.scalars(select(Difference.id).where(*gone, Difference.id.in_(undecided))).all()
    if proposed:
        lapse_settlements(principal, proposed, at=at)
    ids = select(Difference.id).where(*gone)
    for model in (CarriedSettlement, SettlementLine):
        db.session.execute(
            delete(model).where(model.difference_id.in_(ids)).execution_options(synchronize_session=False)
        )
    db.session.execute(delete(Difference).where(*gone).execution_options(synchronize_session=False))


def _kept(month: Month, statements: Sequence[int]) -> ColumnElement[bool]:
    """Differences on record that are still there: the line has the same class and attempt, is still missing, or was
    booked."""
    line = aliased(StatementLine)
    same_line = exists().where(
        line.id == Difference.line_id,
        line.statement_id.in_(statements),
        line.kind == Difference.kind,
        or_(line.attempt_id == Difference.attempt_id, and_(line.attempt_id.is_(None), Difference.attempt_id.is_(None))),
    )
    answering = _answering_so_far(month, statements)
    still_missing = and_(
        Difference.kind == LineClass.MISSING_IN_BANK.value,
        Difference.attempt_id.in_(_paid_in(month)),
        ~exists().where(answering.c.attempt_id == Difference.attempt_id),
    )
    # Booked as paid by two officials: the line matches since, and the month tells how that came about.
    booked = and_(
        Difference.resolution == Resolution.BOOKED_PAID.value,
        exists().where(
            line.id == Difference.line_id,
            line.statement_id.in_(statements),
            line.kind == LineClass.MATCHED.value,
            line.attempt_id == Difference.attempt_id,
        ),
    )
    not_credited = and_(
        Difference.kind == LineClass.CREDIT_MISSING.value,
        Difference.return_order_id.in_(_credited_in(month)),
        ~exists().where(
            line.return_order_id == Difference.return_order_id, line.statement_id.in_(_so_far(month, statements))
        ),
    )
    return or_(same_line, still_missing, not_credited, booked)


def _paid_in(month: Month) -> Any:
    first, last = month_days(month.month)
    return select(Attempt.id).where(Attempt.outcome.in_(PAID_OUTCOMES), Attempt.bank_date.between(first, last))


def _answering_so_far(month: Month, statements: Sequence[int]) -> Any:
    """The lines of this and of earlier months that answer an attempt."""
    return (
        select(StatementLine.attempt_id)
        .where(
            StatementLine.statement_id.in_(_so_far(month, statements)),
            StatementLine.kind.in_(ANSWERING),
        )
        .subquery()
    )


def _so_far(month: Month, statements: Sequence[int]) -> list[int]:
    """The statements of this and of earlier months."""
    return [*statements, *queries.earlier_statements(month)]


def _credited_in(month: Month) -> Any:
    """The return orders that the book has as credited in the month."""
    first, last = month_days(month.month)
    return select(ReturnOrder.id).where(ReturnOrder.state == "credited", ReturnOrder.credited_on.between(first, last))


def _empty() -> tuple[Any, ...]:
    return literal("").label("resolution"), literal("").label("resolved_by"), literal("").label("confirmed_by")


def _line_differences(month: Month, statements: Sequence[int], at: datetime) -> Any:
    known = exists().where(Difference.month_id == month.id, Difference.line_id == StatementLine.id)
    book = func.coalesce(Attempt.amount_fen, None)
    return (
        select(
            literal(month.id),
            StatementLine.kind,
            StatementLine.id,
            StatementLine.attempt_id,
            literal(None),
            StatementLine.debit_fen + StatementLine.credit_fen,
            book,
            literal(at, UtcDateTime()),
            *_empty(),
        )
        .outerjoin(Attempt, Attempt.id == StatementLine.attempt_id)
        .where(
            StatementLine.statement_id.in_(statements),
            StatementLine.kind.in_([kind.value for kind in DIFFERENCES]),
            ~known,
        )
    )


def _missing_in_bank(month: Month, statements: Sequence[int], at: datetime) -> Any:
    """What the book has as paid in the month and no statement so far has a line for. (A later one may: the difference
    stays with its month, and is carried over.)"""
    first, last = month_days(month.month)
    line = aliased(StatementLine)
    so_far = line.statement_id.in_(_so_far(month, statements))
    answered = exists().where(line.attempt_id == Attempt.id, line.kind.in_(ANSWERING), so_far)
    known = exists().where(
        Difference.attempt_id == Attempt.id,
        Difference.kind == LineClass.MISSING_IN_BANK.value,
        Difference.month_id == month.id,
    )
    return select(
        literal(month.id),
        literal(LineClass.MISSING_IN_BANK.value),
        literal(None),
        Attempt.id,
        literal(None),
        literal(None),
        Attempt.amount_fen,
        literal(at, UtcDateTime()),
        *_empty(),
    ).where(Attempt.outcome.in_(PAID_OUTCOMES), Attempt.bank_date.between(first, last), ~answered, ~known)


def _credit_missing(month: Month, statements: Sequence[int], at: datetime) -> Any:
    """Returned money that the book has as credited in the month, and that no statement so far has a line for."""
    line = aliased(StatementLine)
    came = exists().where(line.return_order_id == ReturnOrder.id, line.statement_id.in_(_so_far(month, statements)))
    known = exists().where(
        Difference.return_order_id == ReturnOrder.id,
        Difference.kind == LineClass.CREDIT_MISSING.value,
        Difference.month_id == month.id,
    )
    return select(
        literal(month.id),
        literal(LineClass.CREDIT_MISSING.value),
        literal(None),
        literal(None),
        ReturnOrder.id,
        literal(None),
        ReturnOrder.total_fen,
        literal(at, UtcDateTime()),
        *_empty(),
    ).where(ReturnOrder.id.in_(_credited_in(month)), ~came, ~known)
