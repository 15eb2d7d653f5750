"""The reporter after an answer: how well it settles the matter, and the review by the next office up the line."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from complaints import operations, queries
from complaints.figures import Wanted, figures
from complaints.models import Complaint, Escalation, Rating
from complaints.operations.coming_back import answered
from complaints.rules.figures import By, parse_period
from complaints.tracking import track
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import Principal, system
from tests.complaints.county import AT, County, submit
from tests.complaints.test_sealed import signed_in

DAY = timedelta(days=1)
ANSWERED_AT = AT + 2 * DAY


def answer(principal: Principal, complaint: Complaint, text: str = "已经核实。", days: int = 2) -> None:
    """The office does all that it takes."""
    at = AT + days * DAY
    if complaint.unread:
        operations.mark_read(principal, complaint, at=at)
    if complaint.state == "received":
        operations.accept(principal, complaint, at=at)
    operations.start_investigation(principal, complaint, at=at)
    if complaint.sealed:
        operations.record_outcome(principal, complaint, "unfounded", "已核实。", at=at)
    operations.conclude(principal, complaint, text, at=at)
    db.session.commit()


def answered_case(county: County) -> tuple[Complaint, str]:
    complaint, code = submit()
    answer(county.township, complaint)
    return complaint, code


# --- How well it settles the matter --------------------------------------------------------------


def test_one_rating_for_each_answer_and_the_latest_word_counts(county: County) -> None:
    complaint, code = answered_case(county)
    operations.rate(code, "not_satisfied", "没有说明少发的原因", at=ANSWERED_AT)
    operations.rate(code, "partly", "", at=ANSWERED_AT + DAY)
    db.session.commit()
    [rating] = queries.ratings(complaint)
    assert (rating.satisfaction, rating.words, rating.settled) == ("partly", "", False)
    assert complaint.state == "concluded"
    operations.reopen(code, "再查", at=ANSWERED_AT + DAY)
    with pytest.raises(Conflict, match="没有可以评价"):
        operations.rate(code, "satisfied", at=ANSWERED_AT + DAY)
    answer(county.township, complaint, "补发了。", days=5)
    assert track(code, at=AT + 5 * DAY).rating is None
    operations.settle(code, "satisfied", "谢谢", at=AT + 6 * DAY)
    db.session.commit()
    assert [(found.satisfaction, found.settled) for found in queries.ratings(complaint)] == [
        ("partly", False),
        ("satisfied", True),
    ]
    assert complaint.state == "closed"
    with pytest.raises(Conflict):
        operations.rate(code, "not_satisfied", at=AT + 7 * DAY)
    assert track(code, at=AT + 7 * DAY).entries[-1].text == "谢谢"


def test_a_rating_is_one_of_three(county: County) -> None:
    complaint, code = answered_case(county)
    for wrong in ("", "fine"):
        with pytest.raises(UserError, match="满意不满意"):
            operations.rate(code, wrong, at=ANSWERED_AT)
    with pytest.raises(UserError):
        operations.settle(code, "fine", at=ANSWERED_AT)
    db.session.rollback()
    assert complaint.state == "concluded"
    with pytest.raises(UserError, match="太长"):
        operations.rate(code, "satisfied", "很" * 5001, at=ANSWERED_AT)
    operations.settle(code, at=ANSWERED_AT)
    assert queries.ratings(complaint) == []


def test_what_he_wrote_is_encrypted(county: County) -> None:
    _complaint, code = answered_case(county)
    operations.rate(code, "partly", "没有说清楚", at=ANSWERED_AT)
    db.session.commit()
    raw = db.session.execute(select(db.text("words")).select_from(db.text("complaint_ratings"))).scalar_one()
    assert "没有说清楚".encode() not in bytes(raw)


# --- Review by the next office -------------------------------------------------------------------


def test_a_review_goes_to_the_office_above_with_a_clock_of_its_own(county: County) -> None:
    complaint, code = answered_case(county)
    seen = track(code, at=ANSWERED_AT)
    assert (seen.may_ask_review_until, seen.review_office) == (date(2020, 8, 7), "finance 513426000000")
    operations.ask_review(code, "没有说明少发的原因", at=ANSWERED_AT + DAY)
    db.session.commit()
    assert (complaint.state, complaint.owner_id) == ("review_asked", county.finance.organisation_id)
    assert complaint.review is not None and complaint.review.answered_by_id == county.township.organisation_id
    assert {clock.kind: clock.due_on for clock in complaint.clocks if clock.stopped_on is None} == {
        "higher_review": date(2020, 8, 8)
    }
    assert complaint.unread
    seen = track(code, at=ANSWERED_AT + DAY)
    assert (seen.answer, seen.may_reopen_until, seen.may_ask_review_until) == (None, None, None)
    answer(county.finance, complaint, "经复查，应当补发。", days=10)
    seen = track(code, at=AT + 10 * DAY)
    assert (seen.answer, seen.state) == ("经复查，应当补发。", "concluded")
    assert "复核" in seen.turn_to
    assert (seen.may_reopen_until, seen.may_ask_review_until) == (None, None)
    for asked_for in (operations.ask_review, operations.reopen):
        with pytest.raises(Conflict):
            asked_for(code, "还是不满意", at=AT + 11 * DAY)
    operations.close(county.finance, complaint, at=AT + 11 * DAY)


def test_the_office_that_answered_still_sees_it_and_has_it_no_more(county: County) -> None:
    complaint, code = answered_case(county)
    operations.ask_review(code, "不满意", at=ANSWERED_AT)
    db.session.commit()
    assert queries.is_visible(county.township, complaint)
    assert not queries.is_visible(county.other_township, complaint)
    operations.add_note(county.township, complaint, "花名册在档案室。", at=ANSWERED_AT)
    with pytest.raises(UserError, match="别的单位办理"):
        operations.start_investigation(county.township, complaint, at=ANSWERED_AT)
    operations.refer_to_discipline(county.finance, complaint, "疑似截留", at=ANSWERED_AT)
    assert not queries.is_visible(county.township, complaint)


def test_reopening_and_review_do_not_run_at_once(county: County) -> None:
    complaint, code = answered_case(county)
    operations.reopen(code, "不满意", at=ANSWERED_AT)
    with pytest.raises(Conflict):
        operations.ask_review(code, "不满意", at=ANSWERED_AT)
    answer(county.township, complaint, days=4)
    operations.ask_review(code, "还是不满意", at=AT + 5 * DAY)
    with pytest.raises(Conflict):
        operations.reopen(code, "不满意", at=AT + 5 * DAY)
    running = [clock.kind for clock in complaint.clocks if clock.stopped_on is None]
    assert running == ["higher_review"]


def test_a_review_is_asked_for_within_thirty_days_and_with_a_reason(county: County) -> None:
    _complaint, code = answered_case(county)
    with pytest.raises(UserError, match="哪里不满意"):
        operations.ask_review(code, " ", at=ANSWERED_AT + 30 * DAY)
    with pytest.raises(Conflict, match="30 天"):
        operations.ask_review(code, "不满意", at=ANSWERED_AT + 31 * DAY)
    operations.ask_review(code, "不满意", at=ANSWERED_AT + 30 * DAY)
    with pytest.raises(NotVisible):
        operations.ask_review("1" * 20, "不满意", at=ANSWERED_AT)


def test_the_same_form_asks_once(county: County) -> None:
    complaint, code = answered_case(county)
    operations.ask_review(code, "不满意", at=ANSWERED_AT, form_name="a form")
    db.session.commit()
    assert operations.ask_review(code, "不满意", at=ANSWERED_AT, form_name="a form") == complaint
    with pytest.raises(Conflict, match="还没有交"):
        operations.ask_review(code, "换一句", at=ANSWERED_AT, form_name="a form")


def test_nobody_above_the_commission_so_the_page_says_whom_to_turn_to(county: County) -> None:
    complaint, code = submit(category="fraud")
    answer(county.discipline, complaint)
    seen = track(code, at=ANSWERED_AT)
    assert "州纪委监委" in seen.turn_to and seen.may_ask_review_until is None
    with pytest.raises(Conflict, match="上一级"):
        operations.ask_review(code, "不满意", at=ANSWERED_AT)


def test_never_the_office_complained_of_nor_one_below_it(county: County) -> None:
    complaint, code = submit(about_organisation_id=county.township.organisation_id)
    assert complaint.owner_id == county.finance.organisation_id
    answer(county.finance, complaint)
    operations.ask_review(code, "不满意", at=ANSWERED_AT)
    assert complaint.owner_id == county.discipline.organisation_id


def test_a_case_under_the_old_rules_knows_no_review(county: County) -> None:
    complaint, code = answered_case(county)
    complaint.rules_version = "2020-06"
    db.session.commit()
    seen = track(code, at=ANSWERED_AT)
    assert (seen.may_ask_review_until, seen.turn_to) == (None, "")
    with pytest.raises(Conflict):
        operations.ask_review(code, "不满意", at=ANSWERED_AT)


def test_an_overdue_review_goes_up(county: County) -> None:
    complaint, code = answered_case(county)
    operations.ask_review(code, "不满意", at=ANSWERED_AT)
    db.session.commit()
    operations.escalate_overdue(system("night"), at=ANSWERED_AT + 30 * DAY)
    assert db.session.scalars(select(Escalation)).all() == []
    operations.escalate_overdue(system("night"), at=ANSWERED_AT + 31 * DAY)
    step = db.session.scalars(select(Escalation)).one()
    assert (step.level, step.to_organisation_id) == ("higher_review_overdue", county.discipline.organisation_id)
    assert complaint.owner_id == county.finance.organisation_id


def test_the_first_answer_stays_in_the_figures_of_who_gave_it(county: County) -> None:
    _complaint, code = answered_case(county)
    operations.ask_review(code, "不满意", at=ANSWERED_AT)
    db.session.commit()
    period = parse_period("2020")
    assert period is not None
    for office in (county.township, county.finance):
        found = figures(office, Wanted(period), date(2020, 7, 20))
        first = str(county.township.organisation_id)
        assert {figure.group for figure in found.numbers if figure.by == By.OFFICE} == {first}
        assert found.shown(By.OFFICE, first, "received") == found.shown(By.OFFICE, first, "in_time") == 1
        assert found.shown(By.OFFICE, first, "reviewed") == 1


def test_what_nobody_asks_about_any_more_is_closed_by_night(county: County) -> None:
    complaint, _code = answered_case(county)
    assert operations.close_answered(system("night"), at=ANSWERED_AT + 30 * DAY) == 0
    assert operations.close_answered(system("night"), at=ANSWERED_AT + 31 * DAY) == 1
    db.session.commit()
    assert complaint.state == "closed"
    assert not answered(complaint).reviewable


def test_the_offices_read_it_on_the_screen(app: Flask, county: County) -> None:
    complaint, code = answered_case(county)
    operations.rate(code, "not_satisfied", "没有说明原因", at=ANSWERED_AT)
    operations.ask_review(code, "请上级看一看", at=ANSWERED_AT)
    db.session.commit()
    address = f"/staff/complaints/{complaint.number}"
    for person in (county.township, county.finance):
        page = signed_in(app, person).get(address).text
        for words in ("反映人评价：不满意", "没有说明原因", "反映人申请上一级复查", "复查答复期限", "复查前的答复单位"):
            assert words in page
    assert complaint.number in signed_in(app, county.township).get("/staff/complaints/all").text
    assert complaint.number not in signed_in(app, county.township).get("/staff/complaints/").text
    assert "复查：" in signed_in(app, county.finance).get("/staff/").text
    assert signed_in(app, county.other_township).get(address).status_code == 404


def test_a_question_of_the_office_stands_until_it_is_answered(county: County) -> None:
    complaint, code = submit()
    operations.ask_reporter(county.township, complaint, "是哪一期？", at=AT)
    assert track(code, at=AT).question == "是哪一期？"
    operations.add_from_reporter(code, "第二季度", at=AT + DAY)
    assert track(code, at=AT + DAY).question == ""
    assert db.session.scalars(select(Rating)).all() == []
