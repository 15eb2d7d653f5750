"""What a policy list writes under 补贴标准, read as a standard."""

import re
from decimal import Decimal

from core.plain_text import plain_without_spaces
from programmes.rules.standards import Standard, StandardUnit

_AMOUNT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,4})?)(万)?元")
_PER_MONTH = re.compile(r"[/·每按、]月|每个月|[人户亩]月|月人均")


def read_standard(text: str) -> Standard | None:
    """The standard that a text states: 90元/人·月, 105.2元/亩, 每人每月80元. None where it states none (按供养标准,
    补差), more than one, or an amount that is no whole number of fen."""
    words = plain_without_spaces(text).replace(",", "")
    amounts = _AMOUNT.findall(words)
    if len(amounts) != 1:
        return None
    number, ten_thousand = amounts[0]
    fen = Decimal(number) * (1_000_000 if ten_thousand else 100)
    if fen != fen.to_integral_value() or fen <= 0:
        return None
    unit = StandardUnit.AREA if "亩" in words else StandardUnit.HOUSEHOLD if "户" in words else StandardUnit.PERSON
    return Standard(int(fen), unit, _PER_MONTH.search(words) is not None)
