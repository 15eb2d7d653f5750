"""Counts of payments and failures by month, township and programme, for figures that everybody sees. No person."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, case, distinct, extract, func, select

from core.database import db
from disbursement.models import Attempt, Batch, Failure, OfflineReceipt, OfflineReceiptLine, Payment, Roll
from programmes.models import Programme

REPAIRED = ("paid", "paid_after_all")
"""Endings of a failure after which the money has arrived."""


class MonthCount(NamedTuple):
    """How many of one month (YYYY-MM), township, programme and outcome, of how many people, and how much in fen."""

    month: str
    township_code: str
    programme_code: str
    outcome: str
    number: int
    people: int
    amount_fen: int


def paid_by_month(first: date, last: date) -> Iterator[MonthCount]:
    """Payments that arrived on these days and have not come back, by the bank or against a receipt.

    It reads the attempts of the days by their index, and gives as many rows as there are months, townships and
    programmes, however many payments there are.
    """
    by_bank = (
        _counted(Attempt.bank_date)
        .select_from(Attempt)
        .join(Payment, Payment.id == Attempt.payment_id)
        .where(Attempt.bank_date.between(first, last), Attempt.outcome == "paid", Attempt.returned_on.is_(None))
    )
    by_hand = (
        _counted(OfflineReceipt.paid_on)
        .select_from(OfflineReceipt)
        .join(OfflineReceiptLine, OfflineReceiptLine.receipt_id == OfflineReceipt.id)
        .join(Payment, Payment.id == OfflineReceiptLine.payment_id)
        .where(OfflineReceipt.paid_on.between(first, last), OfflineReceipt.cancelled_at.is_(None))
    )
    yield from _rows(by_bank)
    yield from _rows(by_hand)


def failures_by_month(first_month: str, last_month: str) -> Iterator[MonthCount]:
    """Payments that failed or came back in the cycles of these months (YYYY-MM, B6), repaired or not."""
    outcome = case((Failure.ending.in_(REPAIRED), "repaired"), else_="unrepaired")
    query = (
        select(
            Failure.month,
            Roll.township_code,
            Programme.code,
            outcome,
            func.count(distinct(Failure.payment_id)),
            func.count(distinct(Payment.beneficiary_id)),
            func.sum(Payment.amount_fen),
        )
        .select_from(Failure)
        .join(Payment, Payment.id == Failure.payment_id)
        .where(Failure.month.between(first_month, last_month))
        .group_by(Failure.month, Roll.township_code, Programme.code, outcome)
    )
    for month, township, programme, ending, number, people, amount in db.session.execute(_placed(query)):
        yield MonthCount(month, township, programme, ending, number, people, int(amount))


def _counted(day: Any) -> Select[*tuple[Any, ...]]:
    group = (extract("year", day), extract("month", day), Roll.township_code, Programme.code)
    return select(
        *group, func.count(), func.count(distinct(Payment.beneficiary_id)), func.sum(Payment.amount_fen)
    ).group_by(*group)


def _placed(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        query.join(Roll, Roll.id == Payment.roll_id)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
    )


def _rows(query: Select[*tuple[Any, ...]]) -> Iterator[MonthCount]:
    for year, month, township, programme, number, people, amount in db.session.execute(_placed(query)):
        name = f"{int(year):04d}-{int(month):02d}"
        yield MonthCount(name, township, programme, "paid", number, people, int(amount))
