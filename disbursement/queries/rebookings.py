"""Rebookings, for finance, the bank and those who check on them; without a person's name."""

from sqlalchemy import Select, false, select, true

from core.database import db
from core.errors import NotVisible
from core.principal import Principal
from disbursement.models import Attempt, Batch, Payment, Rebooking, RebookingLine
from disbursement.rules import SEE_RESULTS, RebookingKind
from programmes.models import Programme


def visible_rebookings(principal: Principal) -> Select[Rebooking]:
    """All rebookings."""
    return select(Rebooking).where(true() if principal.may(SEE_RESULTS) else false())


def get_rebooking(principal: Principal, rebooking_id: int) -> Rebooking:
    """One rebooking. Raises NotVisible."""
    found = db.session.scalars(visible_rebookings(principal).where(Rebooking.id == rebooking_id)).first()
    if found is None:
        raise NotVisible
    return found


def rebooking_lines(rebooking: Rebooking) -> Select[RebookingLine, Attempt, Batch, Programme]:
    """The tries of a rebooking with their batch and programme."""
    return (
        select(RebookingLine, Attempt, Batch, Programme)
        .join(Attempt, Attempt.id == RebookingLine.attempt_id)
        .join(Payment, Payment.id == RebookingLine.payment_id)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .where(RebookingLine.rebooking_id == rebooking.id)
    )


def never_paid() -> Select[int]:
    """The attempts of which the bank proved that it never paid them. They are few, however many the others are."""
    return (
        select(RebookingLine.attempt_id)
        .join(Rebooking, Rebooking.id == RebookingLine.rebooking_id)
        .where(Rebooking.kind == RebookingKind.NEVER_PAID.value, RebookingLine.booked_on.is_not(None))
    )
