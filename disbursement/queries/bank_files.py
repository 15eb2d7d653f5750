"""Offer files, result files and what did not fit the book."""

from collections.abc import Sequence

from sqlalchemy import CompoundSelect, Select, false, select, true, union

from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from disbursement.models import Attempt, Batch, Discrepancy, OfferFile, Payment, ResultFile
from disbursement.queries.batches import get_batch
from disbursement.rules import SEE_RESULTS


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


def visible_results(principal: Principal) -> Select[ResultFile]:
    """Result files, for finance and the bank, and for those who check on them."""
    return select(ResultFile).where(true() if principal.may(SEE_RESULTS) else false())


def get_result(principal: Principal, result_id: int) -> ResultFile:
    """One result file. Raises NotVisible."""
    result = db.session.scalars(visible_results(principal).where(ResultFile.id == result_id)).first()
    if result is None:
        raise NotVisible
    return result


def discrepancies_of(result: ResultFile) -> Sequence[Discrepancy]:
    """What did not fit the book, open ones first, by line."""
    return db.session.scalars(
        select(Discrepancy)
        .where(Discrepancy.result_file_id == result.id)
        .order_by(Discrepancy.settled_at.is_not(None), Discrepancy.line)
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
