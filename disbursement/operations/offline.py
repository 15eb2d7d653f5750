"""Payments of offline programmes, recorded by their receipts (B3)."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import exists, func, insert, literal, select

from core import audit, workflow
from core.bulk import among
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.evidence import read_evidence
from core.money import Fen
from core.principal import Principal
from core.reasons import checked_reason
from core.uploads import store_file
from disbursement.models import Batch, OfflineReceipt, OfflineReceiptLine, Payment, Roll
from disbursement.operations.batches import lock_batch
from disbursement.operations.failures import set_return_due
from disbursement.operations.last_look import refuse_twice
from disbursement.operations.months import refuse_closed
from disbursement.queries.failures import bound_by_order
from disbursement.queries.returns import OFFLINE_UNDER_WAY
from disbursement.rules import BATCH_WORKFLOW, PAY_OFFLINE, PAYMENT_WORKFLOW, sees_roll
from programmes.operations import require_filings

# Whatever stands otherwise was handed over, given up for good, or went to the bank before the programme went offline.
_WAITING = ("drafted", "struck", "approved")


def pay_offline(
    principal: Principal,
    roll: Roll,
    ids: Sequence[int] | None,
    *,
    number: str,
    paid_on: date,
    payer: str,
    at: datetime,
    sheet: tuple[str, bytes] | None = None,
) -> OfflineReceipt:
    """Record that money was handed over: to these payments of the roll, or to all that wait (None). ``sheet`` is the
    recipients' signed sheet, name and content.

    Raises UserError without number or payer, for a day before the batch or in the future, where nothing waits, while
    somebody stands in the batch twice, and while a filing is missing (B3); Conflict before finance has confirmed the
    batch and for a number used already.
    """
    principal.require(PAY_OFFLINE)
    _refuse_out_of_sight(principal, roll)
    batch = roll.batch
    if batch.programme.channel != "offline":
        raise UserError("这个项目在一卡通平台发放，不能登记线下发放。")
    require_filings(batch.programme)
    number, payer = number.strip(), payer.strip()
    if not number or not payer:
        raise UserError("请填写收据或签领表的编号，以及发放人。")
    if not local_date(batch.created_at) <= paid_on <= local_date(at):
        raise UserError("发放日期要在本批次建立之后、今天以前。")
    refuse_closed(paid_on)
    lock_batch(batch)
    if batch.state not in OFFLINE_UNDER_WAY:
        raise Conflict("本批次还没有经财政确认，或者已经办结，不能登记线下发放。")
    refuse_twice(batch)
    if _is_used(roll, number):
        raise Conflict("这个编号的签领表已经登记过了。")
    here = [Payment.roll_id == roll.id, Payment.state == "approved", ~bound_by_order()]
    if ids is not None:
        here.append(among(Payment.id, ids))
    count, fen = db.session.execute(select(func.count(), func.sum(Payment.amount_fen)).where(*here)).one()
    if not count:
        raise UserError("选中的人员里没有等待发放的。请刷新页面后再看。")
    receipt = OfflineReceipt(
        roll_id=roll.id,
        number=number,
        paid_on=paid_on,
        payer=payer,
        line_count=count,
        total_fen=Fen(int(fen)),
        file_id=store_file(read_evidence(*sheet).content, at=at).id if sheet else None,
        recorded_at=at,
        recorded_by=principal.recorded_name,
        official_id=principal.official_id,
    )
    db.session.add(receipt)
    db.session.flush()
    lines = select(literal(receipt.id), Payment.id).where(*here)
    db.session.execute(insert(OfflineReceiptLine).from_select(["receipt_id", "payment_id"], lines))
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "pay_offline", principal, *here, paid_on=paid_on)
    follow_hand_over(principal, batch, at=at)
    audit.record(
        principal, "offline.pay", "offline_receipt", receipt.id, at=at, roll=roll.id, lines=count, total_fen=int(fen)
    )
    db.session.flush()
    return receipt


def follow_hand_over(principal: Principal, batch: Batch, *, at: datetime, reason: str = "") -> None:
    """Let an offline batch, which the caller holds, stand where its payments say: it waits as finance confirmed it
    while none is handed over or given up, and else is under way, with the day by which the rest is to be returned."""
    begun = db.session.scalar(select(exists().where(Payment.batch_id == batch.id, Payment.state.not_in(_WAITING))))
    if begun and batch.state == "finance_confirmed":
        workflow.move(BATCH_WORKFLOW, batch, "begin_offline", principal, at=at)
        set_return_due([batch], at=at)
    elif not begun and batch.state == "results_in":
        workflow.move(BATCH_WORKFLOW, batch, "recall_offline", principal, at=at, reason=reason)
        batch.return_due_on = None


def _refuse_out_of_sight(principal: Principal, roll: Roll) -> None:
    if not sees_roll(principal, roll.township_code, roll.batch.programme.department_id):
        raise NotVisible


def _is_used(roll: Roll, number: str) -> bool:
    used = select(OfflineReceipt.id).where(
        OfflineReceipt.roll_id == roll.id, OfflineReceipt.number == number, OfflineReceipt.cancelled_at.is_(None)
    )
    return db.session.scalar(used) is not None


def cancel_receipt(principal: Principal, receipt: OfflineReceipt, reason: str, *, at: datetime) -> None:
    """Take back a receipt entered by mistake: its payments wait again, and with the last one the batch does. Raises
    Conflict where it is taken back already or the batch is closed."""
    principal.require(PAY_OFFLINE)
    roll = receipt.roll
    _refuse_out_of_sight(principal, roll)
    why = checked_reason(reason)
    refuse_closed(receipt.paid_on)
    lock_batch(roll.batch)
    db.session.refresh(receipt)
    if receipt.cancelled_at is not None:
        raise Conflict("这张签领表刚才已经撤销了。请刷新页面后再看。")
    if roll.batch.state != "results_in":
        raise Conflict("本批次已经办结，不能再撤销。")
    mine = select(OfflineReceiptLine.payment_id).where(OfflineReceiptLine.receipt_id == receipt.id)
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "undo_offline", principal, Payment.id.in_(mine), paid_on=None)
    receipt.cancelled_at = at
    follow_hand_over(principal, roll.batch, at=at, reason=why)
    audit.record(
        principal, "offline.cancel", "offline_receipt", receipt.id, at=at, lines=receipt.line_count, reason=why
    )
    db.session.flush()


def read_sheet(principal: Principal, receipt: OfflineReceipt, *, at: datetime) -> tuple[str, bytes]:
    """The signed sheet of a receipt, with a name to save it under. It names people: every reading is on record. Raises
    NotVisible where there is none."""
    _refuse_out_of_sight(principal, receipt.roll)
    if receipt.file is None:
        raise NotVisible
    content = receipt.file.content
    audit.record(principal, "offline.read_sheet", "offline_receipt", receipt.id, at=at)
    db.session.flush()
    return read_evidence(f"receipt-{receipt.id}", content).filename, content
