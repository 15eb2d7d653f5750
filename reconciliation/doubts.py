"""What the statements know of a payment that the failure cycle is about to send again, or that the bank never
answered."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from core.bulk import among
from core.database import db
from disbursement.models import Attempt, Payment
from disbursement.queries import never_paid
from reconciliation.models import Difference, StatementLine
from reconciliation.queries.accounts import complete_months
from reconciliation.rules import LineClass, months_of_debit


def still_debited() -> ColumnElement[bool]:
    """Whether the account was debited for a try of the payment that the book has as failed, or that the bank said it
    never paid, and the money has not come back. It would be paid twice, whatever anybody has said of the difference, so
    only the money itself ends this."""
    back = aliased(StatementLine)
    came_back = exists().where(
        back.attempt_id == Difference.attempt_id,
        back.kind == LineClass.CORRECTED_BY_BANK.value,
        back.credit_fen > 0,
    )
    # From the differences, which are few, and never from the lines.
    debited = (
        select(Attempt.payment_id)
        .join(Difference, Difference.attempt_id == Attempt.id)
        .where(
            or_(
                and_(Difference.kind == LineClass.OUTCOME_DIFFERS.value, Attempt.outcome == "failed"),
                and_(Difference.kind == LineClass.TWICE_IN_BANK.value, Difference.attempt_id.in_(never_paid())),
            ),
            ~came_back,
        )
    )
    return Payment.id.in_(debited)


def silent(sent: Mapping[int, date]) -> set[int]:
    """Those of the attempts (with the day on which each was sent) for which the statements of all months in which they
    may have been debited are in, of every account, and show no debit of them that the bank has not taken back."""
    known = complete_months({month for day in sent.values() for month in months_of_debit(day)})
    debited = set(
        db.session.scalars(
            select(StatementLine.attempt_id).where(
                among(StatementLine.attempt_id, sorted(sent)),
                StatementLine.debit_fen > 0,
                StatementLine.kind != LineClass.CORRECTED_BY_BANK.value,
            )
        )
    )
    return {number for number, day in sent.items() if number not in debited and known.issuperset(months_of_debit(day))}
