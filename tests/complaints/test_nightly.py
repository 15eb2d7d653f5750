"""The night: what is late goes up, once, oldest first, whoever is or is not there."""

import json
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from accounts.models import Official, OfficialRole, Organisation
from complaints import operations
from complaints.models import Clock, Complaint, ComplaintEntry, Escalation
from complaints.operations import nightly
from complaints.tracking import track
from core.audit import AuditEntry
from core.calendar import end_of_day_utc, start_of_day_utc
from core.database import db
from core.principal import OrganisationKind, system
from core.working_days import CalendarDay
from sms.models import Message
from tests import factories
from tests.complaints.county import AT, TOWNSHIP, County, submit

DAY = timedelta(days=1)
NIGHT = system("night")


def night(on: date) -> dict[str, int]:
    """The sweep in the small hours of that day."""
    return operations.escalate_overdue(NIGHT, at=start_of_day_utc(on) + timedelta(hours=1))


def reached(complaint: Complaint) -> list[tuple[str, int]]:
    rows = db.session.execute(
        select(Escalation.level, Escalation.to_organisation_id)
        .where(Escalation.complaint_id == complaint.id)
        .order_by(Escalation.id)
    )
    return [(level, office) for level, office in rows]


def test_the_due_day_itself_still_belongs_to_the_office(county: County) -> None:
    complaint, _code = submit()
    assert complaint.due_on == date(2020, 7, 13)
    assert night(date(2020, 7, 13))["accept_overdue"] == 0
    assert night(date(2020, 7, 14))["accept_overdue"] == 1


def test_received_a_minute_before_midnight_is_late_a_day_earlier(county: County) -> None:
    before, _code = submit(at=end_of_day_utc(date(2020, 7, 6)) - timedelta(minutes=1))
    after, _code = submit(at=end_of_day_utc(date(2020, 7, 6)))
    night(date(2020, 7, 14))
    assert len(reached(before)) == 1
    assert reached(after) == []


def test_accept_overdue_to_finance_then_resolve_overdue_to_discipline(county: County) -> None:
    complaint, code = submit()
    night(date(2020, 7, 14))
    assert reached(complaint) == [("accept_overdue", county.finance.organisation_id)]
    night(date(2020, 7, 28))
    assert reached(complaint)[1:] == [("resolve_overdue", county.discipline.organisation_id)]
    assert complaint.owner_id == county.township.organisation_id
    seen = [entry for entry in track(code, at=AT + 30 * DAY).entries if entry.kind == "escalated"]
    assert [entry.title for entry in seen] == ["超期未受理", "超期未答复"]


def test_accepted_in_time_but_not_answered_goes_to_discipline_only(county: County) -> None:
    complaint, _code = submit()
    operations.accept(county.township, complaint, at=AT + DAY)
    night(date(2020, 9, 1))
    assert reached(complaint) == [("resolve_overdue", county.discipline.organisation_id)]


def test_missed_nights_are_made_up_for_and_each_level_is_reached_once(county: County) -> None:
    complaint, _code = submit()
    for _ in range(3):
        night(date(2020, 9, 1))
    assert [level for level, _office in reached(complaint)] == ["accept_overdue", "resolve_overdue"]
    assert (
        db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action.endswith("escalate")))
        == 1
    )


def test_a_late_second_answer_goes_up_too(county: County) -> None:
    complaint, code = submit()
    operations.accept(county.township, complaint, at=AT)
    operations.start_investigation(county.township, complaint, at=AT)
    operations.conclude(county.township, complaint, "答复", at=AT)
    operations.reopen(code, "不满意", at=AT + DAY)
    night(date(2020, 7, 28))
    assert reached(complaint) == []
    night(date(2020, 7, 29))
    assert reached(complaint) == [("review_overdue", county.discipline.organisation_id)]


def test_what_is_answered_declined_or_sealed_never_goes_up(county: County) -> None:
    answered, _code = submit()
    operations.accept(county.township, answered, at=AT)
    operations.start_investigation(county.township, answered, at=AT)
    operations.conclude(county.township, answered, "答复", at=AT)
    declined, _code = submit()
    operations.decline(county.township, declined, "理由", at=AT)
    submit(category="fraud")
    referred, _code = submit()
    operations.refer_to_discipline(county.township, referred, "疑似截留", at=AT)
    assert set(night(date(2021, 7, 1)).values()) == {0}


def test_nobody_signed_up_and_nobody_assigned_still_goes_up(county: County) -> None:
    db.session.execute(delete(OfficialRole))
    complaint, _code = submit()
    db.session.execute(delete(Official))
    assert complaint.handler_id is None
    night(date(2020, 9, 1))
    assert [office for _level, office in reached(complaint)] == [
        county.finance.organisation_id,
        county.discipline.organisation_id,
    ]


def test_without_a_finance_bureau_the_next_above_is_told(county: County) -> None:
    complaint, _code = submit()
    db.session.get_one(Organisation, county.finance.organisation_id).active = False
    night(date(2020, 7, 14))
    assert reached(complaint) == [("accept_overdue", county.discipline.organisation_id)]


def test_with_nobody_above_it_is_counted_and_tried_again(county: County) -> None:
    complaint, _code = submit()
    offices = [
        db.session.get_one(Organisation, person.organisation_id) for person in (county.finance, county.discipline)
    ]
    for office in offices:
        office.active = False
    assert night(date(2020, 7, 14)) == {
        "accept_overdue": 0,
        "resolve_overdue": 0,
        "review_overdue": 0,
        "higher_review_overdue": 0,
        "nobody": 1,
    }
    offices[0].active = True
    assert night(date(2020, 7, 15))["accept_overdue"] == 1
    assert reached(complaint) == [("accept_overdue", county.finance.organisation_id)]


def test_about_finance_the_discipline_commission_supervises(county: County) -> None:
    complaint, _code = submit(about_organisation_id=county.finance.organisation_id)
    assert complaint.owner_id == county.discipline.organisation_id
    assert set(night(date(2021, 1, 1)).values()) == {0}


def test_about_a_township_that_finance_leaves_lying(county: County) -> None:
    complaint, _code = submit(about_organisation_id=county.township.organisation_id)
    assert complaint.owner_id == county.finance.organisation_id
    night(date(2021, 1, 1))
    assert {office for _level, office in reached(complaint)} == {county.discipline.organisation_id}


def test_the_oldest_come_first_and_none_starves(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "CHUNK", 2)
    for number in range(7):
        submit(at=AT - number * DAY)
    pauses: list[int] = []
    counts = operations.escalate_overdue(
        NIGHT,
        at=AT + 60 * DAY,
        pause=lambda: pauses.append(db.session.scalar(select(func.count()).select_from(Escalation)) or 0),
    )
    assert counts["accept_overdue"] == counts["resolve_overdue"] == 7
    assert pauses == [2, 4, 6, 7, 9, 11, 13, 14]
    order = db.session.scalars(
        select(Clock.due_on)
        .join(Escalation, Escalation.complaint_id == Clock.complaint_id)
        .where(Escalation.level == "accept_overdue", Clock.kind == "accept")
        .order_by(Escalation.id)
    ).all()
    assert list(order) == sorted(order)


def test_a_death_between_pieces_loses_nothing(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "CHUNK", 2)
    for _ in range(5):
        submit()
    db.session.commit()

    class Killed(Exception):
        pass

    def die_after_the_first() -> None:
        db.session.commit()
        raise Killed

    with pytest.raises(Killed):
        operations.escalate_overdue(NIGHT, at=AT + 8 * DAY, pause=die_after_the_first)
    db.session.rollback()
    assert operations.escalate_overdue(NIGHT, at=AT + 8 * DAY)["accept_overdue"] == 3
    assert db.session.scalar(select(func.count()).select_from(Escalation)) == 5


def test_no_message_leaves_by_night(county: County) -> None:
    submit(anonymous=False, name="王某某", phone="13800000001")
    night(date(2020, 9, 1))
    assert db.session.scalars(select(Message)).all() == []


# --- Filing away -------------------------------------------------------------------------------


def answer(county: County, at: datetime) -> tuple[Complaint, str]:
    complaint, code = submit(at=at)
    operations.accept(county.township, complaint, at=at)
    operations.start_investigation(county.township, complaint, at=at)
    operations.conclude(county.township, complaint, "答复", at=at)
    return complaint, code


def test_answered_cases_are_filed_when_nobody_can_reopen_them(county: County) -> None:
    late_that_day = end_of_day_utc(date(2020, 7, 6)) - timedelta(minutes=1)
    quiet, code = answer(county, late_that_day)
    unread, unread_code = answer(county, AT)
    operations.add_from_reporter(unread_code, "还没解决", at=AT + DAY)
    last_night = start_of_day_utc(date(2020, 8, 5)) + timedelta(hours=1)
    assert operations.close_answered(NIGHT, at=last_night) == 0
    assert track(code, at=last_night).may_reopen_until == date(2020, 8, 5)
    assert operations.close_answered(NIGHT, at=last_night + DAY) == 1
    db.session.expire_all()
    assert (quiet.state, unread.state) == ("closed", "concluded")
    assert operations.close_answered(NIGHT, at=last_night + 2 * DAY) == 0


# --- A newly published calendar ----------------------------------------------------------------


def test_due_days_follow_the_published_calendar_and_the_change_is_told(county: County) -> None:
    published = db.session.scalars(select(CalendarDay).where(CalendarDay.on >= date(2021, 1, 1))).all()
    kept = [(day.on, day.working, day.name, day.source) for day in published]
    db.session.execute(delete(CalendarDay).where(CalendarDay.on >= date(2021, 1, 1)))
    # Without its notice, 2021 has its weekends and 1 January, but no Spring Festival and no make-up days.
    at = start_of_day_utc(date(2020, 12, 31)) + timedelta(hours=10)
    complaint, code = submit(at=at)
    operations.accept(county.township, complaint, at=at)
    operations.ask_extension(county.township, complaint, 15, "等待材料", at=at)
    operations.decide_extension(county.township_approver, complaint, True, at=at)
    assert complaint.due_on == date(2021, 2, 12)
    assert [clock.provisional for clock in track(code, at=at).clocks] == [True, True]
    assert operations.recompute_due_dates(NIGHT, at=at) == 0
    db.session.add_all(CalendarDay(on=on, working=work, name=name, source=source) for on, work, name, source in kept)
    db.session.commit()
    assert operations.recompute_due_dates(NIGHT, at=at + DAY) == 1
    db.session.expire_all()
    clock = db.session.scalars(select(Clock).where(Clock.kind == "resolve")).one()
    assert (clock.started_on, clock.limit_days, clock.provisional) == (date(2020, 12, 31), 30, False)
    assert clock.due_on == complaint.due_on == date(2021, 2, 18)
    assert "due_changed" in [entry.kind for entry in track(code, at=at).entries]
    assert operations.recompute_due_dates(NIGHT, at=at + 2 * DAY) == 0


# --- The command -------------------------------------------------------------------------------


def test_the_command_sweeps_all_rooms(app: Flask, county: County) -> None:
    complaint, _code = submit()
    db.session.commit()
    runner = app.test_cli_runner()
    result = runner.invoke(args=["sweep", "--on", "2020-07-14", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)
    assert found["complaints.escalate"] == {
        "accept_overdue": 1,
        "resolve_overdue": 0,
        "review_overdue": 0,
        "higher_review_overdue": 0,
        "nobody": 0,
    }
    again = json.loads(runner.invoke(args=["sweep", "--on", "2020-07-14", "--json"]).output)
    assert again["complaints.escalate"]["accept_overdue"] == 0
    assert "accept_overdue 0" in runner.invoke(args=["sweep", "--on", "2020-07-14"]).output
    assert len(reached(complaint)) == 1
    assert db.session.scalars(select(ComplaintEntry.kind)).all() == ["received"]
    assert factories.organisation(OrganisationKind.TOWNSHIP, TOWNSHIP).id == complaint.owner_id
