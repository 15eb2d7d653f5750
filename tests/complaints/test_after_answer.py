"""What a reporter may ask for after an answer: pure decisions, held for all inputs."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.rulebook import CURRENT, VERSION_2020, ClockKind, Matter
from complaints.rules import Case, Office
from complaints.rules.after_answer import Answered, may_ask_review, may_close, may_reopen, turn_to
from core.principal import OrganisationKind as Kind
from tests.complaints.test_rules import CALENDAR, EVERY_OFFICE, TOWNSHIPS, VILLAGES, cases, office, offices

ANSWERED = date(2020, 7, 1)


@pytest.mark.parametrize(
    ("state", "day", "reopened", "reviewed", "may"),
    [
        ("concluded", 0, False, False, True),
        ("concluded", 30, False, False, True),
        ("concluded", 31, False, False, False),
        ("concluded", 1, True, False, False),
        ("concluded", 1, False, True, False),
        ("closed", 1, False, False, False),
    ],
)
def test_reopening_once_within_thirty_days(state: str, day: int, reopened: bool, reviewed: bool, may: bool) -> None:
    today = ANSWERED + timedelta(days=day)
    assert may_reopen(Answered(state, ANSWERED, reopened, reviewed), today, CURRENT) is may


@pytest.mark.parametrize(
    ("state", "day", "reviewed", "reviewable", "may"),
    [
        ("concluded", 0, False, True, True),
        ("concluded", 30, False, True, True),
        ("concluded", 31, False, True, False),
        ("concluded", 1, True, True, False),
        ("concluded", 1, False, False, False),
        ("investigating", 1, False, True, False),
        ("closed", 1, False, True, False),
    ],
)
def test_a_review_once_within_thirty_days(state: str, day: int, reviewed: bool, reviewable: bool, may: bool) -> None:
    case, today = Answered(state, ANSWERED, True, reviewed, reviewable), ANSWERED + timedelta(days=day)
    assert may_ask_review(case, today, CURRENT) is may
    assert not may_ask_review(case, today, VERSION_2020), "old cases keep their rules"


@given(st.integers(0, 60), st.booleans(), st.booleans(), st.booleans())
def test_closing_never_takes_reopening_or_review_away(
    day: int, reopened: bool, reviewed: bool, reviewable: bool
) -> None:
    case, today = Answered("concluded", ANSWERED, reopened, reviewed, reviewable), ANSWERED + timedelta(days=day)
    for book in (CURRENT, VERSION_2020):
        open_to_him = may_reopen(case, today, book) or may_ask_review(case, today, book)
        assert may_close(case, today, book) is not open_to_him


def test_the_days_are_those_of_the_rulebook() -> None:
    book = replace(CURRENT, reopening_days=5, review_days=10)
    case = Answered("concluded", ANSWERED, reviewable=True)
    allowed = [
        (may_reopen(case, today, book), may_ask_review(case, today, book), may_close(case, today, book))
        for today in (ANSWERED + timedelta(days=day) for day in (5, 6, 10, 11))
    ]
    assert allowed == [(True, True, False), (False, True, False), (False, True, False), (False, False, True)]


def test_what_is_worked_on_again_is_not_closed() -> None:
    for state in set(rules.COMPLAINT_WORKFLOW.states()) - {"concluded"}:
        assert not may_close(Answered(state, ANSWERED, True, True), ANSWERED, CURRENT)


def test_where_nobody_is_said_to_stand_above_no_review_is_asked_for() -> None:
    assert not may_ask_review(Answered("concluded", ANSWERED), ANSWERED, CURRENT)


def test_what_was_never_answered_is_neither_reopened_nor_reviewed_nor_closed() -> None:
    for case in (Answered("concluded", None, reviewable=True), Answered("received", None, reviewable=True)):
        for asked in (may_reopen, may_ask_review, may_close):
            assert not asked(case, ANSWERED, CURRENT)


owners = st.sampled_from([found for found in EVERY_OFFICE if found.kind in rules.OWNER_KINDS])


@given(owners, cases, offices)
def test_a_review_goes_up_and_never_to_the_one_complained_of(owner: Office, case: Case, there: list[Office]) -> None:
    found = rules.next_above(owner, case, there)
    if found is None:
        return
    assert found in there and found.kind in rules.OWNER_KINDS
    assert found.rank > owner.rank
    assert case.about is None or found.rank > case.about.rank


def test_a_review_goes_to_the_next_office_and_stops_at_the_top() -> None:
    township, department = office(Kind.TOWNSHIP, TOWNSHIPS[0]), office(Kind.DEPARTMENT)
    plain = Case("service", Matter.COMPLAINT, VILLAGES[0])
    with_programme = Case("service", Matter.COMPLAINT, VILLAGES[0], None, "DISABLED_LIVING", department.id)
    about_department = Case("service", Matter.COMPLAINT, VILLAGES[0], department, None, department.id)
    assert rules.next_above(township, plain, EVERY_OFFICE) == office(Kind.FINANCE)
    assert rules.next_above(township, with_programme, EVERY_OFFICE) == department
    assert rules.next_above(department, with_programme, EVERY_OFFICE) == office(Kind.FINANCE)
    assert rules.next_above(township, about_department, EVERY_OFFICE) == office(Kind.FINANCE)
    assert rules.next_above(office(Kind.FINANCE), plain, EVERY_OFFICE) == office(Kind.DISCIPLINE)
    assert rules.next_above(office(Kind.DISCIPLINE), plain, EVERY_OFFICE) is None
    assert rules.next_above(township, plain, [township]) is None


@pytest.mark.parametrize(
    ("answered_by", "reviewed", "sentence"),
    [
        (Kind.DISCIPLINE, False, "对答复不满意的，.*州纪委监委反映，举报电话 12388。"),
        (Kind.DISCIPLINE, True, "对答复不满意的，.*州纪委监委反映，举报电话 12388。"),
        (Kind.FINANCE, True, "对复查的答复还不满意的，.*30 天内，.*州信访局申请复核。"),
        (Kind.FINANCE, False, "对答复不满意的，.*30 天内，.*州信访局申请复查。"),
    ],
)
def test_whom_to_turn_to(answered_by: Kind, reviewed: bool, sentence: str) -> None:
    assert re.fullmatch(sentence, turn_to(answered_by, reviewed=reviewed))


def test_a_review_has_thirty_calendar_days_and_starts_only_when_it_is_asked_for() -> None:
    for matter in Matter:
        limit = rules.limit_of(CURRENT, matter, ClockKind.HIGHER_REVIEW)
        assert rules.limit_of(VERSION_2020, matter, ClockKind.HIGHER_REVIEW) is None
        if matter == Matter.CLUE:
            assert limit is None
            continue
        assert limit is not None
        assert rules.plan_clock(limit, date(2020, 9, 30), CALENDAR).due_on == date(2020, 10, 30)
        started = {clock.kind for clock in rules.clocks_at_receipt(CURRENT, matter, ANSWERED, CALENDAR)}
        assert started == {ClockKind.ACCEPT, ClockKind.RESOLVE}
