"""Which figures are withheld so that nobody learns anything of few people, neither from a figure nor from the sums.

Primary and complementary cell suppression. A figure about fewer than five people is withheld. Where the others of a sum
would still give it away, further figures are withheld with it, the smallest first. Two attacks are tried until neither
finds anything: bounds that are drawn closer by one sum after the other (the shuttle algorithm of Buzzigoli and Giusti),
and linear algebra over all sums at once.

Pure: no database, no clock.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple, TypeAlias, TypeVar

ALL = ""
"""Stands in a key for the sum over that dimension."""
SMALLEST = 5
"""Figures about fewer people are withheld; and what is withheld must still be able to have this many values."""
# Sums have coefficients 1 and -1: modulo a large prime they are as independent as they are in fractions.
_PRIME = (1 << 61) - 1
_UNBOUNDED = 10**15


Key: TypeAlias = tuple[str, ...]
"""What a figure is about, by the dimensions of the tables that it stands in; ALL in a place where it is a sum. All keys
of one set of figures have the same length."""
K = TypeVar("K", bound=Key)


@dataclass(frozen=True)
class Cell:
    """A figure: how many payments or cases, of at least how many people, how much in fen."""

    number: int
    people: int
    amount_fen: int = 0


Price: TypeAlias = tuple[int, Key]
"""What it costs to withhold a figure: little is lost by a small one."""


class Sum(NamedTuple):
    """A figure and the figures that add up to it."""

    total: Key
    parts: Sequence[Key]

    @property
    def members(self) -> Iterable[Key]:
        """All of them."""
        return (self.total, *self.parts)


def withheld(
    cells: Mapping[K, Cell], before: Collection[Key] = (), known: Collection[Key] = (), *, crossed: bool = True
) -> set[K]:
    """The keys of the figures that are not published. Figures that are not among ``cells`` are 0, and known.

    ``before`` are those that were withheld when an earlier state of the same figures was published: they stay so, or
    the two publications together would say more than either. ``known`` are those that were shown then and are the same
    still: whoever kept the page goes on knowing them, so that they protect nothing, and nothing protects them. Raises
    ValueError for figures that do not add up.
    ``crossed``: tables hang together by what would stand in a table divided by all that any of them is divided by.
    Without effect on tables that share no more than their sums, which can be met by some numbers whatever they are.
    """
    figures = {tuple(key): cell for key, cell in cells.items()}
    shown_before = {tuple(key) for key in known}
    small = _small(figures)
    # What stands behind all tables, and never in one: by it the sums of different tables hang together.
    inner = _inner(figures) if crossed else set()
    # What helps when it is withheld, too.
    prices = {key: (cell.number, key) for key, cell in figures.items() if cell.number and key not in shown_before}
    hidden = small | (figures.keys() & {tuple(key) for key in before}) | inner
    secret, guarded = hidden - shown_before, small - shown_before
    sums = sums_of(figures.keys() | inner)
    _require_consistent(figures, inner, sums)
    while exposed := _narrowed(figures, sums, secret, guarded) or _computed(sums, secret, guarded):
        companions = _companions(prices, sums, secret, exposed)
        if not companions:
            # Given away by what was shown already; to withhold more would hide nothing.
            break
        secret |= companions
    left = (hidden | secret) - inner
    return {key for key in cells if tuple(key) in left}


def gives_away(
    cells: Mapping[K, Cell], hidden: Collection[Key], known: Collection[Key] = (), *, crossed: bool = True
) -> bool:
    """Whether a small figure follows from what is published, although all these are withheld."""
    figures = {tuple(key): cell for key, cell in cells.items()}
    shown_before = {tuple(key) for key in known}
    inner = _inner(figures) if crossed else set()
    secret = ({tuple(key) for key in hidden} | inner) - shown_before
    guarded = _small(figures) - shown_before
    sums = sums_of(figures.keys() | inner)
    return bool(_narrowed(figures, sums, secret, guarded) or _computed(sums, secret, guarded))


def _require_consistent(cells: Mapping[Key, Cell], inner: AbstractSet[Key], sums: Sequence[Sum]) -> None:
    # Bounds would be drawn closer without end.
    for total, parts in sums:
        if inner.isdisjoint(parts) and total in cells:
            if cells[total].number != sum(cells[key].number for key in parts):
                raise ValueError(f"the parts of {total} do not add up to it")


def _small(cells: Mapping[Key, Cell]) -> set[Key]:
    return {key for key, cell in cells.items() if 0 < cell.people < SMALLEST}


def _inner(cells: Mapping[Key, Cell]) -> set[Key]:
    """The figures divided by every dimension that a table divides by, as far as no table says that they are 0."""
    shapes = {tuple(value != ALL for value in key) for key in cells}
    divided = [any(places) for places in zip(*shapes, strict=True)]
    values = [
        sorted({key[place] for key in cells} - {ALL}) if divided[place] else [ALL] for place in range(len(divided))
    ]
    return {key for key in product(*values) if all(_divided_by(key, shape) in cells for shape in shapes)} - cells.keys()


def _divided_by(key: Key, shape: Sequence[bool]) -> Key:
    return tuple(value if wanted else ALL for value, wanted in zip(key, shape, strict=True))


def sums_of(cells: Collection[Key]) -> list[Sum]:
    """Every sum that a reader can form: a figure, and those that say the same divided by one dimension."""
    parts: dict[tuple[Key, int], list[Key]] = defaultdict(list)
    for key in cells:
        for place, value in enumerate(key):
            total = (*key[:place], ALL, *key[place + 1 :])
            if value != ALL and total in cells:
                parts[total, place].append(key)
    return [Sum(total, sorted(found)) for (total, _place), found in sorted(parts.items())]


def _narrowed(
    cells: Mapping[Key, Cell], sums: Sequence[Sum], hidden: AbstractSet[Key], small: AbstractSet[Key]
) -> list[Key]:
    """The small figures that one sum after the other would narrow down to fewer values than SMALLEST."""
    # A figure that is withheld is not 0, unless it stands among the cells as such; of those behind the tables nobody
    # knows even that.
    low = {key: min(cell.number, 1) if key in hidden else cell.number for key, cell in cells.items()}
    low |= dict.fromkeys(hidden - cells.keys(), 0)
    high = {key: _UNBOUNDED if key in hidden else cells[key].number for key in low}
    changed = True
    while changed:
        changed = False
        for total, parts in sums:
            lowest, highest = sum(low[key] for key in parts), sum(high[key] for key in parts)
            changed |= _tighten(low, high, total, lowest, highest)
            for key in parts:
                if key in hidden:
                    others_low, others_high = lowest - low[key], highest - high[key]
                    changed |= _tighten(low, high, key, low[total] - others_high, high[total] - others_low)
                    lowest, highest = others_low + low[key], others_high + high[key]
    return sorted(key for key in small if high[key] - low[key] < SMALLEST - 1)


def _tighten(low: dict[Key, int], high: dict[Key, int], key: Key, least: int, most: int) -> bool:
    """Draw the bounds of a figure closer; whether that changed them. What has no bound yet gives none."""
    if least <= low[key] and (most >= high[key] or most >= _UNBOUNDED // 2):
        return False
    low[key] = max(low[key], least)
    if most < _UNBOUNDED // 2:
        high[key] = min(high[key], most)
    return True


def _computed(sums: Sequence[Sum], hidden: AbstractSet[Key], small: AbstractSet[Key]) -> list[Key]:
    """The small figures that all sums together determine: those that stand alone in a row of the reduced system."""
    rows: dict[Key, dict[Key, int]] = {}
    for total, parts in sums:
        row = {key: 1 for key in parts if key in hidden}
        if total in hidden:
            row[total] = _PRIME - 1
        for pivot in [key for key in row if key in rows]:
            _subtract(row, rows[pivot], row.get(pivot, 0))
        if not row:
            continue
        pivot = min(row)
        inverse = pow(row[pivot], -1, _PRIME)
        row = {key: value * inverse % _PRIME for key, value in row.items()}
        for other in rows.values():
            _subtract(other, row, other.get(pivot, 0))
        rows[pivot] = row
    return sorted(pivot for pivot, row in rows.items() if len(row) == 1 and pivot in small)


def _subtract(row: dict[Key, int], other: Mapping[Key, int], times: int) -> None:
    """Take ``times`` the other row from this one; what becomes 0 leaves it."""
    if not times:
        return
    for key, value in other.items():
        left = (row.get(key, 0) - times * value) % _PRIME
        if left:
            row[key] = left
        else:
            row.pop(key, None)


def _companions(
    prices: Mapping[Key, Price], sums: Sequence[Sum], hidden: AbstractSet[Key], exposed: Sequence[Key]
) -> set[Key]:
    """For every exposed figure the smallest one to withhold with it; one for all where they stand in the same sum."""
    of: dict[Key, list[int]] = defaultdict(list)
    for number, one in enumerate(sums):
        for key in one.members:
            of[key].append(number)
    around = {other for key in exposed for number in of[key] for other in sums[number].members}
    if alone := _alone(prices, sums, hidden, around):
        return alone
    found: set[Key] = set()
    helped: set[int] = set()
    for key in exposed:
        if helped & set(of[key]):
            continue
        companion = _companion(prices, sums, hidden, of, key)
        if companion is not None:
            found.add(companion)
            helped |= set(of[companion])
    return found


def _alone(
    prices: Mapping[Key, Price], sums: Sequence[Sum], hidden: AbstractSet[Key], around: AbstractSet[Key]
) -> set[Key]:
    """For each figure around the exposed ones that a sum gives away by itself, the smallest other one of that sum."""
    found: set[Key] = set()
    for one in sums:
        unknown = [key for key in one.members if key in hidden]
        if len(unknown) == 1 and unknown[0] in around:
            shown = [key for key in one.members if key in prices and key not in hidden]
            if shown and not found & set(one.members):
                found.add(min(shown, key=prices.__getitem__))
    return found


def _companion(
    prices: Mapping[Key, Price], sums: Sequence[Sum], hidden: AbstractSet[Key], of: Mapping[Key, list[int]], key: Key
) -> Key | None:
    """The smallest published figure in a sum with this one, or in a sum with those beside it, and so on; None where
    there is none."""
    near, seen = {key}, {key}
    while near:
        members = {other for one in near for number in of[one] for other in sums[number].members} - seen
        shown = [other for other in members if other in prices and other not in hidden]
        if shown:
            return min(shown, key=prices.__getitem__)
        near, seen = members, seen | members
    return None
