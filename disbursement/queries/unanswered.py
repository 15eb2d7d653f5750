"""What the bank has been sent and has never answered; without a person's name."""

from datetime import datetime

from sqlalchemy import Select, false, func, select, true

from core.database import db
from core.errors import NotVisible
from core.money import Fen
from core.principal import Principal
from disbursement.models import Attempt, Batch, OfferFile, Payment, RebookingLine
from disbursement.queries.bank_files import has_left
from disbursement.rules import SEE_RESULTS
from programmes.models import Programme


def unanswered_attempts(principal: Principal) -> Select[int, str, Fen, str, str, int, datetime, int | None]:
    """Tries in files that the bank has, without any answer: id, reference, fen, programme, period, offer file, when it
    was sent, and the rebooking that is proposed for it."""
    proposed = (
        select(func.max(RebookingLine.rebooking_id))
        .where(RebookingLine.attempt_id == Attempt.id, RebookingLine.released_at.is_(None))
        .scalar_subquery()
    )
    return (
        select(
            Attempt.id,
            Attempt.reference,
            Attempt.amount_fen,
            Programme.name,
            Batch.period,
            Attempt.offer_file_id,
            Attempt.created_at,
            proposed,
        )
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .join(OfferFile, OfferFile.id == Attempt.offer_file_id)
        .where(
            Attempt.outcome == "open",
            Payment.state == "sent",
            has_left(),
            true() if principal.may(SEE_RESULTS) else false(),
        )
    )


def unanswered_before(principal: Principal, day: datetime) -> int:
    """How many of them were sent before that instant."""
    waiting = unanswered_attempts(principal).where(Attempt.created_at < day).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) or 0


def get_waiting_attempt(principal: Principal, attempt_id: int) -> Attempt:
    """A try that the bank has not answered, or has left unclear. Raises NotVisible."""
    seen = true() if principal.may(SEE_RESULTS) else false()
    found = db.session.scalars(
        select(Attempt).where(Attempt.id == attempt_id, Attempt.outcome.in_(("open", "unclear")), seen)
    ).first()
    if found is None:
        raise NotVisible
    return found
