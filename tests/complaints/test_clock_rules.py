"""When a clock ends, and where a changed calendar puts its end: pure decisions, held for all days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from core.calendar import WorkingCalendar, published_calendar

CALENDAR = published_calendar()


@pytest.mark.parametrize(
    ("before", "computed", "today", "due_on"),
    [
        # Later is always followed, whether it was late or not.
        (date(2020, 7, 10), date(2020, 7, 14), date(2020, 7, 8), date(2020, 7, 14)),
        (date(2020, 7, 6), date(2020, 7, 7), date(2020, 7, 8), date(2020, 7, 7)),
        (date(2020, 7, 6), date(2020, 7, 9), date(2020, 7, 8), date(2020, 7, 9)),
        # Earlier too, as long as the day is not past.
        (date(2020, 7, 10), date(2020, 7, 8), date(2020, 7, 8), date(2020, 7, 8)),
        # Past by the change alone: today, or the next working day, never later than before.
        (date(2020, 7, 15), date(2020, 7, 7), date(2020, 7, 8), date(2020, 7, 8)),
        (date(2020, 7, 15), date(2020, 7, 10), date(2020, 7, 11), date(2020, 7, 13)),
        (date(2020, 7, 12), date(2020, 7, 10), date(2020, 7, 11), date(2020, 7, 12)),
        # Late before: the change makes it neither better nor worse.
        (date(2020, 7, 7), date(2020, 7, 3), date(2020, 7, 8), date(2020, 7, 7)),
        (date(2020, 7, 8), date(2020, 7, 7), date(2020, 7, 8), date(2020, 7, 8)),
    ],
)
def test_where_a_changed_calendar_puts_a_due_day(before: date, computed: date, today: date, due_on: date) -> None:
    assert rules.moved_due(before, computed, today, CALENDAR) == due_on
    assert rules.moved_due(due_on, computed, today, CALENDAR) == due_on, "the next night changes nothing"


days = st.dates(date(2020, 9, 1), date(2020, 11, 30))


@given(days, days, days)
def test_a_changed_calendar_makes_nobody_late_and_takes_no_day_from_what_runs(
    before: date, computed: date, today: date
) -> None:
    due_on = rules.moved_due(before, computed, today, CALENDAR)
    assert due_on >= today or before < today
    assert min(before, computed) <= due_on <= max(before, computed)
    assert rules.moved_due(due_on, computed, today, CALENDAR) == due_on
    if before < today or computed >= before:
        assert due_on == max(before, computed)
    elif computed >= today:
        assert due_on == computed
    else:
        assert due_on == before or CALENDAR.is_working_day(due_on)


@pytest.mark.parametrize(
    ("start", "days", "due_on"),
    [
        # Over New Year: Thursday, 31 December 2020 is day 0, 1 January is off, Monday the 4th is day 1.
        (date(2020, 12, 31), 1, date(2021, 1, 4)),
        (date(2020, 12, 30), 2, date(2021, 1, 4)),
        # Over Spring Festival 2021: 11 to 17 February are off, Sunday the 7th and Saturday the 20th are worked.
        (date(2021, 2, 5), 1, date(2021, 2, 7)),
        (date(2021, 2, 10), 3, date(2021, 2, 20)),
        (date(2021, 2, 6), 1, date(2021, 2, 7)),
    ],
)
def test_days_are_counted_over_new_year_and_make_up_days(start: date, days: int, due_on: date) -> None:
    assert rules.due_date(start, days, True, CALENDAR) == (due_on, False)


def test_a_limit_is_provisional_where_one_of_its_days_is() -> None:
    calendar = WorkingCalendar({date(2021, 10, 1): False}, [2021])
    assert calendar.is_provisional_between(date(2020, 12, 30), date(2021, 1, 4))
    assert not calendar.is_provisional_between(date(2020, 12, 31), date(2021, 1, 4))
    assert calendar.is_provisional_between(date(2021, 12, 20), date(2022, 1, 4))
    assert calendar.is_provisional_between(date(2020, 12, 31), date(2020, 12, 31))
    # Counted in calendar days it ends on the same day whatever is published.
    assert rules.due_date(date(2021, 12, 20), 30, True, calendar)[1]
    assert not rules.due_date(date(2021, 12, 20), 30, False, calendar)[1]
