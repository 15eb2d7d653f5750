"""A month is matched: nearly every line in two statements of the database, the few that are left by the rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import aliased

from core import audit
from core.bulk import update_columns
from core.database import UtcDateTime, db
from core.errors import Conflict
from core.principal import Principal
from disbursement.models import Attempt
from reconciliation.models import Difference, Month, Statement, StatementLine
from reconciliation.rules import (
    BEFORE,
    DIFFERENCES,
    CardAttempt,
    LeftLine,
    LineClass,
    class_leftovers,
    month_days,
)

PAID_OUTCOMES = ("paid", "returned")


def statements_of(month: Month) -> Sequence[int]:
    """The statements of a month that count."""
    return db.session.scalars(
        select(Statement.id).where(Statement.month_id == month.id, Statement.replaced_at.is_(None))
    ).all()


def reconcile(principal: Principal, month: Month, *, at: datetime) -> None:
    """Match the statements of a month with the book anew. What a person has settled stays settled, as long as the
    difference is still there. Raises Conflict for a closed month."""
    if month.state != "open":
        raise Conflict("这个月已经关账，不再重新核对。")
    db.session.flush()
    statements = statements_of(month)
    _forget(month)
    if statements:
        _match_references(statements)
        _match_cards(month, statements)
        _class_leftovers(month, statements)
    _note_differences(month, statements, at)
    month.matched_at = at
    audit.record(principal, "reconciliation.match", "reconciliation_month", month.id, at=at, month=month.month)
    db.session.flush()
    db.session.expire_all()


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


def _of_month(month: Month) -> ColumnElement[bool]:
    own = select(Statement.id).where(Statement.month_id == month.id)
    return StatementLine.statement_id.in_(own)


def _forget(month: Month) -> None:
    _run(
        update(StatementLine)
        .where(_of_month(month), StatementLine.kind != "")
        .values(kind="", attempt_id=None, pair_line_id=None)
    )


def _is_matched_already() -> ColumnElement[bool]:
    """Whether some line, of this month or another, has answered an attempt."""
    other = aliased(StatementLine)
    return exists().where(other.attempt_id == Attempt.id, other.kind == LineClass.MATCHED.value)


def _match_references(statements: Sequence[int]) -> None:
    """Lines that carry a reference of ours, with the right amount; each reference once, the first line of it."""
    line = aliased(StatementLine)
    first = (
        select(func.min(line.id).label("id"), line.reference)
        .where(line.statement_id.in_(statements), line.reference != "", line.debit_fen > 0)
        .group_by(line.reference)
        .subquery()
    )
    pairs = (
        select(first.c.id.label("line_id"), Attempt.id.label("attempt_id"), Attempt.amount_fen)
        .join(Attempt, Attempt.reference == first.c.reference)
        .where(Attempt.outcome.in_(PAID_OUTCOMES))
        .subquery()
    )
    _run(
        update(StatementLine)
        .where(StatementLine.id == pairs.c.line_id, StatementLine.debit_fen == pairs.c.amount_fen)
        .values(kind=LineClass.MATCHED.value, attempt_id=pairs.c.attempt_id)
    )


def _match_cards(month: Month, statements: Sequence[int]) -> None:
    """Lines and paid attempts of one card and amount, in the order of their days: each is used once."""
    first, last = month_days(month.month)
    lines = (
        select(
            StatementLine.id,
            StatementLine.card_index,
            StatementLine.debit_fen.label("fen"),
            func.row_number()
            .over(
                partition_by=(StatementLine.card_index, StatementLine.debit_fen),
                order_by=(StatementLine.day, StatementLine.id),
            )
            .label("place"),
        )
        .where(
            StatementLine.statement_id.in_(statements),
            StatementLine.debit_fen > 0,
            StatementLine.card_index.is_not(None),
            StatementLine.kind == "",
        )
        .subquery()
    )
    attempts = (
        select(
            Attempt.id,
            Attempt.card_index,
            Attempt.amount_fen.label("fen"),
            func.row_number()
            .over(partition_by=(Attempt.card_index, Attempt.amount_fen), order_by=(Attempt.bank_date, Attempt.id))
            .label("place"),
        )
        .where(
            Attempt.outcome.in_(PAID_OUTCOMES),
            Attempt.bank_date >= first - BEFORE,
            Attempt.bank_date <= last,
            ~_is_matched_already(),
        )
        .subquery()
    )
    pairs = (
        select(lines.c.id.label("line_id"), attempts.c.id.label("attempt_id"))
        .join(
            attempts,
            and_(
                attempts.c.card_index == lines.c.card_index,
                attempts.c.fen == lines.c.fen,
                attempts.c.place == lines.c.place,
            ),
        )
        .subquery()
    )
    _run(
        update(StatementLine)
        .where(StatementLine.id == pairs.c.line_id)
        .values(kind=LineClass.MATCHED.value, attempt_id=pairs.c.attempt_id)
    )


def _class_leftovers(month: Month, statements: Sequence[int]) -> None:
    rows = db.session.execute(
        select(
            StatementLine.id,
            StatementLine.card_index,
            StatementLine.debit_fen,
            StatementLine.credit_fen,
            StatementLine.day,
            StatementLine.summary,
        ).where(StatementLine.statement_id.in_(statements), StatementLine.kind == "")
    ).all()
    lines = [
        LeftLine(number, _raw(card), int(debit or credit), day, not debit, summary)
        for number, card, debit, credit, day, summary in rows
    ]
    classed = class_leftovers(lines, _attempts_on({line.card for line in lines if line.card is not None}, month))
    if not classed:
        return
    # Values that stay empty are left out: an update from a table leaves them as they stand, and they stand empty.
    columns = {
        "id": [one.line_id for one in classed],
        "kind": [one.kind.value for one in classed],
        "attempt_id": [one.attempt_id for one in classed],
        "pair_line_id": [one.pair_line_id for one in classed],
    }
    update_columns(StatementLine, "id", columns)


def _raw(value: object) -> bytes | None:
    return None if value is None else bytes(cast("bytes", value))


def _attempts_on(cards: set[bytes], month: Month) -> list[CardAttempt]:
    """The attempts on these cards up to the end of the month, with the line of any month that answers each."""
    if not cards:
        return []
    _, last = month_days(month.month)
    answering = (
        select(StatementLine.attempt_id, func.min(StatementLine.id).label("line_id"))
        .where(StatementLine.kind == LineClass.MATCHED.value)
        .group_by(StatementLine.attempt_id)
        .subquery()
    )
    back = aliased(StatementLine)
    came_back = exists().where(
        back.attempt_id == Attempt.id,
        back.kind == LineClass.RETURNED_AFTER_PAYMENT.value,
        back.credit_fen > 0,
    )
    found: list[CardAttempt] = []
    for chunk in _chunks(sorted(cards)):
        rows = db.session.execute(
            select(
                Attempt.id,
                Attempt.card_index,
                Attempt.amount_fen,
                Attempt.outcome,
                Attempt.bank_date,
                answering.c.line_id,
                came_back,
            )
            .outerjoin(answering, answering.c.attempt_id == Attempt.id)
            .where(
                Attempt.card_index.in_(chunk),
                or_(Attempt.bank_date.is_(None), Attempt.bank_date <= last),
            )
            .order_by(Attempt.id)
        )
        found += [
            CardAttempt(number, bytes(card), int(fen), outcome, day, line_id, bool(back))
            for number, card, fen, outcome, day, line_id, back in rows
        ]
    return found


def _chunks(cards: Sequence[bytes], size: int = 500) -> list[Sequence[bytes]]:
    return [cards[start : start + size] for start in range(0, len(cards), size)]


def _note_differences(month: Month, statements: Sequence[int], at: datetime) -> None:
    """Enter the differences that stand now; those that are gone go, those that stay keep their settlement."""
    lines = _line_differences(month, statements, at)
    missing = _missing_in_bank(month, at) if statements else None
    kept = _kept(month, statements)
    _run(delete(Difference).where(Difference.month_id == month.id, ~kept))
    columns = ["month_id", "kind", "line_id", "attempt_id", "bank_fen", "book_fen", "found_at"]
    names = [*columns, "resolution", "resolved_by"]
    for source in (lines, missing):
        if source is not None:
            _run(insert(Difference.__table__).from_select(names, source))  # type: ignore[arg-type]


def _kept(month: Month, statements: Sequence[int]) -> ColumnElement[bool]:
    """Differences on record that are still there: the line has the same class and attempt, or is still missing."""
    line = aliased(StatementLine)
    same_line = exists().where(
        line.id == Difference.line_id,
        line.statement_id.in_(statements),
        line.kind == Difference.kind,
        or_(line.attempt_id == Difference.attempt_id, and_(line.attempt_id.is_(None), Difference.attempt_id.is_(None))),
    )
    answered = exists().where(line.attempt_id == Difference.attempt_id, line.statement_id.in_(statements))
    still_missing = and_(Difference.kind == LineClass.MISSING_IN_BANK.value, ~answered)
    return or_(same_line, still_missing)


def _empty() -> tuple[Any, ...]:
    return literal("").label("resolution"), literal("").label("resolved_by")


def _line_differences(month: Month, statements: Sequence[int], at: datetime) -> Any:
    known = exists().where(Difference.month_id == month.id, Difference.line_id == StatementLine.id)
    book = func.coalesce(Attempt.amount_fen, None)
    return (
        select(
            literal(month.id),
            StatementLine.kind,
            StatementLine.id,
            StatementLine.attempt_id,
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


def _missing_in_bank(month: Month, at: datetime) -> Any:
    """What the book has as paid in the month and no statement has a line for."""
    first, last = month_days(month.month)
    line = aliased(StatementLine)
    answered = exists().where(line.attempt_id == Attempt.id)
    known = exists().where(
        Difference.attempt_id == Attempt.id, Difference.kind == LineClass.MISSING_IN_BANK.value,
        Difference.month_id == month.id,
    )  # fmt: skip
    return select(
        literal(month.id),
        literal(LineClass.MISSING_IN_BANK.value),
        literal(None),
        Attempt.id,
        literal(None),
        Attempt.amount_fen,
        literal(at, UtcDateTime()),
        *_empty(),
    ).where(
        Attempt.outcome.in_(PAID_OUTCOMES),
        Attempt.bank_date >= first,
        Attempt.bank_date <= last,
        ~answered,
        ~known,
    )
