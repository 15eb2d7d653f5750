"""Small months, quarters and years, and exactly which of their figures are withheld; without a database."""

from collections.abc import Iterable
from datetime import date

import pytest

from complaints.rules.figures import (
    NOBODY,
    By,
    Fact,
    Figure,
    Place,
    add_up,
    last_month,
    parse_period,
    periods_until,
    withheld_figures,
    withheld_villages,
)

NOWHERE = Place("", "", "", "", "")
"""A group of no name is the sum: for tables that a test does not ask for."""


def fact(month: str, measure: str, number: int, *, seen: bool = False, **place: str) -> Fact:
    return Fact(NOWHERE._replace(**place), month, seen, measure, number)


def hidden(code: str, facts: Iterable[Fact], *tables: By) -> set[str]:
    """The withheld figures of the period, as ``measure`` for the sum and ``group measure`` for a line."""
    period = parse_period(code)
    assert period is not None
    return named(withheld_figures(tuple(facts), period, tables))


def named(figures: Iterable[Figure]) -> set[str]:
    return {f"{figure.group} {figure.measure}".strip() for figure in figures}


def of_villages(facts: Iterable[Fact], *above: str) -> set[str]:
    figures = {Figure(By.TOWNSHIP, "town", measure) for measure in above}
    return named(withheld_villages(tuple(facts), "town", figures))


def village(name: str, measure: str, number: int, *, seen: bool = False) -> Fact:
    return fact("", measure, number, seen=seen, township=name)


# --- Periods -------------------------------------------------------------------------------------


def test_three_years_can_be_chosen_the_longest_first_and_the_newest_first() -> None:
    over = [period.code for period in periods_until(date(2026, 5, 31), over=True)]
    months = [f"{year}-{month:02}" for year in (2025, 2024) for month in range(12, 0, -1)]
    quarters = [f"{year}-Q{quarter}" for year in (2025, 2024) for quarter in range(4, 0, -1)]
    this_year = ["2026-04", "2026-03", "2026-02", "2026-01"]
    assert over == [*this_year, *months, "2026-Q1", *quarters, "2025", "2024"]
    begun = [period.code for period in periods_until(date(2026, 5, 31), over=False)]
    assert begun == ["2026-05", *this_year, *months, "2026-Q2", "2026-Q1", *quarters, "2026", "2025", "2024"]


def test_as_many_years_as_are_asked_for() -> None:
    periods = periods_until(date(2026, 12, 31), over=False, years=1)
    assert [period.code for period in periods] == [
        *(f"2026-{month:02}" for month in range(12, 0, -1)),
        *("2026-Q4", "2026-Q3", "2026-Q2", "2026-Q1", "2026"),
    ]


@pytest.mark.parametrize(
    ("today", "code", "last"),
    [
        (date(2026, 3, 1), "2026-02", date(2026, 2, 28)),
        (date(2026, 1, 31), "2025-12", date(2025, 12, 31)),
        (date(2024, 3, 31), "2024-02", date(2024, 2, 29)),
    ],
)
def test_the_last_month_is_the_one_before_todays(today: date, code: str, last: date) -> None:
    found = last_month(today)
    assert (found.code, found.first, found.last, found.months) == (code, last.replace(day=1), last, 1)


# --- Sums ----------------------------------------------------------------------------------------


def test_a_reason_counts_as_declined_and_a_rating_is_taken_from_the_silent() -> None:
    found = add_up([fact("", "declined:other", 6), fact("", "answers", 9), fact("", "satisfied", 2)], ())
    assert {figure.measure: number for figure, number in found.items()} == {
        "declined:other": 6,
        "declined": 6,
        "received": 6,
        "answers": 9,
        "silent": 7,
        "satisfied": 2,
    }


# --- A month -------------------------------------------------------------------------------------


def test_four_are_withheld_and_five_are_not() -> None:
    assert hidden("2026-01", [fact("2026-01", "extended", 4)]) == {"extended"}
    assert hidden("2026-01", [fact("2026-01", "extended", 5)]) == set()


def test_the_smallest_other_outcome_is_withheld_with_a_small_one() -> None:
    facts = [fact("2026-01", "in_time", 9), fact("2026-01", "late", 1), fact("2026-01", "overdue", 7)]
    assert hidden("2026-01", facts) == {"late", "overdue"}


def test_what_he_may_see_is_not_withheld_from_him() -> None:
    facts = [fact("2026-01", "late", 1, seen=True), fact("2026-01", "in_time", 9)]
    assert hidden("2026-01", facts) == set()


def test_measures_of_no_whole_hide_nothing_of_each_other() -> None:
    facts = [fact("2026-01", "extended", 2), fact("2026-01", "reopened", 6), fact("2026-01", "settled", 7)]
    assert hidden("2026-01", facts) == {"extended"}


def test_a_township_hides_another_and_the_sum_is_shown() -> None:
    facts = [
        fact("2026-01", "extended", number, township=town) for town, number in (("east", 2), ("north", 6), ("west", 8))
    ]
    assert hidden("2026-01", facts, By.TOWNSHIP) == {"east extended", "north extended"}


def test_reasons_are_told_of_the_whole_only() -> None:
    facts = [
        fact("2026-03", "declined:other", 1, township="east", category="land"),
        fact("2026-02", "late", 3, township="east", category="crops"),
    ]
    assert hidden("2026-Q1", facts, By.TOWNSHIP, By.CATEGORY) == {
        *("received", "late", "declined", "declined:other"),
        *("east received", "east late", "east declined"),
        *("land received", "land declined", "crops received", "crops late"),
    }


def test_a_small_reason_takes_another_with_it() -> None:
    facts = [fact("2026-01", f"declined:{reason}", number) for reason, number in (("a", 1), ("b", 6), ("c", 9))]
    assert hidden("2026-01", facts) == {"declined:a", "declined:b"}


def test_of_channels_and_organisations_only_what_was_received_is_told() -> None:
    facts = [
        fact("2026-01", "in_time", 2, channel="web", about="bank"),
        fact("2026-01", "late", 30, channel="phone", about=NOBODY),
        fact("2026-01", "extended", 1, channel="web", about="bank"),
        fact("2026-01", "answers", 1, channel="web", about="bank"),
    ]
    assert hidden("2026-01", facts, By.CHANNEL, By.ABOUT) == {
        *("in_time", "late", "extended", "answers", "silent"),
        *("web received", "phone received", "bank received", "- received"),
    }


# --- Months, their quarter and its year ------------------------------------------------------------


def test_a_quarter_that_would_give_the_one_case_of_a_month_away_is_withheld_too() -> None:
    facts = [fact("2026-01", "extended", 1), fact("2026-02", "extended", 9)]
    assert hidden("2026-Q1", facts) == {"extended"}


def test_two_small_months_hide_each_other_in_their_quarter() -> None:
    facts = [fact("2026-01", "extended", 4), fact("2026-02", "extended", 4), fact("2026-03", "extended", 9)]
    assert hidden("2026-Q1", facts) == set()
    # Two that are two in all are one each.
    facts = [fact("2026-01", "extended", 1), fact("2026-02", "extended", 1), fact("2026-03", "extended", 9)]
    assert hidden("2026-Q1", facts) == {"extended"}


def test_a_year_that_would_give_the_one_case_of_a_quarter_away_is_withheld_too() -> None:
    facts = [fact("2026-01", "extended", 1), fact("2026-02", "extended", 9), fact("2026-04", "extended", 9)]
    assert hidden("2026-Q1", facts[:2]) == {"extended"}
    assert hidden("2026-Q2", facts[2:]) == set()
    assert hidden("2026", facts) == {"extended"}


def test_a_quarter_is_not_withheld_for_the_months_of_another() -> None:
    facts = [fact("2026-01", "extended", 9), fact("2026-04", "extended", 9), fact("2026-07", "extended", 9)]
    assert hidden("2026", facts) == set()


def test_what_is_withheld_of_a_month_stays_so_in_its_year() -> None:
    facts = [
        fact("2026-02", "in_time", 1),
        fact("2026-02", "late", 6),
        fact("2026-04", "late", 11),
        fact("2026-05", "in_time", 12),
    ]
    assert hidden("2026", facts) == {"in_time", "late"}


def test_a_year_hides_by_township_what_its_quarters_hide() -> None:
    facts = [
        fact("2026-01", "extended", 9, township="west"),
        fact("2026-02", "extended", 5, township="east"),
        fact("2026-04", "extended", 2, township="east"),
        fact("2026-05", "extended", 5, township="east"),
    ]
    assert hidden("2026", facts, By.TOWNSHIP) == {"extended", "east extended"}


def test_what_follows_from_other_figures_anyway_withholds_no_more_of_the_year() -> None:
    facts = [
        fact("2026-01", "answers", 6, township="west", category="land"),
        fact("2026-04", "answers", 3, township="east", category="crops"),
        fact("2026-05", "answers", 7, township="west", category="crops"),
    ]
    lines = ("", "crops ", "east ", "west ")
    # That of land, all of it in the first quarter, was shown with it.
    assert hidden("2026", facts, By.CATEGORY, By.TOWNSHIP) == {
        f"{line}{measure}" for line in lines for measure in ("answers", "silent")
    }


def test_reasons_of_a_year_are_withheld_where_their_months_would_follow() -> None:
    facts = [
        fact("2026-01", "declined:x", 32),
        fact("2026-02", "late", 2),
        fact("2026-04", "declined:y", 30),
        fact("2026-04", "late", 2),
        fact("2026-05", "declined:x", 9),
    ]
    assert hidden("2026", facts) == {"received", "late", "declined", "declined:x", "declined:y"}


# --- Villages ------------------------------------------------------------------------------------


def test_villages_of_many_cases_are_shown() -> None:
    assert of_villages([village("v1", "in_time", 5), village("v2", "extended", 6)]) == set()


def test_a_small_village_takes_another_with_it() -> None:
    facts = [village("v1", "extended", 1), village("v2", "extended", 6), village("v3", "extended", 9)]
    assert of_villages(facts) == {"v1 extended", "v2 extended"}
    assert of_villages([facts[0]._replace(seen=True), *facts[1:]]) == set()


def test_a_village_that_is_all_of_a_withheld_township_is_withheld() -> None:
    assert of_villages([village("v1", "extended", 9)], "extended") == {"v1 extended"}
    assert of_villages([village("v1", "extended", 9)], "late", "received") == set()


def test_a_withheld_outcome_of_the_township_withholds_it_in_a_village() -> None:
    assert of_villages([village("v1", "late", 5), village("v2", "extended", 6)], "late") == {"v1 late", "v1 received"}


def test_what_the_township_shows_hides_nothing_of_its_villages() -> None:
    facts = [village("v1", "answers", 2), village("v2", "satisfied", 5)]
    assert of_villages(facts, "answers", "partly") == {"v1 answers", "v1 silent", "v2 satisfied", "v2 silent"}
    assert of_villages([village("v1", "satisfied", 2)], "silent") == {"v1 satisfied", "v1 silent"}


def test_another_measure_withheld_of_the_township_hides_one_more_village() -> None:
    facts = [
        *(village("v1", "late", 1), village("v2", "late", 3)),
        *(village("v2", "extended", 5), village("v3", "extended", 5)),
    ]
    assert of_villages(facts, "extended") == {"v1 late", "v1 received", "v2 extended", "v2 late", "v2 received"}


def test_each_family_of_measures_is_decided_by_itself() -> None:
    facts = [village("v1", "declined:x", 1), village("v2", "late", 5), village("v3", "answers", 9)]
    assert of_villages(facts, "answers", "late") == {
        *("v1 declined", "v1 received", "v2 late", "v2 received"),
        *("v3 answers", "v3 silent"),
    }
