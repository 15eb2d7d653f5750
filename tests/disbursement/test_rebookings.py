"""The bank proves that it had paid what the book has as failed: two officials book it as paid, exactly once."""

from datetime import date, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations, rules
from disbursement.balances import balance_for
from disbursement.models import Attempt, Discrepancy, Failure, Payment, Rebooking, RebookingLine, ResultFile
from disbursement.operations import months
from disbursement.operations.rebookings import PAID_AFTER_ALL
from sms.models import Message
from tests import factories
from tests.core.together import together
from tests.disbursement.county import (
    FAILED,
    PAID,
    RESULT_AT,
    UNCLEAR,
    County,
    attempts_of,
    build_county,
    card_number,
    result_file,
    result_line,
    states,
)
from tests.disbursement.cycle import DAY, answered, correct_all, pushed

WHY = "银行来函确认当日已付"
PAID_ON = date(2020, 7, 15)
LATER = RESULT_AT + DAY


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


@pytest.fixture
def chief(county: County) -> Principal:
    """Another official of finance."""
    return factories.principal(Kind.FINANCE, Role.APPROVER)


def failed_one(county: County) -> Attempt:
    """A try that failed, beside one that was paid."""
    return attempts_of(answered(county, FAILED, PAID))[0]


def propose(county: County, *attempts: Attempt, on: date = PAID_ON) -> Rebooking:
    return operations.propose_rebooking(county.finance, {one.id: on for one in attempts}, WHY, at=LATER)


def messages(template: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(Message.template == template)) or 0


# --- What follows ------------------------------------------------------------------------------------


def test_it_is_paid_as_a_result_file_would_have_made_it(county: County, chief: Principal) -> None:
    attempt = failed_one(county)
    county.answer(result_file([result_line(attempt)]), at=LATER)
    told = messages("payment_paid")
    proposed = propose(county, attempt)
    assert (states(), messages("payment_paid")) == ({"failed": 1, "paid": 1}, told)
    operations.approve_rebooking(chief, proposed, at=LATER)
    db.session.expire_all()
    assert (attempt.outcome, attempt.bank_date, attempt.failure_reason) == ("paid", PAID_ON, "")
    payment = db.session.get_one(Payment, attempt.payment_id)
    assert (payment.state, payment.paid_on, payment.due_on, payment.failure_reason) == ("paid", PAID_ON, None, "")
    assert messages("payment_paid") == told + 1
    found = balance_for(county.programme.id, 2020)
    assert (found.paid, found.failed) == (54000, 0)
    failure = db.session.scalars(select(Failure)).one()
    assert (failure.ending, failure.ended_on) == (PAID_AFTER_ALL, date(2020, 7, 17))
    contradiction = db.session.scalars(select(Discrepancy)).one()
    assert (contradiction.kind, contradiction.settlement) == ("contradicts_final", WHY)
    note = db.session.get_one(ResultFile, attempt.result_file_id)
    assert (note.id, note.paid_count, note.total_fen) == (proposed.result_file_id, 1, 27000)
    line = db.session.scalars(select(RebookingLine)).one()
    assert (line.was_outcome, line.was_reason, line.was_state) == ("failed", FAILED[1], "failed")


def test_what_the_bank_never_cleared_up_is_booked_alike(county: County, chief: Principal) -> None:
    attempt = attempts_of(answered(county, UNCLEAR))[0]
    operations.approve_rebooking(chief, propose(county, attempt), at=LATER)
    assert states() == {"paid": 1}
    assert attempt.payment.roll.batch.state == "results_in"


def test_the_money_is_on_the_card_to_which_it_was_sent(county: County, chief: Principal) -> None:
    attempt = failed_one(county)
    correct_all(county, LATER)
    operations.approve_rebooking(chief, propose(county, attempt), at=LATER)
    db.session.expire_all()
    payment = db.session.get_one(Payment, attempt.payment_id)
    assert payment.state == "paid"
    assert payment.card is not None and payment.card.tail == card_number(0)[-4:]


def test_what_is_in_a_closed_month_is_booked_on_the_day_of_the_approval(county: County, chief: Principal) -> None:
    attempt = failed_one(county)
    months.close_month(chief, "2020-07", at=LATER)
    august = LATER + timedelta(days=20)
    operations.approve_rebooking(chief, propose(county, attempt), at=august)
    db.session.expire_all()
    line = db.session.scalars(select(RebookingLine)).one()
    assert (attempt.bank_date, line.bank_day, line.booked_on) == (date(2020, 8, 6), PAID_ON, date(2020, 8, 6))


# --- Two officials, once -----------------------------------------------------------------------------


def test_whoever_proposed_it_does_not_decide_it(county: County, chief: Principal) -> None:
    attempt = failed_one(county)
    proposed = propose(county, attempt)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        operations.approve_rebooking(county.finance, proposed, at=LATER)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        operations.refuse_proposed_rebooking(county.finance, proposed, WHY, at=LATER)
    for other in (county.bank, county.department):
        with pytest.raises(PermissionDenied):
            operations.approve_rebooking(other, proposed, at=LATER)
    with pytest.raises(Conflict, match="等待审批"):
        propose(county, attempt)
    operations.refuse_proposed_rebooking(chief, proposed, "凭据不足", at=LATER)
    assert states() == {"failed": 1, "paid": 1}
    again = propose(county, attempt)
    operations.withdraw_rebooking(county.finance, again, "填错了日期", at=LATER)
    with pytest.raises(Conflict):
        operations.approve_rebooking(chief, again, at=LATER)
    operations.approve_rebooking(chief, propose(county, attempt), at=LATER)
    with pytest.raises(Conflict, match="没有可以改记的"):
        propose(county, attempt)


def test_a_reason_and_a_day_that_can_be(county: County) -> None:
    attempt = failed_one(county)
    with pytest.raises(UserError, match="理由"):
        operations.propose_rebooking(county.finance, {attempt.id: PAID_ON}, "", at=LATER)
    for day in (date(2020, 7, 13), date(2020, 7, 18)):
        with pytest.raises(UserError, match="到账日期"):
            propose(county, attempt, on=day)


def test_two_who_approve_at_once(app: Flask, county: County, chief: Principal) -> None:
    proposed = propose(county, failed_one(county)).id
    other = factories.principal(Kind.FINANCE, Role.APPROVER)
    db.session.commit()

    def press(principal: Principal) -> None:
        operations.approve_rebooking(principal, db.session.get_one(Rebooking, proposed), at=LATER)

    results = together(app, lambda: press(chief), lambda: press(other))
    assert [type(one) for one in results if isinstance(one, Exception)] == [Conflict]
    db.session.rollback()
    assert (states(), messages("payment_paid")) == ({"paid": 2}, 2)


# --- Never twice ---------------------------------------------------------------------------------------


def test_while_it_is_decided_nothing_is_sent_again_or_returned(county: County, chief: Principal) -> None:
    attempt = failed_one(county)
    ids = correct_all(county, LATER)
    proposed = propose(county, attempt)
    with pytest.raises(Conflict, match="矛盾"):
        operations.resubmit(county.department, ids, at=LATER)
    with pytest.raises(Conflict, match="不能退回"):
        operations.propose_return(county.department, attempt.payment.batch, ids, "联系不上", at=LATER)
    operations.refuse_proposed_rebooking(chief, proposed, WHY, at=LATER)
    assert operations.resubmit(county.department, ids, at=LATER) == 1
    proposed = propose(county, attempt)
    with pytest.raises(UserError, match="没有等待重发"):
        operations.make_reissue(county.finance, at=LATER)
    operations.approve_rebooking(chief, proposed, at=LATER)
    assert states() == {"paid": 2}


@pytest.mark.parametrize("second", [None, PAID, UNCLEAR], ids=["sent", "paid", "unclear"])
def test_what_was_sent_again_is_a_double_payment(county: County, second: tuple[str, str] | None) -> None:
    attempt = failed_one(county)
    pushed(county)
    offer = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    if second is not None:
        again = attempts_of(offer)[0]
        county.answer(result_file([result_line(again, second)], day="20200720"), at=RESULT_AT + 4 * DAY)
    with pytest.raises(Conflict, match=f"{attempt.reference} 是重复付款.*由银行追回"):
        operations.propose_rebooking(county.finance, {attempt.id: PAID_ON}, WHY, at=RESULT_AT + 5 * DAY)


def test_a_second_try_that_failed_too_is_no_hindrance(county: County, chief: Principal) -> None:
    attempt = failed_one(county)
    pushed(county)
    again = attempts_of(operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY))[0]
    county.answer(result_file([result_line(again, FAILED)], day="20200720"), at=RESULT_AT + 4 * DAY)
    proposed = operations.propose_rebooking(county.finance, {attempt.id: PAID_ON}, WHY, at=RESULT_AT + 5 * DAY)
    operations.approve_rebooking(chief, proposed, at=RESULT_AT + 5 * DAY)
    assert states() == {"paid": 2}
    assert set(db.session.scalars(select(Failure.ending))) == {"failed_again", PAID_AFTER_ALL}


def test_what_is_on_its_way_back_to_the_plan_is_not_booked(county: County) -> None:
    attempt = failed_one(county)
    operations.propose_return(county.department, attempt.payment.batch, [attempt.payment_id], "联系不上", at=LATER)
    with pytest.raises(Conflict, match="退回单"):
        propose(county, attempt)


@given(
    outcome=st.sampled_from(["open", "unclear", "failed", "paid", "returned"]),
    later=st.lists(st.sampled_from(["open", "unclear", "failed", "paid", "returned"]), max_size=4),
    in_order=st.booleans(),
)
def test_nothing_is_booked_beside_other_money(outcome: str, later: list[str], in_order: bool) -> None:
    money = {"open", "unclear", "paid"}
    allowed = outcome in ("failed", "unclear") and not money & set(later) and not in_order
    try:
        rules.refuse_rebooking("7-1", outcome, later, is_in_order=in_order)
    except Conflict:
        assert not allowed
    else:
        assert allowed
