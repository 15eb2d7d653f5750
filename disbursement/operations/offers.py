"""The file by which the bank pays: attempts are made in one statement, and the file is written from them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, and_, case, delete, exists, func, literal, select, update

from core import audit, workflow
from core.bulk import insert_selected
from core.database import UtcDateTime, db, rows_changed
from core.errors import Conflict, NotVisible, UserError
from core.money import Fen
from core.principal import Principal
from core.uploads import store_file
from disbursement.bank_files.offers import OfferLine, WrittenOffer, write_offer
from disbursement.bank_files.profiles import SAMPLE, Profile
from disbursement.models import Attempt, BankSpelling, Batch, Discrepancy, OfferFile, Payment
from disbursement.operations.batches import lock_batch
from disbursement.operations.failures import note_failures, note_reissued
from disbursement.operations.last_look import refuse_dead, refuse_twice
from disbursement.operations.results import one_at_a_time
from disbursement.queries.offers import Redirected, redirected, sendable
from disbursement.rules import BATCH_WORKFLOW, CONFIRM_BATCH, EXPORT_OFFER, PAYMENT_WORKFLOW
from registry.models import Beneficiary, Card


def export_offer(
    principal: Principal,
    batch: Batch,
    *,
    at: datetime,
    profile: Profile = SAMPLE,
    again: bool = False,
    redirects_seen: str = "",
) -> OfferFile:
    """The offer file of a confirmed batch: every payment that waits gets its next attempt and is sent.

    What failed and was pushed waits for the month's re-issue file over all batches (make_reissue); with ``again`` it
    goes into this one. A payment without a card stays approved and waits. Where nothing waits, the batch's newest file
    is given again, the same bytes. A name stands in the file as the bank spells it, where that is known.

    What one official of a township has redirected since its approval goes out only when finance has looked at it:
    ``redirects_seen`` stands for what it was shown (redirects_of). Raises Conflict before finance has confirmed, and
    where that is not what there is now; UserError where nothing can be sent, where somebody would be paid twice, and
    where somebody has been entered as dead since the confirmation.
    """
    principal.require(EXPORT_OFFER)
    lock_batch(batch)
    if batch.state not in ("finance_confirmed", "sent", "results_in"):
        raise Conflict("本批次还没有经财政确认，或者已经办结，不能生成代发文件。")
    if batch.programme.channel == "offline":
        raise UserError("这个项目线下发放，不生成代发文件。请在花名册页面凭签领表登记。")
    redirects = _seen_redirects(principal, batch, redirects_seen)
    _take_cards_issued_since(batch)
    if not db.session.scalar(select(select(Payment.id).where(*sendable(batch, again=again)).exists())):
        return _newest_offer(batch)
    refuse_twice(batch)
    refuse_dead(batch, again=again)
    offer = OfferFile(batch_id=batch.id, line_count=0, total_fen=Fen(0), created_at=at)
    offer.official_id = principal.official_id
    offer.profile, offer.profile_version = profile.name, profile.version
    db.session.add(offer)
    db.session.flush()
    _make_attempts(batch, offer, at, again)
    offer.respelled = spell(offer)
    written = _write(batch, offer, profile)
    _send(principal, batch, offer, written, at=at, again=again)
    offer.line_count, offer.total_fen = written.line_count, Fen(written.total_fen)
    offer.lost_characters = written.lost_characters
    offer.file_id = store_file(written.content, at=at).id
    audit.record(
        principal,
        "offer.export",
        "batch",
        batch.id,
        at=at,
        offer_file=offer.id,
        lines=offer.line_count,
        total_fen=offer.total_fen,
        redirected=redirects,
    )
    db.session.flush()
    return offer


def redirects_of(found: Sequence[Redirected]) -> str:
    """Redirected payments in short, empty where there are none: another value later means that something was redirected
    in between."""
    return hashlib.sha256(repr([tuple(one) for one in found]).encode()).hexdigest()[:16] if found else ""


def _seen_redirects(principal: Principal, batch: Batch, seen: str) -> int:
    """How many payments were redirected. Raises Conflict where finance has not looked at all of them."""
    found = redirected(batch)
    if not found:
        return 0
    if not principal.may(CONFIRM_BATCH):
        raise Conflict(
            "有 %(count)s 笔在审核以后由乡镇改到了别的账户，要由县财政局核对后生成代发文件。", count=len(found)
        )
    if seen != redirects_of(found):
        raise Conflict(
            "有 %(count)s 笔在审核以后由乡镇改到了别的账户。请在“生成代发文件”页面逐笔核对，确认后再生成。",
            count=len(found),
        )
    return len(found)


def _take_cards_issued_since(batch: Batch) -> None:
    """Payments that had no card when their roll came are paid to the card that the registry knows by now."""
    db.session.execute(
        update(Payment)
        .where(
            Payment.batch_id == batch.id,
            Payment.state.in_(PAYMENT_WORKFLOW.sources("send")),
            Payment.card_id.is_(None),
            Payment.beneficiary_id == Beneficiary.id,
            Beneficiary.card_id == Card.id,
        )
        .values(card_id=Card.id, payee_name=Card.holder_name)
        .execution_options(synchronize_session=False)
    )


def _newest_offer(batch: Batch) -> OfferFile:
    newest = db.session.scalars(
        select(OfferFile)
        .where(OfferFile.batch_id == batch.id, OfferFile.cancelled_at.is_(None))
        .order_by(OfferFile.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        raise UserError("没有可以发放的明细：所有人都还没有社保卡。请先办理未办卡人员的卡。")
    return newest


def _make_attempts(batch: Batch, offer: OfferFile, at: datetime, again: bool) -> None:
    before = select(func.max(Attempt.number)).where(Attempt.payment_id == Payment.id).scalar_subquery()
    # Only what is resubmitted was tried before; to look for all the others in the table that is being filled is slow.
    number = case((Payment.state == "resubmitted", func.coalesce(before, 0) + 1), else_=1)
    values = {
        "payment_id": Payment.id,
        "number": number,
        "reference": Payment.id.cast(String) + "-" + number.cast(String),
        "offer_file_id": literal(offer.id),
        "line_number": func.row_number().over(order_by=(Payment.roll_id, Payment.id)),
        "payee_name": Payment.payee_name,
        "sent_name": literal(""),
        "was_due_on": Payment.due_on,
        "card_number": Card.number,
        "card_index": Card.number_index,
        "card_tail": Card.tail,
        "amount_fen": Payment.amount_fen,
        "outcome": literal("open"),
        "failure_reason": literal(""),
        "created_at": literal(at, UtcDateTime()),
    }
    chosen = select(*values.values()).join(Card, Card.id == Payment.card_id).where(*sendable(batch, again=again))
    insert_selected(Attempt, values, chosen)


def spell(offer: OfferFile) -> int:
    """Give the attempts of a file the bank's spelling of their payee, where there is one; how many that is."""
    known = (
        select(BankSpelling.spelling)
        .join(Card, Card.id == BankSpelling.card_id)
        .where(Card.number_index == Attempt.card_index, BankSpelling.name == Attempt.payee_name)
    )
    # From the few spellings to their attempts, not the other way about.
    spelled = select(Card.number_index).join(BankSpelling, BankSpelling.card_id == Card.id)
    respelled = db.session.execute(
        update(Attempt)
        .where(
            Attempt.offer_file_id == offer.id,
            Attempt.card_index.in_(spelled),
            exists(known.with_only_columns(literal(1)).where(BankSpelling.spelling != Attempt.payee_name)),
        )
        .values(sent_name=known.scalar_subquery())
        .execution_options(synchronize_session=False)
    )
    return rows_changed(respelled)


def _write(batch: Batch, offer: OfferFile, profile: Profile) -> WrittenOffer:
    purpose = f"{batch.programme.name}{batch.period}"
    attempts = db.session.execute(
        select(
            Attempt.reference,
            func.coalesce(func.nullif(Attempt.sent_name, ""), Attempt.payee_name),
            Attempt.card_number,
            Attempt.amount_fen,
        )
        .where(Attempt.offer_file_id == offer.id)
        .order_by(Attempt.line_number)
    )
    return write_offer(
        profile, (OfferLine(attempt[0], attempt[1], attempt[2], attempt[3], purpose) for attempt in attempts)
    )


def _send(
    principal: Principal, batch: Batch, offer: OfferFile, written: WrittenOffer, *, at: datetime, again: bool
) -> None:
    note_reissued(select(Payment.id).where(*sendable(batch, again=again), Payment.state == "resubmitted"), at=at)
    # By the same condition as the attempts, and then counted: to join with attempts that were made a moment ago, of
    # which the database has no statistics yet, took minutes on PostgreSQL.
    sent = workflow.move_set(PAYMENT_WORKFLOW, Payment, "send", principal, *sendable(batch, again=again), due_on=None)
    if sent != written.line_count:
        raise RuntimeError(f"offer file {offer.id}: {written.line_count} lines for {sent} payments")
    if batch.state != "sent":
        workflow.move(BATCH_WORKFLOW, batch, "send", principal, at=at)


def read_offer(principal: Principal, offer: OfferFile, *, at: datetime) -> bytes:
    """The bytes of an offer file, for the bank. It names people and cards: every reading is on record, and from the
    first on the file has left the house. Raises Conflict for one that was cancelled."""
    principal.require(EXPORT_OFFER)
    db.session.refresh(offer, with_for_update=True)
    if offer.file is None:
        raise NotVisible
    if offer.cancelled_at is not None:
        raise Conflict("这份代发文件已经作废，不能再下载。请重新生成。")
    offer.downloaded_at = offer.downloaded_at or at
    audit.record(principal, "offer.download", "offer_file", offer.id, at=at, lines=offer.line_count)
    db.session.flush()
    return offer.file.content


def cancel_offer(principal: Principal, offer: OfferFile, reason: str, *, at: datetime) -> int:
    """Take back an offer file that nobody has downloaded: its attempts are removed, and payments and batch stand where
    they stood before. Returns the number of payments. Raises Conflict once it has left the house, UserError without a
    reason."""
    principal.require(EXPORT_OFFER)
    if not reason.strip():
        raise UserError("请写明作废的原因。")
    # An answer that is just coming in must find the attempts, or not.
    one_at_a_time()
    lock_batch(offer.batch)
    db.session.refresh(offer, with_for_update=True)
    if offer.cancelled_at is not None:
        raise Conflict("这份代发文件刚才已经作废了。请刷新页面后再看。")
    attempts = select(Attempt.id).where(Attempt.offer_file_id == offer.id)
    answered = db.session.scalar(
        select(exists(attempts.where(Attempt.outcome != "open")) | exists().where(Discrepancy.attempt_id.in_(attempts)))
    )
    if offer.downloaded_at is not None or answered:
        raise Conflict("这份代发文件已经下载过，可能已经送到银行，不能作废。请等银行的结果。")
    again = select(Attempt.payment_id).where(Attempt.offer_file_id == offer.id, Attempt.number > 1)
    note_failures(db.session.scalars(again).all(), reissued_on=None)
    moved = _recall(principal, offer)
    if moved != offer.line_count:
        raise Conflict("这份代发文件里有明细已经不在“银行办理中”，不能作废。请刷新页面后再看。")
    db.session.execute(
        delete(Attempt).where(Attempt.offer_file_id == offer.id).execution_options(synchronize_session=False)
    )
    offer.cancelled_at, offer.cancelled_by, offer.cancel_reason = at, principal.official_id, reason.strip()
    db.session.flush()
    _recall_batch(principal, offer.batch, reason.strip(), at)
    audit.record(principal, "offer.cancel", "batch", offer.batch_id, at=at, offer_file=offer.id, lines=moved)
    db.session.flush()
    return moved


def _recall(principal: Principal, offer: OfferFile) -> int:
    """The payments of a file back to where they were: approved before a first try, resubmitted before a further one."""
    moved = 0
    for action, tried_before in (("recall", Attempt.number == 1), ("recall_again", Attempt.number > 1)):
        of_file = and_(Attempt.payment_id == Payment.id, Attempt.offer_file_id == offer.id, tried_before)
        moved += workflow.move_set(PAYMENT_WORKFLOW, Payment, action, principal, of_file, due_on=Attempt.was_due_on)
    return moved


def _recall_batch(principal: Principal, batch: Batch, reason: str, at: datetime) -> None:
    """The batch back to where it was before the file: at the bank while another file waits for its answer."""
    others = select(OfferFile.id).where(OfferFile.batch_id == batch.id, OfferFile.cancelled_at.is_(None))
    # In whatever file: a re-issue holds payments of several batches.
    waiting = exists().where(Payment.batch_id == batch.id, Payment.state.in_(("sent", "unclear")))
    # By hand, before the programme came onto the platform: what was handed over keeps its place in the balance.
    handed_over = exists().where(Payment.batch_id == batch.id, Payment.state == "paid_offline")
    has_begun, any_waiting = db.session.execute(select(exists(others) | handed_over, waiting)).one()
    if not any_waiting:
        action = "recall_further" if has_begun else "recall"
        workflow.move(BATCH_WORKFLOW, batch, action, principal, at=at, reason=reason)
