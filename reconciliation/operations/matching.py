"""A month is matched: nearly every line in three statements of the database, the few that are left by the rules."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    tuple_,
    union,
    union_all,
    update,
)
from sqlalchemy.orm import aliased

from core import audit
from core.database import db
from core.errors import Conflict
from core.principal import Principal
from disbursement.models import Attempt
from disbursement.queries import never_paid
from reconciliation import queries
from reconciliation.models import Month, Statement, StatementLine
from reconciliation.operations.credits import match_returns
from reconciliation.operations.found import ANSWERING, PAID_OUTCOMES, note_differences
from reconciliation.operations.leftovers import class_what_is_left
from reconciliation.operations.months import lock_month
from reconciliation.rules import IMPORT_STATEMENT, LineClass, month_days

SLICE = 250_000


def reconcile(principal: Principal, month: Month, *, at: datetime) -> None:
    """Match the statements of a month with the book anew, and after it those of later months that are open: what one
    month's line answers, no other's does. What a person has settled stays settled, as long as the difference is still
    there. Raises Conflict for a closed month."""
    principal.require(IMPORT_STATEMENT)
    lock_month(month)
    if month.state != "open":
        raise Conflict("这个月已经关账，不再重新核对。")
    again = [month, *_later_open_ones(month)]
    for one in again:
        _forget(one)
    for one in again:
        _match(principal, one, at)
    audit.record(principal, "reconciliation.match", "reconciliation_month", month.id, at=at, month=month.month)
    db.session.flush()
    db.session.expire_all()


def _later_open_ones(month: Month) -> Sequence[Month]:
    later = select(Month).where(Month.month > month.month, Month.state == "open").order_by(Month.month)
    found = db.session.scalars(later).all()
    for one in found:
        lock_month(one)
    return found


def _match(principal: Principal, month: Month, at: datetime) -> None:
    statements = [one.id for one in queries.statements_of(month)]
    if statements:
        _match_references(statements)
        match_returns(month, statements)
        _match_days(month, statements)
        _share_out(month, statements, of_one_day=False)
        class_what_is_left(month, statements)
    note_differences(principal, month, statements, at)
    month.matched_at = at
    db.session.flush()


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


def _forget(month: Month) -> None:
    own = select(Statement.id).where(Statement.month_id == month.id)
    _run(
        update(StatementLine)
        .where(StatementLine.statement_id.in_(own), StatementLine.kind != "")
        .values(kind="", attempt_id=None, pair_line_id=None, return_order_id=None)
    )


def _is_answered() -> ColumnElement[bool]:
    """Whether some line, of this month or another, has answered an attempt."""
    other = aliased(StatementLine)
    return exists().where(other.attempt_id == Attempt.id, other.kind.in_(ANSWERING)).correlate(Attempt)


def _not_denied() -> tuple[ColumnElement[bool], ...]:
    """No debit is the plain one of a try of which the bank proved that it never paid it. Mostly there is none, and the
    million need not be asked."""
    denied = db.session.scalars(never_paid()).all()
    return (Attempt.id.not_in(denied),) if denied else ()


def _match_references(statements: Sequence[int]) -> None:
    """Lines that carry a reference of ours, with the right amount, and no other card; each reference once, the first
    line of it."""
    own = (StatementLine.statement_id.in_(statements), StatementLine.reference != "", StatementLine.debit_fen > 0)
    if db.session.scalar(select(StatementLine.id).where(*own).limit(1)) is None:
        return
    line = aliased(StatementLine)
    first = (
        select(func.min(line.id).label("id"), line.reference)
        .where(line.statement_id.in_(statements), line.reference != "", line.debit_fen > 0)
        .group_by(line.reference)
        .subquery()
    )
    pairs = (
        select(first.c.id.label("line_id"), Attempt.id.label("attempt_id"), Attempt.amount_fen, Attempt.card_index)
        .join(Attempt, Attempt.reference == first.c.reference)
        .where(Attempt.outcome.in_(PAID_OUTCOMES), ~_is_answered(), *_not_denied())
        .subquery()
    )
    _run(
        update(StatementLine)
        .where(
            StatementLine.id == pairs.c.line_id,
            StatementLine.debit_fen == pairs.c.amount_fen,
            # What went to another card is not what was owed, whatever it is called.
            or_(StatementLine.card_index.is_(None), StatementLine.card_index == pairs.c.card_index),
        )
        .values(kind=LineClass.MATCHED.value, attempt_id=pairs.c.attempt_id)
    )


def _match_days(month: Month, statements: Sequence[int]) -> None:
    """Lines and paid attempts of one card, amount and day: nearly all.

    Nearly all of them are the only ones of their card, amount and day: a plain join is right for those, and costs a
    third of counting every one. What it gave to several, or might have, is given back and shared out one by one."""
    for first, last in _slices(statements):
        _run(
            update(StatementLine)
            .where(
                # By their class alone, so that they are visited in the order in which they lie.
                StatementLine.statement_id.in_(statements),
                StatementLine.kind == "",
                StatementLine.id.between(first, last),
                StatementLine.debit_fen > 0,
                Attempt.card_index == StatementLine.card_index,
                Attempt.amount_fen == StatementLine.debit_fen,
                Attempt.bank_date == StatementLine.day,
                Attempt.outcome.in_(PAID_OUTCOMES),
                ~_is_answered(),
                *_not_denied(),
            )
            .values(kind=LineClass.MATCHED.value, attempt_id=Attempt.id)
        )
    _give_back(month, statements)
    if db.session.connection().dialect.name == "postgresql":
        # Its statistics still say that no line has a match, and what is left would be sought among all lines.
        db.session.execute(text("ANALYZE statement_lines (statement_id, kind, attempt_id)"))
    _share_out(month, statements, of_one_day=True)


def _slices(statements: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The lines by their numbers, so many at once: SQLite holds in memory what an update with a join changes."""
    bounds = select(func.min(StatementLine.id), func.max(StatementLine.id))
    least, most = db.session.execute(bounds.where(StatementLine.statement_id.in_(statements))).one()
    if least is not None:
        yield from ((start, start + SLICE - 1) for start in range(least, most + 1, SLICE))


def _give_back(month: Month, statements: Sequence[int]) -> None:
    """Undo matches that are not the only ones of their kind; not those that a reference of ours made."""
    matched = aliased(StatementLine)
    of_several_lines = (
        select(matched.attempt_id)
        .where(matched.statement_id.in_(statements), matched.kind == LineClass.MATCHED.value)
        .group_by(matched.attempt_id)
        .having(func.count() > 1)
    )
    first, last = month_days(month.month)
    alike = (Attempt.bank_date, Attempt.card_index, Attempt.amount_fen)
    several_attempts = (
        select(*alike)
        .where(Attempt.bank_date.between(first, last), Attempt.outcome.in_(PAID_OUTCOMES))
        .group_by(*alike)
        .having(func.count() > 1)
    )
    of_several_attempts = select(Attempt.id).where(tuple_(*alike).in_(several_attempts))
    own = aliased(Attempt)
    _run(
        update(StatementLine)
        .where(
            StatementLine.statement_id.in_(statements),
            StatementLine.attempt_id.in_(union(of_several_lines, of_several_attempts)),
            own.id == StatementLine.attempt_id,
            # Not "none exists with this reference": PostgreSQL would expect nearly no line, and compare every line
            # with every one of several.
            own.reference != StatementLine.reference,
        )
        .values(kind="", attempt_id=None)
    )


def _share_out(month: Month, statements: Sequence[int], *, of_one_day: bool) -> None:
    """What is left, on cards of its own and of one amount, in the order of the days, or of one day: each is used once.
    Within the month only: what is paid every month would else be taken for the one before."""
    left = select(StatementLine.card_index).where(*_unmatched(statements))
    if db.session.scalar(left.limit(1)) is None:
        return
    first, last = month_days(month.month)
    lines = _numbered(
        StatementLine.id,
        {"card_index": StatementLine.card_index, "fen": StatementLine.debit_fen, "day": StatementLine.day},
        of_one_day,
    ).where(*_unmatched(statements))
    attempts = _numbered(
        Attempt.id,
        {"card_index": Attempt.card_index, "fen": Attempt.amount_fen, "day": Attempt.bank_date},
        of_one_day,
    ).where(
        Attempt.outcome.in_(PAID_OUTCOMES),
        Attempt.bank_date.between(first, last),
        Attempt.card_index.in_(left),
        ~_is_answered(),
        *_not_denied(),
    )
    _pair(lines, attempts, ("card_index", "fen", *(("day",) if of_one_day else ()), "place"))


def _unmatched(statements: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    """Debits with a card that have no match, once nearly all have: found by their class alone, then looked at."""
    line = aliased(StatementLine)
    left = select(line.id).where(line.statement_id.in_(statements), line.kind == "")
    return (StatementLine.id.in_(left), StatementLine.debit_fen > 0, StatementLine.card_index.is_not(None))


def _numbered(number: Any, about: Mapping[str, Any], of_one_day: bool) -> Any:
    """Rows with their place among those that are alike, so that each is used once."""
    by = [column for name, column in about.items() if of_one_day or name != "day"]
    place = func.row_number().over(partition_by=by, order_by=(about["day"], number)).label("place")
    return select(number, *(column.label(name) for name, column in about.items()), place)


def _pair(lines: Any, attempts: Any, on: Sequence[str]) -> None:
    """The line and the attempt of the same place. By grouping: SQLite would join two such sets row by row."""
    sides = [select(literal(side).label("side"), found.subquery()) for side, found in enumerate((lines, attempts))]
    both = union_all(*sides).subquery()
    line_id, attempt_id = (func.max(case((both.c.side == side, both.c.id))) for side in (0, 1))
    pairs = (
        select(line_id.label("line_id"), attempt_id.label("attempt_id"))
        .group_by(*(both.c[name] for name in on))
        .having(func.count() == 2)
        .subquery()
    )
    _run(
        update(StatementLine)
        .where(StatementLine.id == pairs.c.line_id)
        .values(kind=LineClass.MATCHED.value, attempt_id=pairs.c.attempt_id)
    )
