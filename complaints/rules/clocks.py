"""When a case is due, of what its handler is reminded, and by how much a clock may be extended."""

from dataclasses import dataclass
from datetime import date, timedelta

from complaints.rulebook import ClockKind, Limit, Matter, Rulebook
from core.calendar import WorkingCalendar


@dataclass(frozen=True)
class PlannedClock:
    """A deadline, computed: counted from ``started_on``, to be met by the end of ``due_on`` (days of the county)."""

    kind: ClockKind
    started_on: date
    limit_days: int
    working_days: bool
    due_on: date
    provisional: bool


def due_date(started_on: date, days: int, working_days: bool, calendar: WorkingCalendar) -> tuple[date, bool]:
    """The last day of a limit, and whether it is provisional: one of its days falls into a year not yet published.

    The day of receipt is day 0, whenever on that day it came (23:59 included).
    """
    if not working_days:
        return started_on + timedelta(days=days), False
    due_on = calendar.add_working_days(started_on, days)
    return due_on, calendar.is_provisional_between(started_on, due_on)


def moved_due(before: date, computed: date, today: date, calendar: WorkingCalendar) -> date:
    """The due day of a running clock after the calendar was published or changed: what is computed anew from its
    unmoved start (policy §2), with one exception.

    A change of the calendar makes no office late overnight, for what it could not know: where the computed day is
    already past and the one before was not, the clock ends today, or on the next working day, and never later than
    before. One that was late already stays as it is, unless it comes out later.
    """
    if computed >= min(before, today):
        return computed
    next_worked = today if calendar.is_working_day(today) else calendar.add_working_days(today, 1)
    return min(before, next_worked)


def reminded_until(today: date, book: Rulebook, calendar: WorkingCalendar) -> date:
    """The last due day of which the handler is reminded today: from ``reminder_days`` working days before it on, also
    where nobody looked on that day."""
    return calendar.add_working_days(today, book.reminder_days)


def limit_of(book: Rulebook, matter: Matter, kind: ClockKind) -> Limit | None:
    """The limit of that clock for that matter; None where none runs."""
    return next((limit for limit in book.limits[matter] if limit.clock == kind), None)


def plan_clock(limit: Limit, started_on: date, calendar: WorkingCalendar) -> PlannedClock:
    """The clock that a limit starts on that day."""
    due_on, provisional = due_date(started_on, limit.days, limit.working_days, calendar)
    return PlannedClock(limit.clock, started_on, limit.days, limit.working_days, due_on, provisional)


STARTED_LATER = (ClockKind.REVIEW, ClockKind.HIGHER_REVIEW, ClockKind.RESULT_NOTICE)
"""Clocks that do not start with the case: the reporter starts two, when he is not content with an answer; the end of a
verification the third. The next answer stops them."""


def clocks_at_receipt(book: Rulebook, matter: Matter, on: date, calendar: WorkingCalendar) -> list[PlannedClock]:
    """The clocks that start when a complaint comes in."""
    return [plan_clock(limit, on, calendar) for limit in book.limits[matter] if limit.clock not in STARTED_LATER]


def may_be_extended(book: Rulebook, matter: Matter, kind: ClockKind) -> int:
    """By how many days that clock may be extended, once; 0 for not at all."""
    limit = limit_of(book, matter, kind)
    return limit.extendable_by if limit else 0
