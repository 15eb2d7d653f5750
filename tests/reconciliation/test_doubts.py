"""What the statement shows as paid is never paid a second time by the failure cycle."""

from datetime import date

import pytest
from flask import Flask

from core.errors import Conflict, UserError
from disbursement import operations as disbursement
from disbursement.models import Attempt
from reconciliation import operations
from tests.disbursement.county import FAILED, PAID, RESULT_AT, County, attempts_of, build_county, states
from tests.disbursement.cycle import DAY, answered, correct_all, pushed
from tests.reconciliation.statements import BankStatement


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def statement_of(*attempts: Attempt) -> BankStatement:
    """A statement that debits these, and knows interest."""
    statement = BankStatement()
    for attempt in attempts:
        statement.pay(attempt)
    statement.other(credit=37, summary="结息", day=date(2020, 7, 21))
    return statement


def test_what_the_bank_debited_is_not_pushed_again(county: County) -> None:
    failed, paid = attempts_of(answered(county, FAILED, PAID))
    ids = correct_all(county)
    content = statement_of(failed, paid).content()
    operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT + DAY)
    with pytest.raises(Conflict, match="矛盾"):
        disbursement.resubmit(county.department, ids, at=RESULT_AT + 2 * DAY)
    assert states() == {"corrected": 1, "paid": 1}


def test_what_was_pushed_before_the_statement_came_stays_out_of_the_reissue(county: County) -> None:
    failed, paid = attempts_of(answered(county, FAILED, PAID))
    pushed(county)
    content = statement_of(failed, paid).content()
    operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT + 2 * DAY)
    with pytest.raises(UserError):
        disbursement.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    assert states() == {"resubmitted": 1, "paid": 1}


def test_when_the_money_is_back_the_payment_goes_on(county: County) -> None:
    failed, paid = attempts_of(answered(county, FAILED, PAID))
    ids = correct_all(county)
    statement = statement_of(failed, paid)
    operations.import_statement(county.finance, "sample", statement.content(), "2020-07", at=RESULT_AT + DAY)
    with pytest.raises(Conflict, match="矛盾"):
        disbursement.resubmit(county.department, ids, at=RESULT_AT + 2 * DAY)
    august = BankStatement("2020-08", opening=statement.closing)
    august.give_back(failed, day=date(2020, 8, 3))
    operations.import_statement(county.finance, "sample", august.content(), "2020-08", at=RESULT_AT + 20 * DAY)
    assert disbursement.resubmit(county.department, ids, at=RESULT_AT + 2 * DAY) == 1


def test_a_statement_without_that_debit_holds_nobody_up(county: County) -> None:
    _, paid = attempts_of(answered(county, FAILED, PAID))
    ids = correct_all(county)
    content = statement_of(paid).content()
    operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT + DAY)
    assert disbursement.resubmit(county.department, ids, at=RESULT_AT + 2 * DAY) == 1
