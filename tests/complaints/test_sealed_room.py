"""The sealed room's own work: with what a clue ends, what its reporter is owed, and the figures of both."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from complaints import operations
from complaints.models import Clock, Complaint
from complaints.operations.case import clock_of
from complaints.rulebook import ClockKind
from complaints.rules.figures import parse_period
from complaints.rules.sealed import MEASURES, class_of_waiting
from complaints.sealed_figures import WHOLE, SealedFigures, sealed_figures
from complaints.tracking import track
from core import clock as clocks
from core.board import items_for
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import OrganisationKind, Role
from core.working_days import load_calendar
from tests import factories
from tests.complaints.county import AT, County, submit
from tests.complaints.test_figures import lines_of, lines_of_workbook
from tests.complaints.test_sealed import signed_in

DAY = timedelta(days=1)
NAMED: dict[str, Any] = {"anonymous": False, "name": "王某某", "phone": "13800000001"}


def looked_into(county: County, days: int = 0, **values: Any) -> tuple[Complaint, str]:
    """A clue that is being verified."""
    complaint, code = submit(at=AT + days * DAY, **({"category": "fraud"} | values))
    if not complaint.sealed:
        operations.refer_to_discipline(county.township, complaint, "疑似截留", at=AT + days * DAY)
    operations.accept(county.discipline, complaint, at=AT + days * DAY)
    operations.start_investigation(county.discipline, complaint, at=AT + days * DAY)
    return complaint, code


def owed(complaint: Complaint) -> Clock | None:
    return clock_of(complaint, ClockKind.RESULT_NOTICE)


def year_of(county: County, on: date) -> SealedFigures:
    period = parse_period("2020")
    assert period is not None
    return sealed_figures(county.discipline, period, on)


@pytest.mark.parametrize("category", ["fraud", "not_received"])
@pytest.mark.parametrize("confidential", [True, False])
def test_who_left_his_name_is_owed_the_result_from_the_outcome_on(
    county: County, category: str, confidential: bool
) -> None:
    complaint, code = looked_into(county, category=category, confidential=confidential, **NAMED)
    assert owed(complaint) is None and complaint.due_on is None
    operations.record_outcome(county.discipline, complaint, "admonished", "已谈话。", at=AT + 10 * DAY)
    clock = owed(complaint)
    assert clock is not None and (clock.started_on, clock.stopped_on) == (date(2020, 7, 16), None)
    assert load_calendar().working_days_between(clock.started_on, clock.due_on) == 15
    assert complaint.due_on == clock.due_on
    # Set right: the clock stays as it is.
    operations.record_outcome(county.discipline, complaint, "case_filed", "已立案。", at=AT + 12 * DAY)
    assert (complaint.outcome, owed(complaint).started_on) == ("case_filed", date(2020, 7, 16))  # type: ignore[union-attr]  # it has one: the line above it says so
    operations.conclude(county.discipline, complaint, "已按规定处理。", at=AT + 14 * DAY)
    assert clock.stopped_on == date(2020, 7, 20) and complaint.due_on is None
    seen = track(code, at=AT + 15 * DAY)
    told = repr(seen)
    assert seen.answer == "已按规定处理。"
    assert not any(word in told for word in ("已立案", "已谈话", "立案", "谈话提醒", "case_filed"))


def test_nobody_who_stayed_unnamed_is_owed_a_notice(county: County) -> None:
    complaint, _code = looked_into(county)
    operations.record_outcome(county.discipline, complaint, "unfounded", "不属实。", at=AT)
    assert owed(complaint) is None and complaint.due_on is None
    assert year_of(county, AT.date()).number("reporter", "anonymous", "result_running") == 0


def test_a_case_of_an_older_rulebook_keeps_its_promises(county: County) -> None:
    complaint, _code = looked_into(county, **NAMED)
    complaint.rules_version = "2026-11"
    operations.record_outcome(county.discipline, complaint, "unfounded", "不属实。", at=AT)
    assert owed(complaint) is None


def test_no_answer_without_an_outcome_and_no_outcome_without_a_choice(county: County) -> None:
    complaint, _code = looked_into(county)
    with pytest.raises(Conflict, match="处置结果"):
        operations.conclude(county.discipline, complaint, "已处理。", at=AT)
    for outcome, words in (("", "话"), ("closed", "话"), ("other", " ")):
        with pytest.raises(UserError):
            operations.record_outcome(county.discipline, complaint, outcome, words, at=AT)
    fresh, _code = submit(category="fraud")
    with pytest.raises(Conflict, match="开始核实"):
        operations.record_outcome(county.discipline, fresh, "other", "话", at=AT)
    ordinary, _code = submit()
    with pytest.raises(NotVisible):
        operations.record_outcome(county.township, ordinary, "other", "话", at=AT)
    assert complaint.outcome is None


@time_machine.travel(AT + 60 * DAY, tick=False)
def test_it_stands_on_the_board_and_red_in_the_list_until_it_is_told(app: Flask, county: County) -> None:
    complaint, _code = looked_into(county, **NAMED)
    operations.record_outcome(county.discipline, complaint, "case_filed", "已立案。", at=AT)
    db.session.commit()
    with app.test_request_context():
        items = [item for item in items_for(county.discipline, clocks.today()) if complaint.number in item.title]
        assert [(item.title.partition("：")[0], item.due_on) for item in items] == [("告知处理结果", complaint.due_on)]
        assert items[0].is_late(clocks.today())
    client = signed_in(app, county.discipline)
    room = client.get("/staff/complaints/sealed?stage=handled").text
    assert complaint.number in room and "已逾期" in room and "处置" in room
    for other in ("intake", "verification", "answered"):
        assert complaint.number not in client.get(f"/staff/complaints/sealed?stage={other}").text
    page = client.get(f"/staff/complaints/{complaint.number}").text
    assert "告知处理结果的期限" in page and "立案：已立案。" in page and "初步核实" in page


def test_the_rooms_figures(county: County) -> None:
    first, _code = looked_into(county, about_organisation_id=county.village_office_id, **NAMED)
    operations.record_outcome(county.discipline, first, "case_filed", "已立案。", at=AT + DAY)
    operations.conclude(county.discipline, first, "已处理。", at=AT + 60 * DAY)
    second, _code = looked_into(county, days=2, category="not_received", **NAMED)
    operations.record_outcome(county.discipline, second, "unfounded", "不属实。", at=AT + 3 * DAY)
    looked_into(county, days=3)
    waiting, _code = submit(at=AT, category="extortion")
    declined, _code = submit(at=AT, category="extortion")
    operations.decline(county.discipline, declined, "不属于管辖范围。", why="not_our_duty", at=AT + 40 * DAY)
    submit()
    db.session.commit()
    today = date(2020, 9, 10)
    found = year_of(county, today)
    whole = {measure: found.number(WHOLE, WHOLE, measure) for measure in MEASURES}
    assert {measure: number for measure, number in whole.items() if number} == {
        "received": 5,
        "intake": 1,
        "verification": 1,
        "handled": 1,
        "answered": 1,
        "declined": 1,
        "notice_kept": 3,
        "notice_broken": 1,
        "notice_overdue": 1,
        "result_broken": 1,
        "result_overdue": 1,
    }
    assert {group: found.number("way", group, "received") for group in ("direct", "referred")} == {
        "direct": 4,
        "referred": 1,
    }
    assert found.number("about", "village", "received") == 1 and found.number("about", "", "received") == 4
    assert found.number("category", "extortion", "notice_overdue") == 1
    assert (found.outcomes["case_filed"], found.outcomes["unfounded"]) == (1, 1)
    waited = load_calendar().working_days_between(waiting.received_on, today)
    assert sum(found.waiting.values()) == 3 and found.waiting[class_of_waiting(waited)] == 3
    for by in ("way", "category", "about", "reporter"):
        for measure in MEASURES:
            assert sum(found.number(by, group, measure) for group in found.groups(by)) == whole[measure]


def test_the_rooms_figures_are_for_the_commission(county: County) -> None:
    audit = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    for person in (*county.everybody_else, audit):
        with pytest.raises(NotVisible):
            year = parse_period("2020")
            assert year is not None
            sealed_figures(person, year, AT.date())


@time_machine.travel(AT + 60 * DAY, tick=False)
def test_screen_paper_and_file_of_the_room_tell_the_same(app: Flask, county: County) -> None:
    looked_into(county)
    db.session.commit()
    client = signed_in(app, county.discipline)
    address = "/staff/complaints/sealed/statistics"
    on_screen = lines_of(client.get(f"{address}?period=2020-07").text)
    assert on_screen == lines_of(client.get(f"{address}/report?period=2020-07").text)
    in_file = lines_of_workbook(client.post(f"{address}?period=2020-07").data)
    assert [line for line in in_file if line in on_screen] == on_screen
    assert on_screen[0] != ["骗", "1"] and len(on_screen) > 15
    stranger = signed_in(app, county.finance)
    for wanted in (stranger.get(address), stranger.get(f"{address}/report"), stranger.post(address)):
        assert wanted.status_code == 404
