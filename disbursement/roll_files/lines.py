"""One line of a roll: its fields read, checked in order, and placed in a village. The hot path of an import."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, Protocol

from core.identity import IdNumberProblem, check_card_number, check_id_number, clean_name, normalise_phone
from core.money import parse_yuan
from core.plain_text import plain, plain_without_spaces
from core.tables.rows import NUMBER, TEXT, Row
from disbursement.roll_files.columns import Columns
from disbursement.roll_files.regions import Mention, Place, RegionIndex
from disbursement.roll_files.vocabulary import Field


class RollLine(NamedTuple):
    """A good line. ``sheet`` is None for text files, ``row`` physical. ``amount_fen`` is in fen; ``quantity`` and
    ``standard`` are as written. ``card`` is empty for a card gap, ``phone`` where none could be read; ``payee_name``
    is the beneficiary's where no other is named. ``region_code`` is a group's, else a village's, else the township's.
    """

    sheet: str | None
    row: int
    name: str
    id_number: str
    payee_name: str
    payee_id: str
    relationship: str
    card: str
    bank: str
    phone: str
    region_code: str
    quantity: str
    standard: str
    amount_fen: int
    remark: str


class LineProblem(NamedTuple):
    """A bad line, with the code of its first problem (see `problems.PROBLEMS`)."""

    sheet: str | None
    row: int
    code: str


@dataclass
class Surroundings:
    """What rows above say about the lines below: the village and group of a title or of a row between the lines, and
    the last cells of columns that are filled in only where something new begins. Counts beside it what deserves a
    note: lines without a village, groups that nobody knows, ID numbers that end in three noughts."""

    otherwise: Mention | None = None
    township: str = ""
    village: str = ""
    known_village: str = ""
    group: str = ""
    unnamed: int = 0
    groups_unknown: int = 0
    noughts: int = 0
    noughts_wrong: int = 0

    def begin(self, mention: Mention) -> None:
        """A row, title or sheet name says where the following lines belong. The title of the same village again, on
        the next page, changes nothing."""
        above = self.otherwise or Mention(None)
        if mention.village in (None, above.village):
            mention = Mention(above.village, mention.group or above.group)
        if mention == above:
            return
        self.otherwise = mention
        self.village = self.known_village = self.group = ""


PlaceKey = tuple[str, str, str, Mention | None]
"""Township, village and group as a line says them, and what stands above it."""


@dataclass
class Seen:
    """What must be known across all sheets of a file: the ID numbers of the good lines, and places resolved."""

    id_numbers: set[str] = field(default_factory=set)
    places: dict[PlaceKey, Place] = field(default_factory=dict)


class ReadLine(Protocol):
    """Reads a row of a table: the line, its first problem, or None for a row without a right ID number, which may be
    something else than a line. Told that it is one, it always gives one of the two."""

    def __call__(self, row: Row, is_line: bool = False) -> RollLine | LineProblem | None: ...


_NOTHING = re.compile(r"[-‐‑‒–—―−/\\.。·*无空略]*")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,6}")
_ABSENT = -1
"""The place of a column that a table lacks: each row gets a blank cell at its end."""


def line_reader(
    sheet: str | None, columns: Columns, *, regions: RegionIndex, around: Surroundings, seen: Seen, today: date
) -> ReadLine:
    """A function that reads the rows of this table, in their order."""
    # Columns are looked up once, not a hundred thousand times.
    at = {field: columns.places.get(field, _ABSENT) for field in Field}
    i_name, i_id, i_amount, i_card = at[Field.NAME], at[Field.ID_NUMBER], at[Field.AMOUNT], at[Field.CARD]
    i_payee, i_payee_id, i_relationship = at[Field.PAYEE_NAME], at[Field.PAYEE_ID], at[Field.RELATIONSHIP]
    i_bank, i_phone, i_remark = at[Field.BANK], at[Field.PHONE], at[Field.REMARK]
    i_quantity, i_standard, decimal_places = at[Field.QUANTITY], at[Field.STANDARD], columns.decimal_places
    width = max(columns.places.values()) + 1
    place_of = _place_reader(columns, regions, around, seen.places)
    id_numbers = seen.id_numbers

    def read(row: Row, is_line: bool = False) -> RollLine | LineProblem | None:
        number, cells, kinds = row
        if len(kinds) < width:
            cells.extend([""] * (width - len(kinds)))
            kinds = kinds.ljust(width, TEXT)
        cells.append("")
        id_number, id_problem = check_id_number(cells[i_id], today, from_number=kinds[i_id] == NUMBER)
        if id_problem is not None and not is_line:
            return None
        place = place_of(cells)
        name = name_in(cells[i_name])
        fen, amount_code = read_amount(cells[i_amount], kinds[i_amount] == NUMBER, decimal_places)
        card, card_code = read_card(cells[i_card], kinds[i_card] == NUMBER)
        code = (
            ("" if name else "name_missing")
            or (id_problem and _code_of_id(id_problem, cells[i_id]))
            or amount_code
            or card_code
            or ("" if place.code else "unknown_region")
            or ("duplicate_in_file" if id_number in id_numbers else "")
        )
        if id_number.endswith("000"):
            around.noughts += 1
            around.noughts_wrong += code == "id_checksum"
        if code or fen is None or place.code is None:
            return LineProblem(sheet, number, code)
        id_numbers.add(id_number)
        around.unnamed += place.unnamed
        around.groups_unknown += place.group_unknown
        payee_id, phone = cells[i_payee_id], cells[i_phone]
        return RollLine(
            sheet,
            number,
            name,
            id_number,
            name_in(cells[i_payee]) or name,
            plain_without_spaces(payee_id).upper() if payee_id else "",
            cells[i_relationship].strip(),
            card,
            cells[i_bank].strip(),
            phone if not phone or _MOBILE.fullmatch(phone) else normalise_phone(phone) or "",
            place.code,
            cells[i_quantity].strip(),
            cells[i_standard].strip(),
            fen,
            cells[i_remark].strip(),
        )

    return read


def is_nothing(text: str) -> bool:
    """Whether a cell is blank or says that there is nothing: a dash, a slash, 无."""
    return _NOTHING.fullmatch(text.strip()) is not None


def name_in(text: str) -> str:
    """The name in a cell, as names are kept, or nothing where it is blank or its characters are lost."""
    return text if not text or _HAN_NAME.fullmatch(text) else _cleaned(text)


@lru_cache(maxsize=20_000)
def _cleaned(text: str) -> str:
    return "" if is_nothing(text) or "\ufffd" in text else clean_name(text)


def _code_of_id(problem: IdNumberProblem, text: str) -> str:
    return IdNumberProblem.MISSING.value if is_nothing(text) else problem.value


def read_card(text: str, from_number: bool) -> tuple[str, str]:
    """The card of a cell and an empty code, or what was written and the problem code. Words that say that there is no
    card (未办卡, 已挂失) make a gap for the ledger, no fault of the line."""
    card, problem = check_card_number(text, from_number=from_number)
    if problem is None:
        return card, ""
    return ("", "") if _SAYS_NO_CARD.fullmatch(card) else (card, problem.value)


_SAYS_NO_CARD = re.compile(r"[^0-9]{0,12}(?:[无未没待遗]|不详|挂失|办理|补办)[^0-9]{0,12}")


def read_amount(text: str, from_number: bool, decimal_places: int) -> tuple[int | None, str]:
    """The amount of a cell in fen and an empty code, or None and the problem code. ``decimal_places`` moves a bare
    number to yuan; a cell that names its own unit (270元) keeps it."""
    moved = _moved(text, decimal_places) if decimal_places else None
    fen, problem = parse_yuan(moved or text, from_number=from_number or moved is not None)
    return fen, problem.value if problem else ""


_BARE_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,20})?")


def _moved(text: str, decimal_places: int) -> str | None:
    bare = plain(text).replace(",", "")
    return f"{Decimal(bare).scaleb(decimal_places):f}" if _BARE_NUMBER.fullmatch(bare) else None


def _place_reader(
    columns: Columns, regions: RegionIndex, around: Surroundings, places: dict[PlaceKey, Place]
) -> Callable[[list[str]], Place]:
    """A function that says where a row belongs. In columns that are filled in only where something new begins, a blank
    cell takes what stood above it."""
    i_township = columns.places.get(Field.TOWNSHIP, _ABSENT)
    i_village = columns.places.get(Field.VILLAGE, _ABSENT)
    i_group = columns.places.get(Field.GROUP, _ABSENT)
    i_address = columns.places.get(Field.ADDRESS, _ABSENT) if i_village == _ABSENT else _ABSENT
    township_carried = Field.TOWNSHIP in columns.carried
    village_carried = Field.VILLAGE in columns.carried
    group_carried = Field.GROUP in columns.carried

    @lru_cache(maxsize=4096)
    def is_known(village: str) -> bool:
        # A misspelt village in one line must not cost the next ones the group that stands above them.
        return village == "" or regions.resolve("", village, "", around.otherwise).code is not None

    def place_of(cells: list[str]) -> Place:
        township, village, group = cells[i_township].strip(), cells[i_village].strip(), cells[i_group].strip()
        if township or not township_carried:
            around.township = township
        if (village or not village_carried) and village != around.village:
            before, around.village = around.village, village
            if village != around.known_village and is_known(village):
                around.known_village = village
                around.group = around.group if before and not is_known(before) else ""
        if group or not group_carried:
            around.group = group
        if address := cells[i_address]:
            return regions.resolve(around.township, around.village, around.group, around.otherwise, address)
        key = (around.township, around.village, around.group, around.otherwise)
        place = places.get(key)
        if place is None:
            place = places[key] = regions.resolve(*key)
        return place

    return place_of
