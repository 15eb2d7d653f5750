"""The bank's step of the failure cycle: one file a month pays again what was pushed, over all batches (B6)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, delete, exists, func, literal, select
from sqlalchemy.exc import IntegrityError

from core import audit, workflow
from core.bulk import among, insert_selected
from core.clock import local_date
from core.database import UtcDateTime, db, rows_changed
from core.errors import Conflict, NotVisible, UserError
from core.money import Fen
from core.msgid import N_
from core.principal import Principal
from core.reasons import checked_reason
from core.uploads import store_file
from disbursement.bank_files.offers import OfferLine, WrittenOffer, write_offer
from disbursement.bank_files.profiles import SAMPLE, Profile
from disbursement.models import Attempt, Batch, Discrepancy, Failure, OfferFile, Payment
from disbursement.operations.failures import note_failures, open_failure
from disbursement.operations.offers import spell
from disbursement.operations.results import one_at_a_time
from disbursement.queries.failures import batches_of_offer, bound_by_order, disputed
from disbursement.rules import BATCH_WORKFLOW, EXPORT_OFFER, MAKE_REISSUE, PAYMENT_WORKFLOW, month_of
from programmes.models import Programme
from registry.models import Card

ALREADY = N_("本月的重发文件已经生成过：每个周期只给银行一个文件。之后推送的明细进入下个月的文件。")

ANSWERED = N_("银行已经答复了这个文件，不能再撤回。")


def make_reissue(principal: Principal, *, at: datetime, profile: Profile = SAMPLE) -> OfferFile:
    """The re-issue file of this month's cycle: every pushed payment gets its next attempt and is sent, in one file with
    control totals of its own. Asked again while nothing new waits, it gives the same file.

    Raises UserError where nothing was pushed, Conflict where the month has its file already.
    """
    principal.require(MAKE_REISSUE)
    month = month_of(local_date(at))
    known = _of_month(month)
    batches = _lock_batches()
    waiting = db.session.scalar(select(func.count()).select_from(select(Payment.id).where(*_waiting()).subquery()))
    if known is not None:
        if waiting:
            raise Conflict(ALREADY)
        return known
    if not waiting:
        raise UserError("没有等待重发的明细。请先由乡镇改正、主管部门推送。")
    offer = _new_offer(principal, month, at)
    offer.profile, offer.profile_version = profile.name, profile.version
    _make_attempts(offer, batches, at)
    offer.respelled = spell(offer)
    written = _write(offer, profile)
    _send(principal, batches, offer, written, at)
    offer.line_count, offer.total_fen = written.line_count, Fen(written.total_fen)
    offer.lost_characters = written.lost_characters
    offer.file_id = store_file(written.content, at=at).id
    audit.record(
        principal,
        "reissue.make",
        "offer_file",
        offer.id,
        at=at,
        month=month,
        lines=offer.line_count,
        total_fen=offer.total_fen,
    )
    db.session.flush()
    return offer


def _of_month(month: str) -> OfferFile | None:
    return db.session.scalars(
        select(OfferFile).where(OfferFile.cycle_month == month, OfferFile.cancelled_at.is_(None))
    ).first()


def _waiting() -> tuple[ColumnElement[bool], ...]:
    """Pushed payments that can be sent now."""
    due = Payment.due_on.is_not(None)
    return (due, Payment.state == "resubmitted", Payment.card_id.is_not(None), ~bound_by_order(), ~disputed())


def _lock_batches() -> Sequence[Batch]:
    """Hold the batches of what waits, in one order by all, so that a batch's own offer file takes none of it too."""
    db.session.flush()
    ids = db.session.scalars(select(Payment.batch_id).where(*_waiting()).distinct()).all()
    held = select(Batch).where(among(Batch.id, ids)).order_by(Batch.id).with_for_update()
    return db.session.scalars(held.execution_options(populate_existing=True)).all()


def _new_offer(principal: Principal, month: str, at: datetime) -> OfferFile:
    offer = OfferFile(
        cycle_month=month, line_count=0, total_fen=Fen(0), created_at=at, official_id=principal.official_id
    )
    try:
        with db.session.begin_nested():
            db.session.add(offer)
    except IntegrityError as error:
        raise Conflict(ALREADY) from error
    return offer


def _make_attempts(offer: OfferFile, batches: Sequence[Batch], at: datetime) -> None:
    """What is pushed in other batches than those held, while these were waited for, is next month's: its batch could
    be closed in this moment."""
    before = select(func.max(Attempt.number)).where(Attempt.payment_id == Payment.id).scalar_subquery()
    number = func.coalesce(before, 0) + 1
    values = {
        "payment_id": Payment.id,
        "number": number,
        "reference": Payment.id.cast(String) + "-" + number.cast(String),
        "offer_file_id": literal(offer.id),
        "line_number": func.row_number().over(order_by=(Payment.batch_id, Payment.roll_id, Payment.id)),
        "payee_name": Payment.payee_name,
        "card_number": Card.number,
        "card_index": Card.number_index,
        "card_tail": Card.tail,
        "amount_fen": Payment.amount_fen,
        "outcome": literal("open"),
        "failure_reason": literal(""),
        "created_at": literal(at, UtcDateTime()),
        "sent_name": literal(""),
        "was_due_on": Payment.due_on,
    }
    held = among(Payment.batch_id, [batch.id for batch in batches])
    pushed = select(*values.values()).join(Card, Card.id == Payment.card_id).where(*_waiting(), held)
    insert_selected(Attempt, values, pushed)


def _write(offer: OfferFile, profile: Profile) -> WrittenOffer:
    attempts = db.session.execute(
        select(
            Attempt.reference,
            func.coalesce(func.nullif(Attempt.sent_name, ""), Attempt.payee_name),
            Attempt.card_number,
            Attempt.amount_fen,
            Programme.name + Batch.period,
        )
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .where(Attempt.offer_file_id == offer.id)
        .order_by(Attempt.line_number)
    )
    return write_offer(profile, (OfferLine(*attempt) for attempt in attempts))


def _send(
    principal: Principal, batches: Sequence[Batch], offer: OfferFile, written: WrittenOffer, at: datetime
) -> None:
    ids = _payments_of(offer)
    note_failures(ids, reissued_on=local_date(at))
    here = (among(Payment.id, ids), Payment.state == "resubmitted")
    sent = workflow.move_set(PAYMENT_WORKFLOW, Payment, "send", principal, *here, due_on=None)
    if sent != written.line_count:
        raise RuntimeError(f"re-issue file {offer.id}: {written.line_count} lines for {sent} payments")
    inside = set(db.session.scalars(select(Payment.batch_id).where(among(Payment.id, ids)).distinct()))
    for batch in batches:
        if batch.state != "sent" and batch.id in inside:
            workflow.move(BATCH_WORKFLOW, batch, "send", principal, at=at)


def _payments_of(offer: OfferFile) -> list[int]:
    return list(db.session.scalars(select(Attempt.payment_id).where(Attempt.offer_file_id == offer.id)))


def read_reissue(principal: Principal, offer: OfferFile, *, at: datetime) -> bytes:
    """The bytes of a re-issue file, for the bank; every reading is on record, and with the first one the file has left
    the house."""
    principal.require(EXPORT_OFFER)
    db.session.refresh(offer, with_for_update=True)
    if offer.file is None:
        raise NotVisible
    if offer.cancelled_at is not None:
        raise Conflict("这个文件已经撤回，不能再下载。")
    offer.downloaded_at = offer.downloaded_at or at
    audit.record(principal, "offer.download", "offer_file", offer.id, at=at, lines=offer.line_count)
    db.session.flush()
    return offer.file.content


def withdraw_reissue(principal: Principal, offer: OfferFile, reason: str, *, at: datetime) -> int:
    """Take a re-issue file back that nobody has downloaded: its attempts vanish, the payments wait to be sent again.
    Returns how many. Raises UserError without a reason that the audit log can keep, Conflict once the file has left the
    house."""
    principal.require(MAKE_REISSUE)
    why = checked_reason(reason)
    # An answer that is just coming in must find the attempts, or not.
    one_at_a_time()
    db.session.refresh(offer, with_for_update=True)
    if offer.cancelled_at is not None or offer.downloaded_at is not None:
        raise Conflict("这个文件已经下载过（或者已经撤回），不能再撤回。请等银行答复。")
    ids, batches = _payments_of(offer), batches_of_offer(offer)
    attempts = select(Attempt.id).where(Attempt.offer_file_id == offer.id)
    if db.session.scalar(select(exists().where(Discrepancy.attempt_id.in_(attempts)))):
        raise Conflict(ANSWERED)
    unanswered = (Attempt.offer_file_id == offer.id, Attempt.outcome == "open")
    removed = db.session.execute(delete(Attempt).where(*unanswered).execution_options(synchronize_session="fetch"))
    if rows_changed(removed) != len(ids):
        raise Conflict(ANSWERED)
    due_on = open_failure(Failure.reissue_by)
    workflow.move_set(PAYMENT_WORKFLOW, Payment, "recall_again", principal, among(Payment.id, ids), due_on=due_on)
    note_failures(ids, reissued_on=None)
    offer.cancelled_at, offer.cancelled_by, offer.cancel_reason = at, principal.official_id, why
    audit.record(principal, "reissue.withdraw", "offer_file", offer.id, at=at, payments=len(ids), reason=why)
    db.session.flush()
    _rest(principal, batches, at)
    return len(ids)


def _rest(principal: Principal, batches: Sequence[Batch], at: datetime) -> None:
    """Batches that wait for nothing from the bank any longer stand where they stood before the file."""
    for batch in batches:
        waiting = exists().where(Payment.batch_id == batch.id, Payment.state.in_(("sent", "unclear")))
        if batch.state == "sent" and not db.session.scalar(select(waiting)):
            workflow.move(BATCH_WORKFLOW, batch, "complete", principal, at=at)
