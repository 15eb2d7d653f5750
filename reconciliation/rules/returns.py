"""Which credit of a statement is the money of a return order: by its voucher, else by its sum and day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from core.plain_text import plain_without_spaces

NEAR = timedelta(days=5)
"""How far the day of a credit without the voucher's number may lie from that of the voucher."""
SHORTEST_TOLD = 4
"""A shorter voucher number is found in many a summary by chance."""


@dataclass(frozen=True)
class CreditLine:
    """Money that came in, not yet classed. ``is_a_persons``: it names the card of somebody whom we have paid, or a
    masked one, and may be a payment that came back."""

    id: int
    fen: int
    day: date
    serial: str = ""
    summary: str = ""
    is_a_persons: bool = False


@dataclass(frozen=True)
class CreditedReturn:
    """A return order that the book has as credited, by the bank's voucher of that day."""

    id: int
    fen: int
    voucher_number: str
    voucher_on: date


def answer_returns(lines: Iterable[CreditLine], orders: Iterable[CreditedReturn]) -> Mapping[int, int]:
    """The line of each order that has one (order → line). Each line and each order is used once; a voucher's number
    says more than a day."""
    waiting = sorted(orders, key=lambda one: (one.voucher_on, one.id))
    free = {line.id: line for line in sorted(lines, key=lambda one: (one.day, one.id))}
    found: dict[int, int] = {}
    for fits in (_tells, _is_like):
        for order in waiting:
            alike = [line for line in free.values() if line.fen == order.fen and fits(line, order)]
            if order.id not in found and alike:
                nearest = min(alike, key=lambda line: (abs(line.day - order.voucher_on), line.id))
                found[order.id] = nearest.id
                del free[nearest.id]
    return found


def _tells(line: CreditLine, order: CreditedReturn) -> bool:
    """Whether the line names the order's voucher."""
    number = plain_without_spaces(order.voucher_number)
    if plain_without_spaces(line.serial) == number:
        return True
    return len(number) >= SHORTEST_TOLD and number in plain_without_spaces(line.summary)


def _is_like(line: CreditLine, order: CreditedReturn) -> bool:
    return not line.is_a_persons and abs(line.day - order.voucher_on) <= NEAR
