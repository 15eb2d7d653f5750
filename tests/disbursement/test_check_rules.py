"""What a check says of a line of a roll: decisions without a database."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disbursement.rules.checks import (
    FIXED,
    KIND_OF_HANDLING,
    NOT_STANDING,
    CardUse,
    CheckKind,
    Held,
    PlanState,
    Severity,
    allowed_fen,
    common_months,
    expected_for,
    is_by_household,
    is_by_quantity,
    is_news,
    month_days,
    months_in_force,
    plan_finding,
    severity_of,
    status_finding,
    strangers_on_card,
    validity_finding,
)
from disbursement.rules.states import PAYMENT_WORKFLOW
from programmes.rules import Handling, Standard, StandardUnit

DAY = timedelta(days=1)
QUARTER = ("202004", "202005", "202006")
BLOCKING = {"twice_in_batch", "twice_overlapping", "incompatible", "dead_before", "not_valid"}

MONTHS = st.builds(lambda year, month: f"{year}{month:02d}", st.integers(2000, 2098), st.integers(1, 12))
DAYS_AROUND = st.dates(date(2020, 3, 25), date(2020, 7, 6))
FEN = st.integers(0, 10**9)


# --- After the approval ----------------------------------------------------------------------------


def test_what_no_approval_has_seen_is_news() -> None:
    assert is_news(CheckKind.DEAD_BEFORE, None, seen_there=False)
    assert is_news(CheckKind.INCOMPATIBLE, "approved", seen_there=False)


def test_what_came_later_stands_back() -> None:
    assert not is_news(CheckKind.INCOMPATIBLE, "drafted", seen_there=False)
    assert not is_news(CheckKind.SHARED_CARD, "approved", seen_there=True)


def test_the_plan_is_looked_at_elsewhere() -> None:
    assert not is_news(CheckKind.BEYOND_PLAN, None, seen_there=False)


# --- How grave it is -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CheckKind)
def test_what_blocks_unless_the_finance_bureau_chooses_otherwise(kind: CheckKind) -> None:
    assert severity_of(kind, {}) == ("error" if kind in BLOCKING else "warning")


@pytest.mark.parametrize("kind", CheckKind)
@pytest.mark.parametrize("chosen", Severity)
def test_the_finance_bureau_chooses_all_but_what_is_fixed(kind: CheckKind, chosen: Severity) -> None:
    found = severity_of(kind, {kind.value: chosen.value})
    assert found is (severity_of(kind, {}) if kind in FIXED else chosen)


def test_one_batch_never_pays_one_person_twice() -> None:
    assert severity_of(CheckKind.TWICE_IN_BATCH, {"twice_in_batch": "warning"}) == Severity.ERROR


def test_every_handling_of_two_programmes_but_allowing_both_is_found() -> None:
    assert set(KIND_OF_HANDLING) == set(Handling) - {Handling.ALLOWED}


def test_what_no_check_counts_is_a_state_of_a_payment() -> None:
    assert set(NOT_STANDING) <= set(PAYMENT_WORKFLOW.states())
    assert not set(NOT_STANDING) & {"drafted", "approved", "sent", "paid", "paid_offline"}


# --- Months ----------------------------------------------------------------------------------------


@given(MONTHS)
def test_a_month_begins_on_its_first_day_and_the_next_begins_after_its_last(month: str) -> None:
    first, last = month_days(month)
    assert first == date(int(month[:4]), int(month[4:]), 1)
    assert (last + DAY).day == 1
    assert (last.year, last.month) == (first.year, first.month)


@given(st.none() | DAYS_AROUND, st.none() | DAYS_AROUND)
def test_a_month_counts_where_one_of_its_days_does(one: date | None, other: date | None) -> None:
    begins, ends = (one, other) if one is None or other is None else sorted((one, other))

    def counts(month: str) -> bool:
        first, last = month_days(month)
        days = (first + DAY * number for number in range((last - first).days + 1))
        return any((begins is None or begins <= day) and (ends is None or day <= ends) for day in days)

    assert months_in_force(QUARTER, begins, ends) == tuple(month for month in QUARTER if counts(month))


@pytest.mark.parametrize(
    ("begins", "ends", "months"),
    [
        (date(2020, 4, 30), None, QUARTER),
        (date(2020, 5, 1), None, QUARTER[1:]),
        (None, date(2020, 6, 1), QUARTER),
        (None, date(2020, 5, 31), QUARTER[:2]),
    ],
)
def test_the_first_and_the_last_day_still_count(
    begins: date | None, ends: date | None, months: tuple[str, ...]
) -> None:
    assert months_in_force(QUARTER, begins, ends) == months


@pytest.mark.parametrize(
    ("begins", "ends", "found"),
    [
        (None, None, None),
        (date(2020, 4, 1), date(2020, 6, 30), None),
        (date(2020, 5, 1), None, ("partly_valid", ("202004",))),
        (None, date(2020, 4, 30), ("partly_valid", ("202005", "202006"))),
        (date(2020, 7, 1), None, ("not_valid", QUARTER)),
    ],
)
def test_a_programme_is_in_force_in_what_it_pays_for(begins: date | None, ends: date | None, found: object) -> None:
    assert validity_finding(QUARTER, begins, ends) == found


def test_months_that_two_programmes_share_come_in_order() -> None:
    assert common_months(("202007", "202006", "202005"), QUARTER) == ("202005", "202006")
    assert common_months(("202007",), QUARTER) == ()


# --- People ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "since", "found"),
    [
        ("dead", None, "dead_before"),
        ("dead", date(2020, 3, 31), "dead_before"),
        ("dead", date(2020, 4, 1), "dead_within"),
        ("dead", date(2020, 6, 30), "dead_within"),
        ("dead", date(2020, 7, 1), None),
        ("moved", None, "moved"),
        ("moved", date(2019, 1, 1), "moved"),
        ("moved", date(2020, 6, 30), "moved"),
        ("moved", date(2020, 7, 1), None),
        ("living", None, None),
        ("living", date(2020, 5, 1), None),
    ],
)
def test_what_somebodys_status_says_about_a_quarter(status: str, since: date | None, found: str | None) -> None:
    assert status_finding(status, since, QUARTER) == found


def strangers(*uses: CardUse, shared: bool = False) -> dict[int, int]:
    return {payment: other.payment_id for payment, other in strangers_on_card(uses, shared_cards=shared).items()}


def test_two_people_on_one_card_are_told_of_each_other() -> None:
    mine, theirs = CardUse(1, 11, "甲1"), CardUse(2, 12, "甲1")
    assert strangers(mine, theirs) == {1: 2, 2: 1}
    assert strangers(mine) == {}


def test_one_persons_own_payments_share_his_card() -> None:
    assert strangers(CardUse(1, 11, ""), CardUse(2, 11, "")) == {}
    assert strangers(CardUse(1, 11, ""), CardUse(2, 11, ""), CardUse(3, 12, "")) == {1: 3, 2: 3, 3: 1}


@pytest.mark.parametrize(
    ("mine", "theirs", "may"),
    [("甲1", "甲1", True), ("甲1", "甲2", False), ("", "甲2", True), ("甲1", "", True), ("", "", True)],
)
def test_a_household_may_share_a_card_where_the_programme_pays_households(mine: str, theirs: str, may: bool) -> None:
    found = strangers(CardUse(1, 11, mine), CardUse(2, 12, theirs), shared=True)
    assert found == ({} if may else {1: 2, 2: 1})


@given(
    st.lists(st.integers(0, 3), max_size=8),
    st.lists(st.sampled_from(["", "甲1", "甲2"]), min_size=4, max_size=4),
    st.booleans(),
)
def test_each_is_told_of_the_first_who_is_a_stranger(people: list[int], homes: list[str], shared: bool) -> None:
    uses = [CardUse(number, person, homes[person]) for number, person in enumerate(people)]

    def may_share(one: CardUse, other: CardUse) -> bool:
        known = bool(one.household and other.household)
        return one.beneficiary_id == other.beneficiary_id or (
            shared and (not known or one.household == other.household)
        )

    expected = {
        use.payment_id: next(other for other in uses if not may_share(use, other))
        for use in uses
        if any(not may_share(use, other) for other in uses)
    }
    assert strangers_on_card(uses, shared_cards=shared) == expected


@pytest.mark.parametrize("shared", [True, False])
def test_a_whole_roll_on_one_card_is_looked_at_once(shared: bool) -> None:
    """Compared each with each, 100,000 lines would take the worker the better part of an hour."""
    uses = [CardUse(number, number, "" if number % 2 else "甲1") for number in range(100_000)]
    assert len(strangers_on_card(uses, shared_cards=shared)) == (0 if shared else 100_000)


# --- Money -----------------------------------------------------------------------------------------


def standard(fen: int, *, begins: date | None = None, ends: date | None = None, **more: object) -> Standard:
    values: dict[str, Any] = {"per": StandardUnit.PERSON, "monthly": True} | more
    return Standard(fen, valid_from=begins, valid_until=ends, **values)


@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_each_month_is_paid_as_the_standard_stands_on_its_first_day(before: int, after: int) -> None:
    raised = [standard(before), standard(after, begins=date(2020, 5, 1))]
    assert expected_for(raised, "", QUARTER) == before + 2 * after
    raised = [standard(before), standard(after, begins=date(2020, 5, 2))]
    assert expected_for(raised, "", QUARTER) == 2 * before + after


def test_what_is_not_monthly_is_paid_once_as_it_stands_in_the_last_month() -> None:
    raised = [standard(500, monthly=False), standard(700, monthly=False, begins=date(2020, 6, 1))]
    assert expected_for(raised, "", QUARTER) == 700
    assert expected_for(raised, "", QUARTER[:2]) == 500
    too_late = [standard(500, monthly=False), standard(700, monthly=False, begins=date(2020, 6, 2))]
    assert expected_for(too_late, "", QUARTER) == 500


def test_without_a_standard_in_force_nothing_is_expected() -> None:
    assert expected_for([], "", QUARTER) is None
    assert expected_for([standard(9000, begins=date(2020, 5, 1))], "", QUARTER) is None
    assert expected_for([standard(9000, ends=date(2020, 5, 31))], "", QUARTER) is None


@pytest.mark.parametrize(("monthly", "fen"), [(False, 26300), (True, 78900)])
def test_an_area_is_paid_by_its_quantity(monthly: bool, fen: int) -> None:
    by_area = [standard(10520, per=StandardUnit.AREA, monthly=monthly)]
    assert expected_for(by_area, "2.5", QUARTER) == fen
    assert expected_for(by_area, "三亩", QUARTER) is None


def test_what_the_amounts_of_a_programme_hang_on() -> None:
    person, area, household = (
        standard(1, per=unit) for unit in (StandardUnit.PERSON, StandardUnit.AREA, StandardUnit.HOUSEHOLD)
    )
    assert is_by_quantity([person, area]) and not is_by_quantity([person, household])
    assert is_by_household([person, household]) and not is_by_household([person, area])


@pytest.mark.parametrize(
    ("handling", "mine", "other", "common", "allowed"),
    [
        (Handling.TAKE_HIGHER, Held(27000, 3), Held(24000, 3), 3, 27000),
        (Handling.TAKE_HIGHER, Held(24000, 3), Held(27000, 3), 3, 0),
        # On a tie this one is paid.
        (Handling.TAKE_HIGHER, Held(24000, 3), Held(24000, 3), 3, 24000),
        # Compared by the month: 90 yuan here, 80 there.
        (Handling.TAKE_HIGHER, Held(9000, 1), Held(24000, 3), 1, 9000),
        # The month that is not shared stays.
        (Handling.TAKE_HIGHER, Held(24000, 3), Held(18000, 2), 2, 8000),
        (Handling.TAKE_DIFFERENCE, Held(27000, 3), Held(24000, 3), 3, 3000),
        (Handling.TAKE_DIFFERENCE, Held(24000, 3), Held(27000, 3), 3, 0),
        (Handling.TAKE_DIFFERENCE, Held(27000, 3), Held(8000, 1), 1, 19000),
        (Handling.FORBIDDEN, Held(27000, 3), Held(1, 3), 3, 0),
        (Handling.FORBIDDEN, Held(27000, 3), Held(1, 3), 1, 18000),
        (Handling.ALLOWED, Held(27000, 3), Held(99999, 3), 3, 27000),
        # 100 fen for three months, one of them shared: two thirds stay, and the part of a fen goes to the person.
        (Handling.FORBIDDEN, Held(100, 3), Held(1, 1), 1, 67),
    ],
)
def test_what_a_line_may_come_to_beside_another(
    handling: Handling, mine: Held, other: Held, common: int, allowed: int
) -> None:
    assert allowed_fen(handling, mine, other, common) == allowed


HELD = st.builds(Held, FEN, st.integers(1, 12))


@given(st.sampled_from(Handling), HELD, HELD, st.integers(0, 12))
def test_beside_another_nobody_gets_more_than_his_line_nor_less_than_the_months_of_his_own(
    handling: Handling, mine: Held, other: Held, common: int
) -> None:
    common = min(common, mine.months, other.months)
    allowed = allowed_fen(handling, mine, other, common)
    assert isinstance(allowed, int)
    assert Fraction(mine.fen * (mine.months - common), mine.months) <= allowed <= mine.fen
    if not common or handling == Handling.ALLOWED:
        assert allowed == mine.fen


@pytest.mark.parametrize(
    ("plan", "township", "department"),
    [
        (PlanState(available=100, approved=0, roll=100, batch=100), None, None),
        (PlanState(available=100, approved=40, roll=60, batch=100), None, None),
        # Drafts of others go beyond: this roll may still be approved.
        (PlanState(available=100, approved=40, roll=60, batch=101), "warning", "warning"),
        (PlanState(available=100, approved=40, roll=61, batch=101), "warning", "error"),
        (PlanState(available=100, approved=0, roll=101, batch=101), "warning", "error"),
        (PlanState(available=-5, approved=0, roll=0, batch=0), "warning", "error"),
    ],
)
def test_only_the_department_is_stopped_and_only_by_what_is_beyond_the_plan(
    plan: PlanState, township: str | None, department: str | None
) -> None:
    assert plan_finding(plan, at_department=False) == township
    assert plan_finding(plan, at_department=True) == department


@given(st.integers(-(10**9), 10**9), FEN)
def test_what_is_short_would_just_make_the_plan_suffice(available: int, batch: int) -> None:
    short = PlanState(available, 0, batch, batch).short
    assert short >= 0
    assert plan_finding(PlanState(available + short, 0, batch, batch), at_department=True) is None
    if short:
        assert plan_finding(PlanState(available + short - 1, 0, batch, batch), at_department=True) == Severity.ERROR
