"""The department's step of the failure cycle: what was corrected is pushed to be paid again, or held back (B6)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import audit, workflow
from core.bulk import among
from core.clock import local_date
from core.database import db
from core.errors import Conflict
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.models import Failure, Payment
from disbursement.operations.failures import note_failures, open_failure
from disbursement.queries.failures import bound_by_order, disputed
from disbursement.queries.payments import visible_payments
from disbursement.rules import PAYMENT_WORKFLOW, RESUBMIT_PAYMENT


def _visible_ids(principal: Principal, payment_ids: Sequence[int], state: str) -> list[int]:
    """Those of the payments that exist for the principal and stand in that state, held until the transaction ends."""
    statement = visible_payments(principal).where(among(Payment.id, payment_ids), Payment.state == state)
    ids = db.session.scalars(statement.with_only_columns(Payment.id).order_by(Payment.id)).all()
    held = select(Payment.id).where(among(Payment.id, ids), Payment.state == state).order_by(Payment.id)
    return list(db.session.scalars(held.with_for_update()))


def resubmit(principal: Principal, payment_ids: Sequence[int], *, at: datetime) -> int:
    """Push corrected payments of the department's programmes; returns how many. Those that a return order has, or of
    which a bank file says that they were paid after all, stay where they are. Raises Conflict where none is left."""
    principal.require(RESUBMIT_PAYMENT)
    ids = _visible_ids(principal, payment_ids, "corrected")
    free = select(Payment.id).where(among(Payment.id, ids), ~bound_by_order(), ~disputed())
    ids = list(db.session.scalars(free))
    if not ids:
        raise Conflict("选中的明细都不能推送：已经推送过，已列入退回单，或者银行回盘有矛盾没有核清。请刷新后再看。")
    moved = workflow.move_set(
        PAYMENT_WORKFLOW,
        Payment,
        "resubmit",
        principal,
        among(Payment.id, ids),
        due_on=open_failure(Failure.reissue_by),
    )
    note_failures(ids, resubmitted_on=local_date(at))
    audit.record(principal, "failure.resubmit", "payments", "", at=at, payments=moved)
    db.session.flush()
    return moved


def withdraw_resubmission(principal: Principal, payment_ids: Sequence[int], reason: str, *, at: datetime) -> int:
    """Hold back pushed payments that no file has taken yet; returns how many. Raises UserError without a reason that
    the audit log can keep, Conflict where none is left."""
    principal.require(RESUBMIT_PAYMENT)
    why = checked_reason(reason)
    ids = _visible_ids(principal, payment_ids, "resubmitted")
    if not ids:
        raise Conflict("选中的明细都不能撤回：重发文件已经生成，或者已经撤回。请刷新页面后再看。")
    moved = workflow.move_set(
        PAYMENT_WORKFLOW,
        Payment,
        "withdraw_resubmission",
        principal,
        among(Payment.id, ids),
        due_on=open_failure(Failure.resubmit_by),
    )
    note_failures(ids, resubmitted_on=None)
    audit.record(principal, "failure.withdraw_resubmission", "payments", "", at=at, payments=moved, reason=why)
    db.session.flush()
    return moved
