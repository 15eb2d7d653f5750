"""What figures are made of, without a database: periods, sums, days; and that nothing withheld follows."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.rules import figures as counted
from complaints.rules.after_answer import SATISFACTION
from complaints.rules.figures import (
    ALL,
    MEASURES,
    NOBODY,
    ON_THE_WAY,
    RECEIVED,
    SINGLE,
    By,
    Fact,
    Figure,
    Place,
    Span,
    add_up,
    days_within,
    last_month,
    parse_period,
    periods_until,
    quarter_of,
    withheld_figures,
    withheld_villages,
)
from core.withholding import SMALLEST, Cell, given_away

MONTHS = [f"2026-{month:02}" for month in range(1, 13)]
TABLES = (By.CATEGORY, By.TOWNSHIP)

places = st.builds(
    Place,
    category=st.sampled_from("ab"),
    township=st.sampled_from(["t1", "t2", "t3"]),
    office=st.just("1"),
    about=st.just(NOBODY),
    channel=st.just("web"),
)
measures = st.sampled_from([*ON_THE_WAY, "declined:other", "declined:unclear", *SINGLE, "answers"])
numbers = st.sampled_from([1, 2, 3, 4, 5, 6, 9, 30])
facts = st.lists(
    st.builds(
        Fact, place=places, month=st.sampled_from(MONTHS[:6]), seen=st.booleans(), measure=measures, number=numbers
    ),
    max_size=14,
)


@given(
    st.lists(st.builds(Fact, places, st.just(""), st.booleans(), measures | st.sampled_from([*SATISFACTION]), numbers))
)
def test_sums_are_what_they_are_said_to_be(said: list[Fact]) -> None:
    found = add_up(said)
    for by, group in {(key.by, key.group) for key in found}:
        line = {measure: found.get(Figure(by, group, measure), 0) for measure in MEASURES}
        mine = [fact for fact in said if by == ALL or getattr(fact.place, by) == group]
        by_hand = Counter[str]()
        for fact in mine:
            by_hand["declined" if fact.measure.startswith("declined:") else fact.measure] += fact.number
        assert line[RECEIVED] == sum(by_hand[measure] for measure in (*ON_THE_WAY, "declined"))
        assert line["silent"] == by_hand["answers"] - sum(by_hand[measure] for measure in SATISFACTION)
        for measure in (*ON_THE_WAY, "declined", *SINGLE, "answers", *SATISFACTION):
            assert line[measure] == by_hand[measure]
    for by in By:
        for measure in MEASURES:
            of_lines = sum(number for key, number in found.items() if key.by == by and key.measure == measure)
            assert of_lines == found.get(Figure(ALL, ALL, measure), 0)


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)))
def test_a_day_lies_in_one_month_one_quarter_and_one_year(day: date) -> None:
    month = f"{day:%Y-%m}"
    for code, months in ((month, 1), (quarter_of(month), 3), (f"{day.year}", 12)):
        period = parse_period(code)
        assert period is not None and period.first <= day <= period.last
        assert period.first.day == 1 and (period.last + timedelta(days=1)).day == 1
        assert (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1 == months
        assert period.is_over(period.last + timedelta(days=1)) and not period.is_over(period.last)


@pytest.mark.parametrize(
    "code", ["", "2026-13", "2026-00", "2026-Q0", "2026-Q5", "1999", "2026-1", "２０２６", "2026-01-01", "26"]
)
def test_what_is_no_period(code: str) -> None:
    assert parse_period(code) is None


@given(st.dates(date(2005, 1, 1), date(2090, 12, 31)))
def test_only_what_has_begun_or_is_over_can_be_chosen(today: date) -> None:
    begun, over = periods_until(today, over=False), periods_until(today, over=True)
    assert all(period.first <= today for period in begun)
    assert [period for period in begun if period.is_over(today)] == over
    assert last_month(today) in over and last_month(today).last == today.replace(day=1) - timedelta(days=1)
    assert next(period.code for period in begun if period.span == Span.YEAR) == f"{today.year}"


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 9), max_size=9), st.integers(1, 100))
def test_days_within_are_those_of_the_sorted_list(counts: Mapping[int, int], percent: int) -> None:
    every = sorted(day for day, number in counts.items() for _ in range(number))
    # So many, rounded up.
    expected = every[-(-len(every) * percent // 100) - 1] if every else None
    assert days_within(counts, percent) == expected


@given(facts)
@settings(max_examples=60, deadline=None)
def test_whoever_keeps_every_months_quarters_and_years_page_finds_no_few_cases(said: list[Fact]) -> None:
    """Everything that is ever shown of a year, taken as one system of sums."""
    unseen = [fact for fact in said if not fact.seen]
    for whole, parts in counted._FAMILIES.items():
        cells: dict[tuple[str, ...], Cell] = {}
        hidden: set[tuple[str, ...]] = set()
        for code in ("2026", "2026-Q1", "2026-Q2", *MONTHS[:6]):
            period = parse_period(code)
            assert period is not None
            mine = [fact for fact in said if period.first <= date.fromisoformat(f"{fact.month}-01") <= period.last]
            withheld = withheld_figures(tuple(sorted(mine)), period, TABLES)
            for figure, number in add_up([fact for fact in mine if not fact.seen], TABLES).items():
                if figure.measure != whole and figure.measure not in parts:
                    continue
                key = key_of(figure, whole, code)
                cells[key] = Cell(number, number)
                hidden |= {key} if figure in withheld else set()
        small = {key for key, cell in cells.items() if 0 < cell.number < SMALLEST}
        assert small <= hidden
        assert not small & given_away(cells, hidden, crossed=False), (whole, unseen)


def key_of(figure: Figure, whole: str, code: str) -> tuple[str, ...]:
    quarter = quarter_of(code) if code in MONTHS else code if "Q" in code else ALL
    lines = [figure.group if figure.by == by else ALL for by in TABLES]
    return (*lines, quarter, code if code in MONTHS else ALL, ALL if figure.measure == whole else figure.measure)


@given(facts)
@settings(max_examples=60, deadline=None)
def test_nor_does_the_page_of_a_townships_villages_give_them_away(said: list[Fact]) -> None:
    year = parse_period("2026")
    assert year is not None
    above = withheld_figures(tuple(sorted(said)), year, TABLES)
    mine = [fact for fact in said if fact.place.township == "t1"]
    by_village = [
        fact._replace(place=fact.place._replace(township=f"v{number % 3}")) for number, fact in enumerate(mine)
    ]
    found = withheld_villages(by_village, "t1", above)
    numbers = add_up([fact for fact in by_village if not fact.seen], (By.TOWNSHIP,))
    for whole, parts in counted._FAMILIES.items():
        cells = {
            (key.group, ALL if key.measure == whole else key.measure): Cell(number, number)
            for key, number in numbers.items()
            if key.measure == whole or key.measure in parts
        }
        hidden = {
            (group, measure)
            for group, measure in cells
            if Figure(By.TOWNSHIP, group or "t1", measure or whole) in (found if group else above)
        }
        small = {key for key, cell in cells.items() if 0 < cell.number < SMALLEST}
        assert small <= hidden
        assert not small & given_away(cells, hidden, crossed=False)
        # What the township's line withholds, and does not tell itself, is not the sum of what its villages show.
        line = {key: cell for key, cell in cells.items() if key[0] == ALL}
        kept = (line.keys() & hidden) - given_away(line, line.keys() & hidden, crossed=False)
        assert not kept & given_away(cells, hidden, crossed=False)


def test_nothing_is_withheld_from_who_sees_every_case() -> None:
    place = Place("a", "t1", "1", NOBODY, "web")
    month = parse_period("2026-01")
    assert month is not None
    own = (Fact(place, "2026-01", True, "late", 1), Fact(place, "2026-01", False, "in_time", 5))
    assert withheld_figures(own, month) == frozenset()
    assert Figure(ALL, ALL, "late") in withheld_figures((own[0]._replace(seen=False),), month)
