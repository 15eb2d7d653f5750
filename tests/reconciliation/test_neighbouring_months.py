"""What is paid on one card month after month, what comes back in parts, and what happens while a month is closed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import db
from core.errors import UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations as disbursement
from disbursement.models import Attempt, ClosedMonth
from reconciliation import operations, queries
from reconciliation.models import Difference, Month, StatementLine
from reconciliation.rules import Resolution
from tests import factories
from tests.core.together import elsewhere
from tests.disbursement.county import (
    RESULT_AT,
    UNCLEAR,
    County,
    attempts_of,
    build_county,
    entry,
    result_file,
    result_line,
)
from tests.disbursement.cycle import DAY
from tests.reconciliation.conftest import month_end
from tests.reconciliation.statements import BankStatement

LATER = RESULT_AT + DAY
JULY_15 = date(2020, 7, 15)


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def paid(county: County, period: str, day: str, people: int = 3) -> list[Attempt]:
    """The same people paid the same amount, answered with this day."""
    found = attempts_of(county.sent([entry(serial) for serial in range(people)], period))
    county.answer(result_file([result_line(attempt) for attempt in found], day=day))
    db.session.expire_all()
    return found


def all_of(attempts: list[Attempt], day: date = JULY_15) -> BankStatement:
    """A statement of July that debits these on a day."""
    statement = BankStatement()
    for attempt in attempts:
        statement.pay(attempt, day=day)
    return statement


def take_in(county: County, statement: BankStatement) -> Month:
    """The statement of July comes in."""
    operations.import_statement(county.finance, "sample", statement.content(), "2020-07", at=LATER)
    return operations.month_named("2020-07", at=LATER)


def classes() -> list[tuple[str, int | None]]:
    """Each line's class and attempt, in the order of the file."""
    rows = db.session.execute(select(StatementLine.kind, StatementLine.attempt_id).order_by(StatementLine.number))
    return [(kind, attempt) for kind, attempt in rows]


def found() -> list[str]:
    """The classes of all differences."""
    return sorted(db.session.scalars(select(Difference.kind)))


# --- The first month that is ever reconciled ---------------------------------------------------------


def test_lines_a_day_late_are_not_taken_for_the_month_before(county: County) -> None:
    paid(county, "202003", "20200615")
    july = paid(county, "202006", "20200715")
    month = take_in(county, all_of(july, date(2020, 7, 16)))
    assert (classes(), found()) == ([("matched", attempt.id) for attempt in july], [])
    assert queries.sides_of(month).agree


def test_a_double_is_not_hidden_by_the_month_before(county: County) -> None:
    paid(county, "202003", "20200615")
    july = paid(county, "202006", "20200715")
    statement = all_of(july)
    statement.pay(july[0], day=date(2020, 7, 17))
    month = take_in(county, statement)
    assert classes()[-1] == ("twice_in_bank", july[0].id)
    assert (found(), queries.sides_of(month).agree) == (["twice_in_bank"], True)


def test_a_wrong_amount_is_not_held_against_the_month_before(county: County) -> None:
    paid(county, "202003", "20200615")
    july = paid(county, "202006", "20200715")
    statement = all_of(july)
    statement.pay(july[0], fen=5000)
    take_in(county, statement)
    assert classes()[-1] == ("unknown_in_book", None)


def test_the_last_days_of_the_month_before_are_found(county: County) -> None:
    june = paid(county, "202003", "20200630")
    july = paid(county, "202006", "20200715")
    statement = all_of(june, date(2020, 7, 1))
    for attempt in july:
        statement.pay(attempt)
    month = take_in(county, statement)
    assert (classes(), found()) == ([("matched", attempt.id) for attempt in (*june, *july)], [])
    assert queries.sides_of(month).agree


# --- Money back --------------------------------------------------------------------------------------


def test_what_comes_back_in_two_parts_is_of_one_payment(county: County) -> None:
    july = paid(county, "202006", "20200715")
    statement = all_of(july)
    for fen, day in ((10000, 20), (17000, 21), (1, 22)):
        statement.give_back(july[0], fen=fen, day=date(2020, 7, day))
    take_in(county, statement)
    assert classes()[3:] == [("returned_after_payment", july[0].id)] * 2 + [("unknown_in_book", None)]


def test_a_return_that_is_in_the_book_already_is_settled_by_a_word(county: County) -> None:
    july = paid(county, "202006", "20200715")
    disbursement.record_bank_return(county.finance, [july[0].id], date(2020, 7, 16), at=LATER)
    statement = all_of(july)
    statement.give_back(july[0], day=date(2020, 7, 16))
    month = take_in(county, statement)
    ids = list(db.session.scalars(select(Difference.id)))
    assert operations.resolve_differences(county.finance, month, ids, Resolution.BANK_RETURN, "银行退票", at=LATER) == 1
    assert queries.open_difference_count(month) == 0


# --- While a month is closed -------------------------------------------------------------------------


def signed_month(county: County) -> int:
    """July, signed by all three; one payment of it is unclear still."""
    first, second = attempts_of(county.sent([entry(0), entry(1)]))
    county.answer(result_file([result_line(first), result_line(second, UNCLEAR)]))
    db.session.expire_all()
    month = take_in(county, all_of([first]))
    for principal in (county.department, county.bank, county.finance):
        operations.sign_month(principal, month, at=LATER)
    db.session.commit()
    return month.id


def test_an_answer_that_comes_while_a_month_is_closed_is_before_or_after_never_between(
    app: Flask, county: County
) -> None:
    month_id = signed_month(county)
    second = db.session.scalars(select(Attempt).where(Attempt.outcome == "unclear")).one()
    answer = result_file([result_line(second)], day="20200716")
    colleague = factories.principal(Kind.FINANCE, Role.APPROVER)
    db.session.commit()
    recorded, closing = Event(), Event()

    def bring() -> Any:
        summary = county.answer(answer, at=LATER)
        recorded.set()
        closing.wait(1)
        return summary.recorded

    def close() -> Any:
        recorded.wait(20)
        operations.close_month(colleague, db.session.get_one(Month, month_id), at=month_end("2020-07"))
        closing.set()
        return "closed"

    with ThreadPoolExecutor(2) as pool:
        results = [future.result(60) for future in [elsewhere(app, bring, pool), elsewhere(app, close, pool)]]
    db.session.rollback()
    assert results[0] == 1
    assert isinstance(results[1], UserError)
    assert db.session.get(ClosedMonth, "2020-07") is None


def test_without_an_answer_it_is_closed(county: County) -> None:
    month = db.session.get_one(Month, signed_month(county))
    chief = factories.principal(Kind.FINANCE, Role.APPROVER)
    with pytest.raises(UserError, match="还没有过完"):
        operations.close_month(chief, month, at=LATER)
    operations.close_month(chief, month, at=month_end("2020-07"))
    assert db.session.get(ClosedMonth, "2020-07") is not None
