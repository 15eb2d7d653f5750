"""The county's figures as they were drawn up, and how they are kept: packed as table → line → measure → number."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from complaints.models import DrawnForOfficial, DrawnPeriod
from complaints.rules.figures import ALL, By, Figure, Period, Span, of_township, parts_of
from core.database import db
from core.principal import Principal

SUMS, VILLAGES = "figures", "villages"
"""In what is withheld: of the period, and of the villages of its townships."""


@dataclass(frozen=True)
class Drawn:
    """A period as it was drawn up for one asker, or for whoever sees no case (``own`` is False)."""

    drawn_at: datetime
    numbers: dict[Figure, int]
    hidden: frozenset[Figure]
    villages: dict[Figure, int]
    hidden_villages: frozenset[Figure]
    days: tuple[int, int] | None
    own: bool

    def of_township(self, township: str) -> tuple[dict[Figure, int], set[Figure]]:
        """The figures of its villages, and which of them are withheld."""
        hidden = {figure for figure in self.hidden_villages if of_township(figure, township)}
        return {key: number for key, number in self.villages.items() if of_township(key, township)}, hidden


def drawn_figures(principal: Principal, period: Period) -> Drawn | None:
    """The period as it was drawn up for the principal; None where it is not yet. Whoever saw no case then, or was not
    there yet, is shown what everybody is shown."""
    found = db.session.get(DrawnPeriod, period.code)
    return _drawn(found, principal.official_id) if found else None


def drawn_parts(official_id: int | None, period: Period) -> list[list[Drawn]]:
    """The months, and of a year the quarters, of the period as they were drawn up for that official (None: for whoever
    sees no case); of each span all or none."""
    divisions: dict[Span, list[str]] = defaultdict(list)
    for part in parts_of(period):
        divisions[part.span].append(part.code)
    found = []
    for codes in divisions.values():
        kept = db.session.scalars(select(DrawnPeriod).where(DrawnPeriod.period.in_(codes))).all()
        if len(kept) == len(codes):
            found.append([_drawn(one, official_id) for one in kept])
    return found


def _drawn(found: DrawnPeriod, official_id: int | None) -> Drawn:
    own = db.session.get(DrawnForOfficial, (found.period, official_id)) if official_id else None
    hidden = own.hidden if own else found.hidden
    days = None if found.half_days is None or found.most_days is None else (found.half_days, found.most_days)
    return Drawn(
        found.drawn_at,
        unpacked(found.numbers),
        frozenset(Figure(*figure) for figure in hidden[SUMS]),
        unpacked(found.villages),
        frozenset(Figure(*figure) for figure in hidden[VILLAGES]),
        days,
        own is not None,
    )


def packed(numbers: Mapping[Figure, int]) -> dict[str, Any]:
    """Figures as they are kept."""
    found: dict[str, Any] = {}
    for (by, group, measure), number in numbers.items():
        found.setdefault(str(by), {}).setdefault(group, {})[measure] = number
    return found


def unpacked(kept: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[Figure, int]:
    """What was packed."""
    return dict(_figures(kept))


def _figures(kept: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Iterator[tuple[Figure, int]]:
    for by, lines in kept.items():
        table = By(by) if by != ALL else ALL
        for group, measures in lines.items():
            for measure, number in measures.items():
                yield Figure(table, group, measure), number


def packed_hidden(hidden: Collection[Figure], villages: Collection[Figure]) -> dict[str, list[list[str]]]:
    """What is withheld, as it is kept."""
    return {SUMS: sorted([*map(list, hidden)]), VILLAGES: sorted([*map(list, villages)])}
