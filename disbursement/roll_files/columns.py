"""Which column of a roll holds what: by the header first, by the cells where there is none or where it errs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from core.tables.headers import Header, label_of, unit_of
from core.tables.rows import Row
from disbursement.roll_files.evidence import (
    Sample,
    looks_like_bank,
    looks_like_card,
    looks_like_group,
    looks_like_id,
    looks_like_mobile,
    looks_like_name,
)
from disbursement.roll_files.vocabulary import Field, Meaning, Party, Rank, meaning_of_levels

NEEDED = (Field.NAME, Field.ID_NUMBER, Field.AMOUNT)
"""Without these a sheet is no roll."""

_PLACES_OF_UNIT = {"元": 0, "万元": 4, "千元": 3, "百元": 2, "角": -1, "分": -2}
_BENEFICIARY_FIRST = (Party.BENEFICIARY, Party.UNSAID, Party.HEAD, Party.PAYEE)
_PAYEE_FIRST = (Party.PAYEE, Party.UNSAID, Party.BENEFICIARY, Party.HEAD)


_BY_LOOKS: tuple[tuple[Field, Callable[[str], bool]], ...] = (
    (Field.PHONE, looks_like_mobile),
    (Field.CARD, looks_like_card),
    (Field.BANK, looks_like_bank),
    (Field.GROUP, looks_like_group),
    (Field.VILLAGE, lambda text: text.strip().endswith(("村", "社区"))),
    (Field.TOWNSHIP, lambda text: text.strip().endswith(("镇", "乡", "街道"))),
)


@dataclass(frozen=True)
class Columns:
    """The columns of one table: which field stands in which column (from 0), by how many decimal places the amounts
    are to be moved to become yuan (万元: 4), and which columns are filled in only where something new begins, as with
    merged cells, so that a blank cell takes what stood above it."""

    places: dict[Field, int]
    decimal_places: int = 0
    carried: frozenset[Field] = frozenset()
    first: int = 0
    last: int | None = None
    """Where the table begins and ends (excluded), for tables that stand side by side."""

    @property
    def missing(self) -> list[Field]:
        """The fields without which the lines cannot be read."""
        return [field for field in NEEDED if field not in self.places]


@dataclass(frozen=True)
class Doubt:
    """Something about the columns that a person should look at: a code, and the header of the column it is about."""

    code: str
    header: str = ""


@dataclass
class Recognised:
    """What was found out about a table: its columns (several where tables stand side by side) and the doubts."""

    header: Header | None
    blocks: list[Columns]
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether the lines can be read."""
        return bool(self.blocks) and not any(block.missing for block in self.blocks)

    def text(self, column: int) -> str:
        """The header over a column, for people; empty where there is none."""
        return self.header.text(column) if self.header else ""


def recognise(header: Header | None, rows: Sequence[Row], unit: str | None, today: date) -> Recognised:
    """Recognise the columns of a table from its header (None: from the cells alone) and its first rows of data.
    ``unit`` is the unit of money named above the table, if any."""
    sample = Sample(rows, today)
    if header is None:
        return _by_content(sample, unit)
    meanings = [meaning_of_levels(tuple(map(label_of, path))) for path in header.paths]
    found = Recognised(header, [])
    for first, last in _side_by_side(header, meanings):
        found.blocks.append(_Assignment(header, meanings, range(first, last), sample, found.doubts).columns(unit))
    return found


def _side_by_side(header: Header, meanings: Sequence[Meaning | None]) -> list[tuple[int, int]]:
    """Where tables begin and end that stand beside each other on one sheet: the same labels over again, with a name,
    an ID number and an amount each time. Columns from and (excluded) to."""
    filled = [column for column, path in enumerate(header.paths) if path]
    labels = [header.label(column) for column in filled]
    for length in range(3, len(filled) // 2 + 1):
        fields = {meaning.field for c in filled[:length] if (meaning := meanings[c])}
        if labels[:length] == labels[length : 2 * length] and fields >= set(NEEDED):
            count = 2
            while labels[count * length : (count + 1) * length] == labels[:length]:
                count += 1
            starts = [filled[number * length] for number in range(count)]
            return list(zip(starts, [*starts[1:], len(header.paths)], strict=True))
    return [(0, len(header.paths))]


class _Assignment:
    """Gives each field its column within one table."""

    def __init__(
        self,
        header: Header,
        meanings: Sequence[Meaning | None],
        columns: range,
        sample: Sample,
        doubts: list[Doubt],
    ) -> None:
        self._header = header
        self._meant = {column: meaning for column in columns if (meaning := meanings[column])}
        self._columns = columns
        self._sample = sample
        self._doubts = doubts
        self._places: dict[Field, int] = {}

    def columns(self, unit: str | None) -> Columns:
        self._assign_people()
        self._assign_simple_ones()
        self._check_by_content()
        amount = self._amount()
        if amount is None:
            return Columns(self._places, first=self._columns.start, last=self._columns.stop)
        self._places[Field.AMOUNT] = amount
        carried = _carried(self._places, self._sample)
        places = _PLACES_OF_UNIT[unit_of(self._header.text(amount)) or unit or "元"]
        if places > 0 and any((number or 0) >= 100 for number in self._sample.numbers(amount)):
            self._doubt("unit_unusual", amount)
        return Columns(self._places, places, carried, self._columns.start, self._columns.stop)

    def _doubt(self, code: str, column: int) -> None:
        self._doubts.append(Doubt(code, self._header.text(column)))

    def _of(self, field: Field) -> list[int]:
        return [column for column, meaning in self._meant.items() if meaning.field is field]

    def _pick(self, columns: Iterable[int], order: Sequence[Party]) -> int | None:
        """The first of these columns of the party that comes first."""
        of_parties = [column for column in columns if self._meant[column].party in order]
        return min(of_parties, key=lambda column: order.index(self._meant[column].party), default=None)

    def _put(self, field: Field, column: int | None) -> None:
        if column is not None:
            self._places[field] = column

    def _assign_people(self) -> None:
        names, numbers = self._of(Field.NAME), self._of(Field.ID_NUMBER)
        name = self._pick(names, _BENEFICIARY_FIRST)
        party = self._meant[name].party if name is not None else Party.UNSAID
        same_party = [c for c in numbers if self._meant[c].party is party and party is not Party.UNSAID]
        # Of two that say nothing of whose they are, the one behind the name is meant.
        behind_first = sorted(same_party or numbers, key=lambda column: (name is not None and column < name, column))
        number = self._pick(behind_first, _BENEFICIARY_FIRST)
        self._put(Field.NAME, name)
        self._put(Field.ID_NUMBER, number)
        own = party in (Party.BENEFICIARY, Party.UNSAID)
        if own and number is not None and self._meant[number].party in (Party.HEAD, Party.PAYEE):
            self._doubt("id_of_another", number)
        other_names = [column for column in names if column != name]
        self._put(Field.PAYEE_NAME, self._pick(other_names, (Party.PAYEE, Party.UNSAID)))
        if Field.PAYEE_NAME in self._places:
            other_numbers = [column for column in numbers if column != number]
            self._put(Field.PAYEE_ID, self._pick(other_numbers, (Party.PAYEE, Party.UNSAID)))

    def _assign_simple_ones(self) -> None:
        cards = [c for c in self._of(Field.CARD) if self._meant[c].party is not Party.ANOTHER]
        held = [column for column in cards if self._sample.share(column, looks_like_card) > 0]
        card = self._pick(held or cards, _PAYEE_FIRST)
        self._put(Field.CARD, card)
        if card is not None and len(held) > 1:
            self._doubt("card_chosen", card)
        self._put(Field.PHONE, self._pick(self._of(Field.PHONE), _PAYEE_FIRST))
        self._put(Field.BANK, self._pick(self._of(Field.BANK), _PAYEE_FIRST))
        for field_ in (
            Field.SERIAL,
            Field.TOWNSHIP,
            Field.VILLAGE,
            Field.GROUP,
            Field.ADDRESS,
            Field.RELATIONSHIP,
            Field.QUANTITY,
            Field.STANDARD,
            Field.REMARK,
            Field.MARK,
        ):
            self._put(field_, next(iter(self._of(field_)), None))

    def _check_by_content(self) -> None:
        """A header may stand a column beside its cells, be missing over one of them, or over the wrong one of two."""
        name, number = self._places.get(Field.NAME), self._places.get(Field.ID_NUMBER)
        if name is not None and number is not None:
            crossed = self._sample.share(name, looks_like_id), self._sample.share(number, looks_like_name)
            if min(crossed) >= 0.6:
                self._places[Field.NAME], self._places[Field.ID_NUMBER] = number, name
                self._doubt("by_content", name)
        tests: tuple[tuple[Field, Callable[[str], bool]], ...] = (
            (Field.ID_NUMBER, self._sample.is_right_id),
            (Field.NAME, looks_like_name),
        )
        for needed, test in tests:
            column = self._places.get(needed)
            loose = looks_like_id if needed is Field.ID_NUMBER else test
            if column is not None and (not self._sample.cells(column) or self._sample.share(column, loose) >= 0.3):
                continue
            taken = set(self._places.values()) | set(self._meant)
            free = [c for c in self._columns if (c not in taken or c == column) and self._sample.share(c, test) >= 0.6]
            if len(free) == 1 and free[0] != column:
                self._places[needed] = free[0]
                self._doubt("by_content", free[0])
        self._find_unlabelled()

    def _find_unlabelled(self) -> None:
        """Columns without a label, or with one that nobody knows, are known by what they hold."""
        for sought, test in _BY_LOOKS:
            if sought in self._places:
                continue
            taken = set(self._places.values()) | set(self._meant)
            free = [c for c in self._columns if c not in taken and self._sample.share(c, test) >= 0.8]
            if len(free) == 1:
                self._places[sought] = free[0]
                self._doubt("by_content", free[0])

    # --- the amount --------------------------------------------------------------------------------

    def _amount(self) -> int | None:
        meant = [c for c in self._of(Field.AMOUNT) if self._sample.are_numbers(c) or not self._sample.cells(c)]
        candidates = [column for column in meant if self._meant[column].rank is not Rank.PART]
        if not candidates:
            return self._unlabelled_amount()
        column = self._only_one(candidates)
        if column is None:
            column = self._by_arithmetic(candidates)
        if column is None:
            column = self._by_rank(candidates)
            self._doubt("amount_chosen", column)
        elif not self._meant[column].known:
            self._doubt("wording", column)
        return column

    def _only_one(self, candidates: list[int]) -> int | None:
        paid = [column for column in candidates if self._meant[column].rank is Rank.PAID]
        if len(paid) == 1:
            return paid[0]
        first, *others = candidates
        return candidates[-1] if all(self._sample.is_same(first, other) for other in others) else None

    def _by_arithmetic(self, candidates: list[int]) -> int | None:
        """The column that is the sum of the others, or of unlabelled columns of numbers (months, levels of government);
        failing that, the only one that is quantity times standard."""
        quiet = [
            c for c in self._columns if c not in self._meant and self._header.paths[c] and self._sample.are_numbers(c)
        ]
        parts = [c for c in self._of(Field.AMOUNT) if self._meant[c].rank is Rank.PART]
        for column in candidates:
            others = [other for other in candidates if other != column]
            for added in (others, others + parts, others + quiet, quiet, parts):
                if len(added) >= 2 and self._sample.is_sum(column, added):
                    return column
        products = [column for column in candidates if self._is_product(column)]
        return products[0] if len(products) == 1 else None

    def _is_product(self, column: int) -> bool:
        return any(
            self._sample.is_product(column, quantity, standard)
            for quantity in self._of(Field.QUANTITY)
            for standard in self._of(Field.STANDARD)
        )

    def _by_rank(self, candidates: list[int]) -> int:
        order = (Rank.PAID, Rank.SUM, Rank.PLAIN, Rank.DUE)
        best = min(order.index(self._meant[column].rank) for column in candidates)
        return [column for column in candidates if order.index(self._meant[column].rank) == best][-1]

    def _unlabelled_amount(self) -> int | None:
        """A column without a label known that is quantity times standard is the amount all the same."""
        free = [
            c for c in self._columns if c not in self._meant and self._sample.are_numbers(c) and self._is_product(c)
        ]
        if len(free) != 1:
            return None
        self._doubt("by_content", free[0])
        return free[0]


def _carried(places: dict[Field, int], sample: Sample) -> frozenset[Field]:
    """A column of villages that is blank in one row of ten is meant to be read downwards; one that lacks a value here
    and there simply lacks it."""
    full = 0.9 * len(sample.rows)
    columns = ((field, places[field]) for field in (Field.TOWNSHIP, Field.VILLAGE, Field.GROUP) if field in places)
    return frozenset(field for field, column in columns if len(sample.cells(column)) < full)


# --- without a header ---------------------------------------------------------------------------


def _by_content(sample: Sample, unit: str | None) -> Recognised:
    """The columns of a table without a header, from its cells alone. That is never certain."""
    tests = ((Field.ID_NUMBER, sample.is_right_id), *_BY_LOOKS, (Field.NAME, looks_like_name))
    places: dict[Field, int] = {}
    for sought, test in tests:
        for column in range(sample.width):
            if column not in places.values() and sample.share(column, test) >= 0.5:
                places[sought] = column
                break
    second = next(
        (c for c in range(sample.width) if c not in places.values() and sample.share(c, looks_like_name) >= 0.6), None
    )
    if second is not None:
        places[Field.PAYEE_NAME] = second
    numbers = [column for column in range(sample.width) if column not in places.values() and sample.are_numbers(column)]
    serial = next((column for column in numbers if _counts_up(sample, column)), None)
    if serial is not None:
        places[Field.SERIAL] = serial
        numbers.remove(serial)
    places.update(_amount_among(sample, numbers))
    columns = Columns(places, _PLACES_OF_UNIT[unit or "元"], _carried(places, sample))
    return Recognised(None, [columns], [Doubt("no_header")])


def _counts_up(sample: Sample, column: int) -> bool:
    numbers = [number for number in sample.numbers(column) if number is not None]
    steps = [after - before for before, after in pairwise(numbers)]
    return len(steps) >= 1 and sum(step == 1 for step in steps) >= 0.8 * len(steps)


def _amount_among(sample: Sample, numbers: list[int]) -> dict[Field, int]:
    """The only column of numbers is the amount; of three, the one that is the product of the others."""
    if len(numbers) == 1:
        return {Field.AMOUNT: numbers[0]}
    for column in reversed(numbers):
        others = [other for other in numbers if other != column]
        for place, left in enumerate(others):
            for right in others[place + 1 :]:
                if sample.is_product(column, left, right) and not sample.is_same(column, left):
                    return {Field.AMOUNT: column, Field.QUANTITY: left, Field.STANDARD: right}
    return {}
