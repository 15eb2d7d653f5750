"""What the cells of a column look like, whatever its header says: the second witness when columns are recognised."""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from core.identity import check_id_number
from core.plain_text import plain_without_spaces
from core.tables.rows import Row

_DIGITS = re.compile(r"[0-9]")
_NAME = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\ue000-\uf8ff\U00020000-\U0003ffff?·•・.．･‧∙⋅ \u3000]{2,20}")
_NO_NAME = re.compile(
    r"(?:村|社区|镇|乡|街道|县|[0-9一二三四五六七八九十]+[社组队]|银行|信用社|合作社|支行|补贴|补助|花名册)$"
)
_EXPONENT = re.compile(r"\s*[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{2}\s*")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_CARD = re.compile(r"[0-9]{12,25}")
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]+)?")
_GROUP = re.compile(r"第?[0-9一二三四五六七八九十]{1,3}(?:村民小组|小组|社|组|队)")
_BANK = re.compile(r".{2,20}(?:银行|信用社|支行|农商行|合作社|邮政).{0,12}")


def digits_in(text: str) -> int:
    """How many digits a text has, full-width ones included."""
    return len(_DIGITS.findall(text)) if text.isascii() else sum(char.isdigit() for char in text)


def looks_like_id(text: str) -> bool:
    """Whether a text is meant to be an ID number, right or wrong."""
    return (10 <= digits_in(text) <= 19 and len(plain_without_spaces(text)) <= 22) or bool(_EXPONENT.fullmatch(text))


def looks_like_name(text: str) -> bool:
    """Whether a text may be the name of a person."""
    return _NAME.fullmatch(text.strip()) is not None and _NO_NAME.search(text.strip()) is None


def looks_like_card(text: str) -> bool:
    """Whether a text has the form of a card or account number."""
    return _CARD.fullmatch(plain_without_spaces(text)) is not None


def looks_like_mobile(text: str) -> bool:
    """Whether a text has the form of a mobile number."""
    return _MOBILE.fullmatch(plain_without_spaces(text)) is not None


def looks_like_group(text: str) -> bool:
    """Whether a text has the form of a group: 1社, 第三村民小组."""
    return _GROUP.fullmatch(plain_without_spaces(text)) is not None


def looks_like_bank(text: str) -> bool:
    """Whether a text may be the name of a bank."""
    return _BANK.fullmatch(plain_without_spaces(text)) is not None


def number_in(text: str) -> Decimal | None:
    """The number that a cell holds, for comparing columns; None if it holds none. Not for money that is paid."""
    plain = plain_without_spaces(text).replace(",", "").strip("元¥")
    if not _NUMBER.fullmatch(plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


class Sample:
    """The first rows of a block that hold data, asked column by column."""

    def __init__(self, rows: Sequence[Row], today: date) -> None:
        self.rows = rows
        self.width = max((len(row.cells) for row in rows), default=0)
        self._today = today
        self._numbers: dict[int, list[Decimal | None]] = {}

    def cells(self, column: int) -> list[str]:
        """The cells of a column that are not blank."""
        found = (row.cells[column] for row in self.rows if column < len(row.cells))
        return [cell for cell in found if cell.strip()]

    def share(self, column: int, test: Callable[[str], bool]) -> float:
        """Which part of the cells of a column that are not blank pass a test; 0 for a blank column."""
        cells = self.cells(column)
        return sum(map(test, cells)) / len(cells) if cells else 0.0

    def is_right_id(self, text: str) -> bool:
        """Whether a text is an ID number without fault."""
        return check_id_number(text, self._today)[1] is None

    def numbers(self, column: int) -> list[Decimal | None]:
        """The number in each row of a column."""
        if column not in self._numbers:
            cells = (row.cells[column] if column < len(row.cells) else "" for row in self.rows)
            self._numbers[column] = [number_in(cell) for cell in cells]
        return self._numbers[column]

    def are_numbers(self, column: int) -> bool:
        """Whether a column holds amounts or quantities: numbers in most cells, and not long ones."""
        return self.share(column, lambda text: number_in(text) is not None) >= 0.5

    def is_product(self, column: int, left: int, right: int) -> bool:
        """Whether a column is the product of two others, in nearly every row that has all three."""
        rows = zip(self.numbers(column), self.numbers(left), self.numbers(right), strict=True)
        return _mostly(
            [abs(a * b - c) <= _ROUNDING for c, a, b in rows if c is not None and a is not None and b is not None]
        )

    def is_sum(self, column: int, parts: Sequence[int]) -> bool:
        """Whether a column is the sum of others (a blank one counts for nought), in nearly every row."""
        rows = zip(self.numbers(column), *(self.numbers(part) for part in parts), strict=True)
        agreeing = []
        for total, *added in rows:
            if total is not None:
                agreeing.append(abs(sum((value or Decimal(0) for value in added), Decimal(0)) - total) <= _ROUNDING)
        return _mostly(agreeing)

    def is_same(self, column: int, other: int) -> bool:
        """Whether two columns hold the same numbers, in every row."""
        return self.numbers(column) == self.numbers(other)


_ROUNDING = Decimal("0.011")


def _mostly(agreeing: Sequence[bool]) -> bool:
    # A planted or mistyped amount must not hide what the others show.
    return len(agreeing) >= 2 and sum(agreeing) >= 0.8 * len(agreeing)
