"""Working days, due dates and the end of a day in China."""

from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import (
    Due,
    WorkingCalendar,
    end_of_day_utc,
    local_date,
    published_calendar,
    published_days,
    published_years_of,
    start_of_day_utc,
)

# Each test makes its calendar anew: a calendar remembers the years that it was asked for.
days = st.dates(date(2001, 1, 1), date(2035, 12, 31))


def test_make_up_days_are_worked_and_moved_holidays_are_not() -> None:
    calendar = published_calendar()
    assert calendar.is_working_day(date(2020, 6, 28))  # a Sunday worked for Dragon Boat Festival
    assert not calendar.is_working_day(date(2020, 6, 26))  # a Friday
    assert not calendar.is_working_day(date(2020, 10, 8))
    assert calendar.is_working_day(date(2020, 10, 9))
    assert calendar.is_working_day(date(2020, 10, 10))


def test_a_limit_steps_over_national_day() -> None:
    calendar = published_calendar()
    # Day 1 and 2 are 29 and 30 September; 1 to 8 October are holidays, Saturday 10 October is worked.
    assert calendar.add_working_days(date(2020, 9, 28), 4) == date(2020, 10, 10)


def test_day_nought_is_the_start_even_when_it_is_not_worked() -> None:
    calendar = published_calendar()
    saturday = date(2020, 7, 11)
    assert calendar.add_working_days(saturday, 0) == saturday
    assert calendar.add_working_days(saturday, 1) == date(2020, 7, 13)
    assert calendar.add_working_days(date(2020, 7, 10), 1) == date(2020, 7, 13)


def test_a_limit_cannot_be_negative() -> None:
    calendar = published_calendar()
    with pytest.raises(ValueError, match="negative"):
        calendar.add_working_days(date(2020, 7, 10), -1)


def test_a_limit_of_decades_is_found_at_once() -> None:
    calendar = published_calendar()
    assert calendar.add_working_days(date(2020, 1, 1), 100_000).year > 2400


@given(days, st.integers(0, 800))
def test_adding_and_counting_agree(start: date, count: int) -> None:
    calendar = published_calendar()
    end = calendar.add_working_days(start, count)
    assert calendar.working_days_between(start, end) == count
    assert calendar.working_days_between(end, start) == -count
    assert count == 0 or calendar.is_working_day(end)


@given(days, st.integers(0, 60))
def test_adding_is_counting_days_one_by_one(start: date, count: int) -> None:
    calendar = published_calendar()
    day, left = start, count
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    assert calendar.add_working_days(start, count) == day


@given(days)
def test_the_previous_working_day_has_none_in_between(day: date) -> None:
    calendar = published_calendar()
    previous = calendar.previous_working_day(day)
    assert previous < day
    assert calendar.is_working_day(previous)
    between = (previous + timedelta(days=number) for number in range(1, (day - previous).days))
    assert not any(calendar.is_working_day(other) for other in between)


@given(st.dictionaries(days, st.booleans()), days)
def test_a_listed_day_is_what_the_list_says(listed: dict[date, bool], day: date) -> None:
    calendar = WorkingCalendar(listed, published_years_of(listed))
    assert all(calendar.is_working_day(on) is working for on, working in listed.items())
    if day not in listed and day.weekday() >= 5:
        assert not calendar.is_working_day(day)


def test_an_unpublished_year_knows_weekends_and_fixed_holidays_and_says_that_it_is_provisional() -> None:
    calendar = WorkingCalendar({}, ())
    assert calendar.is_provisional(date(2020, 6, 28))
    assert not calendar.is_working_day(date(2020, 6, 28))
    assert calendar.is_working_day(date(2020, 6, 26))
    assert not calendar.is_working_day(date(2020, 1, 1))
    assert not calendar.is_working_day(date(2025, 5, 2))
    assert calendar.is_working_day(date(2020, 5, 5))
    assert not published_calendar().is_provisional(date(2020, 6, 28))


def test_in_an_unpublished_year_new_year_labour_day_and_national_day_are_not_worked_and_no_other_weekday() -> None:
    calendar = WorkingCalendar({}, ())
    year = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]
    off = [f"{day:%m-%d}" for day in year if day.weekday() < 5 and not calendar.is_working_day(day)]
    assert off == ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"]


def test_one_corrected_day_does_not_publish_a_year() -> None:
    torch_festival = date(2031, 8, 12)
    listed = {torch_festival: False}
    calendar = WorkingCalendar(listed, published_years_of(listed))
    assert calendar.is_provisional(torch_festival)
    assert not calendar.is_working_day(torch_festival)


def test_the_seed_covers_every_year_since_2004_once_and_in_order() -> None:
    seed = list(published_days())
    listed = {day.on: day.working for day in seed}
    assert [day.on for day in seed] == sorted(listed)
    assert published_years_of(listed) >= set(range(2004, 2027))
    by_date = {day.on: day for day in seed}
    assert (by_date[date(2020, 6, 25)].name, by_date[date(2020, 6, 25)].working) == ("端午", False)
    assert (by_date[date(2020, 6, 28)].name, by_date[date(2020, 6, 28)].working) == ("端午调休上班", True)
    assert all(day.on.weekday() >= 5 for day in seed if day.working)
    assert {day.source for day in seed} == {
        f"国务院办公厅节假日安排通知（chinesecalendar {version('chinesecalendar')}）"
    }


def test_a_year_is_published_by_its_national_day_off() -> None:
    assert published_years_of({date(2031, 10, 1): False}) == {2031}
    assert published_years_of({date(2031, 10, 2): False, date(2032, 10, 1): True}) == frozenset()


def test_a_new_years_day_that_the_county_works_counts_once_and_in_its_own_year() -> None:
    calendar = WorkingCalendar({date(2021, 1, 1): True}, ())
    assert calendar.add_working_days(date(2020, 12, 31), 1) == date(2021, 1, 1)
    assert calendar.working_days_between(date(2020, 12, 30), date(2021, 1, 4)) == 3
    assert calendar.previous_working_day(date(2021, 1, 4)) == date(2021, 1, 1)


def test_what_is_due_is_late_only_when_its_day_is_over() -> None:
    due = Due(on=date(2020, 7, 20), owner="township", of="correction")
    assert not due.is_overdue(date(2020, 7, 20))
    assert due.is_overdue(date(2020, 7, 21))
    assert due.days_left(date(2020, 7, 18)) == 2
    assert due.days_left(date(2020, 7, 21)) == -1


def test_a_day_in_china_ends_at_four_in_the_afternoon_utc() -> None:
    assert end_of_day_utc(date(2020, 7, 20)) == datetime(2020, 7, 20, 16, tzinfo=UTC)
    assert local_date(datetime(2020, 7, 20, 15, 59, 59, tzinfo=UTC)) == date(2020, 7, 20)
    assert local_date(datetime(2020, 7, 20, 16, tzinfo=UTC)) == date(2020, 7, 21)


@given(days)
def test_a_day_reaches_from_its_start_to_just_before_its_end(day: date) -> None:
    assert start_of_day_utc(day).tzinfo is UTC
    assert local_date(start_of_day_utc(day)) == day
    assert local_date(end_of_day_utc(day) - timedelta(microseconds=1)) == day
    assert local_date(end_of_day_utc(day)) == day + timedelta(days=1)


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        local_date(datetime(2020, 7, 20))  # noqa: DTZ001 - the naive moment is what is tested
