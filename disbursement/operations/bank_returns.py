"""The bank sends back what it had paid (退票): the payment is no longer paid, and its owner is told (B7)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from core import audit, workflow
from core.bulk import among
from core.clock import local_date
from core.database import db
from core.errors import Conflict, UserError
from core.principal import Principal
from disbursement.failure_reasons import canonical_reason
from disbursement.models import Attempt, Batch, Payment
from disbursement.operations.failures import record_failures
from disbursement.operations.messages import queue_returned_messages
from disbursement.operations.months import refuse_closed
from disbursement.rules import BATCH_WORKFLOW, PAYMENT_WORKFLOW, RECORD_BANK_RETURN, failure_cycle

SENT_BACK = "银行退票"
"""The reason where the bank gives none."""


def record_bank_return(
    principal: Principal, attempt_ids: Sequence[int], on: date, *, at: datetime, reason: str = ""
) -> int:
    """Record that the bank returned these paid attempts on a day, each the whole amount; returns how many. A part of
    operations that know so: reconciliation's, by a line of the statement that gave back the whole sum, which is why one
    official is enough; and a rebooking's, by two officials.

    The payments are ``returned``, a failure opens in the cycle of today, and the people are told in the same
    transaction. Afterwards each is either corrected and paid again, or put into a return order. A closed batch has
    something to do again. Raises UserError for a day before the payment or in the future, Conflict where an attempt is
    not paid, or is returned already.
    """
    principal.require(RECORD_BANK_RETURN)
    refuse_closed(on)
    today = local_date(at)
    wanted = sorted(set(attempt_ids))
    hold_batches(wanted)
    tries = db.session.execute(
        select(Attempt.id, Attempt.payment_id, Attempt.bank_date)
        .where(among(Attempt.id, wanted), Attempt.outcome == "paid")
        .order_by(Attempt.id)
        .with_for_update()
    ).all()
    if not wanted or len(tries) != len(wanted):
        raise Conflict("有的代发记录不是已到账，或者已经登记过退票，没有登记。请刷新页面后再看。")
    if on > today or any(paid_on is not None and on < paid_on for _, _, paid_on in tries):
        raise UserError("退票日期不能早于到账日期，也不能晚于今天。请核对对账单。")
    why = canonical_reason(reason) or SENT_BACK
    payment_ids = [payment_id for _, payment_id, _ in tries]
    db.session.execute(
        update(Attempt)
        .where(among(Attempt.id, wanted))
        .values(outcome="returned", returned_on=on, failure_reason=why)
        .execution_options(synchronize_session=False)
    )
    moved = workflow.move_set(
        PAYMENT_WORKFLOW,
        Payment,
        "return_by_bank",
        principal,
        among(Payment.id, payment_ids),
        paid_on=None,
        failure_reason=why,
        due_on=failure_cycle(today).correct_by,
    )
    if moved != len(wanted):
        raise Conflict("有的明细不是已到账，没有登记退票。请刷新页面后再看。")
    db.session.expire_all()
    record_failures(among(Attempt.id, wanted), kind="returned", at=at)
    _reopen_batches(principal, payment_ids, at)
    messages = queue_returned_messages(wanted, at=at)
    told: dict[str, Any] = {"attempts": len(wanted), "on": on.isoformat(), "messages": messages}
    audit.record(principal, "payment.bank_return", "attempts", "", at=at, **told)
    db.session.flush()
    return moved


def hold_batches(attempt_ids: Sequence[int]) -> None:
    """Hold the batches of these attempts before anything of them: nobody closes one meanwhile. A closed batch with a
    payment that goes out again would stop the month's re-issue file."""
    inside = select(Payment.batch_id).join(Attempt, Attempt.payment_id == Payment.id)
    held = select(Batch).where(Batch.id.in_(inside.where(among(Attempt.id, attempt_ids)))).order_by(Batch.id)
    db.session.flush()
    db.session.scalars(held.with_for_update().execution_options(populate_existing=True)).all()


def _reopen_batches(principal: Principal, payment_ids: Sequence[int], at: datetime) -> None:
    inside = select(Payment.batch_id).where(among(Payment.id, payment_ids))
    for batch in db.session.scalars(select(Batch).where(Batch.id.in_(inside), Batch.state == "closed")).all():
        workflow.move(BATCH_WORKFLOW, batch, "reopen", principal, at=at, reason=SENT_BACK)
