"""Which figures are withheld so that nobody learns anything of few people, neither from a figure nor from the sums.

Primary and complementary cell suppression. A figure about fewer than five people is withheld. Where the others of a sum
would still give it away, further figures are withheld with it, the smallest first. Two attacks are tried until neither
finds anything: bounds that are drawn closer by one sum after the other (the shuttle algorithm of Buzzigoli and Giusti),
and linear algebra over all sums at once.

Pure: no database, no clock.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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


class Bounds(NamedTuple):
    """Between which numbers a figure lies for whoever reads what is published."""

    least: int
    most: int


_NOTHING: Mapping[Key, Bounds] = {}


class Sum(NamedTuple):
    """A figure and the figures that add up to it."""

    total: Key
    parts: Sequence[Key]

    @property
    def members(self) -> Iterable[Key]:
        """All of them."""
        return (self.total, *self.parts)


def withheld(
    cells: Mapping[K, Cell],
    before: Collection[Key] = (),
    known: Collection[Key] = (),
    *,
    bounds: Mapping[Key, Bounds] = _NOTHING,
    crossed: bool = True,
) -> set[K]:
    """The keys of the figures that are not published. Figures that are not among ``cells`` are 0, and known.

    ``before`` are those that were withheld when an earlier state of the same figures was published: they stay so, or
    the two publications together would say more than either. ``known`` are those that were shown then and are the same
    still: whoever kept the page goes on knowing them, so that they protect nothing, and nothing protects them.
    ``bounds``: what else was published says of those that are withheld. Raises ValueError for figures that do not add
    up.
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
    safe: set[frozenset[Key]] = set()
    while exposed := _exposed(figures, _hanging_together(sums, secret), guarded, bounds, safe):
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
    found = given_away(cells, hidden, known, crossed=crossed)
    small = _small({tuple(key): cell for key, cell in cells.items()}) - {tuple(key) for key in known}
    return any(tuple(key) in small for key in found)


def bounds_of(
    cells: Mapping[K, Cell],
    hidden: Collection[Key],
    known: Collection[Key] = (),
    *,
    bounds: Mapping[Key, Bounds] = _NOTHING,
) -> dict[K, Bounds]:
    """What is known of each figure that is withheld, by the sums among ``cells`` alone."""
    secret = {tuple(key) for key in hidden} - {tuple(key) for key in known}
    figures = {tuple(key): cell for key, cell in cells.items()}
    low, high = _bounds(figures, sums_of(figures.keys()), secret, bounds)
    return {key: Bounds(low[tuple(key)], high[tuple(key)]) for key in cells if tuple(key) in secret}


def given_away(
    cells: Mapping[K, Cell],
    hidden: Collection[Key],
    known: Collection[Key] = (),
    *,
    bounds: Mapping[Key, Bounds] = _NOTHING,
    crossed: bool = True,
) -> set[K]:
    """The figures that follow from what is published, to fewer than SMALLEST values, although all these are withheld:
    the small ones that were shown, and of those withheld the ones that might as well be."""
    figures = {tuple(key): cell for key, cell in cells.items()}
    shown_before = {tuple(key) for key in known}
    inner = _inner(figures) if crossed else set()
    secret = ({tuple(key) for key in hidden} | inner) - shown_before
    sums = sums_of(figures.keys() | inner)
    found = {*_narrowed(figures, sums, secret, secret, bounds), *_computed(sums, secret, secret)}
    found |= _small(figures) - shown_before - secret
    return {key for key in cells if tuple(key) in found}


def _exposed(
    cells: Mapping[Key, Cell],
    parts: Iterable[tuple[frozenset[Key], Sequence[Sum]]],
    small: AbstractSet[Key],
    bounds: Mapping[Key, Bounds],
    safe: set[frozenset[Key]],
) -> list[Key]:
    """The small figures that follow from the others. ``parts``: what hangs together by no sum is looked at apart;
    ``safe`` are the sets of figures of which it is known that they give nothing away, and grows."""
    found: list[Key] = []
    for together, of_these in parts:
        if together in safe:
            continue
        guarded = together & small
        exposed = _narrowed(cells, of_these, together, guarded, bounds) or _computed(of_these, together, guarded)
        if exposed:
            found += exposed
        else:
            safe.add(together)
    return found


def _hanging_together(sums: Sequence[Sum], hidden: AbstractSet[Key]) -> list[tuple[frozenset[Key], Sequence[Sum]]]:
    """What is withheld in sets that no sum links, each with its sums."""
    leader = {key: key for key in hidden}

    def leading(key: Key) -> Key:
        while leader[key] != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    linked: list[tuple[Key, Sum]] = []
    for one in sums:
        unknown = [key for key in one.members if key in leader]
        for key in unknown[1:]:
            leader[leading(key)] = leading(unknown[0])
        if unknown:
            linked.append((unknown[0], one))
    members: dict[Key, list[Key]] = defaultdict(list)
    for key in leader:
        members[leading(key)].append(key)
    of: dict[Key, list[Sum]] = defaultdict(list)
    for key, one in linked:
        of[leading(key)].append(one)
    return [(frozenset(keys), of[first]) for first, keys in members.items()]


def _require_consistent(cells: Mapping[Key, Cell], inner: AbstractSet[Key], sums: Sequence[Sum]) -> None:
    # Bounds would be drawn closer without end.
    for total, parts in sums:
        whole = inner.isdisjoint(parts) and total in cells
        if whole and cells[total].number != sum(cells[key].number for key in parts):
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
    cells: Mapping[Key, Cell],
    sums: Sequence[Sum],
    hidden: AbstractSet[Key],
    small: AbstractSet[Key],
    bounds: Mapping[Key, Bounds],
) -> list[Key]:
    """The small figures that one sum after the other would narrow down to fewer values than SMALLEST."""
    low, high = _bounds(cells, sums, hidden, bounds)
    return sorted(key for key in small if key in hidden and high[key] - low[key] < SMALLEST - 1)


def _bounds(
    cells: Mapping[Key, Cell], sums: Sequence[Sum], hidden: AbstractSet[Key], bounds: Mapping[Key, Bounds]
) -> tuple[dict[Key, int], dict[Key, int]]:
    """The least and the most that each withheld figure can be."""
    # A figure that is withheld is not 0, unless it stands among the cells as such; of those behind the tables nobody
    # knows even that.
    low = {key: min(cells[key].number, 1) if key in cells else 0 for key in hidden}
    high = dict.fromkeys(hidden, _UNBOUNDED)
    for key in hidden & bounds.keys():
        low[key], high[key] = bounds[key]
    # What is left of each sum when all that is shown is taken from it: signed unknowns that add up to a number.
    equations = list(_equations(cells, sums, hidden))
    of: dict[Key, list[int]] = defaultdict(list)
    for number, (unknown, _rest) in enumerate(equations):
        for key in unknown:
            of[key].append(number)
    waiting = dict.fromkeys(range(len(equations)))
    while waiting:
        number = next(iter(waiting))
        del waiting[number]
        for key in _drawn_closer(low, high, *equations[number]):
            waiting |= dict.fromkeys(of[key])
    return low, high


def _equations(
    cells: Mapping[Key, Cell], sums: Sequence[Sum], hidden: AbstractSet[Key]
) -> Iterator[tuple[Mapping[Key, int], int]]:
    for total, parts in sums:
        unknown = {key: 1 for key in parts if key in hidden}
        if total in hidden:
            unknown[total] = -1
        if unknown:
            shown = sum(cells[key].number for key in parts if key not in hidden)
            yield unknown, (0 if total in hidden else cells[total].number) - shown


def _drawn_closer(low: dict[Key, int], high: dict[Key, int], unknown: Mapping[Key, int], rest: int) -> list[Key]:
    """Draw bounds closer by one equation; returns the figures whose bounds have changed."""
    least = {key: sign * (low if sign > 0 else high)[key] for key, sign in unknown.items()}
    most = {key: sign * (high if sign > 0 else low)[key] for key, sign in unknown.items()}
    lowest, highest = sum(least.values()), sum(most.values())
    changed = []
    for key, sign in unknown.items():
        # The others leave this much of it.
        above, below = rest - (lowest - least[key]), rest - (highest - most[key])
        if sign < 0:
            above, below = -below, -above
        if _tighten(low, high, key, below, above):
            changed.append(key)
    return changed


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
    # In which of the rows a figure stands that is not their pivot.
    standing: dict[Key, set[Key]] = defaultdict(set)
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
        for name in standing.pop(pivot, set()):
            other = rows[name]
            _subtract(other, row, other[pivot])
            for key in row:
                (standing[key].add if key in other else standing[key].discard)(name)
        rows[pivot] = row
        for key in row.keys() - {pivot}:
            standing[key].add(pivot)
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
    near = [sums[number] for number in sorted({number for key in around for number in of[key]})]
    if alone := _alone(prices, near, hidden, around):
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
