"""What the statement shows as paid is never paid a second time by the failure cycle."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from core.database import db
from core.errors import Conflict, UserError
from disbursement import operations as disbursement
from reconciliation import operations
from reconciliation.models import StatementLine
from tests.disbursement.county import FAILED, PAID, RESULT_AT, County, attempts_of, build_county, states
from tests.disbursement.cycle import DAY, answered, correct_all, pushed
from tests.reconciliation.statement_text import Entry, debit, statement_text

INTEREST = Entry(37, summary="结息", day="2020-07-21")


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def test_what_the_bank_debited_is_not_pushed_again(county: County) -> None:
    failed, paid = attempts_of(answered(county, FAILED, PAID))
    ids = correct_all(county)
    content = statement_text([debit(failed), debit(paid), INTEREST])
    operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT + DAY)
    with pytest.raises(Conflict, match="矛盾"):
        disbursement.resubmit(county.department, ids, at=RESULT_AT + 2 * DAY)
    assert states() == {"corrected": 1, "paid": 1}


def test_what_was_pushed_before_the_statement_came_stays_out_of_the_reissue(county: County) -> None:
    failed, paid = attempts_of(answered(county, FAILED, PAID))
    pushed(county)
    content = statement_text([debit(failed), debit(paid), INTEREST])
    operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT + 2 * DAY)
    with pytest.raises(UserError):
        disbursement.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    assert states() == {"resubmitted": 1, "paid": 1}


def test_when_the_money_is_back_the_payment_goes_on(county: County) -> None:
    failed, paid = attempts_of(answered(county, FAILED, PAID))
    ids = correct_all(county)
    back = Entry(failed.amount_fen, failed.card_number, failed.payee_name, "2020-07-16", "冲正")
    content = statement_text([debit(failed), debit(paid), back])
    operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT + DAY)
    credit = select(StatementLine.id).where(StatementLine.credit_fen > 0).scalar_subquery()
    corrected = {"kind": "corrected_by_bank", "attempt_id": failed.id}
    db.session.execute(update(StatementLine).where(StatementLine.id == credit).values(corrected))
    assert disbursement.resubmit(county.department, ids, at=RESULT_AT + 2 * DAY) == 1


def test_a_statement_without_that_debit_holds_nobody_up(county: County) -> None:
    _, paid = attempts_of(answered(county, FAILED, PAID))
    ids = correct_all(county)
    content = statement_text([debit(paid), INTEREST])
    operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT + DAY)
    assert disbursement.resubmit(county.department, ids, at=RESULT_AT + 2 * DAY) == 1
