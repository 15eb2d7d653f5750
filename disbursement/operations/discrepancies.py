"""What did not fit the book is cleared up by a person, with words; and taken up again where that proves wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from core import audit, workflow
from core.bulk import among
from core.bulk_actions import BulkOutcome
from core.database import db
from core.errors import Conflict, UserError
from core.principal import Principal
from core.states import Transition
from disbursement.models import Discrepancy
from disbursement.queries.bank_files import awaits_booking, frees_money
from disbursement.rules import DISCREPANCY_WORKFLOW, SETTLE_DISCREPANCY


def settle_discrepancy(principal: Principal, discrepancy: Discrepancy, settlement: str, *, at: datetime) -> None:
    """Note how a discrepancy was cleared up. Raises UserError without words, Conflict where it is settled already.

    It moves no money: what the bank has to correct comes in its next file.
    """
    settle_discrepancies(principal, [discrepancy.id], settlement, at=at)


def settle_discrepancies(principal: Principal, ids: Sequence[int], settlement: str, *, at: datetime) -> BulkOutcome:
    """Note for all of these how they were cleared up. Those that somebody has settled meanwhile keep what he wrote;
    where that is all of them, raises Conflict. Raises UserError without words, for an answer that is yet to be booked,
    and where the word "paid" about a failed try would be set aside: that takes two officials."""
    principal.require(SETTLE_DISCREPANCY)
    settlement = settlement.strip()
    if not settlement:
        raise UserError("请写明核对的结果和处理办法。")
    if _held(ids, Discrepancy.settled_at.is_(None) & awaits_booking()):
        raise UserError(
            "这一行与账相符，只是日期在已关账月份或者属于另一个批次：要补记，只写说明的话，"
            "本人的这一笔就一直没有结果。请选“补记”。"
        )
    if _held(ids, Discrepancy.settled_at.is_(None) & frees_money()):
        raise UserError(
            "银行说已付、账上是失败，这一笔还可能再付一次，只写说明不能了结：当时确实已付的，请选“改记为已到账”；"
            "银行来函确认没有付的，请选“维持失败”，由财政局另一位同事批准。"
        )
    return enter_settlement(principal, ids, settlement, at=at)


def enter_settlement(principal: Principal, ids: Sequence[int], settlement: str, *, at: datetime) -> BulkOutcome:
    """The same for an operation that has asked for the right and knows that nothing stands in the way."""
    settled = _held(ids, Discrepancy.settled_at.is_(None))
    if not settled:
        raise Conflict("这条差异刚才已经处理过了。请刷新页面后再看。")
    _change(settled, settled_at=at, settled_by=principal.official_id, settlement=settlement)
    _note(principal, settled, DISCREPANCY_WORKFLOW.find("open", "settle"), settlement, at)
    audit.record(principal, "discrepancy.settle", "discrepancy", settled[0], at=at, count=len(settled))
    db.session.flush()
    return BulkOutcome(len(settled))


def reopen_discrepancies(principal: Principal, ids: Sequence[int], reason: str, *, at: datetime) -> BulkOutcome:
    """Take settled discrepancies up again. What was written stays in their history. Raises UserError without a reason,
    Conflict where none of them is settled."""
    principal.require(SETTLE_DISCREPANCY)
    reason = reason.strip()
    if not reason:
        raise UserError("请写明重新核对的原因。")
    reopened = _held(ids, Discrepancy.settled_at.is_not(None))
    if not reopened:
        raise Conflict("这条差异现在不是已处理的状态。请刷新页面后再看。")
    _change(reopened, settled_at=None, settled_by=None, settlement="")
    _note(principal, reopened, DISCREPANCY_WORKFLOW.find("settled", "reopen"), reason, at)
    audit.record(principal, "discrepancy.reopen", "discrepancy", reopened[0], at=at, count=len(reopened))
    db.session.flush()
    return BulkOutcome(len(reopened))


def _held(ids: Sequence[int], condition: Any) -> list[int]:
    """Those of the ids that meet the condition, held until the transaction ends."""
    db.session.flush()
    chosen = select(Discrepancy.id).where(among(Discrepancy.id, sorted(ids)), condition).order_by(Discrepancy.id)
    return list(db.session.scalars(chosen.with_for_update()))


def _change(ids: Sequence[int], **values: Any) -> None:
    db.session.execute(
        update(Discrepancy)
        .where(among(Discrepancy.id, ids))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    for entity in db.session.identity_map.values():
        if isinstance(entity, Discrepancy):
            db.session.expire(entity)


def _note(principal: Principal, ids: Sequence[int], step: Transition | None, reason: str, at: datetime) -> None:
    if step is None:
        raise RuntimeError("discrepancy: a step that its workflow lacks")
    workflow.note_set(DISCREPANCY_WORKFLOW, ids, step, principal, at=at, reason=reason)
