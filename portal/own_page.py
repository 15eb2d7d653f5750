"""How a person's payments are laid out: one year at a time, totals by year and programme, states in plain words."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from disbursement.queries import PaymentOfPerson
from portal.rules import PlainState, plain_state

ARRIVED = frozenset({"paid", "paid_offline"})
Translate = Callable[[str], str]


class ShownPayment(NamedTuple):
    """A payment with what its state means, in the reader's language."""

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
    """One year of payments; ``years`` are all that have any, the newest first."""

    year: int
    years: list[int]
    payments: list[ShownPayment]
    totals: list[Total]

    @property
    def arrived_fen(self) -> int:
        """All that has arrived in the year."""
        return sum(total.amount_fen for total in self.totals)

    @property
    def arrived_count(self) -> int:
        """How many payments have arrived in the year."""
        return sum(total.count for total in self.totals)


def own_page(payments: Sequence[PaymentOfPerson], today: date, year: int | None, translate: Translate) -> OwnPage:
    """The page of ``year``; by default this year, or the newest one that has a payment."""
    years = sorted({_year(payment) for payment in payments}, reverse=True)
    if year not in years:
        year = today.year if today.year in years or not years else years[0]
    own = [payment for payment in payments if _year(payment) == year]
    return OwnPage(year, years, _shown(own, translate), _totals(own))


def _year(payment: PaymentOfPerson) -> int:
    return int(payment.period[:4])


def _shown(payments: Sequence[PaymentOfPerson], translate: Translate) -> list[ShownPayment]:
    """Most payments of a person stand in one or two states: each is put into words once."""
    known: dict[tuple[str, str, bool], PlainState] = {}
    shown = []
    for payment in payments:
        key = payment.state, payment.failure_reason, payment.card_tail is not None
        if key not in known:
            known[key] = _in_words(plain_state(key[0], key[1], has_card=key[2]), translate)
        shown.append(ShownPayment(payment, known[key]))
    return shown


def _in_words(state: PlainState, translate: Translate) -> PlainState:
    meaning, next_step, reason = (
        translate(text) if text else "" for text in (state.meaning, state.next_step, state.reason)
    )
    return PlainState(translate(state.title), meaning, next_step, state.tone, reason)


def _totals(payments: Sequence[PaymentOfPerson]) -> list[Total]:
    arrived: dict[str, list[int]] = defaultdict(list)
    for payment in payments:
        if payment.state in ARRIVED:
            arrived[payment.programme].append(payment.amount_fen)
    return [Total(programme, len(amounts), sum(amounts)) for programme, amounts in sorted(arrived.items())]
