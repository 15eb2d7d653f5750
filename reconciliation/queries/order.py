"""The order of the months: they are closed one after the other, and opened again the last one first."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import exists, func, select, true, union_all

from core.database import db
from disbursement.models import Attempt, ClosedMonth, ReturnOrder
from reconciliation.models import Month, Statement
from reconciliation.queries.settings import first_month
from reconciliation.rules import month_days, month_of, open_spans


class InTheWay(NamedTuple):
    """A month (YYYY-MM) that is to be closed first, and its number where somebody has begun it."""

    month: str
    month_id: int | None


def earlier_open(month: Month) -> InTheWay | None:
    """The oldest month before this one that has something in it, a statement or money of the book, and is not closed;
    None where this one may be closed. What lies before the first month that is reconciled is in nobody's way."""
    closed = set(db.session.scalars(select(ClosedMonth.month).where(ClosedMonth.month < month.month)))
    begins = first_month()
    found = [
        name for name in (_with_statement(month, begins), _with_money(month.month, begins, closed)) if name is not None
    ]
    if not found:
        return None
    oldest = min(found)
    return InTheWay(oldest, db.session.scalar(select(Month.id).where(Month.month == oldest)))


def first_without_statement(until: str) -> str | None:
    """The first month (YYYY-MM) up to ``until`` that has money of the book in it, is not closed, and has no statement;
    None where there is none."""
    has_one = exists().where(Statement.month_id == Month.id, Statement.replaced_at.is_(None))
    done = set(db.session.scalars(select(ClosedMonth.month))) | set(
        db.session.scalars(select(Month.month).where(has_one))
    )
    after = month_of(month_days(until)[1] + timedelta(days=1))
    return _with_money(after, first_month(), done)


def _with_statement(month: Month, begins: str | None) -> str | None:
    counts = exists().where(Statement.month_id == Month.id, Statement.replaced_at.is_(None))
    is_closed = exists().where(ClosedMonth.month == Month.month)
    since = Month.month >= begins if begins is not None else true()
    return db.session.scalar(select(func.min(Month.month)).where(Month.month < month.month, since, counts, ~is_closed))


def _with_money(month: str, begins: str | None, closed: set[str]) -> str | None:
    """The oldest month before this one with an answered try or a credited return in it. By seeks in the index of the
    days, never by looking at every try of ten years; returns are few."""
    until, _ = month_days(month)
    moved = (Attempt.bank_date, ReturnOrder.credited_on)
    days = [day for day in (db.session.scalar(select(func.min(column))) for column in moved) if day is not None]
    oldest = min(days, default=None)
    if oldest is not None and begins is not None:
        oldest = max(oldest, month_days(begins)[0])
    spans = open_spans(oldest, until, closed) if oldest is not None else []
    if not spans:
        return None
    firsts = [
        select(func.min(column).label("day")).where(column.between(first, last))
        for first, last in spans
        for column in moved
    ]
    day = db.session.scalar(select(func.min(union_all(*firsts).subquery().c.day)))
    return month_of(day) if day is not None else None


def later_closed(month: Month) -> InTheWay | None:
    """The newest closed month after this one; None where this one may be opened again."""
    newest = db.session.scalar(select(func.max(ClosedMonth.month)).where(ClosedMonth.month > month.month))
    if newest is None:
        return None
    return InTheWay(newest, db.session.scalar(select(Month.id).where(Month.month == newest)))
