"""What is counted of complaints, over which periods, how it is added up, and which figures are withheld.

A case counts in the period in which it came in. Closing is not solving: how many were answered in time says nothing of
how many reporters are content, so that both stand side by side.

Whoever is shown figures of cases that he may not see must not find a reporter in them: he can subtract those that he
sees, so what counts is how many are left (core.withholding). Such figures are told of periods that are over, never of
one that grows: the difference of two days would be the case that came in between.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import NamedTuple, Protocol

from complaints.rules.after_answer import SATISFACTION
from core.withholding import ALL, SMALLEST, Bounds, Cell, bounds_of, given_away, withheld

ON_THE_WAY = ("in_time", "late", "overdue", "running")
DECLINED = "declined"
RECEIVED, ANSWERS, SILENT = "received", "answers", "silent"
REASON = "declined:"
"""Before the code of a reason: declined for that reason."""
SINGLE = ("extended", "reopened", "reviewed", "settled")
RATED = (*SATISFACTION, SILENT)
MEASURES = (RECEIVED, *ON_THE_WAY, DECLINED, *SINGLE, ANSWERS, *RATED)
"""The columns of a table: ``received`` is the sum of the next five, ``answers`` that of the last four."""


class By(StrEnum):
    """By what a table divides."""

    CATEGORY = "category"
    TOWNSHIP = "township"
    OFFICE = "office"
    ABOUT = "about"
    CHANNEL = "channel"


class Span(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True)
class Period:
    """A month, quarter or year, by the county days ``first`` to ``last``. ``code`` is 2026-10, 2026-Q4 or 2026."""

    code: str
    span: Span
    first: date
    last: date

    def is_over(self, today: date) -> bool:
        """Whether nothing comes in any more on one of its days."""
        return self.last < today

    @property
    def months(self) -> int:
        """How many it has."""
        return {Span.MONTH: 1, Span.QUARTER: 3, Span.YEAR: 12}[self.span]


_PERIOD = re.compile(r"(20[0-9]{2})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)


def parse_period(code: str) -> Period | None:
    """The period of that code; None for what is none."""
    found = _PERIOD.fullmatch(code)
    if found is None:
        return None
    year = int(found[1])
    if found[3]:
        return _period(code, Span.MONTH, year, int(found[3]), 1)
    if found[2]:
        return _period(code, Span.QUARTER, year, 3 * int(found[2]) - 2, 3)
    return _period(code, Span.YEAR, year, 1, 12)


def _period(code: str, span: Span, year: int, first_month: int, months: int) -> Period:
    after = date(year + (first_month + months > 12), (first_month + months - 1) % 12 + 1, 1)
    return Period(code, span, date(year, first_month, 1), after - timedelta(days=1))


def quarter_of(month: str) -> str:
    """The quarter (2026-Q4) of a month (2026-10)."""
    return f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"


def periods_until(today: date, *, over: bool, years: int = 3) -> list[Period]:
    """The periods to choose from, of each span the newest first: those that have begun, or only those that are
    ``over``."""
    codes = [
        code
        for year in range(today.year, today.year - years, -1)
        for code in (
            f"{year}",
            *(f"{year}-Q{quarter}" for quarter in range(4, 0, -1)),
            *(f"{year}-{month:02}" for month in range(12, 0, -1)),
        )
    ]
    found = [period for code in codes if (period := parse_period(code)) is not None]
    spans = list(Span)
    begun = [period for period in found if period.is_over(today) or (period.first <= today and not over)]
    return sorted(begun, key=lambda period: spans.index(period.span))


def last_month(today: date) -> Period:
    """The newest month that is over."""
    last = today.replace(day=1) - timedelta(days=1)
    return _period(f"{last:%Y-%m}", Span.MONTH, last.year, last.month, 1)


def parts_of(period: Period) -> list[Period]:
    """The months and quarters of a longer period."""
    quarters = [f"{period.first.year}-Q{quarter}" for quarter in range(1, 5)] if period.span == Span.YEAR else []
    months = [f"{period.first.year}-{period.first.month + number:02}" for number in range(period.months)]
    codes = [*quarters, *months] if period.span != Span.MONTH else []
    return [part for code in codes if (part := parse_period(code)) is not None]


NOBODY = "-"
"""In the place of an organisation complained of."""


class Place(NamedTuple):
    """Where a case belongs in each table; ``about`` is NOBODY where it is about no organisation, or nobody asks."""

    category: str
    township: str
    office: str
    about: str
    channel: str


class Fact(NamedTuple):
    """How many cases of one place and month are so: ``measure`` is one of ON_THE_WAY, SINGLE or SATISFACTION, ANSWERS,
    or REASON with its code. ``seen``: the asker may see them singly."""

    place: Place
    month: str
    seen: bool
    measure: str
    number: int


class Figure(NamedTuple):
    """What a figure is about: a table, a line of it ("" is the sum), and a measure."""

    by: str
    group: str
    measure: str


class MonthFigure(NamedTuple):
    """A figure of a month (YYYY-MM; "" where months do not matter)."""

    month: str
    figure: Figure


def year_of(months: Mapping[MonthFigure, int]) -> dict[Figure, int]:
    """The figures of all these months together; what is 0 is left out."""
    found: dict[Figure, int] = defaultdict(int)
    for (_month, figure), number in months.items():
        found[figure] += number
    return {key: number for key, number in found.items() if number}


def add_up(facts: Iterable[Fact], tables: Collection[By] = tuple(By)) -> dict[Figure, int]:
    """The figures of these tables, with their sums under By's ALL; what is 0 is left out."""
    found: dict[Figure, int] = defaultdict(int)
    for fact in facts:
        for measure, sign in counts_as(fact.measure):
            found[Figure(ALL, ALL, measure)] += sign * fact.number
            for by in tables:
                found[Figure(by, getattr(fact.place, by), measure)] += sign * fact.number
    return {key: number for key, number in found.items() if number}


def counts_as(measure: str) -> Iterator[tuple[str, int]]:
    """The measures to which a fact adds, or from which it takes."""
    yield measure, 1
    if measure.startswith(REASON):
        yield DECLINED, 1
    if measure.startswith(REASON) or measure in ON_THE_WAY:
        yield RECEIVED, 1
    if measure == ANSWERS:
        yield SILENT, 1
    if measure in SATISFACTION:
        yield SILENT, -1


# --- What is withheld ----------------------------------------------------------------------------

# A figure's key for core.withholding: its line in each table, the quarter, the month, its measure and its reason. Where
# a whole is the sum of its parts (all cases of all outcomes, all answers of all ratings), the whole is ALL.
_TABLES = tuple(By)
_Key = tuple[str, ...]
_TOWNSHIP_DIGITS, _VILLAGE_DIGITS = 9, 12
_QUARTER, _MONTH = len(_TABLES), len(_TABLES) + 1
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    RECEIVED: (*ON_THE_WAY, DECLINED),
    ANSWERS: RATED,
    **dict.fromkeys(SINGLE, ()),
}


def _measure_of(key: _Key, whole: str) -> str:
    measure, reason = key[-2:]
    return f"{REASON}{reason}" if reason != ALL else measure if measure != ALL else whole


def _keys(figure: Figure, whole: str, quarter: str, month: str) -> _Key:
    line = tuple(figure.group if figure.by == by else ALL for by in _TABLES)
    reason = figure.measure.removeprefix(REASON) if figure.measure.startswith(REASON) else ALL
    measure = ALL if figure.measure == whole else DECLINED if reason != ALL else figure.measure
    return (*line, quarter, month, measure, reason)


def _is_of(figure: Figure, whole: str) -> bool:
    """Whether a figure stands in a table of that family: reasons only for the whole; channels and, of what others
    handle, organisations complained of without outcomes, of which next to nothing would be shown."""
    if figure.measure.startswith(REASON):
        return whole == RECEIVED and figure.by == ALL
    if figure.by in (By.CHANNEL, By.ABOUT):
        return figure.measure == whole == RECEIVED
    return figure.measure == whole or figure.measure in _FAMILIES[whole]


def withheld_figures(facts: tuple[Fact, ...], period: Period, tables: tuple[By, ...] = tuple(By)) -> frozenset[Figure]:
    """``withheld_of`` what these facts add up to. Needs the facts of the whole period, by month."""
    unseen = sorted((fact for fact in facts if not fact.seen), key=lambda fact: fact.month)
    months = groupby(unseen, key=lambda fact: fact.month)
    counts = (
        (MonthFigure(month, figure), number)
        for month, of_month in months
        for figure, number in add_up(of_month, tables).items()
    )
    return withheld_of(tuple(counts), period)


@lru_cache(maxsize=32)
def withheld_of(
    unseen: tuple[tuple[MonthFigure, int], ...], period: Period, few: tuple[tuple[Figure, int], ...] = ()
) -> frozenset[Figure]:
    """The figures of the period that are not shown, so that nobody finds few unseen cases in them, nor in what was
    shown of the months and quarters before. Needs the figures of all ``unseen`` cases of the period, by month.
    ``few``: by how few cases a figure differs from what its parts once said (``few_since``).

    A year takes a while to decide, and its page, its report and its file are asked for one after the other.
    """
    months: dict[str, dict[Figure, int]] = defaultdict(dict)
    for (month, figure), number in sorted(unseen):
        months[month][figure] = number
    found: set[Figure] = set()
    for whole in _FAMILIES:
        cells = {
            month: {
                _keys(figure, whole, quarter_of(month), month): Cell(number, number)
                for figure, number in numbers.items()
                if _is_of(figure, whole)
            }
            for month, numbers in months.items()
        }
        changed = {_keys(figure, whole, ALL, ALL): number for figure, number in few if _is_of(figure, whole)}
        found |= _withheld_in(cells, period, whole, changed)
    return frozenset(found)


def _withheld_in(
    months: Mapping[str, Mapping[_Key, Cell]], period: Period, whole: str, few: Mapping[_Key, int]
) -> set[Figure]:
    by_month = {month: _Part(withheld(cells, crossed=False), cells) for month, cells in months.items()}
    parts = list(by_month.values())
    if period.span != Span.MONTH:
        quarters: dict[str, list[_Part]] = defaultdict(list)
        for month, part in by_month.items():
            quarters[quarter_of(month)].append(part)
        is_last = period.span == Span.QUARTER
        of_last = few if is_last else {}
        parts = [_above(of_quarter, _MONTH, of_last, is_last=is_last) for of_quarter in quarters.values()]
    if period.span == Span.YEAR:
        parts = [_above(parts, _QUARTER, few, is_last=True)]
    return {_figure_of(key, whole) for part in parts for key in part.hidden}


class _Part(NamedTuple):
    """The figures of a period and those of them that are withheld. What hides something smaller below it counts as
    about one person; ``bounds`` is what follows of it from what is shown below."""

    hidden: AbstractSet[_Key]
    cells: Mapping[_Key, Cell] = MappingProxyType({})
    bounds: Mapping[_Key, Bounds] = MappingProxyType({})


def _above(parts: Sequence[_Part], place: int, few: Mapping[_Key, int], *, is_last: bool) -> _Part:
    """The sums of these parts over the dimension at ``place``. What was shown of the parts is known by now; what was
    withheld stays so. ``few``: sums that are told of so few people, by their keys as sums of the whole period.
    ``is_last``: nothing is summed up above it."""
    cells = {key: cell for part in parts for key, cell in part.cells.items()}
    hidden = {key for part in parts for key in part.hidden}
    bounds = {key: found for part in parts for key, found in part.bounds.items()}
    sums: dict[_Key, int] = defaultdict(int)
    for key, cell in cells.items():
        sums[*key[:place], ALL, *key[place + 1 :]] += cell.number
    # A quarter that is last is told as the whole period is.
    people = {key: few.get((*key[:_QUARTER], ALL, *key[_MONTH:]), number) for key, number in sums.items()}
    everything = cells | {key: Cell(number, people[key]) for key, number in sums.items()}
    known = cells.keys() - hidden
    found = withheld(everything, before=hidden, known=known, bounds=bounds, crossed=False)
    found_above = found & sums.keys()
    if is_last:
        return _Part(found_above)
    # What follows from the others anyway hides nothing. These are months: nothing smaller says anything of them.
    hiding = found_above - given_away(everything, found, crossed=False)
    above = {key: Cell(number, 1 if key in hiding else number) for key, number in sums.items()}
    limits = bounds_of(everything, found)
    return _Part(found_above, above, {key: limits[key] for key in found_above})


def _figure_of(key: _Key, whole: str) -> Figure:
    line = [(by, key[place]) for place, by in enumerate(_TABLES) if key[place] != ALL]
    by, group = line[0] if line else (ALL, ALL)
    return Figure(by, group, _measure_of(key, whole))


def withheld_villages(facts: Sequence[Fact], township: str, above: Collection[Figure]) -> set[Figure]:
    """The figures of a township's villages that are not shown, given which of the period are withheld (``above``). In
    the ``facts`` a case's ``township`` is its village; they are all cases of the township in that period."""
    unseen = [fact for fact in facts if not fact.seen]
    return withheld_of_villages(add_up(unseen, (By.TOWNSHIP,)), township, above)


def withheld_of_villages(numbers: Mapping[Figure, int], township: str, above: Collection[Figure]) -> set[Figure]:
    """The same for the figures (``numbers``) of the unseen cases, by village and in all."""
    found: set[Figure] = set()
    for whole, parts in _FAMILIES.items():
        cells: dict[_Key, Cell] = {}
        known: set[_Key] = set()
        for (_by, group, measure), number in numbers.items():
            if measure != whole and measure not in parts:
                continue
            key = (group, ALL if measure == whole else measure)
            hides = group == ALL and Figure(By.TOWNSHIP, township, measure) in above
            # What is withheld above hides what is smaller still.
            cells[key] = Cell(number, 1 if hides else number)
            if group == ALL and not hides:
                known.add(key)
        hidden = withheld(cells, known=known)
        found |= {Figure(By.TOWNSHIP, group, measure or whole) for group, measure in hidden if group != ALL}
    return found


def lines_of(numbers: Mapping[Figure, int], by: By) -> dict[Figure, int]:
    """The figures of one table, without their sums."""
    return {key: number for key, number in numbers.items() if key.by == by}


def of_township(figure: Figure, township: str) -> bool:
    """Whether the line of a table by village belongs to that township."""
    return figure.group[:_TOWNSHIP_DIGITS] == township[:_TOWNSHIP_DIGITS]


def withheld_of_all_villages(numbers: Mapping[Figure, int], above: Collection[Figure]) -> set[Figure]:
    """``withheld_of_villages`` township by township, given the figures of all villages of the county."""
    townships: dict[str, dict[Figure, int]] = defaultdict(lambda: defaultdict(int))
    for key, number in lines_of(numbers, By.TOWNSHIP).items():
        of_this = townships[key.group[:_TOWNSHIP_DIGITS]]
        of_this[key] += number
        of_this[Figure(ALL, ALL, key.measure)] += number
    found: set[Figure] = set()
    for start, of_this in townships.items():
        found |= withheld_of_villages(of_this, start.ljust(_VILLAGE_DIGITS, "0"), above)
    return found


class Told(Protocol):
    """A period as it was drawn up: its figures, and which of them were withheld."""

    @property
    def numbers(self) -> Mapping[Figure, int]: ...

    @property
    def hidden(self) -> Collection[Figure]: ...


def few_since(numbers: Mapping[Figure, int], divisions: Iterable[Sequence[Told]]) -> dict[Figure, int]:
    """The figures of a period that differ by few cases from the sum of its parts as they were told, and by how many:
    whoever subtracts would find the few that were answered since. ``divisions``: all its months, all its quarters."""
    found: dict[Figure, int] = {}
    for parts in divisions:
        withheld_once = {key for part in parts for key in part.hidden}
        for key in numbers.keys() - withheld_once if parts else ():
            changed = abs(numbers[key] - sum(part.numbers.get(key, 0) for part in parts))
            if 0 < changed < SMALLEST:
                found[key] = min(changed, found.get(key, changed))
    return found


# --- How long it took ----------------------------------------------------------------------------


def days_within(counts: Mapping[int, int], percent: int) -> int | None:
    """Within how many days so many percent of all were done, given how many took how many days; None for none at all.
    Half of four are two: the smaller of two in the middle."""
    total = sum(counts.values())
    reached = 0
    for days in sorted(counts):
        reached += counts[days]
        if reached * 100 >= total * percent:
            return days
    return None
