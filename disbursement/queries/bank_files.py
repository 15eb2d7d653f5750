"""Offer files, result files and what did not fit the book."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, false, func, or_, select, true, union
from sqlalchemy.orm import aliased, defer, joinedload

from core.bulk import among
from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from disbursement.bank_files.matching import BOOKABLE
from disbursement.models import (
    Attempt,
    Batch,
    ClosedMonth,
    Discrepancy,
    OfferFile,
    Payment,
    RebookingLine,
    ResultFile,
)
from disbursement.queries.batches import get_batch
from disbursement.rules import REBOOKABLE, SEE_RESULTS, SETTLED_STATES, month_of
from programmes.models import Programme


def answers_to(batch: Batch) -> CompoundSelect[int]:
    """The ids of the result files that answered a batch: its own offer files, or a re-issue with payments of it."""
    own = select(Attempt.result_file_id).join(OfferFile).where(OfferFile.batch_id == batch.id)
    again = (
        select(Attempt.result_file_id)
        .join(OfferFile, OfferFile.id == Attempt.offer_file_id)
        .join(Payment, Payment.id == Attempt.payment_id)
        .where(OfferFile.cycle_month.is_not(None), Payment.batch_id == batch.id)
    )
    return union(own, again)


def offers_of(batch: Batch) -> Sequence[OfferFile]:
    """The offer files of a batch, newest first."""
    return db.session.scalars(
        select(OfferFile).where(OfferFile.batch_id == batch.id).order_by(OfferFile.id.desc())
    ).all()


def get_offer(principal: Principal, offer_id: int) -> OfferFile:
    """One offer file, through its batch. Raises NotVisible."""
    offer = db.session.get(OfferFile, offer_id)
    if offer is None or offer.batch_id is None:
        raise NotVisible
    get_batch(principal, offer.batch_id)
    return offer


def has_left() -> ColumnElement[bool]:
    """Over offer files: whether the bank has it. Somebody has downloaded it, or it has been answered."""
    tried = aliased(Attempt)
    answered = exists().where(tried.offer_file_id == OfferFile.id, tried.result_file_id.is_not(None))
    return or_(OfferFile.downloaded_at.is_not(None), answered)


def visible_results(principal: Principal) -> Select[ResultFile]:
    """Result files, for finance and the bank, and for those who check on them."""
    return select(ResultFile).where(true() if principal.may(SEE_RESULTS) else false())


def get_result(principal: Principal, result_id: int) -> ResultFile:
    """One result file. Raises NotVisible."""
    result = db.session.scalars(visible_results(principal).where(ResultFile.id == result_id)).first()
    if result is None:
        raise NotVisible
    return result


def discrepancies_of(result: ResultFile, most: int) -> Sequence[Discrepancy]:
    """What did not fit the book, open ones first, by line; no more than so many: of a file that came after its month
    was closed that is every line."""
    return db.session.scalars(
        select(Discrepancy)
        .where(Discrepancy.result_file_id == result.id)
        .order_by(Discrepancy.settled_at.is_not(None), Discrepancy.line)
        .limit(most)
    ).all()


def tries_of(discrepancies: Collection[Discrepancy]) -> Mapping[int, Attempt]:
    """The try that each line is about, where it is known, with its payment, by discrepancy."""
    known = [found.attempt_id for found in discrepancies if found.attempt_id is not None]
    tries = (
        select(Attempt).where(among(Attempt.id, known)).options(defer(Attempt.card_number), joinedload(Attempt.payment))
    )
    by_id = {attempt.id: attempt for attempt in db.session.scalars(tries)}
    return {found.id: by_id[found.attempt_id] for found in discrepancies if found.attempt_id in by_id}


def awaits_booking() -> ColumnElement[bool]:
    """Over discrepancies: an answer that came while its month was closed, or in another batch's file, and that its
    attempt still waits for. Words alone do not settle it: somebody would never have his answer."""
    waiting = exists().where(Attempt.id == Discrepancy.attempt_id, Attempt.outcome.in_(("open", "unclear")))
    # Said out loud: the list has the attempts in its own rows as well.
    waiting = waiting.correlate(Discrepancy)
    return Discrepancy.kind.in_(BOOKABLE) & waiting


def frees_money() -> ColumnElement[bool]:
    """Over discrepancies: the bank says of a failed try that it was paid, and the payment may still be sent again or
    returned. The word of one official alone would have it paid twice."""
    movable = (
        exists()
        .where(Attempt.id == Discrepancy.attempt_id, Attempt.outcome == "failed")
        .where(Payment.id == Attempt.payment_id, Payment.state.not_in(sorted(SETTLED_STATES)))
        .correlate(Discrepancy)
    )
    return and_(Discrepancy.bank_outcome == "paid", movable)


def late_answers_of(result: ResultFile) -> Mapping[int, bool]:
    """The discrepancies of a file that wait to be booked, each with whether the bank's own day is open again."""
    newest = db.session.scalar(select(func.max(ClosedMonth.month))) or ""
    rows = db.session.execute(
        select(Discrepancy.id, Discrepancy.bank_date).where(
            Discrepancy.result_file_id == result.id, Discrepancy.settled_at.is_(None), awaits_booking()
        )
    )
    return {number: day is not None and month_of(day) > newest for number, day in rows}


def disputes_of(result: ResultFile) -> Mapping[int, int | None]:
    """The open discrepancies of a file by which money could be paid twice, each with the rebooking of its try that
    waits for approval, if one does."""
    proposed = (RebookingLine.attempt_id == Discrepancy.attempt_id) & RebookingLine.released_at.is_(None)
    rows = db.session.execute(
        select(Discrepancy.id, RebookingLine.rebooking_id)
        .outerjoin(RebookingLine, proposed)
        .where(Discrepancy.result_file_id == result.id, Discrepancy.settled_at.is_(None), frees_money())
    )
    return dict(rows.all())


def get_dispute(principal: Principal, discrepancy_id: int) -> Discrepancy:
    """An open discrepancy by which money could be paid twice. Raises NotVisible."""
    found = get_discrepancy(principal, discrepancy_id)
    is_one = select(Discrepancy.id).where(Discrepancy.id == found.id, Discrepancy.settled_at.is_(None), frees_money())
    if db.session.scalar(is_one) is None:
        raise NotVisible
    return found


def disputed_with(found: Discrepancy) -> Sequence[int]:
    """The attempts of the other such discrepancies in the same file of which nobody has proposed anything."""
    proposed = exists().where(RebookingLine.attempt_id == Discrepancy.attempt_id, RebookingLine.released_at.is_(None))
    return db.session.scalars(
        select(Attempt.id)
        .join(Discrepancy, Discrepancy.attempt_id == Attempt.id)
        .where(
            Discrepancy.result_file_id == found.result_file_id,
            Attempt.id != found.attempt_id,
            Discrepancy.settled_at.is_(None),
            frees_money(),
            ~proposed,
        )
        .distinct()
    ).all()


def rebookable_of(result: ResultFile) -> Mapping[int, int | None]:
    """The open discrepancies of a file in which the bank says of a failed try that it was paid, each with the rebooking
    that waits for approval; None where nobody has proposed one."""
    proposed = (RebookingLine.attempt_id == Discrepancy.attempt_id) & RebookingLine.released_at.is_(None)
    rows = db.session.execute(
        select(Discrepancy.id, RebookingLine.rebooking_id)
        .join(Attempt, Attempt.id == Discrepancy.attempt_id)
        .outerjoin(RebookingLine, proposed)
        .where(
            Discrepancy.result_file_id == result.id,
            Discrepancy.settled_at.is_(None),
            Discrepancy.kind == "contradicts_final",
            Discrepancy.bank_outcome == "paid",
            Attempt.outcome.in_(sorted(REBOOKABLE)),
        )
    )
    return dict(rows.all())


def visible_discrepancies(principal: Principal) -> Select[Discrepancy, ResultFile, Attempt, Batch, Programme]:
    """What did not fit the book, over all files, with the attempt meant and its batch where there is one."""
    return (
        select(Discrepancy, ResultFile, Attempt, Batch, Programme)
        .join(ResultFile, ResultFile.id == Discrepancy.result_file_id)
        .outerjoin(Attempt, Attempt.id == Discrepancy.attempt_id)
        # Through the payment: a re-issue file is of no one batch.
        .outerjoin(Payment, Payment.id == Attempt.payment_id)
        .outerjoin(Batch, Batch.id == Payment.batch_id)
        .outerjoin(Programme, Programme.id == Batch.programme_id)
        .where(true() if principal.may(SEE_RESULTS) else false())
    )


def batches_answered_by(result: ResultFile) -> Sequence[Batch]:
    """The batches whose attempts a result file has settled, or says something about that does not fit."""
    told = select(Discrepancy.attempt_id).where(Discrepancy.result_file_id == result.id)
    answered = select(Attempt.payment_id).where((Attempt.result_file_id == result.id) | Attempt.id.in_(told))
    batches = select(Payment.batch_id).where(Payment.id.in_(answered))
    return db.session.scalars(
        select(Batch).where(Batch.id.in_(batches)).options(joinedload(Batch.programme)).order_by(Batch.period, Batch.id)
    ).all()


def get_discrepancy(principal: Principal, discrepancy_id: int) -> Discrepancy:
    """One discrepancy, through its result file. Raises NotVisible."""
    discrepancy = db.session.get(Discrepancy, discrepancy_id)
    if discrepancy is None:
        raise NotVisible
    get_result(principal, discrepancy.result_file_id)
    return discrepancy


def results_of(batch: Batch) -> Sequence[ResultFile]:
    """The result files that answered attempts of a batch, newest first."""
    answered = answers_to(batch)
    return db.session.scalars(
        select(ResultFile).where(ResultFile.id.in_(answered)).order_by(ResultFile.id.desc())
    ).all()
