"""Who has signed a month or does not, whether what they said still stands, and who is still to sign."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.models import Organisation
from core.database import db
from disbursement.models import Attempt, Batch, Payment
from programmes.models import Programme
from reconciliation.models import Month, MonthRefusal, MonthSignature
from reconciliation.queries.figures import fingerprint
from reconciliation.rules import PAID, month_days


def signatures_of(month: Month) -> Sequence[MonthSignature]:
    """Who has signed, in order; those too that no longer count."""
    return db.session.scalars(
        select(MonthSignature).where(MonthSignature.month_id == month.id).order_by(MonthSignature.id)
    ).all()


def standing_signatures(month: Month) -> Sequence[MonthSignature]:
    """The signatures under the figures that stand now: what has changed since was not signed."""
    found = signatures_of(month)
    if month.state != "open":
        # It stands as it was signed.
        return found
    now = fingerprint(month) if found else ""
    return [one for one in found if one.figures == now]


def refusals_of(month: Month) -> Sequence[MonthRefusal]:
    """Who did not sign, and why, in order; those too that were answered."""
    return db.session.scalars(
        select(MonthRefusal)
        .where(MonthRefusal.month_id == month.id)
        .options(joinedload(MonthRefusal.organisation))
        .order_by(MonthRefusal.id)
    ).all()


def standing_refusals(month: Month) -> Sequence[MonthRefusal]:
    """The refusals that nobody has answered, those too after which the month has changed (``is_changed``)."""
    return db.session.scalars(
        select(MonthRefusal)
        .where(MonthRefusal.month_id == month.id, MonthRefusal.answered_at.is_(None))
        .options(joinedload(MonthRefusal.organisation))
        .order_by(MonthRefusal.id)
    ).all()


def is_changed(refusal: MonthRefusal) -> bool:
    """Whether something in the month has changed since it was refused: then the office is asked again."""
    return refusal.changed_at is not None or refusal.figures != fingerprint(refusal.month)


def departments_to_sign(month: Month, signed: Sequence[MonthSignature]) -> Sequence[Organisation]:
    """The departments whose programmes were paid in the month and that are not among those who have signed."""
    first, last = month_days(month.month)
    paid = (
        select(Programme.department_id)
        .join(Batch, Batch.programme_id == Programme.id)
        .join(Payment, Payment.batch_id == Batch.id)
        .join(Attempt, Attempt.payment_id == Payment.id)
        .where(Attempt.bank_date.between(first, last), Attempt.outcome.in_(sorted(PAID)))
    )
    done = [one.organisation_id for one in signed]
    return db.session.scalars(
        select(Organisation).where(Organisation.id.in_(paid), Organisation.id.not_in(done)).order_by(Organisation.name)
    ).all()
