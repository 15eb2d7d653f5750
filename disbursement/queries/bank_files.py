"""Offer files, result files and what did not fit the book."""

from collections.abc import Sequence

from sqlalchemy import Select, false, select, true
from sqlalchemy.orm import joinedload

from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from disbursement.models import Attempt, Batch, Discrepancy, OfferFile, ResultFile
from disbursement.queries.batches import get_batch
from disbursement.rules import SEE_RESULTS
from programmes.models import Programme


def offers_of(batch: Batch) -> Sequence[OfferFile]:
    """The offer files of a batch, newest first."""
    return db.session.scalars(
        select(OfferFile).where(OfferFile.batch_id == batch.id).order_by(OfferFile.id.desc())
    ).all()


def get_offer(principal: Principal, offer_id: int) -> OfferFile:
    """One offer file, through its batch. Raises NotVisible."""
    offer = db.session.get(OfferFile, offer_id)
    if offer is None:
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


def visible_discrepancies(principal: Principal) -> Select[Discrepancy, ResultFile, Attempt, Batch, Programme]:
    """What did not fit the book, over all files, with the attempt meant and its batch where there is one."""
    return (
        select(Discrepancy, ResultFile, Attempt, Batch, Programme)
        .join(ResultFile, ResultFile.id == Discrepancy.result_file_id)
        .outerjoin(Attempt, Attempt.id == Discrepancy.attempt_id)
        .outerjoin(OfferFile, OfferFile.id == Attempt.offer_file_id)
        .outerjoin(Batch, Batch.id == OfferFile.batch_id)
        .outerjoin(Programme, Programme.id == Batch.programme_id)
        .where(true() if principal.may(SEE_RESULTS) else false())
    )


def batches_answered_by(result: ResultFile) -> Sequence[Batch]:
    """The batches whose attempts a result file has settled, or says something about that does not fit."""
    told = select(Discrepancy.attempt_id).where(Discrepancy.result_file_id == result.id)
    offers = select(Attempt.offer_file_id).where((Attempt.result_file_id == result.id) | Attempt.id.in_(told))
    batches = select(OfferFile.batch_id).where(OfferFile.id.in_(offers))
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
    answered = select(Attempt.result_file_id).join(OfferFile).where(OfferFile.batch_id == batch.id)
    return db.session.scalars(
        select(ResultFile).where(ResultFile.id.in_(answered)).order_by(ResultFile.id.desc())
    ).all()
