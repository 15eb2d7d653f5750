"""The county's time, and the table of its working days."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from core import calendar, clock
from core.database import db
from core.working_days import CalendarDay, load_calendar, seed_calendar


def test_the_clock_and_the_calendar_know_one_zone() -> None:
    assert clock.SHANGHAI is calendar.SHANGHAI
    assert clock.local_date is calendar.local_date
    assert clock.local_time(datetime(2020, 7, 5, 16, 30, tzinfo=UTC)).strftime("%Y-%m-%d %H:%M") == "2020-07-06 00:30"
    assert clock.utc_now().tzinfo is UTC


def test_a_naive_time_names_no_instant() -> None:
    with pytest.raises(ValueError):
        clock.local_time(datetime(2020, 7, 5))  # noqa: DTZ001  # the naive time is the point


def test_seeding_twice_adds_nothing_and_keeps_what_an_official_edited(app: Flask) -> None:
    assert seed_calendar() > 0
    edited = db.session.get_one(CalendarDay, date(2020, 6, 28))
    edited.working, edited.name = False, "州定放假"
    db.session.commit()
    assert seed_calendar() == 0
    assert not load_calendar().is_working_day(date(2020, 6, 28))


def test_one_corrected_day_does_not_make_a_year_published(app: Flask) -> None:
    db.session.add(CalendarDay(on=date(2040, 11, 20), working=False, name="彝族年", source="州政府通知"))
    db.session.flush()
    known = load_calendar()
    assert known.is_provisional(date(2040, 5, 1))
    assert not known.is_working_day(date(2040, 11, 20))
    db.session.add(CalendarDay(on=date(2040, 10, 1), working=False, name="国庆节", source="国务院办公厅通知"))
    db.session.flush()
    assert not load_calendar().is_provisional(date(2040, 5, 1))
