"""Days that count: working days as the State Council sets them, due dates, and where a day ends in China.

Everything here is pure. The table of days is kept by the county; `published_days` seeds it.
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from importlib.metadata import version

from chinese_calendar import constants as published

from core.msgid import N_

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one zone and no summer time since 1991: a fixed offset needs no zone files on the machine."""

# 全国年节及纪念日放假办法 as of 2025: the statutory holidays with a fixed date. Those of the lunar calendar,
# and the days moved around a holiday, are not known before the State Council's notice.
_FIXED_HOLIDAYS = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
_SATURDAY = 5

PUBLISHED_SOURCE = N_("国务院办公厅节假日安排通知（chinesecalendar %(version)s）")
WORKED = N_("%(holiday)s调休上班")
HOLIDAYS = (
    *(N_("元旦"), N_("春节"), N_("清明"), N_("劳动节"), N_("端午"), N_("国庆节"), N_("中秋")),
    N_("中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"),
)
"""As they are written into the table; a page says them in its reader's language."""


@dataclass(frozen=True)
class PublishedDay:
    """One day on which the rule of weekends does not decide: a holiday, or a weekend day that is worked."""

    on: date
    working: bool
    name: str
    source: str


@dataclass(frozen=True)
class Due:
    """A promise with a date: `of` is to be done by the end of the day `on` in China, by `owner`."""

    on: date
    owner: str
    of: str

    def is_overdue(self, today: date) -> bool:
        """Overdue is derived, never stored: the due day itself still belongs to the owner."""
        return today > self.on

    def days_left(self, today: date) -> int:
        """Calendar days until the due day; 0 on the day itself, negative when overdue."""
        return (self.on - today).days


class WorkingCalendar:
    """Which days are worked.

    `days` holds the exceptions: date → whether it is worked (holidays False, make-up weekend days True);
    the prefecture's own holidays (彝族年, 火把节) are rows like any other. `published_years` are the years of
    which the State Council's notice is in `days`. Any other year is computed from weekends and the holidays
    with a fixed date and is provisional: due dates in it are computed again when the year is published.
    """

    def __init__(self, days: Mapping[date, bool], published_years: Iterable[int]) -> None:
        self._days = dict(days)
        self._published_years = frozenset(published_years)
        self._worked_in: dict[int, list[date]] = {}

    def is_provisional(self, day: date) -> bool:
        """Whether the year of this day is not yet published."""
        return day.year not in self._published_years

    def is_provisional_between(self, start: date, end: date) -> bool:
        """Whether one of the days after `start` up to and including `end` lies in a year not yet published: a limit
        counted over them may end on another day once that year is."""
        first = min(start + timedelta(days=1), end)
        return any(year not in self._published_years for year in range(first.year, end.year + 1))

    @property
    def fingerprint(self) -> str:
        """The same for calendars with the same days, another for any other: whoever has counted by a calendar sees at
        a glance whether it has been changed since."""
        listed = "".join(f"{day}{'+' if working else '-'}" for day, working in sorted(self._days.items()))
        return hashlib.sha256(f"{listed}|{sorted(self._published_years)}".encode()).hexdigest()

    def is_working_day(self, day: date) -> bool:
        """Whether the day is worked; for a provisional year, as far as can be known."""
        listed = self._days.get(day)
        if listed is not None:
            return listed
        if day.weekday() >= _SATURDAY:
            return False
        return not (self.is_provisional(day) and (day.month, day.day) in _FIXED_HOLIDAYS)

    def add_working_days(self, start: date, days: int) -> date:
        """The day on which a limit of so many working days ends.

        The start day is day 0 whether it is worked or not; the next working day is day 1. With 0 days the
        limit ends on the start day. Raises ValueError for a negative number.
        """
        if days < 0:
            raise ValueError("a limit cannot have a negative number of working days")
        if days == 0:
            return start
        worked = self._worked(start.year)
        place = bisect_right(worked, start) + days - 1
        year = start.year
        # A year at a time, so that a limit of decades costs no more than its years.
        while place >= len(worked):
            place -= len(worked)
            year += 1
            worked = self._worked(year)
        return worked[place]

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`, so that
        `working_days_between(d, add_working_days(d, n)) == n`. Negative when `end` lies before `start`."""
        if end < start:
            return -self.working_days_between(end, start)
        whole_years = sum(len(self._worked(year)) for year in range(start.year, end.year))
        return whole_years + bisect_right(self._worked(end.year), end) - bisect_right(self._worked(start.year), start)

    def previous_working_day(self, day: date) -> date:
        """The last working day before `day`."""
        year = day.year
        place = bisect_left(self._worked(year), day)
        while place == 0:
            year -= 1
            place = len(self._worked(year))
        return self._worked(year)[place - 1]

    def _worked(self, year: int) -> list[date]:
        if year not in self._worked_in:
            first = date(year, 1, 1)
            length = (date(year, 12, 31) - first).days + 1
            every = (first + timedelta(days=number) for number in range(length))
            self._worked_in[year] = [day for day in every if self.is_working_day(day)]
        return self._worked_in[year]


def published_years_of(days: Mapping[date, bool]) -> frozenset[int]:
    """The years that a table of days covers: those in which National Day is a holiday by a row of its own, as
    in every notice of the State Council. A single corrected day does not make a year published."""
    return frozenset(day.year for day, working in days.items() if (day.month, day.day) == (10, 1) and not working)


def published_days() -> Iterator[PublishedDay]:
    """Every holiday and worked weekend day that the library chinesecalendar knows, by date, to seed the
    county's table: all years from 2004 to the newest notice the library has."""
    source = PUBLISHED_SOURCE % {"version": version("chinesecalendar")}
    holidays, worked = published.holidays, published.workdays
    for day in sorted(holidays.keys() | worked.keys()):
        working = day in worked
        name = str(published.Holiday(worked[day] if working else holidays[day]).chinese)
        yield PublishedDay(on=day, working=working, name=WORKED % {"holiday": name} if working else name, source=source)


def published_calendar() -> WorkingCalendar:
    """The calendar as it is seeded, before the county has changed anything."""
    days = {day.on: day.working for day in published_days()}
    return WorkingCalendar(days, published_years_of(days))


def start_of_day_utc(day: date) -> datetime:
    """The moment at which a day begins in China, in UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of_day_utc(day: date) -> datetime:
    """The moment at which a day is over in China, in UTC: the first that no longer belongs to it. In time is
    what happens *before* this moment."""
    return start_of_day_utc(day + timedelta(days=1))


def local_date(at: datetime) -> date:
    """The day in China of an aware moment. Raises ValueError for a naive one, which names no moment."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return at.astimezone(SHANGHAI).date()
