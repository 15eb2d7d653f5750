"""Returned money that the book has as credited is looked for on the statement."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.database import db
from core.errors import UserError
from disbursement import operations as disbursement
from disbursement.models import ReturnOrder
from reconciliation import operations, queries
from reconciliation.models import Difference, Month, StatementLine
from reconciliation.rules import CreditedReturn, CreditLine, Resolution, answer_returns
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.statements import BankStatement

DAY = date(2020, 7, 20)
VOUCHER = "20200720-0017"
WHY = "凭证回单显示入零余额户"


# --- The decision ----------------------------------------------------------------------------------


def line(number: int = 1, fen: int = 270, day: date = DAY, **more: Any) -> CreditLine:
    return CreditLine(number, fen, day, **more)


def order(number: int = 7, fen: int = 270, day: date = DAY, voucher: str = VOUCHER) -> CreditedReturn:
    return CreditedReturn(number, fen, voucher, day)


def test_the_voucher_tells_however_far_the_days_are_apart() -> None:
    far = DAY + timedelta(days=25)
    assert answer_returns([line(day=far, serial=VOUCHER)], [order()]) == {7: 1}
    assert answer_returns([line(day=far, summary=f"退回 凭证{VOUCHER}")], [order()]) == {7: 1}
    assert answer_returns([line(day=far, serial=VOUCHER, is_a_persons=True)], [order()]) == {7: 1}
    assert answer_returns([line(day=far)], [order()]) == {}


def test_a_short_number_is_not_found_in_any_summary() -> None:
    assert answer_returns([line(day=DAY + timedelta(days=25), summary="退回 17 笔")], [order(voucher="17")]) == {}


@pytest.mark.parametrize(("days", "found"), [(-6, {}), (-5, {7: 1}), (0, {7: 1}), (5, {7: 1}), (6, {})])
def test_else_the_sum_and_the_day(days: int, found: dict[int, int]) -> None:
    assert answer_returns([line(day=DAY + timedelta(days=days))], [order()]) == found


def test_a_credit_from_somebodys_card_is_no_return_to_the_plan() -> None:
    assert answer_returns([line(is_a_persons=True)], [order()]) == {}


def test_another_sum_is_another_thing() -> None:
    assert answer_returns([line(fen=271, serial=VOUCHER)], [order()]) == {}


def test_the_voucher_goes_before_the_day() -> None:
    lines = [line(1), line(2, day=DAY + timedelta(days=20), serial=VOUCHER)]
    assert answer_returns(lines, [order(7), order(8, voucher="20200720-0018")]) == {7: 2, 8: 1}


@given(
    lines=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 12), st.booleans()), max_size=8),
    orders=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 12)), max_size=8),
)
def test_each_is_used_once_and_only_for_its_sum(
    lines: list[tuple[int, int, bool]], orders: list[tuple[int, int]]
) -> None:
    told = [line(n, fen, DAY + timedelta(days=d), is_a_persons=p) for n, (fen, d, p) in enumerate(lines)]
    wanted = [order(n, fen, DAY + timedelta(days=d), f"票{n}号证书") for n, (fen, d) in enumerate(orders)]
    found = answer_returns(told, wanted)
    assert len(set(found.values())) == len(found)
    assert all(wanted[one].fen == told[other].fen for one, other in found.items())


# --- In the book -----------------------------------------------------------------------------------


@pytest.fixture
def returned(book: Book) -> ReturnOrder:
    """The payment that failed, returned and credited on 20 July."""
    failed = book.attempts[6].payment
    at = datetime(2020, 7, 20, 4, tzinfo=UTC)
    made = disbursement.propose_return(book.county.department, failed.batch, [failed.id], "本人已迁出", at=at)
    disbursement.approve_return(book.chief, made, at=at)
    disbursement.credit_return(book.finance, made, voucher_number=VOUCHER, voucher_on=DAY, at=at)
    db.session.commit()
    return made


@pytest.fixture
def statement(book: Book) -> BankStatement:
    made = BankStatement()
    for attempt in book.attempts[:6]:
        made.pay(attempt)
    return made


def kinds(month: Month) -> Sequence[str]:
    return db.session.scalars(select(Difference.kind).where(Difference.month_id == month.id)).all()


def test_its_credit_is_found(book: Book, returned: ReturnOrder, statement: BankStatement) -> None:
    statement.other(credit=27000, day=date(2020, 7, 21), summary="代发失败款退回")
    month = book.take_in(statement)
    found = db.session.scalars(select(StatementLine).where(StatementLine.credit_fen > 0)).one()
    assert (found.kind, found.return_order_id) == ("return_credited", returned.id)
    sides = queries.sides_of(month)
    assert (sides.returns_book, sides.returns_matched, sides.returns_missing) == (27000, 27000, 0)
    assert (kinds(month), sides.agree) == ([], True)
    operations.reconcile(book.finance, month, at=CLOSING)
    assert queries.sides_of(month) == sides
    book.close(month)


def test_without_one_it_is_a_difference_that_wants_a_word(
    book: Book, returned: ReturnOrder, statement: BankStatement
) -> None:
    month = book.take_in(statement)
    found = db.session.scalars(select(Difference)).one()
    assert (found.kind, found.return_order_id, found.book_fen, found.bank_fen) == (
        "credit_missing",
        returned.id,
        27000,
        None,
    )
    assert queries.sides_of(month).agree
    with pytest.raises(UserError, match="1 条差异"):
        operations.sign_month(book.county.department, month, at=CLOSING)
    with pytest.raises(UserError, match="不能这样处理"):
        operations.resolve_differences(book.finance, month, [found.id], Resolution.NEVER_PAID, WHY, at=CLOSING)
    operations.resolve_differences(book.finance, month, [found.id], Resolution.ELSEWHERE, WHY, at=CLOSING)
    operations.reconcile(book.finance, month, at=CLOSING)
    assert db.session.scalars(select(Difference.resolution)).one() == "elsewhere"
    book.sign_all(month)
    operations.close_month(book.chief, month, at=CLOSING)


def test_it_is_found_in_the_next_month(book: Book, returned: ReturnOrder, statement: BankStatement) -> None:
    july = book.take_in(statement)
    book.close(july)
    august = BankStatement("2020-08", opening=statement.closing)
    month = operations.month_named("2020-08", at=CLOSING)
    assert queries.carried_count(month) == 1
    august.other(credit=27000, day=date(2020, 8, 3), summary=f"退回款 {VOUCHER}")
    month = book.take_in(august)
    assert (queries.carried_count(month), kinds(month)) == (0, [])
    sides = queries.sides_of(month)
    assert (sides.returns_book, sides.returns_matched, sides.agree) == (27000, 27000, True)


def test_a_voucher_that_was_wrong_takes_it_away(book: Book, returned: ReturnOrder, statement: BankStatement) -> None:
    july = book.take_in(statement)
    book.close(july)
    before = queries.fingerprint(july)
    disbursement.reverse_credit(book.chief, returned, "凭证号登记错了", at=CLOSING)
    assert queries.carried_count(operations.month_named("2020-08", at=CLOSING)) == 0
    assert queries.fingerprint(july) == before


def test_what_came_back_from_a_card_is_still_a_return_after_payment(
    book: Book, returned: ReturnOrder, statement: BankStatement
) -> None:
    statement.give_back(book.attempts[0], day=DAY)
    month = book.take_in(statement)
    assert sorted(kinds(month)) == ["credit_missing", "returned_after_payment"]


def test_a_return_credited_after_the_statement_came_wants_matching_anew(book: Book, statement: BankStatement) -> None:
    month = book.take_in(statement)
    book.sign_all(month)
    failed = book.attempts[6].payment
    at = datetime(2020, 7, 31, 4, tzinfo=UTC)
    made = disbursement.propose_return(book.county.department, failed.batch, [failed.id], "本人已迁出", at=at)
    disbursement.approve_return(book.chief, made, at=at)
    disbursement.credit_return(book.finance, made, voucher_number=VOUCHER, voucher_on=date(2020, 7, 31), at=at)
    assert (queries.sides_of(month).returns_gap, list(queries.standing_signatures(month))) == (27000, [])
    operations.reconcile(book.finance, month, at=CLOSING)
    assert kinds(month) == ["credit_missing"]
