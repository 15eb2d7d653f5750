"""Finance confirms a batch against the fund plan, takes that back, or closes it."""

from datetime import datetime

from sqlalchemy import func, or_, select

from core import audit, workflow
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import Principal, PrincipalKind
from disbursement.balances import balance_for, entered_by
from disbursement.models import Batch, Discrepancy, Payment, ResultFile, Roll
from disbursement.operations.last_look import refuse_news, refuse_twice
from disbursement.queries.bank_files import answers_to
from disbursement.queries.returns import binds_payments
from disbursement.rules import BATCH_WORKFLOW, CONFIRM_BATCH, refuse_overdraft, refuse_own_money
from programmes.models import Programme


def lock_batch(batch: Batch) -> None:
    """Hold the batch until the transaction ends, and see it as it is now. (On SQLite the writer holds everything.)"""
    db.session.flush()
    db.session.execute(select(Batch.id).where(Batch.id == batch.id).with_for_update())
    db.session.refresh(batch)


def _require_finance(principal: Principal) -> None:
    principal.require(CONFIRM_BATCH)
    if principal.kind != PrincipalKind.SYSTEM and not principal.region_prefix:
        raise NotVisible


def confirm_batch(principal: Principal, batch: Batch, *, at: datetime, reason: str = "") -> int:
    """Reserve the batch's money in the fund plan of its programme and year; returns the fen reserved. ``reason``: why
    what the checks warn of since the approvals may be paid; nothing else needs one.

    Raises UserError while a roll is not approved by the department, where somebody stands in the batch twice, where the
    checks find an error that no approval has seen, or a warning and no reason is given, and where the plan lacks the
    money (naming the shortfall); PermissionDenied where it suffices only with what the principal has entered.
    Confirmations of one programme wait for one another, so that
    together they cannot overdraw.
    """
    _require_finance(principal)
    lock_batch(batch)
    db.session.execute(select(Programme.id).where(Programme.id == batch.programme_id).with_for_update())
    wanted = _ready_fen(batch)
    refuse_twice(batch)
    warnings = refuse_news(batch, reason)
    balance = balance_for(batch.programme_id, batch.year)
    refuse_overdraft(balance, wanted, batch.year)
    refuse_own_money(balance, wanted, entered_by(principal, batch.programme_id, batch.year))
    workflow.move(BATCH_WORKFLOW, batch, "confirm", principal, at=at, reason=reason.strip() if warnings else "")
    audit.record(principal, "batch.confirm", "batch", batch.id, at=at, total_fen=wanted, warnings=warnings)
    db.session.flush()
    return wanted


def _ready_fen(batch: Batch) -> int:
    """What the approved payments of a batch come to, once every roll has arrived there."""
    waiting = db.session.scalar(
        select(func.count()).where(Roll.batch_id == batch.id, Roll.state != "department_approved")
    )
    if waiting:
        raise UserError("还有 %(count)s 个乡镇的花名册没有审核通过，暂时不能确认。", count=waiting)
    wanted = db.session.scalar(
        select(func.sum(Payment.amount_fen)).where(Payment.batch_id == batch.id, Payment.state == "approved")
    )
    if not wanted:
        raise UserError("本批次没有审核通过的发放明细，不能确认。")
    return int(wanted)


def withdraw_confirmation(principal: Principal, batch: Batch, reason: str, *, at: datetime) -> None:
    """Release the money of a batch that has not been sent yet, and let it take rolls again. Raises UserError without a
    reason, Conflict where something was sent or handed over, or stands in a return order."""
    _require_finance(principal)
    if not reason.strip():
        raise UserError("请写明撤回确认的原因。")
    lock_batch(batch)
    if binds_payments(batch):
        raise Conflict("本批次有明细列入了退回单，不能撤回确认。请先在“退回资金”里撤回退回单。")
    workflow.move(BATCH_WORKFLOW, batch, "withdraw", principal, at=at, reason=reason.strip())
    audit.record(principal, "batch.withdraw", "batch", batch.id, at=at)
    db.session.flush()


SETTLED_STATES = ("struck", "paid", "paid_offline", "returned", "credited")


def close_batch(principal: Principal, batch: Batch, *, at: datetime) -> None:
    """End a batch in which every payment is paid or returned and every discrepancy is settled."""
    _require_finance(principal)
    lock_batch(batch)
    pending = db.session.scalar(
        # What the bank sent back and nobody has dealt with yet is due, too.
        select(func.count()).where(
            Payment.batch_id == batch.id, or_(Payment.state.not_in(SETTLED_STATES), Payment.due_on.is_not(None))
        )
    )
    if pending:
        raise UserError("还有 %(count)s 笔没有到账也没有退回，不能办结。", count=pending)
    if open_discrepancies(batch):
        raise UserError("还有银行回盘差异没有处理，不能办结。")
    workflow.move(BATCH_WORKFLOW, batch, "close", principal, at=at)
    audit.record(principal, "batch.close", "batch", batch.id, at=at)
    db.session.flush()


def open_discrepancies(batch: Batch) -> int:
    """How many unsettled discrepancies came with result files that answered this batch."""
    return (
        db.session.scalar(
            select(func.count(Discrepancy.id))
            .join(ResultFile, ResultFile.id == Discrepancy.result_file_id)
            .where(Discrepancy.settled_at.is_(None), ResultFile.id.in_(answers_to(batch)))
        )
        or 0
    )
