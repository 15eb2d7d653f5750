"""The file by which the bank pays: attempts are made in one statement, and the file is written from them."""

from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, case, func, insert, literal, or_, select, update

from core import audit, workflow
from core.database import UtcDateTime, db
from core.errors import Conflict, NotVisible, UserError
from core.money import Fen
from core.principal import Principal
from core.uploads import store_file
from disbursement.bank_files.offers import OfferLine, WrittenOffer, write_offer
from disbursement.bank_files.profiles import SAMPLE, Profile
from disbursement.models import Attempt, Batch, OfferFile, Payment
from disbursement.operations.batches import lock_batch
from disbursement.operations.failures import note_reissued
from disbursement.queries.failures import disputed
from disbursement.rules import BATCH_WORKFLOW, EXPORT_OFFER, PAYMENT_WORKFLOW
from registry.models import Beneficiary, Card

SENDABLE = PAYMENT_WORKFLOW.sources("send")


def export_offer(
    principal: Principal, batch: Batch, *, at: datetime, profile: Profile = SAMPLE, again: bool = False
) -> OfferFile:
    """The offer file of a confirmed batch: every payment that waits gets its next attempt and is sent.

    What failed and was pushed waits for the month's re-issue file over all batches (make_reissue); with ``again`` it
    goes into this one. A payment without a card stays approved and waits. Where nothing waits, the batch's newest file
    is given again, the same bytes. Raises Conflict before finance has confirmed, UserError where nothing can be sent.
    """
    principal.require(EXPORT_OFFER)
    lock_batch(batch)
    if batch.state not in ("finance_confirmed", "sent", "results_in"):
        raise Conflict("本批次还没有经财政确认，或者已经办结，不能生成代发文件。")
    if batch.programme.channel == "offline":
        raise UserError("这个项目线下发放，不生成代发文件。请在花名册页面凭签领表登记。")
    _take_cards_issued_since(batch)
    if not db.session.scalar(select(select(Payment.id).where(*_waiting(batch, again)).exists())):
        return _newest_offer(batch)
    offer = OfferFile(batch_id=batch.id, line_count=0, total_fen=Fen(0), created_at=at)
    offer.official_id = principal.official_id
    db.session.add(offer)
    db.session.flush()
    _make_attempts(batch, offer, at, again)
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
    )
    db.session.flush()
    return offer


def _take_cards_issued_since(batch: Batch) -> None:
    """Payments that had no card when their roll came are paid to the card that the registry knows by now."""
    db.session.execute(
        update(Payment)
        .where(
            Payment.batch_id == batch.id,
            Payment.state.in_(SENDABLE),
            Payment.card_id.is_(None),
            Payment.beneficiary_id == Beneficiary.id,
            Beneficiary.card_id == Card.id,
        )
        .values(card_id=Card.id, payee_name=Card.holder_name)
        .execution_options(synchronize_session=False)
    )


def _waiting(batch: Batch, again: bool) -> tuple[ColumnElement[bool], ...]:
    """Payments of the batch that can be sent now; ``again``: those that were pushed after a failure, too."""
    state = Payment.state == "approved"
    if again:
        state = or_(state, and_(Payment.state == "resubmitted", ~disputed()))
    return (Payment.batch_id == batch.id, state, Payment.card_id.is_not(None))


def _newest_offer(batch: Batch) -> OfferFile:
    newest = db.session.scalars(
        select(OfferFile).where(OfferFile.batch_id == batch.id).order_by(OfferFile.id.desc()).limit(1)
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
        "card_number": Card.number,
        "card_index": Card.number_index,
        "card_tail": Card.tail,
        "amount_fen": Payment.amount_fen,
        "outcome": literal("open"),
        "failure_reason": literal(""),
        "created_at": literal(at, UtcDateTime()),
    }
    sendable = select(*values.values()).join(Card, Card.id == Payment.card_id).where(*_waiting(batch, again))
    db.session.execute(insert(Attempt.__table__).from_select(list(values), sendable))  # type: ignore[arg-type]


def _write(batch: Batch, offer: OfferFile, profile: Profile) -> WrittenOffer:
    purpose = f"{batch.programme.name}{batch.period}"
    attempts = db.session.execute(
        select(Attempt.reference, Attempt.payee_name, Attempt.card_number, Attempt.amount_fen)
        .where(Attempt.offer_file_id == offer.id)
        .order_by(Attempt.line_number)
    )
    return write_offer(profile, (OfferLine(*attempt, purpose) for attempt in attempts))


def _send(
    principal: Principal, batch: Batch, offer: OfferFile, written: WrittenOffer, *, at: datetime, again: bool
) -> None:
    note_reissued(select(Payment.id).where(*_waiting(batch, again), Payment.state == "resubmitted"), at=at)
    # By the same condition as the attempts, and then counted: to join with attempts that were made a moment ago, of
    # which the database has no statistics yet, took minutes on PostgreSQL.
    sent = workflow.move_set(PAYMENT_WORKFLOW, Payment, "send", principal, *_waiting(batch, again), due_on=None)
    if sent != written.line_count:
        raise RuntimeError(f"offer file {offer.id}: {written.line_count} lines for {sent} payments")
    if batch.state != "sent":
        workflow.move(BATCH_WORKFLOW, batch, "send", principal, at=at)


def read_offer(principal: Principal, offer: OfferFile, *, at: datetime) -> bytes:
    """The bytes of an offer file, for the bank. It names people and cards: every reading is on record."""
    principal.require(EXPORT_OFFER)
    if offer.file is None:
        raise NotVisible
    offer.downloaded_at = offer.downloaded_at or at
    audit.record(principal, "offer.download", "offer_file", offer.id, at=at, lines=offer.line_count)
    db.session.flush()
    return offer.file.content
