"""Counts of complaints by month, township and programme, for figures that everybody sees. Sealed cases never count; an
official's interests and recusals change nothing here: the figures are of the whole county, are asked for by nobody in
particular, and withhold small counts from everybody alike."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, case, extract, func, select
from sqlalchemy.orm import aliased

from complaints.models import Clock, Complaint
from complaints.rulebook import ClockKind
from core.database import db
from disbursement.models import Batch, Payment
from programmes.models import Programme

_TOWNSHIP_DIGITS = 9


class MonthCount(NamedTuple):
    """How many cases of one month (YYYY-MM), township, programme ("" where none is named) and outcome."""

    month: str
    township_code: str
    programme_code: str
    outcome: str
    number: int


def outcomes_by_month(first: date, last: date) -> Iterator[MonthCount]:
    """Cases that came in on these days and are not sealed, by what became of their answer: ``declined`` (not taken
    on), ``in_time``, or ``late``, also where there is none. The caller asks for days whose answers are due by now.

    A case is about the programme that its reporter came from, or about that of the payment. As many rows as there are
    months, townships, programmes and outcomes, however many cases there are.
    """
    of_payment = aliased(Programme)
    code = func.coalesce(Programme.code, of_payment.code, "")
    township = func.substr(Complaint.region_code, 1, _TOWNSHIP_DIGITS).concat("000")
    year, month = extract("year", Complaint.received_on), extract("month", Complaint.received_on)
    outcome = case(
        (Complaint.state == "declined", "declined"),
        (Clock.stopped_on <= Clock.due_on, "in_time"),
        else_="late",
    )
    query = (
        select(year, month, township, code, outcome, func.count())
        .select_from(Complaint)
        .outerjoin(Clock, and_(Clock.complaint_id == Complaint.id, Clock.kind == ClockKind.RESOLVE.value))
        .outerjoin(Programme, Programme.id == Complaint.programme_id)
        .outerjoin(Payment, Payment.id == Complaint.payment_id)
        .outerjoin(Batch, Batch.id == Payment.batch_id)
        .outerjoin(of_payment, of_payment.id == Batch.programme_id)
        .where(Complaint.received_on.between(first, last), Complaint.sealed.is_(False))
        .group_by(year, month, township, code, outcome)
    )
    for row in db.session.execute(query):
        year_of_row, month_of_row, place, programme, ending, number = row
        yield MonthCount(f"{int(year_of_row):04d}-{int(month_of_row):02d}", place, programme, ending, number)
