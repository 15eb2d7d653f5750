"""What is counted for everybody, when, and how it is added up.

A month is counted once, when two more have passed, and then stands: by then the bank's results are in, what failed
could be paid again (B6), and every answer to a complaint was due, a granted extension included. Were it counted every
night, whoever takes yesterday's figures from today's would find the one payment between them; or, where a case is
sealed, the hole that it leaves (design §8: not even as a gap).

Pure: no database, no clock.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import product
from typing import NamedTuple

from core.withholding import ALL, Cell, gives_away, withheld

SETTLED_AFTER = 2
"""Full months after its own after which a month is counted."""
NO_PROGRAMME = "-"
"""The programme of a complaint that is about none."""


class Key(NamedTuple):
    """What a figure is about; ALL in a place where it is a sum."""

    township: str = ALL
    programme: str = ALL
    month: str = ALL
    outcome: str = ALL


class Outcome(StrEnum):
    """How something ended."""

    PAID = "paid"
    REPAIRED = "repaired"
    UNREPAIRED = "unrepaired"
    IN_TIME = "in_time"
    LATE = "late"
    DECLINED = "declined"


class Grain(NamedTuple):
    """By what a table divides its figures."""

    township: bool = False
    programme: bool = False
    month: bool = False


COUNTY, MONTHS, PROGRAMMES, TOWNSHIPS = Grain(), Grain(month=True), Grain(programme=True), Grain(township=True)
TOWNSHIP_MONTHS, PROGRAMME_MONTHS = Grain(township=True, month=True), Grain(programme=True, month=True)
TOWNSHIP_PROGRAMMES = Grain(township=True, programme=True)


@dataclass(frozen=True)
class Subject:
    """One kind of figure. ``recurring``: whether the people of one month are likely those of another.

    ``monthly`` are the tables of a year from its first month on, ``yearly`` those that come when the year stands as a
    whole. Whatever sums up months is yearly: of a sum that grew month by month, whoever keeps old pages could subtract
    one from the next, and have a month that is withheld.
    """

    code: str
    outcomes: tuple[Outcome, ...]
    recurring: bool
    monthly: tuple[Grain, ...] = (MONTHS,)
    yearly: tuple[Grain, ...] = (COUNTY, PROGRAMMES, TOWNSHIPS)


PAID = Subject(
    "paid",
    (Outcome.PAID,),
    recurring=True,
    monthly=(MONTHS, TOWNSHIP_MONTHS, PROGRAMME_MONTHS),
    yearly=(COUNTY, PROGRAMMES, TOWNSHIPS, TOWNSHIP_PROGRAMMES),
)
FAILED = Subject("failed", (Outcome.REPAIRED, Outcome.UNREPAIRED), recurring=True)
COMPLAINTS = Subject("complaints", (Outcome.IN_TIME, Outcome.LATE, Outcome.DECLINED), recurring=False)
SUBJECTS = (PAID, FAILED, COMPLAINTS)


def month_over(today: date, full_months: int) -> str:
    """The newest month (YYYY-MM) after which so many full months have passed, too."""
    return _month(today.year * 12 + today.month - 2 - full_months)


def month_after(month: str) -> str:
    """The month after one (YYYY-MM)."""
    return _month(int(month[:4]) * 12 + int(month[5:]))


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def first_day(month: str) -> date:
    """The first day of a month (YYYY-MM)."""
    return date(int(month[:4]), int(month[5:]), 1)


def township_shown(township: str, county: str, *, sensitive: bool) -> str:
    """Where a figure belongs: what is about a sensitive programme (PIPL §28) belongs to the county as a whole."""
    return county if sensitive else township


def grains_of(subject: Subject, *, whole_year: bool) -> tuple[Grain, ...]:
    """The tables of a year. ``whole_year``: whether nothing of it changes any more."""
    return (*subject.monthly, *subject.yearly) if whole_year else subject.monthly


def is_whole(year: int, counted: str) -> bool:
    """Whether all of the year is counted, given up to which month (YYYY-MM) all is."""
    return counted >= f"{year}-12"


def add_up(rows: Mapping[Key, Cell], subject: Subject, grains: Iterable[Grain]) -> dict[Key, Cell]:
    """The figures of these tables from those by township, programme, month and outcome.

    Nobody knows how many of January's people are February's too: where they recur, a sum over months or programmes is
    about at least as many people as its largest part.
    """
    numbers: dict[Key, int] = defaultdict(int)
    amounts: dict[Key, int] = defaultdict(int)
    people: dict[Key, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    outcomes = (True, False) if len(subject.outcomes) > 1 else (False,)
    shapes = [(grain, by_outcome) for grain in grains for by_outcome in outcomes]
    for row, cell in rows.items():
        for grain, by_outcome in shapes:
            key = Key(
                row.township if grain.township else ALL,
                row.programme if grain.programme else ALL,
                row.month if grain.month else ALL,
                row.outcome if by_outcome else ALL,
            )
            numbers[key] += cell.number
            amounts[key] += cell.amount_fen
            people[key][row.programme, row.month] += cell.people
    count = max if subject.recurring else sum
    return {key: Cell(number, count(people[key].values()), amounts[key]) for key, number in numbers.items()}


def to_publish(
    rows: Mapping[Key, Cell], before: Mapping[Key, int | None], subject: Subject, *, whole_year: bool
) -> tuple[dict[Key, Cell], set[Key]]:
    """The figures of a year from those by township, programme, month and outcome, and the keys of those that are
    withheld. ``before`` are the numbers that were published of it last, None where one was withheld."""
    cells = add_up(rows, subject, grains_of(subject, whole_year=whole_year))
    hidden_before = {key for key, number in before.items() if number is None}
    known = {key for key, number in before.items() if key in cells and number == cells[key].number}
    hidden = withheld(cells, before=hidden_before, known=known)
    if whole_year and gives_away(cells, hidden, known):
        # The months are known already, and a township without a programme would give away its neighbour: the tables of
        # the year do not say then where there is nothing, either.
        empty = _empty(cells, subject.yearly)
        cells = dict.fromkeys(empty, Cell(0, 0)) | cells
        hidden = withheld(cells, before=hidden_before | empty, known=known)
    return cells, hidden


def _empty(cells: Mapping[Key, Cell], grains: Iterable[Grain]) -> set[Key]:
    """The keys of these tables, by the places and programmes that there are, under which there is nothing."""
    found: set[Key] = set()
    for grain in grains:
        values = [
            sorted({key[place] for key in cells} - {ALL}) if divided else [ALL] for place, divided in enumerate(grain)
        ]
        found |= {Key(*place) for place in product(*values)}
    return found - cells.keys()
