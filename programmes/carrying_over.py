"""Money of one year that is carried over to the next: two lines that cancel each other out (B4, B7)."""

from datetime import datetime

from sqlalchemy import func, select

from core import audit
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.money import Fen, format_yuan
from core.principal import Principal
from programmes import hooks
from programmes.models import FundLine, Programme
from programmes.rules import Source

COUNTY_LEVEL = "县级"


def carry_over(
    principal: Principal, programme_id: int, year: int, amount_fen: Fen, document_number: str, *, at: datetime
) -> None:
    """Take fen out of a programme's plan of ``year`` by a negative line and put them into that of the next year as
    carried over, both under the same document. A part of the operations of rooms above, which check the right.

    Raises UserError for an amount that is not positive, for more than is available in ``year`` as the open transaction
    leaves it (naming the shortfall), and where a line of that document exists already. The programme is held from here
    on: carry-overs, cuts and confirmations of one programme wait for each other, so that together they cannot overdraw.
    """
    if amount_fen <= 0:
        raise UserError("结转的金额应大于零。")
    db.session.flush()
    db.session.execute(select(Programme.id).where(Programme.id == programme_id).with_for_update())
    available = hooks.available_fen(programme_id, year)
    if amount_fen > available:
        raise UserError(
            "不能结转这么多：%(year)s 年可用资金只有 %(available)s 元，还差 %(short)s 元。其余的已经预留、在途或发放。",
            year=year,
            available=format_yuan(available),
            short=format_yuan(amount_fen - available),
        )
    _enter(
        principal,
        programme_id,
        year,
        amount_fen=amount_fen,
        document_number=document_number,
        deed="programmes.carry_over",
        at=at,
    )


def take_back_carry_over(
    principal: Principal, programme_id: int, year: int, amount_fen: Fen, document_number: str, *, at: datetime
) -> None:
    """The counter-entry of a carrying over of these fen from ``year`` to the next, under a document of its own: the
    lines of both stand, and cancel each other out. Raises UserError where a line of that document exists already."""
    _enter(
        principal,
        programme_id,
        year,
        amount_fen=Fen(-amount_fen),
        document_number=document_number,
        deed="programmes.take_back_carry_over",
        at=at,
    )


def _enter(
    principal: Principal,
    programme_id: int,
    year: int,
    *,
    amount_fen: Fen,
    document_number: str,
    deed: str,
    at: datetime,
) -> None:
    lines = [
        FundLine(source=Source.CURRENT_YEAR.value, year=year, amount_fen=Fen(-amount_fen)),
        FundLine(source=Source.CARRIED_OVER.value, year=year + 1, amount_fen=amount_fen),
    ]
    for line in lines:
        line.programme_id, line.document_number = programme_id, document_number
        line.level, line.recorded_on = COUNTY_LEVEL, local_date(at)
        _refuse_twice(line)
    db.session.add_all(lines)
    db.session.flush()
    # By the lines, which hold the document: a bank's voucher may have a number like a card's, which the log refuses.
    entered = [line.id for line in lines]
    audit.record(principal, deed, "programme", programme_id, at=at, year=year, total_fen=amount_fen, fund_lines=entered)
    db.session.flush()


def _refuse_twice(line: FundLine) -> None:
    same = select(func.count()).where(
        FundLine.programme_id == line.programme_id,
        FundLine.year == line.year,
        FundLine.document_number == line.document_number,
        FundLine.source == line.source,
        FundLine.level == line.level,
    )
    if db.session.scalar(same):
        raise UserError(
            "%(year)s 年已经有文号为“%(number)s”的同类资金。请核对凭证号。", year=line.year, number=line.document_number
        )
