"""Months are closed and opened again by reconciliation, above; here everything that is dated asks whether it may be."""

from datetime import date, datetime

from sqlalchemy import delete, func, select

from core.database import db
from core.errors import Conflict
from core.principal import Principal
from disbursement.models import ClosedMonth

# Any number that nothing else in the house locks by.
_MONTHS_LOCK = 0x79_6B_74_02


def hold_months() -> None:
    """Let nobody date anything in any month until the transaction ends, and wait for those who just do: what closes a
    month looks at it after this. (SQLite has one writer anyway.)"""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(_MONTHS_LOCK)))


def _keep_months_as_they_are() -> None:
    """No month is closed until the transaction ends; many may hold this at once."""
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock_shared(_MONTHS_LOCK)))


def refuse_closed(day: date | None) -> None:
    """Raise Conflict where the month of this day, or one after it, is closed; if none is, it stays so until the
    transaction ends."""
    until = closed_until()
    if day is not None and f"{day:%Y-%m}" <= until:
        raise Conflict(
            "%(month)s 已经关账，这个月和以前的账不能再变动。请按今天的日期办理，或由县财政局重新开账。", month=until
        )


def closed_until() -> str:
    """The newest closed month, YYYY-MM, "" where none is; no other is closed until the transaction ends.

    Nothing is dated in a month before it either, though that was never closed, because nothing had happened in it: no
    statement is taken for it any more, so that whatever came into it would stand open for ever."""
    _keep_months_as_they_are()
    return db.session.scalar(select(func.max(ClosedMonth.month))) or ""


def close_month(principal: Principal, month: str, *, at: datetime) -> None:
    """Close a month (part of reconciliation's operation, which has asked for the right)."""
    db.session.add(
        ClosedMonth(month=month, closed_at=at, closed_by=principal.recorded_name, official_id=principal.official_id)
    )
    db.session.flush()


def reopen_month(month: str) -> None:
    """Open a month again (part of reconciliation's operation)."""
    db.session.execute(delete(ClosedMonth).where(ClosedMonth.month == month))
