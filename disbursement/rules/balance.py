"""Where the money of a programme and year is (B4, design §4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import PermissionDenied, UserError
from core.money import format_yuan

# Before finance confirms, a roll is a wish; afterwards each of its payments stands in exactly one place. What was
# credited stands in none: the plan has it again.
_UNCONFIRMED = frozenset({"open"})
PLACE_OF = {
    "approved": "reserved",
    "resubmitted": "reserved",
    "sent": "in_transit",
    "unclear": "in_transit",
    "paid": "paid",
    "paid_offline": "paid",
    "failed": "failed",
    "corrected": "failed",
    "returned": "returned",
}


@dataclass(frozen=True)
class Balance:
    """Where the money of one programme and year is, in fen. ``returned`` is not yet credited to the plan."""

    allocated: int
    reserved: int = 0
    in_transit: int = 0
    paid: int = 0
    failed: int = 0
    returned: int = 0

    @property
    def available(self) -> int:
        """What may still be confirmed. Negative only where a plan was cut below what had been confirmed."""
        return self.allocated - self.reserved - self.in_transit - self.paid - self.failed - self.returned

    def as_json(self) -> dict[str, int]:
        """All terms in fen, for commands."""
        return {
            "allocated_fen": self.allocated,
            "available_fen": self.available,
            "reserved_fen": self.reserved,
            "in_transit_fen": self.in_transit,
            "paid_fen": self.paid,
            "failed_fen": self.failed,
            "returned_fen": self.returned,
        }


def refuse_own_money(balance: Balance, wanted: int, own: int) -> None:
    """Raise PermissionDenied where the plan suffices for so many fen only with what whoever confirms has entered
    himself (``own``, the sum of those lines): nobody both brings the money and spends it."""
    if own > 0 and balance.available - own < wanted:
        raise PermissionDenied(
            "这个项目的资金计划里有 %(own)s 元是您本人登记的，没有这笔钱就不够。请由财政局另一位同事确认。",
            own=format_yuan(own),
        )


def place_of(batch_state: str, payment_state: str) -> str | None:
    """The term of the balance to which a payment counts; None while it binds no money."""
    if batch_state in _UNCONFIRMED:
        return None
    return PLACE_OF.get(payment_state)


def balance_of(allocated: int, sums: Iterable[tuple[str, str, int]]) -> Balance:
    """The balance from the allocation and sums of fen by batch state and payment state."""
    places = dict.fromkeys(("reserved", "in_transit", "paid", "failed", "returned"), 0)
    for batch_state, payment_state, fen in sums:
        place = place_of(batch_state, payment_state)
        if place is not None:
            places[place] += fen
    return Balance(allocated, **places)


def refuse_overdraft(balance: Balance, wanted: int, year: int) -> None:
    """Raise UserError with the shortfall where ``wanted`` fen are more than is available of that year's plan."""
    if wanted > balance.available:
        raise UserError(
            "资金不足：本批次需要 %(wanted)s 元，%(year)s 年的资金计划可用的只有 %(available)s 元，还差 %(short)s 元。"
            "请先补充 %(year)s 年的项目资金计划，或者由主管部门退回花名册核减。",
            year=year,
            wanted=format_yuan(wanted),
            available=format_yuan(balance.available),
            short=format_yuan(wanted - balance.available),
        )
