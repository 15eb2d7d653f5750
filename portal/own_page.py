"""How a person's payments are laid out: one year at a time, totals by year and programme, states in plain words."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from disbursement.queries import PaymentOfPerson
from portal.rules import PlainState, plain_state

ARRIVED = frozenset({"paid", "paid_offline"})


class ShownPayment(NamedTuple):
    """A payment with what its state means."""

    payment: PaymentOfPerson
    state: PlainState


@dataclass(frozen=True)
class Total:
    """What has arrived of one programme in one year, in fen."""

    programme: str
    count: int
    amount_fen: int


@dataclass(frozen=True)
class OwnPage:
    """One year of payments, the own and those received for others; ``years`` are all that have any, the newest
    first. ``totals`` are of the own."""

    year: int
    years: list[int]
    payments: list[ShownPayment]
    received: list[ShownPayment]
    totals: list[Total]

    @property
    def arrived_fen(self) -> int:
        """All that has arrived in the year."""
        return sum(total.amount_fen for total in self.totals)

    @property
    def arrived_count(self) -> int:
        """How many payments have arrived in the year."""
        return sum(total.count for total in self.totals)


def own_page(
    payments: Sequence[PaymentOfPerson], received: Sequence[PaymentOfPerson], today: date, year: int | None
) -> OwnPage:
    """The page of ``year``; by default this year, or the newest one that has a payment."""
    own, others = _by_year(payments), _by_year(received)
    years = sorted(own.keys() | others.keys(), reverse=True)
    if year not in years:
        year = today.year if today.year in years or not years else years[0]
    of_year, for_others = own.get(year, []), others.get(year, [])
    return OwnPage(
        year,
        years,
        [_shown(payment) for payment in of_year],
        [_shown(payment) for payment in for_others],
        _totals(of_year),
    )


def _by_year(payments: Sequence[PaymentOfPerson]) -> dict[int, list[PaymentOfPerson]]:
    by_year: dict[int, list[PaymentOfPerson]] = defaultdict(list)
    for payment in payments:
        by_year[int(payment.period[:4])].append(payment)
    return by_year


def _shown(payment: PaymentOfPerson) -> ShownPayment:
    has_card = payment.card_tail is not None
    return ShownPayment(payment, plain_state(payment.state, payment.failure_reason, has_card=has_card))


def _totals(payments: Sequence[PaymentOfPerson]) -> list[Total]:
    arrived: dict[str, list[int]] = defaultdict(list)
    for payment in payments:
        if payment.state in ARRIVED:
            arrived[payment.programme].append(payment.amount_fen)
    return [Total(programme, len(amounts), sum(amounts)) for programme, amounts in sorted(arrived.items())]


@dataclass(frozen=True)
class YearTotals:
    """What has arrived in one year, by programme."""

    year: int
    totals: list[Total]

    @property
    def count(self) -> int:
        """How many payments."""
        return sum(total.count for total in self.totals)

    @property
    def amount_fen(self) -> int:
        """How much, in fen."""
        return sum(total.amount_fen for total in self.totals)


def totals_by_year(payments: Sequence[PaymentOfPerson]) -> list[YearTotals]:
    """All years in which anything has arrived, the newest first."""
    found = [YearTotals(year, _totals(paid)) for year, paid in sorted(_by_year(payments).items(), reverse=True)]
    return [year for year in found if year.totals]
