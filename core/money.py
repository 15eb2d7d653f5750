"""Money: integer fen everywhere inside; yuan exist only in files and on screens. No float ever."""

import re
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import NewType

from core.plain_text import plain

Fen = NewType("Fen", int)
"""A hundredth of a yuan."""


class MoneyProblem(StrEnum):
    """What can be wrong with an amount, in the order in which the first one is reported."""

    UNREADABLE = "amount_unreadable"
    NOT_POSITIVE = "amount_not_positive"
    BELOW_FEN = "amount_below_fen"


# A longer run of digits is a card or an ID number in the wrong column, not an amount of this county.
_YUAN_DIGITS = 12
_LONGEST_TEXT = 60

_QUICK = re.compile(rf"([0-9]{{1,{_YUAN_DIGITS}}})(?:\.([0-9]{{1,2}}))?")
_SIGN = r"(?P<sign{}>[-−–+])?"
_AMOUNT = re.compile(
    rf"{_SIGN.format(1)}\s*(?:人民币|RMB|CNY)?\s*¥?\s*{_SIGN.format(2)}\s*"
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)?(?:\.(?P<part>[0-9]*))?"
    r"\s*(?P<unit>万)?\s*(?:[元圆][整正]?)?\s*(?P<sign3>-)?",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\((.*)\)(\s*[元圆])?")
_NUMBER_CELL = re.compile(r"-?[0-9]{1,25}(?:\.[0-9]*)?(?:[Ee][-+]?[0-9]{1,3})?")


def parse_yuan(value: str, *, from_number: bool = False) -> tuple[Fen | None, MoneyProblem | None]:
    """Read an amount of yuan that is to be paid: exact fen and None, or None and the problem.

    Understood, beside plain digits: full-width forms, thousands commas in groups of three, ￥, 人民币, 元,
    元整, 万元, brackets or a minus for a negative amount. Not understood: amounts in Chinese numerals, two
    numbers in one cell, scientific notation in text (what Excel displays there is rounded).

    `from_number`: the cell held a number and `value` is its shortest decimal text, so that formulas leave
    104.99999999999999; such a trace of binary arithmetic is taken for the whole fen. 270.005 is below a fen
    in either case.
    """
    fen, problem = parse_signed_yuan(value, from_number=from_number)
    if fen is not None and fen <= 0:
        return None, MoneyProblem.NOT_POSITIVE
    return fen, problem


def parse_signed_yuan(value: str, *, from_number: bool = False) -> tuple[Fen | None, MoneyProblem | None]:
    """As `parse_yuan`, for columns where nought and negative amounts are right, as in bank statements.
    A negative amount below a fen is `amount_not_positive`, which comes first in order."""
    quick = _QUICK.fullmatch(value)
    if quick:
        whole, part = quick.groups()
        return Fen(int(whole) * 100 + (int(part.ljust(2, "0")) if part else 0)), None
    if len(value) > _LONGEST_TEXT:
        return None, MoneyProblem.UNREADABLE
    text = plain(value)
    if from_number and _NUMBER_CELL.fullmatch(text):
        return _from_number_cell(text)
    return _from_text(text)


def _from_text(text: str) -> tuple[Fen | None, MoneyProblem | None]:
    bracketed = _BRACKETED.fullmatch(text)
    amount = _AMOUNT.fullmatch(bracketed[1] if bracketed else text)
    if amount is None:
        return None, MoneyProblem.UNREADABLE
    whole = (amount["whole"] or "").replace(",", "")
    part = (amount["part"] or "").rstrip("0")
    signs = [sign for sign in amount.group("sign1", "sign2", "sign3") if sign]
    if bracketed:
        signs.append("-")
    if not (whole or amount["part"]) or len(signs) > 1:
        return None, MoneyProblem.UNREADABLE
    places = 6 if amount["unit"] else 2
    if len(whole.lstrip("0")) + places > _YUAN_DIGITS + 2:
        return None, MoneyProblem.UNREADABLE
    negative = bool(signs) and signs[0] != "+"
    if len(part) > places:
        return None, MoneyProblem.NOT_POSITIVE if negative else MoneyProblem.BELOW_FEN
    fen = int(whole + part.ljust(places, "0"))
    return Fen(-fen if negative else fen), None


def _from_number_cell(text: str) -> tuple[Fen | None, MoneyProblem | None]:
    with localcontext(prec=60):
        hundredths = Decimal(text) * 100
        if abs(hundredths) >= 10 ** (_YUAN_DIGITS + 2):
            return None, MoneyProblem.UNREADABLE
        fen = hundredths.to_integral_value()
        # A double is right to about 1e-16; a chain of formulas stays well within 1e-9 of the value. The upper
        # limit keeps a real half fen of a large sum from passing for such a trace, the lower one catches the
        # remainder of a difference that should have been nought.
        trace = max(Decimal("1e-9"), min(abs(hundredths) * Decimal("1e-9"), Decimal("1e-3")))
        if abs(hundredths - fen) <= trace:
            return Fen(int(fen)), None
        return None, MoneyProblem.NOT_POSITIVE if hundredths < 0 else MoneyProblem.BELOW_FEN


def parse_fen(value: str) -> tuple[Fen | None, MoneyProblem | None]:
    """Read an amount that a bank writes in whole fen (`27000`): fen and None, or None and the problem."""
    text = plain(value)
    if not re.fullmatch(rf"-?[0-9]{{1,{_YUAN_DIGITS + 2}}}", text):
        return None, MoneyProblem.UNREADABLE
    fen = int(text)
    return (Fen(fen), None) if fen > 0 else (None, MoneyProblem.NOT_POSITIVE)


def format_yuan(fen: int) -> str:
    """Fen as yuan for people: 123456 → `1,234.56`."""
    yuan, part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{part:02d}"


def format_yuan_plain(fen: int) -> str:
    """Fen as yuan for files: 123456 → `1234.56`."""
    return format_yuan(fen).replace(",", "")
