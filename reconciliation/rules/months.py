"""Months, the days around them within which a line and a payment belong together, and whose turn it is to sign."""

import re
from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta

from core.errors import UserError
from core.principal import OrganisationKind

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
BEFORE = timedelta(days=40)
"""How long after the day in the book a line may still be about the same payment: the last days of a month appear in the
next month's statement."""
SPILL = timedelta(days=10)
"""How long after the day in the book a line of another month may be a payment's own debit. Nothing longer: what is paid
every month on the same card is easily taken for the month before, where that was never reconciled."""
AFTER = timedelta(days=5)
"""How long before the day in the book: a bank that pays on the 30th may answer on the 1st."""


def check_month(text: str) -> str:
    """The month YYYY-MM. Raises UserError for anything else."""
    if not _MONTH.fullmatch(text):
        raise UserError("月份要写成 2020-07 的样子。")
    return text


def month_days(month: str) -> tuple[date, date]:
    """The first and last day of a month (YYYY-MM)."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def month_of(day: date) -> str:
    """The month of a day, YYYY-MM."""
    return f"{day:%Y-%m}"


def book_days(month: str) -> tuple[date, date]:
    """The first and last day in the book of a payment that a statement of this month may be about."""
    first, last = month_days(month)
    return first - BEFORE, last + AFTER


def is_near(booked: date | None, day: date) -> bool:
    """Whether a line of that day may be about a payment of the day in the book. A payment that has no day yet (no
    answer has come) may be about any."""
    return booked is None or day - BEFORE <= booked <= day + AFTER


def belongs(booked: date | None, day: date) -> bool:
    """Whether a line of that day may be the plain debit of a payment of the day in the book: of the same month, or a
    few days apart across the end of one."""
    return booked is None or month_of(booked) == month_of(day) or day - SPILL <= booked <= day + AFTER


def may_sign(kind: OrganisationKind, signed: Collection[OrganisationKind], departments_missing: int) -> bool:
    """Whether an office of that kind may sign now (B7): departments at any time, the bank when all departments have,
    finance when the bank has."""
    if kind == OrganisationKind.BANK:
        return not departments_missing
    if kind == OrganisationKind.FINANCE:
        return not departments_missing and OrganisationKind.BANK in signed
    return kind == OrganisationKind.DEPARTMENT
