"""A difference is settled by a named person with a reason, and that is taken back while the month is open."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select

from core import audit
from core.bulk import among
from core.database import db
from core.errors import Conflict, UserError
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.operations import record_bank_return
from reconciliation.models import CarriedSettlement, Difference, Month
from reconciliation.operations.bookings import settled_by_word
from reconciliation.operations.entering import enter, open_ones, refuse_unfit, word_of
from reconciliation.operations.months import lock_month, take_signatures_away
from reconciliation.rules import IN_THE_BOOK, RESOLVE_DIFFERENCE, Resolution, ways


def resolve_differences(
    principal: Principal, month: Month, ids: Sequence[int], resolution: Resolution, reason: str, *, at: datetime
) -> int:
    """Say how these differences of a month are settled; returns how many. A return after payment that is confirmed is
    recorded in the book in the same transaction, by the statement's own line of the whole sum: the payment is returned
    and its owner told. What the bank paid against the book, and what it says it never paid, is proposed to be rebooked:
    the difference stays open until another official of finance has decided. So it does where many or large differences
    that nothing explains are settled: then it is proposed, and another official confirms it.

    Raises UserError without a reason or for a settlement that the class does not allow, Conflict where one is settled
    already, waits for such a decision, was paid again since, or the month is closed."""
    principal.require(RESOLVE_DIFFERENCE)
    why = checked_reason(reason)
    found = open_ones(month, ids)
    if month.state != "open":
        raise Conflict("这个月已经关账，差异不能再处理。")
    if len(found) != len(set(ids)):
        raise Conflict("有的差异刚才已经处理过了，没有办理。请刷新页面后再看。")
    refuse_unfit(found, resolution, ways)
    word, told = word_of(principal, resolution, why, at), len(found)
    found = settled_by_word(principal, month, found, word, is_carried=False)
    if not found:
        return told
    if resolution == Resolution.BANK_RETURN:
        _record_returns(principal, found, at)
    enter(found, word)
    taken = take_signatures_away(month, at=at)
    audit.record(
        principal,
        "difference.resolve",
        "reconciliation_month",
        month.id,
        at=at,
        differences=len(found),
        resolution=resolution.value,
        reason=why,
        signatures_fallen=taken,
    )
    db.session.flush()
    return told


def _record_returns(principal: Principal, found: Sequence[Difference], at: datetime) -> None:
    by_day: dict[date, list[int]] = {}
    for difference in found:
        line, attempt = difference.line, difference.attempt
        if line is None or attempt is None or line.credit_fen != attempt.amount_fen:
            raise UserError("退回的金额与发放的不同，不能登记为退票。请与银行核实后选择别的处理办法。")
        if attempt.outcome == "returned":
            # Somebody has recorded it on the payment's own page before the statement came.
            continue
        by_day.setdefault(line.day, []).append(attempt.id)
    for day, attempts in sorted(by_day.items()):
        record_bank_return(principal, attempts, day, at=at)


def undo_resolutions(principal: Principal, month: Month, ids: Sequence[int], reason: str, *, at: datetime) -> int:
    """Take settlements back while the month is open; returns how many. What changed the book stays: what follows from
    it is decided there."""
    principal.require(RESOLVE_DIFFERENCE)
    why = checked_reason(reason)
    lock_month(month)
    if month.state != "open":
        raise Conflict("这个月已经关账，处理结果不能撤回。")
    found = list(
        db.session.scalars(
            select(Difference).where(
                Difference.month_id == month.id,
                among(Difference.id, ids),
                Difference.resolved_at.is_not(None),
                Difference.resolution.not_in(sorted(one.value for one in IN_THE_BOOK)),
                ~exists().where(CarriedSettlement.difference_id == Difference.id),
            )
        )
    )
    if len(found) != len(set(ids)):
        raise Conflict("有的差异没有处理过，或者已经记到账上，不能撤回。请刷新页面后再看。")
    for difference in found:
        difference.resolution = difference.resolved_by = difference.confirmed_by = ""
        difference.reason = difference.resolved_at = difference.official_id = None
    taken = take_signatures_away(month, at=at)
    told: dict[str, Any] = {"differences": len(found), "reason": why, "signatures_fallen": taken}
    audit.record(principal, "difference.undo", "reconciliation_month", month.id, at=at, **told)
    db.session.flush()
    return len(found)
