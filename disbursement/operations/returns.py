"""Return orders: proposed, approved by another pair of eyes, credited by a bank voucher; or withdrawn (B7)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, literal, select, update
from sqlalchemy.exc import IntegrityError

from core import audit, workflow
from core.bulk import among, insert_selected
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.money import Fen, format_yuan
from core.msgid import N_
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.balances import balance_for
from disbursement.models import Batch, Failure, Payment, ReturnLine, ReturnOrder, ReturnReversal
from disbursement.operations.batches import lock_batch
from disbursement.operations.failures import end_failures, open_failure, reopen_failures
from disbursement.operations.months import refuse_closed
from disbursement.operations.offline import follow_hand_over
from disbursement.queries.failures import disputed
from disbursement.queries.payments import visible_payments
from disbursement.queries.returns import returnable
from disbursement.rules import (
    APPROVE_RETURN,
    BATCH_WORKFLOW,
    CREDIT_RETURN,
    PAYMENT_WORKFLOW,
    PROPOSE_RETURN,
    RETURN_WORKFLOW,
    checked_voucher,
)
from programmes.carrying_over import carry_over, take_back_carry_over
from programmes.models import Programme

RETURNED_TO_PLAN = "returned_to_plan"
CANNOT_RETURN = N_("有 %(count)s 笔已经不能退回：状态变了，或者银行回盘有矛盾还没有核清。")


def propose_return(
    principal: Principal, batch: Batch, payment_ids: Sequence[int], reason: str, *, at: datetime
) -> ReturnOrder:
    """Propose to return payments of a batch that can no longer be paid; until the order is decided they are neither
    corrected nor sent. Raises UserError without a reason or a payment, NotVisible for payments of others, Conflict
    where one is no longer open or stands in another order."""
    principal.require(PROPOSE_RETURN)
    if not reason.strip():
        raise UserError("请写明为什么不再发放、需要退回。")
    wanted = sorted(set(payment_ids))
    if not wanted:
        raise UserError("没有选中要退回的明细。请先在前面的方框里打勾。")
    ours = visible_payments(principal).where(Payment.batch_id == batch.id, among(Payment.id, wanted))
    if len(db.session.scalars(ours.with_only_columns(Payment.id)).all()) != len(wanted):
        raise NotVisible
    # Held until the end: nobody hands over, sends, corrects or pushes one of them while the order is written.
    lock_batch(batch)
    held = select(Payment.id).where(among(Payment.id, wanted)).order_by(Payment.id).with_for_update()
    db.session.execute(held)
    order = ReturnOrder(
        batch_id=batch.id,
        line_count=len(wanted),
        total_fen=Fen(0),
        due_on=batch.return_due_on,
        organisation_id=principal.organisation_id,
        created_at=at,
    )
    db.session.add(order)
    db.session.flush()
    order.total_fen = _write_lines(order, wanted)
    workflow.move(RETURN_WORKFLOW, order, "propose", principal, at=at, reason=reason.strip())
    audit.record(
        principal,
        "return.propose",
        "return_order",
        order.id,
        at=at,
        batch=batch.id,
        lines=len(wanted),
        total_fen=order.total_fen,
    )
    db.session.flush()
    return order


def _write_lines(order: ReturnOrder, wanted: Sequence[int]) -> Fen:
    found = select(literal(order.id), Payment.id, Payment.state, Payment.amount_fen).where(
        among(Payment.id, wanted), returnable()
    )
    names = ["order_id", "payment_id", "from_state", "amount_fen"]
    try:
        with db.session.begin_nested():
            insert_selected(ReturnLine, names, found)
    except IntegrityError as error:
        raise Conflict("有的明细刚才已列入另一张退回单。请刷新页面后再看。") from error
    lines, fen = db.session.execute(
        select(func.count(), func.sum(ReturnLine.amount_fen)).where(ReturnLine.order_id == order.id)
    ).one()
    if lines != len(wanted):
        raise Conflict(CANNOT_RETURN, count=len(wanted) - lines)
    return Fen(int(fen))


def _lines(order: ReturnOrder, *from_states: str) -> list[int]:
    statement = select(ReturnLine.payment_id).where(ReturnLine.order_id == order.id, ReturnLine.released_at.is_(None))
    if from_states:
        statement = statement.where(ReturnLine.from_state.in_(from_states))
    return list(db.session.scalars(statement.order_by(ReturnLine.payment_id)))


def _refuse_disputed(order: ReturnOrder) -> None:
    """Raise Conflict where the bank has said since that it paid one of them after all."""
    inside = select(func.count()).where(among(Payment.id, _lines(order)), disputed())
    count = db.session.scalar(inside)
    if count:
        raise Conflict(CANNOT_RETURN, count=count)


def approve_return(principal: Principal, order: ReturnOrder, *, at: datetime) -> None:
    """Another finance official approves: the payments are returned, and their failures have come to an end. Raises
    PermissionDenied for whoever proposed it, Conflict where somebody was quicker, or the bank has said since that one
    of them was paid."""
    principal.require(APPROVE_RETURN)
    lock_batch(order.batch)
    _refuse_disputed(order)
    workflow.move(RETURN_WORKFLOW, order, "approve", principal, at=at)
    ids, sent_back = _lines(order, "failed", "corrected", "approved"), _lines(order, "returned")
    moved = workflow.move_set(PAYMENT_WORKFLOW, Payment, "return", principal, among(Payment.id, ids), due_on=None)
    if moved != len(ids):
        raise Conflict(CANNOT_RETURN, count=len(ids) - moved)
    _clear_due(sent_back)
    end_failures([*ids, *sent_back], RETURNED_TO_PLAN, local_date(at))
    if order.batch.programme.channel == "offline":
        follow_hand_over(principal, order.batch, at=at)
    order.approved_on = local_date(at)
    audit.record(
        principal, "return.approve", "return_order", order.id, at=at, lines=order.line_count, total_fen=order.total_fen
    )
    db.session.flush()


def _clear_due(payment_ids: Sequence[int]) -> None:
    """What the bank sent back is returned already; with the order its place in the cycle ends."""
    db.session.execute(
        update(Payment)
        .where(among(Payment.id, payment_ids))
        .values(due_on=None)
        .execution_options(synchronize_session="fetch")
    )


def withdraw_return(principal: Principal, order: ReturnOrder, reason: str, *, at: datetime) -> None:
    """Take an order back before its money is credited: the payments go back to where they were, with their dates.
    A proposed order is withdrawn by the office that proposed it or by finance, an approved one by finance. Raises
    UserError without a reason, Conflict once it is credited."""
    principal.require(PROPOSE_RETURN)
    if not reason.strip():
        raise UserError("请写明撤回退回单的原因。")
    by_finance = principal.may(CREDIT_RETURN)
    if not by_finance and (order.state != "proposed" or order.organisation_id != principal.organisation_id):
        raise PermissionDenied("这张退回单由财政局办理，请联系财政局撤回。")
    lock_batch(order.batch)
    was_approved = order.state == "approved"
    workflow.move(RETURN_WORKFLOW, order, "withdraw", principal, at=at, reason=reason.strip())
    if was_approved:
        _put_back(principal, order)
        if order.batch.state == "closed":
            workflow.move(BATCH_WORKFLOW, order.batch, "reopen", principal, at=at, reason=reason.strip())
        if order.batch.programme.channel == "offline":
            follow_hand_over(principal, order.batch, at=at, reason=reason.strip())
    db.session.execute(
        update(ReturnLine)
        .where(ReturnLine.order_id == order.id)
        .values(released_at=at)
        .execution_options(synchronize_session=False)
    )
    audit.record(principal, "return.withdraw", "return_order", order.id, at=at, lines=order.line_count)
    db.session.flush()


def _put_back(principal: Principal, order: ReturnOrder) -> None:
    """Payments as they were before the approval, and their failures open again."""
    failed, was_corrected, sent_back = _lines(order, "failed"), _lines(order, "corrected"), _lines(order, "returned")
    reopen_failures([*failed, *was_corrected, *sent_back], RETURNED_TO_PLAN)
    for ids, action, due in (
        (failed, "restore_failed", Failure.correct_by),
        (was_corrected, "restore_corrected", Failure.resubmit_by),
    ):
        workflow.move_set(
            PAYMENT_WORKFLOW, Payment, action, principal, among(Payment.id, ids), due_on=open_failure(due)
        )
    db.session.execute(
        update(Payment)
        .where(among(Payment.id, sent_back))
        .values(due_on=open_failure(Failure.correct_by))
        .execution_options(synchronize_session=False)
    )
    never_tried = _lines(order, "approved")
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "restore_approved", principal, among(Payment.id, never_tried))
    db.session.expire_all()


def credit_return(
    principal: Principal,
    order: ReturnOrder,
    *,
    voucher_number: str,
    voucher_on: date,
    to_next_year: bool = False,
    at: datetime,
) -> None:
    """Record the bank voucher by which the money came back: it is available in the plan of its year again, or carried
    over into the next. The only way back is a counter-entry (reverse_credit). Raises UserError for a voucher that
    cannot be, Conflict where somebody was quicker, this month is closed, or the bank has said since that one of them
    was paid."""
    principal.require(CREDIT_RETURN)
    if order.approved_on is None or order.state != "approved":
        raise Conflict("这张退回单还没有批准，或者已经登记入账。请刷新页面后再看。")
    today = local_date(at)
    # The entry has today's date; the voucher's is the bank's, and may well lie in a month that is closed.
    refuse_closed(today)
    _refuse_disputed(order)
    number = checked_voucher(voucher_number, voucher_on, order.approved_on, today)
    workflow.move(RETURN_WORKFLOW, order, "credit", principal, at=at, reason=number)
    ids = _lines(order)
    moved = workflow.move_set(PAYMENT_WORKFLOW, Payment, "credit", principal, among(Payment.id, ids), due_on=None)
    if moved != len(ids):
        raise Conflict("有的明细已经不在“已退回财政”的状态，没有登记入账。请刷新页面后再看。")
    order.voucher_number, order.voucher_on, order.credited_on = number, voucher_on, today
    batch = order.batch
    if to_next_year:
        order.carried_to = batch.year + 1
        times = _reversals(order)
        document = f"{number}-{times + 1}" if times else number
        carry_over(principal, batch.programme_id, batch.year, order.total_fen, document, at=at)
    audit.record(
        principal,
        "return.credit",
        "return_order",
        order.id,
        at=at,
        lines=order.line_count,
        total_fen=order.total_fen,
        voucher_on=voucher_on.isoformat(),
        carried_to=order.carried_to,
    )
    db.session.flush()


def _reversals(order: ReturnOrder) -> int:
    found = select(func.count()).select_from(ReturnReversal).where(ReturnReversal.order_id == order.id)
    return db.session.scalar(found) or 0


def reverse_credit(principal: Principal, order: ReturnOrder, reason: str, *, at: datetime) -> ReturnReversal:
    """Write the counter-entry (冲正) of a voucher that was wrong, by another finance official than the one who entered
    it: the money is no longer in the plan, and the order waits for the right voucher. What had been entered is kept.

    Raises UserError without a reason, and where the plan has spent the money meanwhile; PermissionDenied for the same
    person, Conflict where somebody was quicker.
    """
    principal.require(APPROVE_RETURN)
    why = checked_reason(reason)
    batch = order.batch
    # The counter-entry has today's date, and the month of the entry keeps what was entered.
    refuse_closed(local_date(at))
    db.session.flush()
    db.session.execute(select(Programme.id).where(Programme.id == batch.programme_id).with_for_update())
    db.session.refresh(order, with_for_update=True)
    if order.state != "credited" or order.voucher_on is None or order.credited_on is None:
        raise Conflict("这张退回单没有登记入账，或者刚才已经冲正。请刷新页面后再看。")
    workflow.move(RETURN_WORKFLOW, order, "reverse", principal, at=at, reason=why)
    available = balance_for(batch.programme_id, order.carried_to or batch.year).available
    if available < order.total_fen:
        raise UserError(
            "这笔钱入账以后，资金计划已经用掉了：只剩 %(available)s 元可用，冲正需要 %(wanted)s 元。"
            "请先撤回还没有送银行的批次，或者补充资金计划。",
            available=format_yuan(available),
            wanted=format_yuan(order.total_fen),
        )
    ids = _lines(order)
    moved = workflow.move_set(PAYMENT_WORKFLOW, Payment, "reverse_credit", principal, among(Payment.id, ids))
    if moved != len(ids):
        raise Conflict("有的明细已经不在“已退回并入账”的状态，没有冲正。请刷新页面后再看。")
    entry = ReturnReversal(
        order_id=order.id,
        voucher_number=order.voucher_number,
        voucher_on=order.voucher_on,
        credited_on=order.credited_on,
        carried_to=order.carried_to,
        total_fen=order.total_fen,
        reason=why,
        reversed_at=at,
        reversed_by=principal.recorded_name,
        official_id=principal.official_id,
    )
    db.session.add(entry)
    db.session.flush()
    if order.carried_to is not None:
        document = f"{order.voucher_number}-冲正{_reversals(order)}"
        take_back_carry_over(principal, batch.programme_id, batch.year, order.total_fen, document, at=at)
    order.voucher_number, order.voucher_on, order.credited_on, order.carried_to = "", None, None, None
    audit.record(
        principal,
        "return.reverse",
        "return_order",
        order.id,
        at=at,
        reversal=entry.id,
        lines=order.line_count,
        total_fen=order.total_fen,
        reason=why,
    )
    db.session.flush()
    return entry
