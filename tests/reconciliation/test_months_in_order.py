"""Months are closed one after the other, and opened again the last one first."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.database import db
from core.errors import Conflict, UserError
from disbursement import operations as disbursement
from disbursement.models import Attempt, Discrepancy, ResultFile
from disbursement.queries.bank_files import late_answers_of
from reconciliation import operations, queries
from reconciliation.models import Month
from reconciliation.rules import month_of, open_spans
from tests.disbursement.county import PAID, result_file, result_line
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.statements import BankStatement

WHY = "银行已来函说明"
SEPTEMBER = datetime(2020, 9, 3, 2, tzinfo=UTC)


def july(book: Book) -> BankStatement:
    made = BankStatement()
    for attempt in book.attempts[:6]:
        made.pay(attempt)
    return made


def august(before: BankStatement) -> BankStatement:
    made = BankStatement("2020-08", opening=before.closing)
    made.other(credit=37, summary="结息", day=date(2020, 8, 20))
    return made


def close(book: Book, month: Month) -> None:
    """By those who sign a month without payments, or with: the department signs where it was paid."""
    book.settle_all(month)
    for one in (book.county.department, book.bank, book.finance):
        if one is book.county.department and not queries.departments_to_sign(month, ()):
            continue
        operations.sign_month(one, month, at=SEPTEMBER)
    operations.close_month(book.chief, month, at=SEPTEMBER)


def test_a_month_with_a_statement_is_closed_before_the_next(book: Book) -> None:
    first = july(book)
    earlier, later = book.take_in(first), book.take_in(august(first))
    found = queries.earlier_open(later)
    assert found is not None and (found.month, found.month_id) == ("2020-07", earlier.id)
    with pytest.raises(UserError, match="2020-07 还没有关账"):
        close(book, later)
    db.session.rollback()


def test_a_month_with_money_and_no_statement_is_in_the_way_too(book: Book) -> None:
    later = book.take_in(august(july(book)))
    found = queries.earlier_open(later)
    assert found is not None and (found.month, found.month_id) == ("2020-07", None)
    with pytest.raises(UserError, match="2020-07 还没有关账"):
        close(book, later)


def test_in_their_order_they_close_and_open_again_the_last_first(book: Book) -> None:
    first = july(book)
    earlier = book.take_in(first)
    close(book, earlier)
    later = book.take_in(august(first))
    assert queries.earlier_open(later) is None
    close(book, later)
    assert disbursement.closed_until() == "2020-08"
    found = queries.later_closed(earlier)
    assert found is not None and (found.month, found.month_id) == ("2020-08", later.id)
    with pytest.raises(UserError, match="先重新开 2020-08"):
        operations.ask_reopen(book.finance, earlier, WHY, at=SEPTEMBER)
    operations.ask_reopen(book.finance, later, WHY, at=SEPTEMBER)
    operations.reopen_month(book.chief, later, at=SEPTEMBER)
    operations.ask_reopen(book.finance, earlier, WHY, at=SEPTEMBER)
    operations.reopen_month(book.chief, earlier, at=SEPTEMBER)
    with pytest.raises(UserError, match="2020-07 还没有关账"):
        close(book, later)


def test_what_was_asked_before_a_later_month_closed_waits(book: Book) -> None:
    first = july(book)
    earlier = book.take_in(first)
    close(book, earlier)
    operations.ask_reopen(book.finance, earlier, WHY, at=CLOSING)
    later = book.take_in(august(first))
    close(book, later)
    with pytest.raises(UserError, match="先重新开 2020-08"):
        operations.reopen_month(book.chief, earlier, at=SEPTEMBER)


@given(
    oldest=st.dates(date(2018, 1, 1), date(2020, 12, 31)),
    until=st.dates(date(2018, 1, 1), date(2021, 6, 30)),
    closed=st.sets(st.dates(date(2018, 1, 1), date(2021, 6, 30)).map(month_of)),
    day=st.dates(date(2017, 12, 1), date(2021, 7, 31)),
)
def test_the_spans_are_the_days_of_open_months(oldest: date, until: date, closed: set[str], day: date) -> None:
    spans = open_spans(oldest, until.replace(day=1), closed)
    inside = any(first <= day <= last for first, last in spans)
    assert inside == (oldest.replace(day=1) <= day < until.replace(day=1) and month_of(day) not in closed)
    assert all(one[1] < other[0] for one, other in pairwise(spans))


def test_no_statement_comes_in_before_a_month_that_is_closed(book: Book) -> None:
    """Its lines would answer what the closed month has as missing, and change the figures that were signed."""
    first = july(book)
    close(book, book.take_in(first))
    june = BankStatement("2020-06", opening=first.opening)
    june.other(credit=37, summary="结息", day=date(2020, 6, 20))
    june.other(debit=37, summary="手续费", day=date(2020, 6, 21))
    with pytest.raises(Conflict, match="2020-07 已经关账"):
        book.take_in(june)
    with pytest.raises(Conflict, match="2020-07 已经关账"):
        operations.preview_statement(book.finance, "sample", june.content(), "2020-06")


def test_an_answer_of_an_empty_month_before_a_closed_one_is_booked_today(book: Book) -> None:
    """No statement of June is taken any more: booked into it, the answer would stop every later month."""
    first = july(book)
    close(book, book.take_in(first))
    answer = result_file([result_line(book.attempts[7], PAID)], day="20200630")
    summary = book.county.answer(answer, at=SEPTEMBER)
    assert (summary.recorded, [one.kind for one in summary.set_aside]) == (0, ["closed_month"])
    found = db.session.scalars(select(Discrepancy)).one()
    assert list(late_answers_of(db.session.get_one(ResultFile, found.result_file_id)).values()) == [False]
    disbursement.book_late_answer(book.finance, found, WHY, at=SEPTEMBER)
    assert db.session.get_one(Attempt, book.attempts[7].id).bank_date == SEPTEMBER.date()
    later = book.take_in(august(first))
    assert queries.earlier_open(later) is None
    close(book, later)


def test_nothing_is_dated_in_an_empty_month_before_a_closed_one(book: Book) -> None:
    close(book, book.take_in(july(book)))
    with pytest.raises(Conflict, match="2020-07 已经关账"):
        disbursement.record_bank_return(book.finance, [book.attempts[0].id], date(2020, 6, 30), at=SEPTEMBER)


def test_a_month_without_a_line_is_closed_too(book: Book) -> None:
    """Money may be booked in it, by a rebooking for one: without a statement it would stop every later month."""
    first = july(book)
    close(book, book.take_in(first))
    empty = BankStatement("2020-08", opening=first.closing)
    later = book.take_in(empty)
    assert (queries.sides_of(later).agree, [one.line_count for one in queries.statements_of(later)]) == (True, [0])
    close(book, later)
    assert disbursement.closed_until() == "2020-08"


def test_a_statement_without_a_line_says_what_was_there(book: Book) -> None:
    empty = BankStatement("2020-08")
    with pytest.raises(UserError, match="期末余额"):
        operations.import_statement(
            book.finance, "sample", empty.content(closing=empty.opening + 1), "2020-08", at=SEPTEMBER
        )


def test_a_month_with_nothing_but_a_credited_return_is_in_the_way_too(book: Book) -> None:
    """Else nobody would ever look for that money: once the next month is closed no statement comes in before it."""
    first = july(book)
    close(book, book.take_in(first))
    failed = book.attempts[6].payment
    at = datetime(2020, 8, 5, 4, tzinfo=UTC)
    made = disbursement.propose_return(book.county.department, failed.batch, [failed.id], "本人已迁出", at=at)
    disbursement.approve_return(book.chief, made, at=at)
    disbursement.credit_return(book.finance, made, voucher_number="20200805-1", voucher_on=date(2020, 8, 5), at=at)
    september = BankStatement("2020-09", opening=first.closing)
    september.other(credit=37, summary="结息", day=date(2020, 9, 20))
    later = book.take_in(september)
    found = queries.earlier_open(later)
    assert found is not None and (found.month, found.month_id) == ("2020-08", None)
    assert queries.first_without_statement("2020-09") == "2020-08"
    with pytest.raises(UserError, match="2020-08 还没有关账"):
        operations.close_month(book.chief, later, at=datetime(2020, 10, 3, 2, tzinfo=UTC))
