"""What a row of a roll is, when it is not plainly a line: every row is exactly one of these, so that none gets lost."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from core.tables.furniture import is_column_numbers, is_note, is_signature, is_total
from core.tables.headers import label_of
from core.tables.rows import Row
from disbursement.roll_files.columns import Columns
from disbursement.roll_files.evidence import digits_in, looks_like_id, looks_like_name, number_in
from disbursement.roll_files.lines import is_nothing
from disbursement.roll_files.regions import RegionIndex
from disbursement.roll_files.vocabulary import Field, is_label, meaning_of


class RowKind(StrEnum):
    """What a row is."""

    LINE = "line"
    HEADER = "header"
    TOTAL = "total"
    SIGNATURE = "signature"
    SECTION = "section"
    NOTE = "note"
    BLANK = "blank"


_LEAST_OF_AN_ID = 12
"""Digits that are too many for a telephone number."""
_LONG_NUMBER = re.compile(r"[0-9０-９]{8,}")


def kind_of_row(row: Row, columns: Columns, regions: RegionIndex, *, ended: bool) -> RowKind:
    """What a row is whose ID number is not right. In doubt it is a line: a person then sees it among the problems,
    while a line taken for something else would be lost. ``ended`` says that a total or signatures came before and no
    line since."""
    it = _Evidence(row, columns)
    names_place = len(it.texts) <= 2 and regions.in_title(section_text(it.texts)) is not None
    # The first rule that applies decides.
    rules: tuple[tuple[Callable[[], bool], RowKind], ...] = (
        (lambda: it.is_signed, RowKind.SIGNATURE),
        (lambda: it.has_id, RowKind.LINE),
        (lambda: is_header_row(row) or is_column_numbers(row.cells), RowKind.HEADER),
        (lambda: it.has_card, RowKind.LINE),
        (lambda: it.any(is_total), RowKind.TOTAL),
        (lambda: it.has_name and it.has_number and (it.has_serial or it.has_place), RowKind.LINE),
        (lambda: it.any(is_signature), RowKind.SIGNATURE),
        (lambda: names_place, RowKind.SECTION),
        (lambda: it.has_name and it.has_amount, RowKind.LINE),
        (lambda: it.any(is_note), RowKind.NOTE),
        (lambda: it.has_name and (it.has_serial or it.has_place or len(it.texts) > 2 or not ended), RowKind.LINE),
        (lambda: it.has_amount and (it.has_serial or it.has_phone or len(it.texts) > 3), RowKind.LINE),
        (lambda: it.has_amount and not it.has_name, RowKind.TOTAL),
        (lambda: it.is_prepared, RowKind.BLANK),
    )
    return next((kind for applies, kind in rules if applies()), RowKind.NOTE)


def section_text(texts: Sequence[str]) -> str:
    """The words of a row that has only one or two, without the amounts and numbers beside them."""
    words = [text for text in texts if number_in(text) is None]
    return "".join(words) if len("".join(words)) <= 60 else ""


def is_header_row(row: Row) -> bool:
    """Whether a row between the lines is a header again: two or more known labels, and no numbers of people."""
    known = filled = 0
    for cell in row.cells:
        text = cell.strip()
        if text:
            if _LONG_NUMBER.search(text):
                return False
            filled += 1
            label = label_of(text)
            known += is_label(label) and (meaning := meaning_of(label)) is not None and meaning.known
    return known >= 2 and known * 2 >= filled


class _Evidence:
    """What a row has of a line."""

    def __init__(self, row: Row, columns: Columns) -> None:
        self._row, self._columns = row, columns
        remarks = (columns.places.get(Field.REMARK), columns.places.get(Field.MARK))
        filled = [(column, cell.strip()) for column, cell in enumerate(row.cells) if cell.strip()]
        self.texts = [text for column, text in filled if column not in remarks]
        name = self._cell(Field.NAME)
        self.has_id = looks_like_id(self._cell(Field.ID_NUMBER))
        self.has_card = looks_like_id(self._cell(Field.CARD))
        self.has_phone = looks_like_id(self._cell(Field.PHONE))
        self.has_name = not is_nothing(name) and (
            looks_like_name(name) or (name.isascii() and name.replace(" ", "").isalpha())
        )
        self.has_serial = self._cell(Field.SERIAL).isdigit()
        self.has_place = any(self._cell(field) for field in (Field.VILLAGE, Field.GROUP))
        amount = self._cell(Field.AMOUNT)
        self.has_amount = not is_nothing(amount) and number_in(amount) != 0
        self.has_number = bool(number_in(amount))

    def _cell(self, field: Field) -> str:
        column = self._columns.places.get(field, -1)
        return self._row.cells[column].strip() if 0 <= column < len(self._row.cells) else ""

    def any(self, test: Callable[[str], bool]) -> bool:
        """Whether any cell but the remark passes a test."""
        return any(test(text) for text in self.texts)

    @property
    def is_signed(self) -> bool:
        """Whether the row holds signatures and no money: the telephone of an official may stand under the ID
        numbers, and his name under the names."""
        signed = any(is_signature(text) and not text[0].isdigit() for text in self.texts)
        whole_id = digits_in(self._cell(Field.ID_NUMBER)) >= _LEAST_OF_AN_ID and not is_signature(
            self._cell(Field.ID_NUMBER)
        )
        return signed and not (self.has_number or self.has_card or whole_id)

    @property
    def is_prepared(self) -> bool:
        """Whether the row was only prepared for somebody who was never entered: a serial number, a village, a
        standard, and an amount of nought."""
        prepared = (
            Field.SERIAL,
            Field.TOWNSHIP,
            Field.VILLAGE,
            Field.GROUP,
            Field.QUANTITY,
            Field.STANDARD,
            Field.AMOUNT,
        )
        filled = sum(bool(self._cell(field)) for field in (*prepared, Field.BANK))
        return filled >= len(self.texts)
