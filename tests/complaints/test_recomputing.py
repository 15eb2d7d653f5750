"""Due days follow the calendar, whichever year is published first and whatever is corrected afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, event, func, select

from complaints import operations
from complaints.models import Clock, Complaint, ComplaintEntry, Escalation
from complaints.operations import recomputing
from complaints.story import story
from complaints.tracking import track
from core.audit import AuditEntry
from core.calendar import end_of_day_utc, published_calendar, published_days, start_of_day_utc
from core.database import db
from core.principal import system
from core.working_days import CalendarDay
from tests.complaints.county import County, submit

NIGHT = system("night")


def noon(on: date) -> datetime:
    return start_of_day_utc(on) + timedelta(hours=12)


def night(on: date) -> int:
    """What the small hours of that day change."""
    changed = operations.recompute_due_dates(NIGHT, at=start_of_day_utc(on) + timedelta(hours=1))
    db.session.expire_all()
    return changed


def withdraw(*years: int) -> None:
    for year in years:
        db.session.execute(delete(CalendarDay).where(CalendarDay.on.between(date(year, 1, 1), date(year, 12, 31))))


def publish(year: int) -> None:
    db.session.add_all(
        CalendarDay(on=day.on, working=day.working, name=day.name, source=day.source)
        for day in published_days()
        if day.on.year == year
    )
    db.session.flush()


def set_day(on: date, working: bool) -> None:
    db.session.merge(CalendarDay(on=on, working=working, name="改", source="通知"))
    db.session.flush()


def resolve_clock(complaint: Complaint) -> Clock:
    return db.session.scalars(select(Clock).where(Clock.complaint_id == complaint.id, Clock.kind == "resolve")).one()


def accepted(county: County, on: date) -> tuple[Complaint, str]:
    complaint, code = submit(at=noon(on))
    operations.accept(county.township, complaint, at=noon(on))
    return complaint, code


def truth(start: date, days: int) -> date:
    return published_calendar().add_working_days(start, days)


# Friday, 25 December 2020: 15 working days end in January 2021, over New Year.
LATE_YEAR = date(2020, 12, 25)


def test_the_first_of_two_years_is_published_and_only_that(county: County) -> None:
    """It starts in an unpublished year and ends in the next: a day off of the first moves it, and it stays provisional
    for the second."""
    withdraw(2020, 2021)
    # The State Council declares the last Thursday of the year a day off; nobody knows yet.
    complaint, _code = accepted(county, LATE_YEAR)
    before = complaint.due_on
    assert before is not None and before.year == 2021
    publish(2020)
    set_day(date(2020, 12, 31), False)
    assert night(date(2020, 12, 28)) == 1
    clock = resolve_clock(complaint)
    assert before == date(2021, 1, 18)
    assert (clock.due_on, clock.provisional, clock.started_on) == (date(2021, 1, 19), True, LATE_YEAR)
    assert complaint.due_on == date(2021, 1, 19)
    publish(2021)
    assert night(date(2020, 12, 29)) == 0
    assert (clock.due_on, clock.provisional) == (date(2021, 1, 19), False)


def test_a_later_year_is_published_before_an_earlier_one(county: County) -> None:
    withdraw(2020, 2021)
    complaint, _code = accepted(county, LATE_YEAR)
    publish(2021)
    night(date(2020, 12, 28))
    assert resolve_clock(complaint).provisional
    publish(2020)
    set_day(date(2020, 12, 30), False)
    assert night(date(2020, 12, 29)) == 1
    clock = resolve_clock(complaint)
    assert (clock.due_on, clock.provisional) == (date(2021, 1, 19), False)


def test_a_clock_is_provisional_where_one_of_its_days_is(county: County) -> None:
    withdraw(2020)
    complaint, _code = accepted(county, LATE_YEAR)
    assert complaint.due_on is not None and complaint.due_on.year == 2021
    assert resolve_clock(complaint).provisional
    last_day, _code = accepted(county, date(2020, 12, 31))
    assert not resolve_clock(last_day).provisional, "the day of receipt is not counted"


def test_a_published_year_is_amended(county: County) -> None:
    complaint, code = accepted(county, date(2020, 7, 6))
    stopped, _code = accepted(county, date(2020, 7, 6))
    operations.start_investigation(county.township, stopped, at=noon(date(2020, 7, 6)))
    operations.conclude(county.township, stopped, "答复", at=noon(date(2020, 7, 7)))
    assert night(date(2020, 7, 7)) == 0
    set_day(date(2020, 7, 15), False)
    assert night(date(2020, 7, 8)) == 1
    assert (resolve_clock(complaint).due_on, complaint.due_on) == (date(2020, 7, 28), date(2020, 7, 28))
    assert resolve_clock(stopped).due_on == date(2020, 7, 27)
    assert stopped.due_on is None
    told = [entry for entry in track(code, at=noon(date(2020, 7, 8))).entries if entry.kind == "due_changed"]
    assert [entry.text for entry in told] == ["答复期限：原为 2020-07-27，现为 2020-07-28"]
    lines = [line for line in story(county.township, complaint) if line.text.startswith("答复期限")]
    assert [(line.internal, line.by) for line in lines] == [(False, "night")]
    # The State Council changes its mind.
    set_day(date(2020, 7, 15), True)
    assert night(date(2020, 7, 9)) == 1
    assert complaint.due_on == date(2020, 7, 27)
    assert night(date(2020, 7, 10)) == night(date(2020, 7, 11)) == 0
    recorded = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.recompute_due_dates"))
    assert [(entry.details, entry.visible_to) for entry in recorded] == [({"changed": 1}, "discipline")] * 2


def test_every_clock_that_runs_is_moved_and_told(county: County) -> None:
    complaint, code = submit(at=noon(date(2020, 7, 6)))
    set_day(date(2020, 7, 8), False)
    assert night(date(2020, 7, 7)) == 2
    assert complaint.due_on == date(2020, 7, 14)
    told = [entry.text for entry in track(code, at=noon(date(2020, 7, 7))).entries if entry.kind == "due_changed"]
    assert told == [
        "受理期限：原为 2020-07-13，现为 2020-07-14",
        "答复期限：原为 2020-07-27，现为 2020-07-28",
    ]


def test_a_review_in_calendar_days_does_not_move(county: County) -> None:
    complaint, code = accepted(county, date(2020, 7, 6))
    operations.start_investigation(county.township, complaint, at=noon(date(2020, 7, 6)))
    operations.conclude(county.township, complaint, "答复", at=noon(date(2020, 7, 6)))
    operations.ask_review(code, "不满意", at=noon(date(2020, 7, 6)))
    set_day(date(2020, 7, 8), False)
    assert night(date(2020, 7, 9)) == 0
    assert complaint.due_on == date(2020, 8, 5)


def test_an_extended_clock_is_counted_with_its_extension(county: County) -> None:
    complaint, _code = accepted(county, date(2020, 7, 6))
    operations.ask_extension(county.township, complaint, 15, "等待材料", at=noon(date(2020, 7, 7)))
    operations.decide_extension(county.township_approver, complaint, True, at=noon(date(2020, 7, 7)))
    set_day(date(2020, 7, 8), False)
    assert night(date(2020, 7, 9)) == 1
    clock = resolve_clock(complaint)
    assert (clock.limit_days, clock.started_on) == (30, date(2020, 7, 6))
    assert clock.due_on == truth(date(2020, 7, 6), 31)


def test_nobody_is_late_overnight_by_a_change_of_the_calendar(county: County) -> None:
    """A Saturday turns out to have been worked: the day would be past. The office has the whole of one working day."""
    complaint, _code = accepted(county, date(2020, 7, 6))
    assert complaint.due_on == date(2020, 7, 27)
    set_day(date(2020, 7, 11), True)
    set_day(date(2020, 7, 18), True)
    tuesday = date(2020, 7, 27)
    assert night(tuesday) == 0, "computed for 23 July, which is past: it stays on the 27th"
    assert complaint.due_on == date(2020, 7, 27)
    assert sum(operations.escalate_overdue(NIGHT, at=start_of_day_utc(tuesday) + timedelta(hours=1)).values()) == 0
    assert night(date(2020, 7, 28)) == 0
    operations.escalate_overdue(NIGHT, at=start_of_day_utc(date(2020, 7, 28)) + timedelta(hours=1))
    assert db.session.scalars(select(Escalation.level)).all() == ["resolve_overdue"]


def test_a_minute_before_midnight_on_new_years_eve_is_that_year(county: County) -> None:
    before, _code = submit(at=end_of_day_utc(date(2020, 12, 31)) - timedelta(minutes=1), category="enquiry")
    after, _code = submit(at=end_of_day_utc(date(2020, 12, 31)), category="enquiry")
    assert (before.received_on, before.due_on) == (date(2020, 12, 31), date(2021, 1, 4))
    assert (after.received_on, after.due_on) == (date(2021, 1, 1), date(2021, 1, 4))
    assert resolve_clock(before).due_on == resolve_clock(after).due_on == date(2021, 1, 6)


@contextmanager
def statements(table: str) -> Iterator[list[str]]:
    """What is asked of a table meanwhile."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if table in statement:
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_night_without_a_change_looks_at_no_clock(county: County) -> None:
    submit(at=noon(date(2020, 7, 6)))
    assert night(date(2020, 7, 7)) == 0
    with statements("complaint_clocks") as seen:
        assert night(date(2020, 7, 8)) == 0
    assert seen == []


def test_what_came_in_by_the_days_of_before_is_found_the_next_night(county: County) -> None:
    first, _code = submit(at=noon(date(2020, 7, 6)))
    night(date(2020, 7, 7))
    set_day(date(2020, 7, 8), False)
    assert night(date(2020, 7, 7)) == 2
    # As of somebody whose request had read the calendar before it was changed, and was saved after the night's pass.
    late, _code = submit(at=noon(date(2020, 7, 6)))
    for clock in late.clocks:
        clock.due_on = date(2020, 7, 13) if clock.kind == "accept" else date(2020, 7, 27)
    db.session.flush()
    assert night(date(2020, 7, 8)) == 2
    assert late.due_on == first.due_on == date(2020, 7, 14)


def test_it_works_in_pieces_and_a_death_in_between_loses_nothing(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "CHUNK", 2)
    for _ in range(5):
        submit(at=noon(date(2020, 7, 6)))
    night(date(2020, 7, 7))
    set_day(date(2020, 7, 8), False)
    db.session.commit()

    class Killed(Exception):
        pass

    def die_after_the_first() -> None:
        db.session.commit()
        raise Killed

    with pytest.raises(Killed):
        operations.recompute_due_dates(NIGHT, at=noon(date(2020, 7, 8)), pause=die_after_the_first)
    db.session.rollback()
    assert night(date(2020, 7, 9)) == 8
    assert set(db.session.scalars(select(Complaint.queue_on))) == {date(2020, 7, 14)}
    told = select(func.count()).select_from(ComplaintEntry).where(ComplaintEntry.kind == "due_changed")
    assert db.session.scalar(told) == 10
