"""Months, the days around them within which a line and a payment belong together, and whose turn it is to sign."""

import re
from calendar import monthrange
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from core.months import parse_month
from core.principal import OrganisationKind

_A_DAY = re.compile(
    r"(?<![0-9])(?:(20[0-9]{2})([0-9]{2})([0-9]{2})|(20[0-9]{2})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?)(?![0-9])"
)
BEFORE = timedelta(days=40)
"""How long after the day in the book a line may still be about the same payment: the last days of a month appear in the
next month's statement."""
SPILL = timedelta(days=10)
"""How long after the day in the book a line of another month may be a payment's own debit. Nothing longer: what is paid
every month on the same card is easily taken for the month before, where that was never reconciled."""
AFTER = timedelta(days=5)
"""How long before the day in the book: a bank that pays on the 30th may answer on the 1st."""


def month_days(month: str) -> tuple[date, date]:
    """The first and last day of a month (YYYY-MM)."""
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


def stated_period(text: str) -> tuple[date, date] | None:
    """The first and last day that a bank's words for a period name: a month (2020-07, 202007, 2020年7月) or two days
    (20200701-20200731, 2020年7月1日至2020年7月31日). ``text`` has no blanks. None for anything else."""
    month = parse_month(text)
    if month is not None:
        return month_days(month)
    days = [one for one in map(_day_of, _A_DAY.finditer(text)) if one is not None]
    return (days[0], days[1]) if len(days) == 2 else None


def stated_day(text: str) -> date | None:
    """The one day that a bank's words name, without blanks; None for anything else."""
    found = _A_DAY.fullmatch(text)
    return _day_of(found) if found is not None else None


def _day_of(found: re.Match[str]) -> date | None:
    year, month, day = (int(one) for one in found.groups() if one is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


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


def months_of_debit(sent_on: date) -> tuple[str, ...]:
    """The months (YYYY-MM) in which a payment that was sent to the bank on this day is debited, if ever: the day's own,
    and the next where it is only a few days off."""
    return tuple(dict.fromkeys((month_of(sent_on), month_of(sent_on + SPILL))))


class AccountEnds(NamedTuple):
    """What a statement says of its account: what it is (a keyed hash, and the last digits for people), and its fen at
    the beginning and at the end of the month."""

    account: bytes
    tail: str
    opening_fen: int
    closing_fen: int


def awaited_accounts(
    before: Iterable[AccountEnds], here: Iterable[AccountEnds], after: Iterable[AccountEnds]
) -> list[AccountEnds]:
    """The accounts of which a month lacks the statement: the month before left money in them, or the month after began
    with money in them. What is empty on the one side and unknown on the other may be closed, or not opened yet."""
    have = {one.account for one in here}
    with_money = [one for one in before if one.closing_fen] + [one for one in after if one.opening_fen]
    return list({one.account: one for one in with_money if one.account not in have}.values())


def open_spans(oldest: date, until: date, closed: Collection[str]) -> list[tuple[date, date]]:
    """The days from the month of ``oldest`` to the day before ``until`` (the first of a month) that lie in no closed
    month (YYYY-MM), as spans of whole months one after the other: first and last day of each."""
    spans: list[tuple[date, date]] = []
    first = oldest.replace(day=1)
    while first < until:
        month = month_of(first)
        _, last = month_days(month)
        if month not in closed:
            if spans and spans[-1][1] == first - timedelta(days=1):
                spans[-1] = (spans[-1][0], last)
            else:
                spans.append((first, last))
        first = last + timedelta(days=1)
    return spans


def may_sign(kind: OrganisationKind, signed: Collection[OrganisationKind], departments_missing: int) -> bool:
    """Whether an office of that kind may sign now (B7): departments at any time, the bank when all departments have,
    finance when the bank has."""
    if kind == OrganisationKind.BANK:
        return not departments_missing
    if kind == OrganisationKind.FINANCE:
        return not departments_missing and OrganisationKind.BANK in signed
    return kind == OrganisationKind.DEPARTMENT
