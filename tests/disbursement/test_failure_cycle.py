"""The failure cycle (B6): pushed, paid again in one file a month; what comes late, and what the bank sends back."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import db
from core.errors import Conflict, UserError
from core.evidence import BroughtEvidence
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations
from disbursement.balances import balance_for
from disbursement.models import Attempt, Batch, Correction, Failure, Payment
from registry.models import Beneficiary
from sms.models import Message
from tests import factories
from tests.disbursement.county import (
    FAILED,
    PAID,
    RESULT_AT,
    County,
    attempts_of,
    build_county,
    card_number,
    result_file,
    result_line,
    states,
    tail,
)
from tests.disbursement.cycle import DAY, answered, correct_all, payments, pushed, request_for


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


# --- The way through -------------------------------------------------------------------------------


def test_a_failure_goes_round_in_time_and_is_paid_in_the_months_one_file(county: County) -> None:
    answered(county, PAID, FAILED)
    payment = payments("failed")[0]
    assert payment.due_on == date(2020, 7, 20)
    person = db.session.get_one(Beneficiary, payment.beneficiary_id)

    operations.correct_payments(county.preparer, [request_for(payment)], at=RESULT_AT + DAY)
    db.session.expire_all()
    assert (payment.state, payment.due_on) == ("corrected", date(2020, 7, 25))
    assert payment.card is not None
    assert payment.card.tail == card_number(900)[-4:]
    assert person.card_id == payment.card_id
    done = db.session.scalars(select(Correction)).one()
    assert (done.kind, done.before_card_tail, done.after_card_tail) == ("card", tail(1), card_number(900)[-4:])

    operations.resubmit(county.department, [payment.id], at=RESULT_AT + 2 * DAY)
    db.session.expire_all()
    assert (payment.state, payment.due_on) == ("resubmitted", date(2020, 7, 28))

    offer = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    (attempt,) = attempts_of(offer)
    assert (offer.cycle_month, offer.line_count, offer.total_fen) == ("2020-07", 1, 27000)
    assert (attempt.reference, attempt.card_tail) == (f"{payment.id}-2", card_number(900)[-4:])

    county.answer(result_file([result_line(attempt)], day="20200720"), at=RESULT_AT + 4 * DAY)
    db.session.expire_all()
    failure = db.session.scalars(select(Failure)).one()
    assert payment.state == "paid"
    assert payment.due_on is None
    assert failure.ending == "paid"
    assert [failure.corrected_on, failure.resubmitted_on, failure.reissued_on, failure.ended_on] == [
        date(2020, 7, day) for day in (17, 18, 19, 20)
    ]
    assert db.session.scalars(select(Batch.state)).one() == "results_in"


def test_one_file_a_month_holds_every_batch_and_says_its_totals(county: County) -> None:
    answered(county, FAILED, FAILED, period="202003")
    answered(county, FAILED, PAID, period="202006")
    ids = pushed(county)
    offer = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    content = operations.read_reissue(county.finance, offer, at=RESULT_AT + 3 * DAY).decode("gbk").splitlines()
    assert (offer.batch_id, offer.line_count, len(ids)) == (None, 3, 3)
    assert content[-1] == f"TOTAL|3|{3 * 27000}"
    assert {line.rsplit("|", 1)[1] for line in content[:-1]} == {"困难残疾人生活补贴202003", "困难残疾人生活补贴202006"}
    # Asked again, the same file; and a bank that numbers the lines itself is understood from any of the batches.
    assert operations.make_reissue(county.finance, at=RESULT_AT + 4 * DAY).id == offer.id
    numbered = [result_line(attempt, serial=str(place)) for place, attempt in enumerate(attempts_of(offer), 1)]
    county.answer(result_file(numbered), at=RESULT_AT + 5 * DAY)
    assert states() == {"paid": 4}
    assert set(db.session.scalars(select(Batch.state))) == {"results_in"}


def test_what_is_pushed_after_the_file_waits_for_the_next_month(county: County) -> None:
    answered(county, FAILED, FAILED)
    first, second = correct_all(county)
    operations.resubmit(county.department, [first], at=RESULT_AT + 2 * DAY)
    operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    operations.resubmit(county.department, [second], at=RESULT_AT + 4 * DAY)
    with pytest.raises(Conflict, match="每个周期只给银行一个文件"):
        operations.make_reissue(county.finance, at=RESULT_AT + 5 * DAY)
    later = operations.make_reissue(county.finance, at=datetime(2020, 8, 5, 2, tzinfo=UTC))
    assert [attempt.payment_id for attempt in attempts_of(later)] == [second]


def test_a_second_failure_opens_a_cycle_of_its_own_and_the_first_says_so(county: County) -> None:
    answered(county, FAILED)
    pushed(county)
    offer = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    again = result_file([result_line(attempts_of(offer)[0], FAILED)], day="20200722")
    county.answer(again, at=datetime(2020, 7, 22, 2, tzinfo=UTC))
    failures = db.session.scalars(select(Failure).order_by(Failure.id)).all()
    assert [(failure.month, failure.ending) for failure in failures] == [("2020-07", "failed_again"), ("2020-08", "")]
    assert db.session.scalars(select(Payment.due_on)).one() == date(2020, 8, 20)


# --- Files that come late or contradict -------------------------------------------------------------


@pytest.mark.parametrize("step", ["corrected", "resubmitted", "sent"])
def test_a_late_answer_to_the_old_attempt_never_pays_and_stops_the_next(county: County, step: str) -> None:
    offer = answered(county, FAILED)
    ids = correct_all(county)
    if step != "corrected":
        operations.resubmit(county.department, ids, at=RESULT_AT + 2 * DAY)
    if step == "sent":
        operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    late = result_file([result_line(attempts_of(offer)[0])], day="20200719")
    summary = county.answer(late, at=RESULT_AT + 3 * DAY)
    db.session.expire_all()
    assert [found.kind.value for found in summary.set_aside] == ["contradicts_final"]
    assert states() == {step: 1}
    if step == "corrected":
        with pytest.raises(Conflict, match="矛盾"):
            operations.resubmit(county.department, ids, at=RESULT_AT + 3 * DAY)
    if step == "resubmitted":
        with pytest.raises(UserError):
            operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    if step != "sent":
        # Cleared up by two, with the bank's letter, the payment goes on.
        tried = [attempts_of(offer)[0].id]
        letter = BroughtEvidence("函件.pdf", b"%PDF-1.4 invented")
        proposed = operations.propose_still_failed(
            county.finance, tried, letter, date(2020, 7, 19), "银行书面确认未付", at=RESULT_AT + 3 * DAY
        )
        other = factories.principal(Kind.FINANCE, Role.APPROVER)
        operations.approve_rebooking(other, proposed, at=RESULT_AT + 3 * DAY)
        if step == "corrected":
            operations.resubmit(county.department, ids, at=RESULT_AT + 3 * DAY)
        assert operations.make_reissue(county.finance, at=RESULT_AT + 4 * DAY).line_count == 1


def test_a_reissue_that_nobody_has_downloaded_can_be_taken_back(county: County) -> None:
    answered(county, FAILED)
    pushed(county)
    offer = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    operations.withdraw_reissue(county.finance, offer, "还有两个乡镇没有推送", at=RESULT_AT + 3 * DAY)
    db.session.expire_all()
    assert states() == {"resubmitted": 1}
    assert payments()[0].due_on == date(2020, 7, 28)
    assert db.session.scalars(select(Batch.state)).one() == "results_in"
    again = operations.make_reissue(county.finance, at=RESULT_AT + 4 * DAY)
    assert [attempt.number for attempt in attempts_of(again)] == [2]
    operations.read_reissue(county.finance, again, at=RESULT_AT + 4 * DAY)
    with pytest.raises(Conflict, match="下载过"):
        operations.withdraw_reissue(county.finance, again, "又有新的", at=RESULT_AT + 4 * DAY)


# --- The bank sends money back ----------------------------------------------------------------------


def test_money_that_the_bank_sent_back_is_told_corrected_and_paid_again(county: County) -> None:
    offer = answered(county, PAID)
    (attempt,) = attempts_of(offer)
    batch = db.session.scalars(select(Batch)).one()
    operations.close_batch(county.finance, batch, at=RESULT_AT)
    operations.record_bank_return(
        county.finance, [attempt.id], date(2020, 7, 17), at=RESULT_AT + DAY, reason="账户已销户"
    )
    db.session.expire_all()
    payment = payments()[0]
    assert (payment.state, payment.paid_on, payment.due_on) == ("returned", None, date(2020, 7, 20))
    assert (attempt.outcome, attempt.returned_on, batch.state) == ("returned", date(2020, 7, 17), "results_in")
    assert set(db.session.scalars(select(Message.template))) == {"payment_paid", "payment_returned"}
    balance = balance_for(county.programme.id, 2020)
    assert (balance.paid, balance.returned) == (0, 27000)
    with pytest.raises(UserError):
        operations.close_batch(county.finance, batch, at=RESULT_AT + DAY)
    # The file that said it was paid says nothing new when it comes again in other words.
    summary = county.answer(result_file([result_line(attempt)], day="20200716"), at=RESULT_AT + DAY)
    assert (summary.repeated, list(summary.set_aside)) == (1, [])

    operations.correct_payments(county.preparer, [request_for(payment)], at=RESULT_AT + DAY)
    operations.resubmit(county.department, [payment.id], at=RESULT_AT + DAY)
    again = operations.make_reissue(county.finance, at=RESULT_AT + 2 * DAY)
    county.answer(result_file([result_line(attempts_of(again)[0])]), at=RESULT_AT + 3 * DAY)
    db.session.expire_all()
    assert payment.state == "paid"
    assert list(db.session.scalars(select(Attempt.outcome).order_by(Attempt.number))) == ["returned", "paid"]


def test_a_bank_return_is_recorded_once_and_only_of_what_was_paid(county: County) -> None:
    offer = answered(county, PAID, FAILED)
    paid, failed = attempts_of(offer)
    on = date(2020, 7, 17)
    for wanted in ([failed.id], [paid.id, failed.id], []):
        with pytest.raises(Conflict):
            operations.record_bank_return(county.finance, wanted, on, at=RESULT_AT + DAY)
    with pytest.raises(UserError, match="日期"):
        operations.record_bank_return(county.finance, [paid.id], date(2020, 7, 1), at=RESULT_AT + DAY)
    operations.record_bank_return(county.finance, [paid.id], on, at=RESULT_AT + DAY)
    with pytest.raises(Conflict):
        operations.record_bank_return(county.finance, [paid.id], on, at=RESULT_AT + DAY)


def test_undoing_the_correction_of_returned_money_leads_back_to_returned(county: County) -> None:
    offer = answered(county, PAID)
    operations.record_bank_return(county.finance, [attempts_of(offer)[0].id], date(2020, 7, 17), at=RESULT_AT + DAY)
    operations.correct_payments(county.preparer, [request_for(payments()[0])], at=RESULT_AT + DAY)
    done = db.session.scalars(select(Correction)).one()
    operations.undo_correction(county.preparer, done, "卡号抄错了", at=RESULT_AT + DAY)
    db.session.expire_all()
    payment = payments()[0]
    assert (payment.state, payment.due_on) == ("returned", date(2020, 7, 20))


def test_a_batchs_own_file_leaves_what_was_pushed_to_the_months_file(county: County) -> None:
    offer = answered(county, FAILED)
    pushed(county)
    assert operations.export_offer(county.finance, offer.batch, at=RESULT_AT + 3 * DAY).id == offer.id
    assert states() == {"resubmitted": 1}
    assert operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY).line_count == 1


def test_a_correction_that_an_order_has_found_is_not_undone(county: County) -> None:
    """The order leads back to a corrected payment: it would go to the account that was wrong."""
    answered(county, FAILED)
    [payment] = [db.session.get_one(Payment, one) for one in correct_all(county)]
    order = operations.propose_return(county.finance, payment.batch, [payment.id], "联系不上本人", at=RESULT_AT + DAY)
    done = db.session.scalars(select(Correction)).one()
    with pytest.raises(Conflict, match="退回单"):
        operations.undo_correction(county.preparer, done, "卡号抄错了", at=RESULT_AT + DAY)
    operations.withdraw_return(county.finance, order, "本人回来了", at=RESULT_AT + DAY)
    db.session.expire_all()
    operations.undo_correction(county.preparer, done, "卡号抄错了", at=RESULT_AT + DAY)
    assert states() == {"failed": 1}


def test_a_reissue_of_which_the_bank_has_spoken_is_not_taken_back(county: County) -> None:
    answered(county, FAILED, PAID)
    pushed(county)
    offer = operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY)
    line = result_line(attempts_of(offer)[0])
    county.answer(result_file([(*line[:3], line[3] + 1, *line[4:])]), at=RESULT_AT + 4 * DAY)
    with pytest.raises(Conflict, match="已经答复"):
        operations.withdraw_reissue(county.finance, offer, "还有人没推送", at=RESULT_AT + 4 * DAY)
