"""A month is matched: nearly every line in three statements of the database, the few that are left by the rules."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
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
from core.bulk import insert_selected
from core.database import UtcDateTime, db
from core.errors import Conflict
from core.principal import Principal
from disbursement.models import Attempt, ReturnOrder
from disbursement.queries import never_paid
from reconciliation import queries
from reconciliation.models import CarriedSettlement, Difference, Month, SettlementLine, Statement, StatementLine
from reconciliation.operations.credits import match_returns
from reconciliation.operations.leftovers import class_what_is_left
from reconciliation.operations.months import lock_month
from reconciliation.operations.settlements import lapse_settlements
from reconciliation.rules import ANSWERS, DIFFERENCES, IMPORT_STATEMENT, PAID, LineClass, Resolution, month_days

PAID_OUTCOMES = tuple(sorted(PAID))
_ANSWERS = [kind.value for kind in ANSWERS]
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
    _note_differences(principal, month, statements, at)
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
    return exists().where(other.attempt_id == Attempt.id, other.kind.in_(_ANSWERS)).correlate(Attempt)


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


def _note_differences(principal: Principal, month: Month, statements: Sequence[int], at: datetime) -> None:
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
        _run(delete(model).where(model.difference_id.in_(ids)))
    _run(delete(Difference).where(*gone))


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
            StatementLine.kind.in_(_ANSWERS),
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
    answered = exists().where(line.attempt_id == Attempt.id, line.kind.in_(_ANSWERS), so_far)
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
