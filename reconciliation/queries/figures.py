"""What a month comes to: counts and sums by class, the three sides, and the figures that a signature stands for."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import astuple
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.database import db
from disbursement.models import Attempt, ReturnOrder
from reconciliation.models import Difference, Month, Statement, StatementLine
from reconciliation.queries.visible import (
    difference_fen,
    earlier_statements,
    rebooking_under_way,
    settlement_under_way,
    statements_of,
)
from reconciliation.rules import (
    ANSWERS,
    IN_THE_BOOK,
    NEEDS_WORD,
    PAID,
    WITHOUT_LINE,
    LineClass,
    Sides,
    month_days,
)

_LATER = frozenset({LineClass.RETURN_CREDITED, LineClass.CREDIT_MISSING})
_OF_RETURNS = 3
_PAID = Attempt.outcome.in_(sorted(PAID))


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
        select(Difference.kind, func.count(), func.sum(Difference.book_fen))
        .where(Difference.month_id == month.id, Difference.kind.in_([kind.value for kind in WITHOUT_LINE]))
        .group_by(Difference.kind)
    )
    lines |= {kind: (number, int(fen or 0)) for kind, number, fen in missing}
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


def waiting_difference_count(month: Month) -> int:
    """How many of them nobody has said a word of: what waits for another official's decision is not among them."""
    undecided = (rebooking_under_way().is_(None), settlement_under_way().is_(None))
    return db.session.scalar(select(func.count()).select_from(Difference).where(_is_open(month), *undecided)) or 0


def open_kinds(month: Month) -> list[LineClass]:
    """The classes of the differences that want somebody's word."""
    found = db.session.scalars(select(Difference.kind).where(_is_open(month)).distinct())
    return [LineClass(kind) for kind in sorted(found)]


class Unlike(NamedTuple):
    """By how many payments, and by what sum in fen, the book and the statement differ; of how many of them nobody has
    said why."""

    number: int
    fen: int
    open: int


def unlike(month: Month, kinds: Collection[LineClass]) -> Unlike:
    """What the book and the statement differ by in these classes. What was put right in the book is not among them."""
    both = and_(Difference.kind == LineClass.AMOUNT_DIFFERS.value, Difference.bank_fen.is_not(None))
    fen = case((both, func.abs(Difference.bank_fen - Difference.book_fen)), else_=difference_fen())
    number, total, open_ones = db.session.execute(
        select(func.count(), func.sum(fen), func.sum(case((Difference.resolved_at.is_(None), 1), else_=0))).where(
            Difference.month_id == month.id,
            Difference.kind.in_(sorted(kind.value for kind in kinds)),
            Difference.resolution.not_in(sorted(one.value for one in IN_THE_BOOK)),
        )
    ).one()
    return Unlike(number, int(total or 0), int(open_ones or 0))


def still_unclear(month: Month) -> int:
    """Payments of the month that the bank has not cleared up and that no line speaks of; of a closed month, those that
    it had not cleared up when the month was signed."""
    if month.state != "open" and month.unclear is not None:
        return month.unclear
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
    statements = statements_of(month)
    own = [statement.id for statement in statements]
    debits = _debits(own)
    credits = db.session.scalar(select(func.sum(StatementLine.credit_fen)).where(StatementLine.statement_id.in_(own)))
    missing, credit_missing = (_without_line(month, kind) for kind in WITHOUT_LINE)
    returned = _credited(own)
    return Sides(
        opening=sum(int(statement.opening_fen) for statement in statements),
        closing=sum(int(statement.closing_fen) for statement in statements),
        book=_book(month, own),
        matched=debits.get(LineClass.MATCHED.value, 0),
        missing=missing,
        amount_book=_answered_by(own, (LineClass.AMOUNT_DIFFERS,)),
        amount_bank=debits.get(LineClass.AMOUNT_DIFFERS.value, 0),
        outcome=debits.get(LineClass.OUTCOME_DIFFERS.value, 0),
        twice=debits.get(LineClass.TWICE_IN_BANK.value, 0),
        unknown=debits.get(LineClass.UNKNOWN_IN_BOOK.value, 0),
        corrected=debits.get(LineClass.CORRECTED_BY_BANK.value, 0),
        own_debits=debits.get(LineClass.NOT_OURS.value, 0),
        credits=int(credits or 0),
        returns_book=_returns(month, own, returned, credit_missing),
        returns_matched=returned,
        returns_missing=credit_missing,
    )


def _without_line(month: Month, kind: LineClass) -> int:
    found = select(func.sum(Difference.book_fen)).where(Difference.month_id == month.id, Difference.kind == kind.value)
    return int(db.session.scalar(found) or 0)


def _credited(own: Sequence[int]) -> int:
    """What the month's lines brought back of return orders."""
    found = select(func.sum(StatementLine.credit_fen)).where(
        StatementLine.statement_id.in_(own), StatementLine.kind == LineClass.RETURN_CREDITED.value
    )
    return int(db.session.scalar(found) or 0)


def _returns(month: Month, own: Sequence[int], matched: int, missing: int) -> int:
    """What the book has as returned and credited in the month, as ``_book`` tells it of payments. A closed month stands
    as it was signed: those of earlier days were signed before anybody looked for this money."""
    if month.state != "open":
        return matched + missing
    first, last = month_days(month.month)
    in_month = ReturnOrder.credited_on.between(first, last)
    line = aliased(StatementLine)
    earlier = exists().where(line.return_order_id == ReturnOrder.id, line.statement_id.in_(earlier_statements(month)))
    here = exists().where(line.return_order_id == ReturnOrder.id, line.statement_id.in_(own))
    found = select(func.sum(ReturnOrder.total_fen)).where(
        ReturnOrder.state == "credited", or_(and_(in_month, ~earlier), and_(~in_month, here))
    )
    return int(db.session.scalar(found) or 0)


def _debits(own: Sequence[int]) -> dict[str, int]:
    rows = db.session.execute(
        select(StatementLine.kind, func.sum(StatementLine.debit_fen))
        .where(StatementLine.statement_id.in_(own), StatementLine.debit_fen > 0)
        .group_by(StatementLine.kind)
    )
    return {kind: int(fen or 0) for kind, fen in rows}


def _book(month: Month, own: Sequence[int]) -> int:
    """What the book has as paid in the month, without what an earlier month's line has answered already, and with what
    this month's lines answer of other months: a payment belongs to the month of its line, where it has one."""
    first, last = month_days(month.month)
    in_month = Attempt.bank_date.between(first, last)
    line = aliased(StatementLine)
    earlier = exists().where(
        line.attempt_id == Attempt.id,
        line.kind.in_([kind.value for kind in ANSWERS]),
        line.statement_id.in_(earlier_statements(month)),
    )
    dated = db.session.scalar(select(func.sum(Attempt.amount_fen)).where(_PAID, in_month, ~earlier))
    answered = (LineClass.MATCHED, LineClass.AMOUNT_DIFFERS)
    return int(dated or 0) + _answered_by(own, answered, ~in_month)


def _answered_by(own: Sequence[int], kinds: Sequence[LineClass], *where: ColumnElement[bool]) -> int:
    """The fen that the book has for what these statements' lines answer."""
    found = db.session.scalar(
        select(func.sum(Attempt.amount_fen))
        .join(StatementLine, StatementLine.attempt_id == Attempt.id)
        .where(StatementLine.statement_id.in_(own), StatementLine.kind.in_([kind.value for kind in kinds]), *where)
    )
    return int(found or 0)


def fingerprint(month: Month) -> str:
    """What a signature stands for: every figure of the month, in a form that a change of any of them changes. What a
    month has nothing of is left out where it was not known when older months were signed."""
    sides = astuple(sides_of(month))
    figures = (
        [(one.kind.value, one.number, one.fen) for one in figures_of(month) if one.number or one.kind not in _LATER],
        sides[:-_OF_RETURNS] if not any(sides[-_OF_RETURNS:]) else sides,
        still_unclear(month),
        [(one.id, one.line_count) for one in statements_of(month)],
    )
    return hashlib.sha256(repr(figures).encode()).hexdigest()
