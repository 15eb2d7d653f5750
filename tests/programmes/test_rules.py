"""The pure rules of programmes: periods, standards, what a text states, what an inclusion case waits for."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.principal import OrganisationKind as Kind
from programmes.rules import (
    CONSULTED_OFFICES,
    INCLUSION_WORKFLOW,
    MONTHS_OF,
    OPEN_STATES,
    Frequency,
    Standard,
    StandardUnit,
    expected_fen,
    frequency_of,
    is_settled,
    missing_filings,
    missing_opinions,
    months_covered,
    read_standard,
    standard_on,
    text_contradicts,
)

PERIODS = st.builds(lambda year, month: f"{year}{month:02d}", st.integers(2000, 2098), st.integers(1, 12))
DAYS = st.dates(date(2000, 1, 1), date(2098, 12, 31))
STANDARDS = st.builds(
    Standard,
    st.integers(1, 10**9),
    st.sampled_from(StandardUnit),
    st.booleans(),
    st.none() | DAYS,
    st.none() | DAYS,
)


# --- Periods -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "frequency"),
    [
        ("按月", Frequency.MONTHLY),
        ("月", Frequency.MONTHLY),
        ("季度", Frequency.QUARTERLY),
        ("按 季 发放", Frequency.QUARTERLY),
        ("半年", Frequency.HALF_YEARLY),
        ("年", Frequency.YEARLY),
        ("一次性", Frequency.ONE_OFF),
        ("年度一次性", Frequency.ONE_OFF),
        ("每学期", Frequency.ONE_OFF),
        ("", None),
        ("按实际", None),
    ],
)
def test_wordings_of_frequency(words: str, frequency: Frequency | None) -> None:
    assert frequency_of(words) == frequency


@given(st.sampled_from([*Frequency, None]), PERIODS)
def test_a_period_is_for_as_many_months_as_its_frequency_says(frequency: Frequency | None, period: str) -> None:
    months = months_covered(frequency, period)
    assert len(months) == (MONTHS_OF[frequency] if frequency else 1)
    numbers = [int(month[:4]) * 12 + int(month[4:]) - 1 for month in months]
    assert all(later - earlier == 1 for earlier, later in pairwise(numbers))
    assert all("01" <= month[4:] <= "12" for month in months)
    assert period in months


@pytest.mark.parametrize("frequency", [Frequency.MONTHLY, Frequency.QUARTERLY, Frequency.HALF_YEARLY])
def test_the_periods_of_a_year_are_for_each_of_its_months_once(frequency: Frequency) -> None:
    step = MONTHS_OF[frequency]
    months = [month for last in range(step, 13, step) for month in months_covered(frequency, f"2020{last:02d}")]
    assert months == [f"2020{month:02d}" for month in range(1, 13)]


def test_a_period_may_begin_in_the_year_before() -> None:
    assert months_covered(Frequency.QUARTERLY, "202101") == ("202011", "202012", "202101")
    assert months_covered(Frequency.YEARLY, "202006")[0] == "202001"


# --- Standards -----------------------------------------------------------------------------------


def test_a_text_contradicts_the_standard_in_force_only_where_it_states_another() -> None:
    monthly = Standard(90_00, StandardUnit.PERSON, True)
    assert not text_contradicts("90元/人·月", monthly)
    for text in ("100元/人·月", "90元/人", "90元/户·月"):
        assert text_contradicts(text, monthly)
    assert not text_contradicts("按供养标准", monthly)
    assert not text_contradicts("100元/人·月", None)


@given(st.lists(STANDARDS, max_size=6), DAYS)
def test_the_standard_of_a_day_is_in_force_and_none_began_later(standards: list[Standard], day: date) -> None:
    found = standard_on(standards, day)
    in_force = [standard for standard in standards if standard.is_valid_on(day)]
    if found is None:
        assert not in_force
        return
    assert found in in_force
    assert all((other.valid_from or date.min) <= (found.valid_from or date.min) for other in in_force)


@given(DAYS, st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_new_standard_begins_on_its_very_day(begins: date, before: int, after: int) -> None:
    old = Standard(before, StandardUnit.PERSON, True, None, begins - timedelta(days=1))
    new = Standard(after, StandardUnit.PERSON, True, begins, None)
    assert standard_on([old, new], begins - timedelta(days=1)) == old
    assert standard_on([old, new], begins) == new


@given(STANDARDS, st.text(max_size=40))
def test_any_quantity_that_a_township_writes_has_an_answer(standard: Standard, quantity: str) -> None:
    expected = expected_fen(standard, quantity)
    assert expected is None or expected >= 0


@given(STANDARDS, st.decimals(0, 10**6, places=2))
def test_what_a_line_comes_to(standard: Standard, quantity: object) -> None:
    expected = expected_fen(standard, str(quantity))
    assert expected is not None
    if standard.per == StandardUnit.AREA:
        hundredths = int(str(quantity).replace(".", ""))
        assert abs(expected * 100 - standard.amount_fen * hundredths) <= 50
    else:
        assert expected == standard.amount_fen


@pytest.mark.parametrize("quantity", ["", "三亩", "-1", "NaN", "Infinity", "1e30", "9" * 60, "1e999999"])
def test_an_area_that_is_no_number_says_nothing(quantity: str) -> None:
    assert expected_fen(Standard(10520, StandardUnit.AREA, False), quantity) is None


def test_half_a_fen_is_rounded_up() -> None:
    assert expected_fen(Standard(1, StandardUnit.AREA, False), "0.5") == 1


# --- Standards as text ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fen", "per", "monthly"),
    [
        ("90元/人·月", 9000, StandardUnit.PERSON, True),
        ("50元/人/月", 5000, StandardUnit.PERSON, True),
        ("每人每月80元", 8000, StandardUnit.PERSON, True),
        ("每人每月 80 元", 8000, StandardUnit.PERSON, True),
        ("105.2元/亩", 10520, StandardUnit.AREA, False),
        ("1500元/学期", 150000, StandardUnit.PERSON, False),
        ("960元/人·年", 96000, StandardUnit.PERSON, False),
        ("1,200元/户", 120000, StandardUnit.HOUSEHOLD, False),
        ("每户每月30元", 3000, StandardUnit.HOUSEHOLD, True),
        ("2万元/户", 2_000_000, StandardUnit.HOUSEHOLD, False),
        # The household of a person is not what is paid for.
        ("本县户籍人口每人每月50元", 5000, StandardUnit.PERSON, True),
        ("脱贫户每人500元", 50000, StandardUnit.PERSON, False),
    ],
)
def test_a_text_states_a_standard(text: str, fen: int, per: StandardUnit, monthly: bool) -> None:
    assert read_standard(text) == Standard(fen, per, monthly)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "按供养标准",
        "补差",
        "一级120元/月，二级80元/月",
        "0元",
        "0.001元/亩",
        # A ceiling or a top-up is nothing that every line must come to.
        "不超过400元/人·月",
        "最高500元/户",
        "补差至每人每月450元",
        # A year's amount that is paid by the month: a month's is not stated.
        "960元/年，按月发放",
    ],
)
def test_a_text_that_states_no_single_amount(text: str) -> None:
    assert read_standard(text) is None


@given(st.text(alphabet="0123456789.,元万/人户亩·月年每按至学期 ", max_size=30))
def test_any_text_is_read_without_an_error(text: str) -> None:
    stated = read_standard(text)
    assert stated is None or stated.amount_fen > 0


# --- Inclusion and filings -----------------------------------------------------------------------


@given(st.sets(st.sampled_from([office.value for office in Kind])))
def test_a_case_waits_for_those_of_the_four_that_are_silent(given_by: set[str]) -> None:
    missing = missing_opinions(given_by)
    assert {office.value for office in missing} == {office.value for office in CONSULTED_OFFICES} - given_by


def test_no_way_to_a_decision_leaves_out_the_hearing_or_the_second_person() -> None:
    for transition in INCLUSION_WORKFLOW.transitions:
        if transition.target == "decided":
            assert (transition.source, transition.other_than) == ("proposed", ("propose",))
        if transition.target == "proposed":
            assert transition.source == "consulted"
        if transition.target == "set_up":
            assert transition.source == "replied"


def test_a_case_is_settled_where_nothing_is_left_to_do() -> None:
    assert is_settled("set_up", "platform")
    assert is_settled("withdrawn", "")
    assert is_settled("replied", "offline")
    assert not is_settled("replied", "platform")
    assert not any(is_settled(state, "platform") for state in OPEN_STATES)


def test_both_offices_have_to_record_the_filing() -> None:
    assert missing_filings({}) == (Kind.FINANCE, Kind.DISCIPLINE)
    assert missing_filings({"finance": True}) == (Kind.DISCIPLINE,)
    assert missing_filings({"finance": True, "discipline": False}) == (Kind.DISCIPLINE,)
    assert missing_filings({"finance": True, "discipline": True}) == ()
