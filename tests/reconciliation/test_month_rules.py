"""Which days a statement speaks of, which months are open, and which credit is a return order's: decisions without a
database."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciliation.rules.months import (
    AccountEnds,
    awaited_accounts,
    month_days,
    months_of_debit,
    open_spans,
    stated_day,
    stated_period,
)
from reconciliation.rules.returns import CreditedReturn, CreditLine, answer_returns

DAY = timedelta(days=1)
JULY = (date(2020, 7, 1), date(2020, 7, 31))

# --- What a bank writes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "2020-07",
        "202007",
        "2020年7月",
        "2020年07月份",
        "20200701-20200731",
        "2020-07-01至2020-07-31",
        "2020年7月1日至2020年7月31日",
        "2020/7/1—2020/7/31",
        "2020.07.01~2020.07.31",
        "对账期间：20200701到20200731止",
    ],
)
def test_a_period_is_a_month_or_two_days(text: str) -> None:
    assert stated_period(text) == JULY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "七月",
        "2020",
        "20200701",
        "20200701-20200731-20200801",
        "20200701-20200732",
        "20201301-20200731",
        "120200701-20200731",
        "20200701-202007310",
        "19990701-19990731",
    ],
)
def test_anything_else_is_no_period(text: str) -> None:
    assert stated_period(text) is None


def test_the_first_and_the_last_day_are_taken_as_they_stand() -> None:
    assert stated_period("20200630-20200802") == (date(2020, 6, 30), date(2020, 8, 2))


@pytest.mark.parametrize("text", ["20200706", "2020-07-06", "2020/7/6", "2020.7.6", "2020年7月6日", "2020年7月6"])
def test_a_day_alone(text: str) -> None:
    assert stated_day(text) == date(2020, 7, 6)


@pytest.mark.parametrize("text", ["", "2020-07", "20200732", "20200706起", "截至20200706", "20200706-20200707"])
def test_no_day_alone(text: str) -> None:
    assert stated_day(text) is None


# --- Months -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_on", "months"),
    [
        (date(2020, 7, 6), ("2020-07",)),
        (date(2020, 7, 21), ("2020-07",)),
        (date(2020, 7, 22), ("2020-07", "2020-08")),
        (date(2020, 12, 31), ("2020-12", "2021-01")),
    ],
)
def test_what_is_sent_at_the_end_of_a_month_may_be_debited_in_the_next(sent_on: date, months: tuple[str, ...]) -> None:
    assert months_of_debit(sent_on) == months


def test_open_months_stand_together_and_closed_ones_between_them() -> None:
    assert open_spans(date(2020, 3, 15), date(2020, 8, 1), {"2020-05"}) == [
        (date(2020, 3, 1), date(2020, 4, 30)),
        (date(2020, 6, 1), date(2020, 7, 31)),
    ]
    assert open_spans(date(2020, 3, 31), date(2020, 4, 1), set()) == [month_days("2020-03")]
    assert open_spans(date(2020, 4, 1), date(2020, 4, 1), set()) == []
    assert open_spans(date(2020, 12, 5), date(2021, 2, 1), {"2021-01"}) == [month_days("2020-12")]
    assert open_spans(date(2020, 3, 1), date(2020, 5, 1), {"2020-03", "2020-04"}) == []


@given(
    st.dates(date(2019, 1, 1), date(2021, 12, 31)),
    st.integers(0, 30),
    st.sets(st.integers(0, 30)),
)
def test_every_day_of_an_open_month_lies_in_one_span_and_no_other_day_does(
    oldest: date, count: int, closed_places: set[int]
) -> None:
    begin = oldest.year * 12 + oldest.month - 1
    names = [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(begin, begin + count + 1)]
    until = month_days(names[-1])[0]
    closed = {names[place] for place in closed_places if place < len(names)}
    spans = open_spans(oldest, until, closed)
    inside = [first + DAY * place for first, last in spans for place in range((last - first).days + 1)]
    wanted = [
        month_days(name)[0] + DAY * place
        for name in names[:-1]
        if name not in closed
        for place in range((month_days(name)[1] - month_days(name)[0]).days + 1)
    ]
    assert inside == wanted
    # As few as can be: between two spans lies a closed month.
    assert all(later[0] > earlier[1] + DAY for earlier, later in pairwise(spans))


# --- Returns on the statement -------------------------------------------------------------------------

VOUCHER = date(2020, 7, 20)


def order(number: int = 1, fen: int = 9000, voucher: str = "缴款0012345", on: date = VOUCHER) -> CreditedReturn:
    return CreditedReturn(number, fen, voucher, on)


def line(number: int = 7, fen: int = 9000, day: date = VOUCHER, **more: object) -> CreditLine:
    return CreditLine(number, fen, day, **more)  # type: ignore[arg-type] # fields by name


def test_a_line_that_names_the_voucher_is_it_however_late() -> None:
    late = VOUCHER + 40 * DAY
    assert answer_returns([line(day=late, serial=" 缴款００１２３４５ ")], [order()]) == {1: 7}
    assert answer_returns([line(day=late, summary="退回财政 缴款 0012345 号")], [order()]) == {1: 7}


def test_a_short_number_is_found_in_a_serial_and_not_in_words() -> None:
    late = VOUCHER + 40 * DAY
    assert answer_returns([line(day=late, serial="123")], [order(voucher="123")]) == {1: 7}
    assert answer_returns([line(day=late, summary="123")], [order(voucher="123")]) == {}
    assert answer_returns([line(day=late, summary="号1234")], [order(voucher="1234")]) == {1: 7}


def test_a_line_of_another_sum_is_not_it() -> None:
    assert answer_returns([line(fen=9001, serial="缴款0012345")], [order()]) == {}


@pytest.mark.parametrize(("days", "answered"), [(-6, False), (-5, True), (0, True), (5, True), (6, False)])
def test_without_the_voucher_the_day_is_near(days: int, answered: bool) -> None:
    assert answer_returns([line(day=VOUCHER + days * DAY)], [order()]) == ({1: 7} if answered else {})


def test_money_on_a_persons_card_is_a_payment_come_back_unless_it_names_the_voucher() -> None:
    assert answer_returns([line(is_a_persons=True)], [order()]) == {}
    assert answer_returns([line(is_a_persons=True, serial="缴款0012345")], [order()]) == {1: 7}


def test_the_vouchers_number_says_more_than_a_day() -> None:
    near, named = line(7), line(8, day=VOUCHER + 30 * DAY, serial="缴款0012345")
    assert answer_returns([near, named], [order()]) == {1: 8}
    assert answer_returns([near, named], [order(), order(2, voucher="另一张单")]) == {1: 8, 2: 7}


def test_the_nearest_line_is_taken_and_of_two_as_near_the_first() -> None:
    assert answer_returns([line(7, day=VOUCHER + 2 * DAY), line(8, day=VOUCHER - DAY)], [order()]) == {1: 8}
    assert answer_returns([line(9, day=VOUCHER + DAY), line(8, day=VOUCHER - DAY)], [order()]) == {1: 8}


def test_each_line_and_each_order_is_used_once_the_oldest_order_first() -> None:
    orders = [order(2, voucher="乙单据", on=VOUCHER + DAY), order(1, voucher="甲单据")]
    assert answer_returns([line()], orders) == {1: 7}
    assert answer_returns([line(7), line(8)], orders[1:]) == {1: 7}
    same_day = [order(2, voucher="乙单据"), order(1, voucher="甲单据")]
    assert answer_returns([line()], same_day) == {1: 7}


# --- Statements that are still to come ---------------------------------------------------------------


def ends(account: str, opening: int = 0, closing: int = 0) -> AccountEnds:
    return AccountEnds(account.encode(), account[-4:], opening, closing)


def test_an_account_with_money_in_it_owes_its_statement() -> None:
    one, two = ends("1001", closing=5), ends("1002", closing=7)
    assert awaited_accounts([one, two], [ends("1001", 5, 5)], []) == [two]
    assert awaited_accounts([], [ends("1001", 5, 5)], [ends("1003", opening=1)]) == [ends("1003", opening=1)]
    assert awaited_accounts([two], [], [ends("1002", opening=7)]) == [ends("1002", opening=7)]


def test_an_empty_account_may_be_closed_or_not_opened_yet() -> None:
    assert awaited_accounts([ends("1001", opening=5)], [], [ends("1002", closing=5)]) == []
