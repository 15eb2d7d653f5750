"""What a policy list writes under 补贴标准, read as a standard."""

import re
from decimal import Decimal

from core.plain_text import plain_without_spaces
from programmes.rules.standards import Standard, StandardUnit

_AMOUNT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,4})?)(万)?元")
_PER_MONTH = re.compile(r"[/·每按、]月|每个月|[人户亩]月|月人均")
_PER_YEAR = re.compile(r"[/·每、]年|[人户亩]年|年人均")
# 户籍 and 脱贫户 say who the people are, 元/户 and 每户 what is paid for.
_PER_HOUSEHOLD = re.compile(r"[/·每按]户|户均")
# A ceiling, a floor or a top-up is nothing that each line must come to.
_NO_AMOUNT = re.compile(r"补差|补足|差额|不超|不高于|不低于|最高|最低|上限|下限|以内|以上|以下|封顶|之间|[-~～—至]\d")


def read_standard(text: str) -> Standard | None:
    """The standard that a text states: 90元/人·月, 105.2元/亩, 每人每月80元. None where it states none (按供养标准,
    补差), more than one, a ceiling or floor (不超过400元), a year's amount that is paid by the month, or no
    whole number of fen."""
    words = plain_without_spaces(text).replace(",", "")
    amounts = _AMOUNT.findall(words)
    if len(amounts) != 1 or _NO_AMOUNT.search(words):
        return None
    monthly = _PER_MONTH.search(words) is not None
    if monthly and _PER_YEAR.search(words):
        return None
    number, ten_thousand = amounts[0]
    fen = Decimal(number) * (1_000_000 if ten_thousand else 100)
    if fen != fen.to_integral_value() or fen <= 0:
        return None
    return Standard(int(fen), _unit(words), monthly)


def text_contradicts(text: str, in_force: Standard | None) -> bool:
    """Whether a text states another amount, unit or month than the standard in force, which is what counts."""
    stated = read_standard(text)
    if stated is None or in_force is None:
        return False
    said = (stated.amount_fen, stated.per, stated.monthly)
    return said != (in_force.amount_fen, in_force.per, in_force.monthly)


def _unit(words: str) -> StandardUnit:
    if "亩" in words:
        return StandardUnit.AREA
    return StandardUnit.HOUSEHOLD if _PER_HOUSEHOLD.search(words) else StandardUnit.PERSON
