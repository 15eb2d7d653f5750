"""What failed: whose turn it is, what stands in the way, and how it was corrected."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, literal_column, or_, select, union_all
from sqlalchemy.orm import joinedload

from core.database import db
from core.errors import NotVisible
from core.money import Fen
from core.principal import Principal
from disbursement.hooks import doubted
from disbursement.models import (
    Attempt,
    Batch,
    CorrectedAlong,
    Correction,
    Discrepancy,
    Evidence,
    Failure,
    OfferFile,
    Payment,
    RebookingLine,
    ResultFile,
    ReturnLine,
)
from disbursement.queries.payments import get_payment, visible_payments
from disbursement.rules import SEE_RESULTS
from programmes.models import Programme


def bound_by_order() -> ColumnElement[bool]:
    """Whether a return order has the payment: then it is neither corrected nor sent again."""
    return exists().where(ReturnLine.payment_id == Payment.id, ReturnLine.released_at.is_(None))


def being_rebooked() -> ColumnElement[bool]:
    """Whether two officials are about to book the payment as paid."""
    return exists().where(
        RebookingLine.payment_id == Payment.id,
        RebookingLine.released_at.is_(None),
        RebookingLine.booked_on.is_(None),
    )


def disputed() -> ColumnElement[bool]:
    """Whether a bank file says of a finished try of the payment something else than the book, and nobody has cleared
    that up yet, a room above knows as much, or it is about to be booked as paid. Such a payment is not sent again and
    not returned: it may have been paid after all."""
    contradicted = exists().where(
        Attempt.payment_id == Payment.id,
        Discrepancy.attempt_id == Attempt.id,
        # Whichever of two words came first, and for whatever reason the word "paid" was set aside.
        or_(
            Discrepancy.kind == "contradicts_final",
            and_(Discrepancy.bank_outcome == "paid", Attempt.outcome == "failed"),
        ),
        Discrepancy.settled_at.is_(None),
    )
    return or_(contradicted, being_rebooked(), doubted())


def correctable() -> ColumnElement[bool]:
    """Payments that a township can correct: they failed, or the bank sent them back, and no return order has them.
    Each has a day in the cycle, and its index finds them among millions."""
    return and_(Payment.due_on.is_not(None), Payment.state.in_(("failed", "returned")), ~bound_by_order())


def is_correctable(payment: Payment) -> bool:
    """Whether this payment can be corrected now."""
    return bool(db.session.scalar(select(Payment.id).where(Payment.id == payment.id, correctable())))


def payments_in_cycle(principal: Principal) -> Select[Payment]:
    """Every payment of the failure cycle that the principal may see, unclear ones included."""
    # As two small sets, each from its own index: few of millions are in the cycle.
    dated = select(Payment.id).where(Payment.due_on.is_not(None))
    unclear = select(Payment.id).where(_is_unclear())
    return visible_payments(principal).where(Payment.id.in_(union_all(dated, unclear)))


def _is_unclear() -> ColumnElement[bool]:
    # Written out: a parameter would not be known to match the index's own condition.
    return Payment.state == literal_column("'unclear'")


def failures_of(payment: Payment) -> Sequence[Failure]:
    """The failures of a payment, newest first."""
    return db.session.scalars(select(Failure).where(Failure.payment_id == payment.id).order_by(Failure.id.desc())).all()


def corrections_of(payment: Payment) -> Sequence[Correction]:
    """What was changed of a payment, newest first."""
    return db.session.scalars(
        select(Correction)
        .where(Correction.payment_id == payment.id)
        .options(joinedload(Correction.evidence))
        .order_by(Correction.id.desc())
    ).all()


def get_correction(principal: Principal, correction_id: int) -> Correction:
    """One correction, through its payment. Raises NotVisible."""
    correction = db.session.get(Correction, correction_id)
    if correction is None:
        raise NotVisible
    get_payment(principal, correction.payment_id)
    return correction


def get_evidence(principal: Principal, evidence_id: int) -> Evidence:
    """One document, through a correction that it belongs to. Raises NotVisible."""
    corrections = select(Correction.payment_id).where(Correction.evidence_id == evidence_id)
    seen = db.session.scalar(
        visible_payments(principal).where(Payment.id.in_(corrections)).with_only_columns(Payment.id).limit(1)
    )
    evidence = db.session.get(Evidence, evidence_id)
    if seen is None or evidence is None:
        raise NotVisible
    return evidence


def siblings_of(principal: Principal, payment: Payment) -> Sequence[Payment]:
    """Further failed payments of the same person to the same card: one correction mends them all."""
    return db.session.scalars(
        visible_payments(principal)
        .where(
            Payment.beneficiary_id == payment.beneficiary_id,
            Payment.card_id == payment.card_id,
            Payment.id != payment.id,
            correctable(),
        )
        .order_by(Payment.id)
    ).all()


def unsent_of(payment: Payment) -> int:
    """How many payments to the same person and card are approved and not sent yet: a correction reaches them, too,
    whichever township brought them."""
    unsent = (
        Payment.beneficiary_id == payment.beneficiary_id,
        Payment.card_id == payment.card_id,
        Payment.state == "approved",
    )
    return db.session.scalar(select(func.count()).select_from(Payment).where(*unsent)) or 0


def corrected_along(corrections: Sequence[Correction]) -> dict[int, int]:
    """How many further payments each of the corrections has reached, by correction id."""
    rows = db.session.execute(
        select(CorrectedAlong.correction_id, func.count())
        .where(CorrectedAlong.correction_id.in_([one.id for one in corrections]))
        .group_by(CorrectedAlong.correction_id)
    )
    return dict(rows.all())


def corrections_reaching(payment: Payment) -> Sequence[Correction]:
    """The corrections of other payments by which this one got another account, newest first."""
    return db.session.scalars(
        select(Correction)
        .join(CorrectedAlong, CorrectedAlong.correction_id == Correction.id)
        .where(CorrectedAlong.payment_id == payment.id)
        .order_by(Correction.id.desc())
    ).all()


def next_failure(principal: Principal, payment: Payment) -> int | None:
    """The payment to correct after this one, in the order of the list (by due day); the first of all after the last.
    None where nothing is left."""
    waiting = visible_payments(principal).where(correctable(), Payment.id != payment.id)
    ids = waiting.with_only_columns(Payment.id).order_by(Payment.due_on, Payment.id)
    if payment.due_on is not None:
        later = or_(Payment.due_on > payment.due_on, and_(Payment.due_on == payment.due_on, Payment.id > payment.id))
        found = db.session.scalar(ids.where(later).limit(1))
        if found is not None:
            return found
    return db.session.scalar(ids.limit(1))


def count_correctable(principal: Principal) -> int:
    """How many payments wait for this principal's township."""
    waiting = visible_payments(principal).where(correctable()).with_only_columns(Payment.id).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) or 0


class UnclearAttempt(NamedTuple):
    """A try of which the bank has not said clearly what became of it. Holds no person: the bank reads it, too."""

    attempt_id: int
    reference: str
    amount_fen: Fen
    programme: str
    period: str
    offer_file_id: int
    sent_at: datetime
    since: datetime
    bank_words: str


def unclear_attempts(principal: Principal) -> Select[int, str, Fen, str, str, int, datetime, datetime, str]:
    """Unclear tries (UnclearAttempt's fields), for finance, the bank and those who check on them; since when each
    is unclear is when the file came that says so."""
    return (
        select(
            Attempt.id,
            Attempt.reference,
            Attempt.amount_fen,
            Programme.name,
            Batch.period,
            Attempt.offer_file_id,
            Attempt.created_at,
            ResultFile.imported_at,
            Attempt.failure_reason,
        )
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .join(ResultFile, ResultFile.id == Attempt.result_file_id)
        .where(Attempt.outcome == "unclear", _is_unclear(), _sees_results(principal))
    )


def _sees_results(principal: Principal) -> ColumnElement[bool]:
    return Payment.id.is_not(None) if principal.may(SEE_RESULTS) else false()


def unclear_before(principal: Principal, day: datetime) -> int:
    """How many tries have been unclear since before that instant."""
    waiting = unclear_attempts(principal).where(ResultFile.imported_at < day).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) or 0


class ReissueCount(NamedTuple):
    """What a re-issue file made now would hold, and what would wait for the next cycle."""

    lines: int
    total_fen: int
    due_on: date | None
    not_pushed: int
    not_corrected: int


def reissue_count(principal: Principal) -> ReissueCount:
    """What waits to be paid again, over all batches."""
    rows = db.session.execute(
        payments_in_cycle(principal)
        .with_only_columns(
            Payment.state,
            func.count(),
            func.sum(Payment.amount_fen),
            func.min(Payment.due_on),
            maintain_column_froms=True,
        )
        .order_by(None)
        .group_by(Payment.state)
    ).all()
    found = {state: (number, int(fen), due) for state, number, fen, due in rows}
    lines, fen, due = found.get("resubmitted", (0, 0, None))
    return ReissueCount(
        lines,
        fen,
        due,
        found.get("corrected", (0,))[0],
        found.get("failed", (0,))[0] + found.get("returned", (0,))[0],
    )


def visible_reissues(principal: Principal) -> Select[OfferFile]:
    """The re-issue files, for finance, the bank and those who check on them."""
    seen = OfferFile.id.is_not(None) if principal.may(SEE_RESULTS) else false()
    return select(OfferFile).where(OfferFile.cycle_month.is_not(None), seen)


def get_reissue(principal: Principal, offer_id: int) -> OfferFile:
    """One re-issue file. Raises NotVisible."""
    offer = db.session.scalars(visible_reissues(principal).where(OfferFile.id == offer_id)).first()
    if offer is None:
        raise NotVisible
    return offer


def batches_of_offer(offer: OfferFile) -> Sequence[Batch]:
    """The batches whose payments a file holds, by id."""
    inside = select(Payment.batch_id).join(Attempt, Attempt.payment_id == Payment.id)
    return db.session.scalars(
        select(Batch).where(Batch.id.in_(inside.where(Attempt.offer_file_id == offer.id))).order_by(Batch.id)
    ).all()


def reissue_of(principal: Principal, month: str) -> OfferFile | None:
    """The re-issue file of a month (YYYY-MM) that stands, if there is one."""
    return db.session.scalars(
        visible_reissues(principal).where(OfferFile.cycle_month == month, OfferFile.cancelled_at.is_(None))
    ).first()


def results_of_offer(offer: OfferFile) -> Sequence[ResultFile]:
    """The result files that answered a file, newest first."""
    answered = select(Attempt.result_file_id).where(Attempt.offer_file_id == offer.id)
    return db.session.scalars(
        select(ResultFile).where(ResultFile.id.in_(answered)).order_by(ResultFile.id.desc())
    ).all()
