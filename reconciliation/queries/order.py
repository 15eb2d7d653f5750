"""The order of the months: they are closed one after the other, and opened again the last one first."""

from typing import NamedTuple

from sqlalchemy import exists, func, select, union_all

from core.database import db
from disbursement.models import Attempt, ClosedMonth
from reconciliation.models import Month, Statement
from reconciliation.rules import month_days, month_of, open_spans


class InTheWay(NamedTuple):
    """A month (YYYY-MM) that is to be closed first, and its number where somebody has begun it."""

    month: str
    month_id: int | None


def earlier_open(month: Month) -> InTheWay | None:
    """The oldest month before this one that has something in it, a statement or money of the book, and is not closed;
    None where this one may be closed."""
    closed = set(db.session.scalars(select(ClosedMonth.month).where(ClosedMonth.month < month.month)))
    found = [name for name in (_with_statement(month), _with_money(month, closed)) if name is not None]
    if not found:
        return None
    oldest = min(found)
    return InTheWay(oldest, db.session.scalar(select(Month.id).where(Month.month == oldest)))


def _with_statement(month: Month) -> str | None:
    counts = exists().where(Statement.month_id == Month.id, Statement.replaced_at.is_(None))
    is_closed = exists().where(ClosedMonth.month == Month.month)
    return db.session.scalar(select(func.min(Month.month)).where(Month.month < month.month, counts, ~is_closed))


def _with_money(month: Month, closed: set[str]) -> str | None:
    """By seeks in the index of the days, never by looking at every try of ten years."""
    until, _ = month_days(month.month)
    oldest = db.session.scalar(select(func.min(Attempt.bank_date)))
    spans = open_spans(oldest, until, closed) if oldest is not None else []
    if not spans:
        return None
    firsts = [
        select(func.min(Attempt.bank_date).label("day")).where(Attempt.bank_date.between(first, last))
        for first, last in spans
    ]
    day = db.session.scalar(select(func.min(union_all(*firsts).subquery().c.day)))
    return month_of(day) if day is not None else None


def later_closed(month: Month) -> InTheWay | None:
    """The newest closed month after this one; None where this one may be opened again."""
    newest = db.session.scalar(select(func.max(ClosedMonth.month)).where(ClosedMonth.month > month.month))
    if newest is None:
        return None
    return InTheWay(newest, db.session.scalar(select(Month.id).where(Month.month == newest)))
