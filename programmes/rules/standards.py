"""What a programme pays, by its dated standards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

LARGEST_AREA = 10**8
"""More mu than a county has. A number beyond it, such as an ID number in the wrong column, is no area."""


class StandardUnit(StrEnum):
    """What an amount is paid for."""

    PERSON = "person"
    HOUSEHOLD = "household"
    AREA = "area"


@dataclass(frozen=True)
class Standard:
    """An amount in fen for one unit (and one month, where ``monthly``), valid on the days from ``valid_from`` to
    ``valid_until`` (both included; None: open)."""

    amount_fen: int
    per: StandardUnit
    monthly: bool
    valid_from: date | None = None
    valid_until: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether the standard is in force on that day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


def standard_on(standards: Iterable[Standard], day: date) -> Standard | None:
    """The standard in force on that day; of several, the one that began last. None where there is none."""
    valid = [standard for standard in standards if standard.is_valid_on(day)]
    return max(valid, key=lambda standard: standard.valid_from or date.min, default=None)


def expected_fen(standard: Standard, quantity: str) -> int | None:
    """What a line of this quantity should come to in fen, for one month where the standard is monthly. None where the
    quantity of an area is no number, or more than a county has: then nothing can be said. A person's or household's
    line without a readable quantity counts as one.

    Townships write months, persons or both into the quantity of a standard for persons or households, so that it is not
    multiplied there: what differs is for a person to look at.
    """
    if standard.per != StandardUnit.AREA:
        return standard.amount_fen
    try:
        area = Decimal(quantity)
    except InvalidOperation:
        return None
    if not area.is_finite() or area < 0:
        return None
    if area > LARGEST_AREA:
        return None
    whole = standard.amount_fen * area
    return int(whole.quantize(Decimal(1), ROUND_HALF_UP))
