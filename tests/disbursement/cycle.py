"""Verbs that bring a small county's payments into the failure cycle and through it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.database import db
from disbursement import operations
from disbursement.models import OfferFile, Payment
from disbursement.operations import CorrectionRequest
from disbursement.rules import Change
from tests.disbursement.county import RESULT_AT, County, attempts_of, card_number, entry, result_file, result_line

NOTE = "看过新社保卡原件"
DAY = timedelta(days=1)


def answered(county: County, *answers: tuple[str, str], period: str = "202006") -> OfferFile:
    """A batch of which the bank has said this about each person, on 16 July."""
    offer = county.sent([entry(serial) for serial in range(len(answers))], period)
    lines = [result_line(attempt, answer) for attempt, answer in zip(attempts_of(offer), answers, strict=True)]
    county.answer(result_file(lines))
    db.session.expire_all()
    return offer


def payments(*states_: str) -> list[Payment]:
    """The payments in these states, or all, by number."""
    statement = select(Payment).order_by(Payment.id)
    return list(db.session.scalars(statement.where(Payment.state.in_(states_)) if states_ else statement))


def request_for(payment: Payment, card: str = card_number(900), **more: Any) -> CorrectionRequest:
    """A request to pay to that card."""
    return CorrectionRequest(payment.id, Change(card=card, **more), NOTE)


def correct_all(county: County, at: datetime = RESULT_AT + DAY) -> list[int]:
    """The township gives everybody whose payment failed another card; returns the payments."""
    wanted = [request_for(payment, card_number(900 + payment.id)) for payment in payments("failed")]
    operations.correct_payments(county.preparer, wanted, at=at)
    db.session.expire_all()
    return [request.payment_id for request in wanted]


def pushed(county: County, at: datetime = RESULT_AT + 2 * DAY) -> list[int]:
    """Corrected and pushed; returns the payments."""
    ids = correct_all(county)
    operations.resubmit(county.department, ids, at=at)
    db.session.expire_all()
    return ids
