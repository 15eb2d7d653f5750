"""When the book may be put right by what the bank proved, and how long an office may hold a thing up: decisions without
a database."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from core.errors import Conflict, UserError
from disbursement.rules import DEFAULT_LIMITS, checked_limit
from disbursement.rules.limits import MOST_DAYS
from disbursement.rules.rebookings import (
    LONGEST_BACK,
    believed_day,
    check_bank_day,
    check_letter_day,
    earliest_bank_day,
    is_double,
    refuse_denial,
    refuse_no_answer,
    refuse_rebooking,
    refuse_still_failed,
)

SENT, TODAY = date(2020, 7, 6), date(2020, 7, 20)
DAY = timedelta(days=1)
REFERENCE = "YKT20200706-000001"


def told(act: Callable[[], object], kind: type[UserError] = Conflict) -> UserError:
    """What somebody is told who may not."""
    with pytest.raises(kind) as caught:
        act()
    assert type(caught.value) is kind
    return caught.value


# --- Paid after all -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "double"),
    [
        ([], False),
        (["failed"], False),
        (["returned", "failed"], False),
        (["paid"], True),
        (["failed", "paid"], True),
        # It may still move money.
        (["open"], True),
        (["unclear"], True),
        (["returned", "open"], True),
    ],
)
def test_money_of_a_later_try_makes_it_a_double(later: list[str], double: bool) -> None:
    assert is_double(later) is double


@pytest.mark.parametrize("outcome", ["failed", "unclear"])
def test_what_failed_or_is_unclear_is_rebooked_as_paid(outcome: str) -> None:
    refuse_rebooking(REFERENCE, outcome, [], is_in_order=False)
    refuse_rebooking(REFERENCE, outcome, ["failed", "returned"], is_in_order=False)


@pytest.mark.parametrize("outcome", ["paid", "open", "returned"])
def test_what_has_another_outcome_is_not(outcome: str) -> None:
    error = told(lambda: refuse_rebooking(REFERENCE, outcome, [], is_in_order=False))
    assert "现在不是失败或不明" in str(error) and str(error).startswith(REFERENCE)


def test_what_was_sent_again_is_not_booked_as_paid_a_second_time() -> None:
    error = told(lambda: refuse_rebooking(REFERENCE, "failed", ["paid"], is_in_order=False))
    assert "重复付款" in str(error) and str(error).startswith(REFERENCE)


def test_what_is_on_its_way_back_to_the_treasury_is_not() -> None:
    error = told(lambda: refuse_rebooking(REFERENCE, "failed", [], is_in_order=True))
    assert "已列入退回单" in str(error) and str(error).startswith(REFERENCE)


# --- Never paid ---------------------------------------------------------------------------------------


def test_what_is_paid_in_the_book_may_prove_never_paid() -> None:
    refuse_denial(REFERENCE, "paid", is_rebooked=False)


@pytest.mark.parametrize("outcome", ["failed", "unclear", "open", "returned"])
def test_what_is_not_paid_in_the_book_is_not_denied(outcome: str) -> None:
    error = told(lambda: refuse_denial(REFERENCE, outcome, is_rebooked=False))
    assert "现在不是已到账" in str(error) and str(error).startswith(REFERENCE)


def test_what_two_officials_rebooked_is_not_rebooked_back() -> None:
    for outcome in ("paid", "failed"):
        error = told(lambda outcome=outcome: refuse_denial(REFERENCE, outcome, is_rebooked=True))  # type: ignore[misc] # a lambda with a default has no type
        assert "不能再改记为没有付出" in str(error) and str(error).startswith(REFERENCE)


# --- No answer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["open", "unclear"])
def test_after_the_days_and_a_silent_statement_a_try_may_be_declared_failed(outcome: str) -> None:
    refuse_no_answer(REFERENCE, outcome, SENT, SENT + 10 * DAY, 10, is_silent=True)
    refuse_no_answer(REFERENCE, outcome, SENT, SENT + 11 * DAY, 10, is_silent=True)


@pytest.mark.parametrize("outcome", ["paid", "failed", "returned"])
def test_what_the_bank_has_answered_is_not_declared(outcome: str) -> None:
    error = told(lambda: refuse_no_answer(REFERENCE, outcome, SENT, TODAY, 10, is_silent=True))
    assert "银行已经答复" in str(error) and str(error).startswith(REFERENCE)


def test_nor_before_the_days_have_passed() -> None:
    early = SENT + 9 * DAY
    error = told(lambda: refuse_no_answer(REFERENCE, "open", SENT, early, 10, is_silent=True), UserError)
    assert error.parameters == {"reference": REFERENCE, "waited": 9, "days": 10}


def test_nor_where_the_statements_do_not_show_it() -> None:
    error = told(lambda: refuse_no_answer(REFERENCE, "open", SENT, TODAY, 10, is_silent=False), UserError)
    assert "还不能认定没有付出" in str(error) and error.parameters == {"reference": REFERENCE}


# --- It stands as failed ------------------------------------------------------------------------------


def test_what_failed_and_is_said_to_be_paid_may_stand_as_failed() -> None:
    refuse_still_failed(REFERENCE, "failed", says_paid=True)


@pytest.mark.parametrize(
    ("outcome", "says_paid"), [("failed", False), ("open", True), ("unclear", True), ("paid", True), ("returned", True)]
)
def test_nothing_else_may(outcome: str, says_paid: bool) -> None:
    error = told(lambda: refuse_still_failed(REFERENCE, outcome, says_paid=says_paid))
    assert "没有可以维持的" in str(error) and error.parameters == {"reference": REFERENCE}


# --- Days ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [SENT, SENT + DAY, TODAY])
def test_the_banks_day_and_its_letters_lie_between_sending_and_today(day: date) -> None:
    assert check_letter_day(day, SENT, TODAY) == day
    check_bank_day(day, SENT, TODAY)


@pytest.mark.parametrize("day", [SENT - DAY, TODAY + DAY])
def test_no_other_day_is_believed(day: date) -> None:
    between = {"first": "2020-07-06", "last": "2020-07-20"}
    assert told(lambda: check_letter_day(day, SENT, TODAY), UserError).parameters == between
    assert told(lambda: check_bank_day(day, SENT, TODAY), UserError).parameters == between


def test_a_letter_has_a_day() -> None:
    error = told(lambda: check_letter_day(None, SENT, TODAY), UserError)
    assert error.parameters == {"first": "2020-07-06", "last": "2020-07-20"}


def test_an_answer_may_be_dated_a_month_before_the_sending() -> None:
    assert earliest_bank_day(SENT) == date(2020, 6, 5)
    assert timedelta(days=31) == LONGEST_BACK


@pytest.mark.parametrize(
    ("answer", "sent_on", "booked"),
    [
        (date(2020, 7, 8), SENT, date(2020, 7, 8)),
        (TODAY, SENT, TODAY),
        (date(2020, 6, 5), SENT, date(2020, 6, 5)),
        # Without a day, of tomorrow, or of long before: the day on which we heard of it.
        (None, SENT, TODAY),
        (TODAY + DAY, SENT, TODAY),
        (date(2020, 6, 4), SENT, TODAY),
        # Where it does not matter when it was sent.
        (date(2020, 6, 4), None, date(2020, 6, 4)),
        (TODAY + DAY, None, TODAY),
        (None, None, TODAY),
    ],
)
def test_the_day_of_an_answer_is_the_banks_where_it_can_be(
    answer: date | None, sent_on: date | None, booked: date
) -> None:
    assert believed_day(answer, sent_on, TODAY) == booked


# --- How long an office may hold a thing up -----------------------------------------------------------


@pytest.mark.parametrize(("text", "days"), [("1", 1), ("60", 60), (" 07 ", 7), ("007", 7)])
def test_a_limit_is_a_number_of_days(text: str, days: int) -> None:
    for step in DEFAULT_LIMITS:
        assert checked_limit(step, text) == days


@pytest.mark.parametrize("text", ["", "0", "61", "-1", "1.5", "三", "３", "0007", "1 0", "²"])
def test_anything_else_is_refused(text: str) -> None:
    error = told(lambda: checked_limit("draft", text), UserError)
    assert "整数" in str(error) and error.parameters == {"most": MOST_DAYS}


def test_a_limit_is_for_a_step_that_there_is() -> None:
    assert "没有这一项时限" in str(told(lambda: checked_limit("nowhere", "3"), UserError))
