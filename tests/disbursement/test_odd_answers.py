"""Answers of a bank that are brought in the wrong place, in the wrong format, or with days that cannot be: nothing of
them is lost, and nothing is paid by them that should not be."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import db
from core.errors import Conflict, UserError
from core.evidence import BroughtEvidence
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations
from disbursement.models import Attempt, Discrepancy, Payment, ResultFile
from disbursement.operations import months
from disbursement.rules import believed_day
from tests import factories
from tests.disbursement.county import (
    FAILED,
    RESULT_AT,
    County,
    attempts_of,
    build_county,
    entry,
    result_file,
    result_line,
    states,
)
from tests.disbursement.cycle import correct_all

WHY = "已与银行核实"
LETTER = BroughtEvidence("函件.pdf", b"%PDF-1.4 invented")


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def two_batches(county: County) -> tuple[list[Attempt], list[Attempt]]:
    return (
        attempts_of(county.sent([entry(1), entry(2)], "202003")),
        attempts_of(county.sent([entry(3)], "202006")),
    )


def discrepancy() -> Discrepancy:
    return db.session.scalars(select(Discrepancy).where(Discrepancy.settled_at.is_(None))).one()


# --- In the wrong place --------------------------------------------------------------------------


def test_a_file_brought_for_the_wrong_batch_can_be_brought_for_the_right_one(county: County) -> None:
    """It was kept with nothing booked, and the same bytes were known from then on: nobody could ever be answered."""
    march, june = two_batches(county)
    content = result_file([result_line(one) for one in march])
    with pytest.raises(UserError, match="另一个批次"):
        county.answer(content, june[0].payment.batch)
    assert county.answer(content, march[0].payment.batch).recorded == 2
    assert states() == {"paid": 2, "sent": 1}


def test_the_lines_of_another_batch_in_a_file_are_booked_by_finance(county: County) -> None:
    march, june = two_batches(county)
    lines = [result_line(june[0]), result_line(march[0], FAILED), result_line(march[1], FAILED)]
    county.answer(result_file([*lines, lines[2]]), june[0].payment.batch)
    assert states() == {"paid": 1, "sent": 2}
    found = db.session.scalars(select(Discrepancy).order_by(Discrepancy.line)).all()
    assert [one.kind for one in found] == ["other_batch", "other_batch", "repeated_line"]
    ids = [one.id for one in found[:2]]
    with pytest.raises(UserError, match="补记"):
        operations.settle_discrepancies(county.finance, ids, WHY, at=RESULT_AT)
    assert operations.book_late_answers(county.finance, ids, WHY, at=RESULT_AT).done == 2
    db.session.expire_all()
    assert states() == {"paid": 1, "failed": 2}
    assert (march[0].bank_date, march[0].failure_reason) == (date(2020, 7, 15), FAILED[1])


def test_a_line_of_another_batch_that_does_not_fit_is_booked_by_nobody(county: County) -> None:
    march, june = two_batches(county)
    cent_more = (*result_line(march[0])[:3], 27001, *result_line(march[0])[4:])
    said_both = [result_line(march[1]), result_line(march[1], FAILED)]
    county.answer(result_file([result_line(june[0]), cent_more, *said_both]), june[0].payment.batch)
    found = db.session.scalars(select(Discrepancy).order_by(Discrepancy.line)).all()
    assert [one.kind for one in found] == ["amount_differs", "ambiguous", "ambiguous"]
    for one in found:
        with pytest.raises(UserError, match="补记"):
            operations.book_late_answer(county.finance, one, WHY, at=RESULT_AT)


def test_a_file_read_in_the_wrong_unit_is_refused_and_can_be_brought_again(county: County) -> None:
    march, _ = two_batches(county)
    lines = [result_line(one) for one in march]
    hundredfold = [(*line[:3], line[3] * 100, *line[4:]) for line in lines]
    with pytest.raises(UserError, match="一百倍"):
        county.answer(result_file(hundredfold))
    assert db.session.scalars(select(ResultFile)).all() == []


# --- Two words about one try ---------------------------------------------------------------------


def test_who_was_paid_by_a_file_that_was_held_back_is_not_paid_again(county: County) -> None:
    """A file says in a closed month that it paid, a later one that it failed: the first word still stands."""
    attempt = attempts_of(county.sent([entry(1)]))[0]
    months.close_month(county.finance, "2020-07", at=RESULT_AT)
    county.answer(result_file([result_line(attempt)], day="20200715"))
    assert discrepancy().kind == "closed_month"
    august = RESULT_AT + timedelta(days=20)
    county.answer(result_file([result_line(attempt, FAILED)], day="20200803"), at=august)
    [payment] = correct_all(county, august)
    with pytest.raises(Conflict, match="矛盾"):
        operations.resubmit(county.department, [payment], at=august)
    with pytest.raises(UserError, match="再付一次"):
        operations.settle_discrepancy(county.finance, discrepancy(), "银行来函：没有付出", at=august)
    proposed = operations.propose_still_failed(
        county.finance, [attempt.id], LETTER, august.date(), "银行来函：没有付出", at=august
    )
    operations.approve_rebooking(factories.principal(Kind.FINANCE, Role.APPROVER), proposed, at=august)
    assert operations.resubmit(county.department, [payment], at=august) == 1


# --- Days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["20990715", "20010115"])
def test_a_day_that_cannot_be_is_the_day_on_which_we_heard_of_it(county: County, day: str) -> None:
    """Else the money would be in a month without a statement, which nobody could close, nor any later one."""
    attempt = attempts_of(county.sent([entry(1)]))[0]
    county.answer(result_file([result_line(attempt)], day=day))
    db.session.expire_all()
    payment = db.session.get_one(Payment, attempt.payment_id)
    assert (attempt.bank_date, payment.paid_on) == (date(2020, 7, 16), date(2020, 7, 16))


def test_nor_is_it_believed_where_a_line_is_booked_afterwards(county: County) -> None:
    march, june = two_batches(county)
    content = result_file([result_line(june[0]), result_line(march[0])], day="20990715")
    county.answer(content, june[0].payment.batch)
    operations.book_late_answer(county.finance, discrepancy(), WHY, at=RESULT_AT)
    db.session.expire_all()
    assert march[0].bank_date == date(2020, 7, 16)


def test_the_banks_own_day_is_believed_where_it_can_be() -> None:
    today, sent = date(2020, 7, 16), date(2020, 7, 14)
    assert believed_day(date(2020, 7, 15), sent, today) == date(2020, 7, 15)
    assert believed_day(date(2020, 6, 30), sent, today) == date(2020, 6, 30)
    for told in (None, date(2020, 7, 17), date(2020, 6, 12)):
        assert believed_day(told, sent, today) == today
