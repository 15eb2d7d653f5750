"""How a difference that was carried over ended, said in a later month that is open."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete

from core import audit
from core.bulk import among
from core.clock import local_date
from core.database import db, rows_changed
from core.errors import Conflict, UserError
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.operations import record_bank_return
from reconciliation.models import CarriedSettlement, Difference, Month
from reconciliation.operations.bookings import settled_by_word
from reconciliation.operations.entering import enter_later, outstanding_ones, refuse_unfit, word_of
from reconciliation.operations.months import lock_month
from reconciliation.rules import IN_THE_BOOK, RESOLVE_DIFFERENCE, Resolution, endings


def settle_carried(
    principal: Principal, month: Month, ids: Sequence[int], resolution: Resolution, reason: str, *, at: datetime
) -> int:
    """Say in this month how differences that earlier months carried over have ended; returns how many. A return after
    payment is recorded in the book with today's date: the month of its line is closed. What the bank paid against the
    book, and what it says it never paid, is proposed to be rebooked, and stays outstanding until another official of
    finance has approved it; so does what is many or large and has nothing but this word to explain it.

    Raises UserError without a reason or for an end that the class does not have, Conflict where one has ended already,
    or this month is closed."""
    principal.require(RESOLVE_DIFFERENCE)
    why = checked_reason(reason)
    found = outstanding_ones(month, ids)
    if month.state != "open":
        raise Conflict("这个月已经关账，请在现在对账的月份里办理。")
    if len(found) != len(set(ids)):
        raise Conflict("有的差异刚才已经了结，没有办理。请刷新页面后再看。")
    refuse_unfit(found, resolution, endings)
    word, told = word_of(principal, resolution, why, at), len(found)
    found = settled_by_word(principal, month, found, word, is_carried=True)
    if not found:
        return told
    if resolution == Resolution.BANK_RETURN:
        _record_returns(principal, found, at)
    enter_later(month, found, word)
    audit.record(
        principal,
        "difference.settle_carried",
        "reconciliation_month",
        month.id,
        at=at,
        differences=len(found),
        resolution=resolution.value,
        reason=why,
    )
    db.session.flush()
    return told


def _record_returns(principal: Principal, found: Sequence[Difference], at: datetime) -> None:
    if any(one.attempt_id is None or one.bank_fen != one.book_fen for one in found):
        raise UserError("退回的金额与发放的不同，不能登记为退票。请与银行核实后选择别的处理办法。")
    attempts = [one.attempt_id for one in found if one.attempt_id is not None]
    record_bank_return(principal, attempts, local_date(at), at=at)


def undo_settled_carried(principal: Principal, month: Month, ids: Sequence[int], reason: str, *, at: datetime) -> int:
    """Take such words back while the month in which they were said is open; returns how many. What changed the book
    stays."""
    principal.require(RESOLVE_DIFFERENCE)
    why = checked_reason(reason)
    lock_month(month)
    if month.state != "open":
        raise Conflict("这个月已经关账，处理结果不能撤回。")
    gone = db.session.execute(
        delete(CarriedSettlement)
        .where(
            CarriedSettlement.month_id == month.id,
            among(CarriedSettlement.difference_id, ids),
            CarriedSettlement.resolution.not_in(sorted(one.value for one in IN_THE_BOOK)),
        )
        .execution_options(synchronize_session="fetch")
    )
    if rows_changed(gone) != len(set(ids)):
        raise Conflict("有的差异没有处理过，或者已经记到账上，不能撤回。请刷新页面后再看。")
    audit.record(
        principal, "difference.undo_carried", "reconciliation_month", month.id, at=at, differences=len(ids), reason=why
    )
    db.session.flush()
    return len(ids)
