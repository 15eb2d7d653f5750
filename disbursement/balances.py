"""Where the money is, by programme and year: sums over lines and payments, so that a wrong one cannot be stored."""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, func, select

from core.database import db
from core.money import Fen
from core.principal import Principal
from disbursement.models import Batch, Payment
from disbursement.rules import Balance, balance_of
from disbursement.rules.checks import NOT_STANDING
from programmes.hooks import available_fen_from
from programmes.models import FundLine, Programme


@dataclass(frozen=True)
class ProgrammeBalance:
    """The balance of one programme and year."""

    programme_id: int
    code: str
    name: str
    year: int
    balance: Balance


@available_fen_from
def _available(programme_id: int, year: int) -> int:
    return balance_for(programme_id, year).available


def balance_for(programme_id: int, year: int) -> Balance:
    """The balance of one programme and year, as of this transaction."""
    allocated = db.session.scalar(
        select(func.sum(FundLine.amount_fen)).where(FundLine.programme_id == programme_id, FundLine.year == year)
    )
    sums = db.session.execute(_sums(year).where(Batch.programme_id == programme_id))
    return balance_of(int(allocated or 0), ((state, payment, int(fen)) for _, state, payment, fen in sums))


def entered_by(principal: Principal, programme_id: int, year: int) -> int:
    """The fen that this official has entered into the plan of a programme and year; 0 for a command."""
    if principal.official_id is None:
        return 0
    own = select(func.sum(FundLine.amount_fen)).where(
        FundLine.programme_id == programme_id, FundLine.year == year, FundLine.official_id == principal.official_id
    )
    return int(db.session.scalar(own) or 0)


class Funding(NamedTuple):
    """What confirming a batch does to the plan of its programme and ``year``, in fen: what is ``available`` before, and
    what the ``batch`` takes with all that stands in its rolls."""

    year: int
    available: int
    batch: int

    @property
    def left(self) -> int:
        """What is available afterwards; negative where the plan does not suffice."""
        return self.available - self.batch


def funding_of(batch: Batch) -> Funding:
    """What confirming a batch would do, as it stands now."""
    standing = (Payment.batch_id == batch.id, Payment.state.not_in(NOT_STANDING))
    wanted = db.session.scalar(select(func.sum(Payment.amount_fen)).where(*standing))
    return Funding(batch.year, balance_for(batch.programme_id, batch.year).available, int(wanted or 0))


def balances(year: int, department_id: int | None = None) -> list[ProgrammeBalance]:
    """Every programme that has money or payments in that year, by name; those of one department where given."""
    lines = db.session.execute(
        select(FundLine.programme_id, func.sum(FundLine.amount_fen))
        .where(FundLine.year == year)
        .group_by(FundLine.programme_id)
    )
    allocated = {programme_id: int(fen) for programme_id, fen in lines}
    sums: dict[int, list[tuple[str, str, int]]] = defaultdict(list)
    for programme_id, batch_state, payment_state, fen in db.session.execute(_sums(year)):
        sums[programme_id].append((batch_state, payment_state, int(fen)))
    wanted = select(Programme.id, Programme.code, Programme.name).where(
        Programme.id.in_(sorted(allocated.keys() | sums.keys()))
    )
    if department_id is not None:
        wanted = wanted.where(Programme.department_id == department_id)
    return [
        ProgrammeBalance(number, code, name, year, balance_of(allocated.get(number, 0), sums.get(number, [])))
        for number, code, name in db.session.execute(wanted.order_by(Programme.name))
    ]


def _sums(year: int) -> Select[int, str, str, Fen]:
    """Fen by programme, batch state and payment state, from ``ix_payments_batch_state`` alone."""
    return (
        select(Batch.programme_id, Batch.state, Payment.state, func.sum(Payment.amount_fen))
        .join(Payment, Payment.batch_id == Batch.id)
        .where(Batch.year == year)
        .group_by(Batch.programme_id, Batch.state, Payment.state)
    )
