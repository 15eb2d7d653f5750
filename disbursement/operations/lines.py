"""Single lines of a roll: struck with a reason by whoever has the roll on the desk, and restored."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select

from core import audit, workflow
from core.bulk import among
from core.bulk_actions import BulkOutcome
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.money import Fen
from core.msgid import N_
from core.principal import Principal
from core.workflow import WorkflowStep
from disbursement.models import Payment, Roll
from disbursement.operations.checks import refresh_findings
from disbursement.queries.publicity import hangs_now
from disbursement.rules import PAYMENT_WORKFLOW, STRIKE_LINE, sees_roll, striking_right


def strike_payments(principal: Principal, roll: Roll, ids: Sequence[int], reason: str, *, at: datetime) -> BulkOutcome:
    """Take lines out of a roll; nobody is paid by them unless they are restored. The township's preparer does it in the
    draft, its approver in review, the department's approver before the approval. Each line keeps who, when and why; a
    newer version of the file does not bring it back. Raises UserError without a reason, Conflict where the roll is on
    nobody's desk."""
    if not reason.strip():
        raise UserError("请写明剔除的原因，例如死亡、重复、不符合条件。")
    _hold(principal, roll, at)
    return _turn(principal, roll, "strike", ids, reason.strip(), allowed=Payment.state == "drafted", at=at)


def restore_payments(principal: Principal, roll: Roll, ids: Sequence[int], reason: str, *, at: datetime) -> BulkOutcome:
    """Put struck lines back: in the draft any that the file still has; in review those that the principal struck."""
    if not reason.strip():
        raise UserError("请写明恢复的原因。")
    _hold(principal, roll, at)
    allowed = (Payment.state == "struck") & (Payment.row > 0) & Payment.struck_at.is_not(None)
    if roll.state != "draft":
        allowed &= Payment.id.in_(_struck_by(principal))
    return _turn(principal, roll, "restore", ids, reason.strip(), allowed=allowed, at=at)


def _hold(principal: Principal, roll: Roll, at: datetime) -> None:
    """Hold the roll and see it as it is now; refuse whoever does not have it on the desk."""
    principal.require(STRIKE_LINE)
    if not sees_roll(principal, roll.township_code, roll.batch.programme.department_id):
        raise NotVisible
    db.session.flush()
    db.session.execute(select(Roll.id).where(Roll.id == roll.id).with_for_update())
    db.session.refresh(roll, ["state", "publicity_until"])
    right = striking_right(roll.state, hangs=hangs_now(roll, local_date(at)))
    if right is None:
        raise Conflict("花名册现在不能剔除或恢复人员：正在公示，或者已经审核通过。")
    principal.require(right)


def _struck_by(principal: Principal) -> Select[int]:
    """The payments whose last strike was this official's."""
    last = (
        select(func.max(WorkflowStep.id))
        .where(WorkflowStep.subject_kind == PAYMENT_WORKFLOW.name, WorkflowStep.action == "strike")
        .where(WorkflowStep.subject_id == Payment.id)
        .correlate(Payment)
        .scalar_subquery()
    )
    return select(WorkflowStep.subject_id).where(
        WorkflowStep.id == last, WorkflowStep.official_id == principal.official_id
    )


def _turn(
    principal: Principal,
    roll: Roll,
    action: str,
    ids: Sequence[int],
    reason: str,
    *,
    allowed: ColumnElement[bool],
    at: datetime,
) -> BulkOutcome:
    here = (Payment.roll_id == roll.id, among(Payment.id, ids), allowed)
    wanted = list(db.session.scalars(select(Payment.id).where(*here).order_by(Payment.id)))
    if wanted:
        chosen = among(Payment.id, wanted)
        struck_at = at if action == "strike" else None
        workflow.move_set(PAYMENT_WORKFLOW, Payment, action, principal, chosen, struck_at=struck_at)
        transition = next(t for t in PAYMENT_WORKFLOW.transitions if t.action == action)
        workflow.note_set(PAYMENT_WORKFLOW, wanted, transition, principal, at=at, reason=reason)
        retotal(roll)
        refresh_findings(roll, at=at)
        audit.record(
            principal, f"roll.{action}", "roll", roll.id, at=at, lines=len(wanted), total_fen=int(roll.total_fen)
        )
        db.session.flush()
    left = len(set(ids)) - len(wanted)
    sentence = (
        N_("这些人员已经剔除，或者不在这份花名册里。")
        if action == "strike"
        else N_("这些人员没有被剔除，文件里已经没有，或者是别人剔除的。")
    )
    return BulkOutcome(len(wanted), [(sentence, left)] if left else ())


def retotal(roll: Roll) -> None:
    """The roll's count and sum follow the lines that stand."""
    number, fen = db.session.execute(
        select(func.count(), func.sum(Payment.amount_fen)).where(Payment.roll_id == roll.id, Payment.state != "struck")
    ).one()
    roll.line_count, roll.total_fen = number, Fen(int(fen or 0))
    db.session.flush()
