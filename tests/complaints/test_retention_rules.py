"""How long what has ended is kept, and what stands against its deletion: pure decisions."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.rules import Ended

ENDED = date(2020, 7, 6)

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
years = st.integers(rules.LEAST_YEARS, rules.MOST_YEARS)


@given(days, days, years)
def test_both_ways_of_counting_years_agree(ended: date, day: date, kept: int) -> None:
    assert (rules.deletable_from(ended, kept) <= day) == (ended <= rules.ended_by(day, kept))


@given(days, years)
def test_a_case_is_kept_for_its_years_to_the_day(ended: date, kept: int) -> None:
    first = rules.deletable_from(ended, kept)
    assert first.year == ended.year + kept
    assert (first.month, first.day) in {(ended.month, ended.day), (3, 1)}
    assert not rules.may_be_deleted(Ended("closed", ended), first - timedelta(days=1), kept)
    assert rules.may_be_deleted(Ended("closed", ended), first, kept)


def test_years_of_a_leap_day() -> None:
    assert rules.deletable_from(date(2020, 2, 29), 3) == date(2023, 3, 1)
    assert rules.deletable_from(date(2020, 2, 29), 4) == date(2024, 2, 29)
    assert rules.ended_by(date(2024, 2, 29), 3) == date(2021, 2, 28)
    assert rules.ended_by(date(2024, 2, 29), 4) == date(2020, 2, 29)
    assert rules.ended_by(date(2023, 3, 1), 3) == date(2020, 3, 1)


WAITS = ("unread", "clock_runs", "extension_undecided", "answer_waits", "may_ask_review", "held")


@pytest.mark.parametrize("waits", WAITS)
def test_whatever_waits_keeps_a_case(waits: str) -> None:
    late = date(2060, 1, 1)
    assert rules.may_be_deleted(Ended("closed", ENDED), late, 5)
    assert not rules.may_be_deleted(Ended("closed", ENDED, **{waits: True}), late, 5)


def test_one_thing_that_waits_is_enough() -> None:
    for waiting in product((False, True), repeat=len(WAITS)):
        case = Ended("closed", ENDED, **dict(zip(WAITS, waiting, strict=True)))
        assert rules.may_be_deleted(case, date(2060, 1, 1), 5) is not any(waiting)


def test_only_what_has_ended_and_only_after_its_years() -> None:
    assert not rules.may_be_deleted(Ended("closed", ENDED), date(2025, 7, 5), 5)
    assert rules.may_be_deleted(Ended("closed", ENDED), date(2025, 7, 6), 5)
    assert rules.may_be_deleted(Ended("declined", ENDED), date(2025, 7, 6), 5)
    assert not rules.may_be_deleted(Ended("closed", None), date(2025, 7, 6), 5)
    for state in rules.OPEN:
        assert not rules.may_be_deleted(Ended(state, ENDED), date(2060, 7, 6), 5)
    assert set(rules.ENDED) == set(rules.COMPLAINT_WORKFLOW.states()) - set(rules.OPEN)
