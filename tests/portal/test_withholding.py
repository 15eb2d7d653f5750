"""Nobody learns of few people: not from a figure, not from the sums, not from all tables taken together."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.withholding import ALL, SMALLEST, Cell, sums_of, withheld
from portal.statistics.rules import COMPLAINTS, FAILED, PAID, Grain, Key, Subject, add_up, grains_of, to_publish

TOWNSHIPS, PROGRAMMES, MONTHS = ("t1", "t2", "t3"), ("p1", "p2", "p3"), ("2020-01", "2020-02", "2020-03")


def rows_of(counts: Mapping[tuple[str, str, str], int], subject: Subject = PAID) -> dict[Key, Cell]:
    """Counts by township, programme and month; every payment of another person, one yuan each."""
    outcome = subject.outcomes[0].value
    return {Key(*place, outcome): Cell(count, count, count * 100) for place, count in counts.items() if count}


def cells_of(counts: Mapping[tuple[str, str, str], int]) -> dict[Key, Cell]:
    return add_up(rows_of(counts), PAID, grains_of(PAID, whole_year=True))


def test_a_small_figure_takes_another_with_it_and_the_rest_stays() -> None:
    counts = {(township, "p1", "2020-01"): 20 for township in TOWNSHIPS} | {("t1", "p1", "2020-02"): 3}
    counts |= {("t2", "p1", "2020-02"): 30, ("t3", "p1", "2020-02"): 40}
    hidden = withheld(cells_of(counts))
    by_month = {key for key in hidden if key.township and key.month}
    assert Key(township="t1", month="2020-02") in by_month
    # With the month's total in sight, one township more; with the year's, one month more of each.
    assert Key(township="t2", month="2020-02") in by_month
    assert Key(township="t3", month="2020-02") not in by_month
    assert Key() not in hidden and Key(month="2020-02") not in hidden


def test_nothing_is_withheld_where_nothing_is_small() -> None:
    counts = dict.fromkeys(product(TOWNSHIPS, PROGRAMMES, MONTHS), SMALLEST)
    assert withheld(cells_of(counts)) == set()


def test_five_people_are_enough_and_four_are_not() -> None:
    assert withheld(cells_of({("t1", "p1", "2020-01"): 5})) == set()
    assert Key() in withheld(cells_of({("t1", "p1", "2020-01"): 4}))


def test_what_was_withheld_once_stays_so() -> None:
    counts = dict.fromkeys(product(TOWNSHIPS, PROGRAMMES, MONTHS), 20)
    once = Key(township="t1", month="2020-01")
    assert once in withheld(cells_of(counts), [once])
    assert withheld(cells_of(counts), [Key(township="gone")]) == set()


def test_what_is_known_already_is_no_company() -> None:
    counts = {(township, "p1", "2020-01"): 20 for township in TOWNSHIPS} | {("t1", "p2", "2020-01"): 3}
    counts |= {("t2", "p2", "2020-01"): 30}
    cells = cells_of(counts)
    small = Key(township="t1", programme="p2")
    free = withheld(cells)
    shown = [key for key in cells if not (key.township and key.programme)]
    late = withheld(cells, known=shown)
    assert small in free and small in late
    # What was on the page last year is known: only the finer table can still keep something back.
    assert {key for key in late if not (key.township and key.programme)} <= {
        key for key in cells if cells[key].people < 5
    }


def test_two_small_ones_that_can_only_be_one_each_get_company() -> None:
    counts = {("t1", "p1", "2020-01"): 1, ("t2", "p1", "2020-01"): 1, ("t3", "p1", "2020-01"): 60}
    hidden = withheld(cells_of(counts))
    assert {Key(township="t1"), Key(township="t2"), Key(township="t3")} <= hidden


def test_people_of_many_townships_are_many_and_those_of_many_months_may_be_the_same() -> None:
    many = {(township, "p1", "2020-01"): 2 for township in TOWNSHIPS}
    assert add_up(rows_of(many), PAID, grains_of(PAID, whole_year=True))[Key()] == Cell(6, 6, 600)
    same = {("t1", "p1", month): 2 for month in MONTHS}
    assert add_up(rows_of(same), PAID, grains_of(PAID, whole_year=True))[Key()] == Cell(6, 2, 600)
    # Cases do not come again.
    assert add_up(rows_of(same, COMPLAINTS), COMPLAINTS, grains_of(COMPLAINTS, whole_year=True))[Key()].people == 6


def test_outcomes_are_sums_too() -> None:
    rows = {
        Key("t1", "p1", "2020-01", "repaired"): Cell(9, 9),
        Key("t1", "p1", "2020-01", "unrepaired"): Cell(2, 2),
    }
    month = Key(month="2020-01")
    hidden = withheld(add_up(rows, FAILED, grains_of(FAILED, whole_year=False)))
    # Eleven failed; whoever knew that nine were repaired would know the two.
    assert {month._replace(outcome="repaired"), month._replace(outcome="unrepaired")} <= hidden


COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(TOWNSHIPS), st.sampled_from(PROGRAMMES), st.sampled_from(MONTHS)),
    st.sampled_from((1, 2, 3, 4, 5, 6, 9, 30)),
    min_size=1,
)


@given(COUNTS)
@settings(deadline=None)
def test_no_figure_of_few_people_is_shown(counts: dict[tuple[str, str, str], int]) -> None:
    cells = cells_of(counts)
    shown = cells.keys() - withheld(cells)
    assert [key for key in shown if 0 < cells[key].people < SMALLEST] == []


@given(COUNTS)
@settings(max_examples=60, deadline=None)
def test_no_algebra_gives_a_figure_of_few_people(counts: dict[tuple[str, str, str], int]) -> None:
    """What is shown are equations in the numbers by township, programme and month. A figure can be computed from them
    if and only if it is a combination of them: then it adds nothing to their rank."""
    cells = cells_of(counts)
    hidden = withheld(cells)
    unknown = [place for place in product(TOWNSHIPS, PROGRAMMES, MONTHS) if all(key in cells for key in over(place))]
    shown = [[Fraction(key in over(place)) for place in unknown] for key in cells.keys() - hidden]
    known = reduced(shown)
    for key in hidden:
        if cells[key].people < SMALLEST:
            asked = [Fraction(key in over(place)) for place in unknown]
            assert not follows(asked, known), key


@given(COUNTS)
# A township without a programme gave away its neighbour, with the months that were known before.
@example({("t1", "p1", "2020-01"): 5, ("t1", "p2", "2020-01"): 1, ("t2", "p2", "2020-01"): 5})
@settings(max_examples=60, deadline=None)
def test_whoever_keeps_every_page_of_the_year_computes_no_figure_of_few_people(
    counts: dict[tuple[str, str, str], int],
) -> None:
    """Month after month is published, at last the whole year: what was ever shown is one system of equations."""
    rows = rows_of(counts)
    places = list(product(TOWNSHIPS, PROGRAMMES, MONTHS))
    before: dict[Key, int | None] = {}
    shown: set[Key] = set()
    small: set[Key] = set()
    for last in (*MONTHS, ALL):
        counted = {key: cell for key, cell in rows.items() if last == ALL or key.month <= last}
        cells, hidden = to_publish(counted, before, PAID, whole_year=last == ALL)
        before = {key: None if key in hidden else cell.number for key, cell in cells.items()}
        # A figure that is not there is 0, and known.
        shown |= {key for place in places for key in over(place) if key not in hidden and published(key, last)}
        small |= {key for key, cell in cells.items() if 0 < cell.people < SMALLEST}
    assert not shown & small
    unknown = [place for place in places if place in counts or all(key in before for key in over(place))]
    known = reduced([[Fraction(key in over(place)) for place in unknown] for key in shown])
    for key in small:
        asked = [Fraction(key in over(place)) for place in unknown]
        assert not follows(asked, known), key


def published(key: Key, last: str) -> bool:
    """Whether the tables that there are when this month is counted (ALL: the whole year) have such a figure."""
    if last == ALL:
        return True
    return key.month != ALL and key.month <= last and ALL in (key.township, key.programme)


def test_sums_that_grow_wait_for_the_whole_year() -> None:
    for subject in (PAID, FAILED, COMPLAINTS):
        assert all(grain.month for grain in grains_of(subject, whole_year=False))
        assert Grain() in grains_of(subject, whole_year=True)


def over(place: tuple[str, str, str]) -> set[Key]:
    """All figures that a number is part of."""
    township, programme, month = place
    choices = product((township, ALL), (programme, ALL), (month, ALL))
    return {Key(*choice) for choice in choices if choice != place}


def reduced(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """Independent rows that say the same, by Gauss."""
    left, found = [row[:] for row in rows], []
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        found.append(pivot)
        left = [
            [value - row[column] / pivot[column] * other for value, other in zip(row, pivot, strict=True)]
            if row[column]
            else row
            for row in left
        ]
    return found


def follows(asked: list[Fraction], known: list[list[Fraction]]) -> bool:
    """Whether a row is a combination of those that ``reduced`` has left."""
    for row in known:
        column = next(place for place, value in enumerate(row) if value)
        times = asked[column] / row[column]
        if times:
            asked = [value - times * other for value, other in zip(asked, row, strict=True)]
    return not any(asked)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(TOWNSHIPS[:2]), st.sampled_from(PROGRAMMES[:2]), st.sampled_from(MONTHS[:2])),
        st.sampled_from((1, 2, 3, 4, 5, 6, 9)),
        min_size=1,
    )
)
@settings(max_examples=60, deadline=None)
def test_whoever_tries_all_numbers_finds_more_than_one_that_fits(counts: dict[tuple[str, str, str], int]) -> None:
    cells = cells_of(counts)
    hidden = withheld(cells)
    shown = {key: cells[key].number for key in cells.keys() - hidden}
    places = [place for place in product(TOWNSHIPS[:2], PROGRAMMES[:2], MONTHS[:2]) if over(place) <= cells.keys()]
    for key in hidden:
        if cells[key].people < SMALLEST:
            others = [number for number in range(1, 13) if number != cells[key].number]
            assert any(fits(places, shown | {key: number}, hidden) for number in others), key


def fits(places: list[tuple[str, str, str]], shown: Mapping[Key, int], hidden: Collection[Key]) -> bool:
    """Whether numbers up to 12 can be filled in that agree with what is shown; what is withheld is never 0."""

    def bound(place: tuple[str, str, str], left: Mapping[Key, int]) -> int:
        return min([left[key] for key in over(place) & left.keys()], default=12)

    def fill(open_places: list[tuple[str, str, str]], left: Mapping[Key, int], above: frozenset[Key]) -> bool:
        if not open_places:
            return not any(left.values()) and above >= set(hidden)
        # The place with the least room first: where nothing fits, that shows soon.
        place = min(open_places, key=lambda one: bound(one, left))
        rest, most = [one for one in open_places if one != place], bound(place, left)
        later = set().union(*map(over, rest))
        for number in range(min(most, 12), -1, -1):
            after = {key: value - number if key in over(place) else value for key, value in left.items()}
            if all(value == 0 or key in later for key, value in after.items()) and fill(
                rest, after, above | over(place) if number else above
            ):
                return True
        return False

    return fill(places, shown, frozenset())


def test_sums_are_those_by_one_dimension() -> None:
    keys = [Key(), Key(township="t1"), Key(township="t2"), Key(month="2020-01"), Key(township="t1", month="2020-01")]
    assert [(one.total, tuple(one.parts)) for one in sums_of(keys)] == [
        (Key(), (Key(township="t1"), Key(township="t2"))),
        (Key(), (Key(month="2020-01"),)),
        (Key(month="2020-01"), (Key(township="t1", month="2020-01"),)),
        (Key(township="t1"), (Key(township="t1", month="2020-01"),)),
    ]


@pytest.mark.parametrize("whole_year", [True, False])
def test_a_real_year_is_decided_quickly(whole_year: bool) -> None:
    townships = [f"t{number:02}" for number in range(19)]
    rows = {
        Key(township, f"p{programme:02}", f"2020-{month:02}", "paid"): Cell(number, number)
        for programme in range(12)
        for month in range(3, 13, 3 if programme % 3 else 12)
        for place, township in enumerate(townships)
        if (number := (programme * 7 + place * 3 + month) % 40)
    }
    cells = add_up(rows, PAID, grains_of(PAID, whole_year=whole_year))
    hidden = withheld(cells)
    assert {key for key, cell in cells.items() if cell.people < SMALLEST} <= hidden
    assert len(hidden) < len(cells) / 2
