"""The failure cycle killed in the middle, and two at the same payment: all or nothing, and one of the two is told."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations, queries
from disbursement.models import Attempt, Batch, Correction, Failure, OfferFile, Payment, ReturnLine, ReturnOrder
from sms.models import Message
from tests import factories
from tests.core.together import meanwhile, together
from tests.disbursement import cycle_process
from tests.disbursement.county import (
    FAILED,
    PAID,
    RESULT_AT,
    County,
    attempts_of,
    build_county,
    entry,
    result_file,
    result_line,
    states,
    tail,
)
from tests.disbursement.cycle import DAY, answered, correct_all, payments, pushed, request_for
from tests.disbursement.cycle_process import STEPS
from tests.processes import kill_in_the_middle


@pytest.fixture
def county(app: Flask) -> County:
    built = build_county()
    db.session.commit()
    return built


@pytest.fixture
def killed(database_url: str, tmp_path: Path) -> Callable[[str], None]:
    """A function that takes a step in another process and kills it where all but the audit entry is written."""
    return lambda step: kill_in_the_middle(cycle_process.main, step, database_url, tmp_path)


def prepared(county: County, step: str) -> None:
    """Three payments that wait for this step; one that the bank paid."""
    answered(county, FAILED, FAILED, FAILED, PAID)
    if step in ("resubmit", "reissue"):
        (correct_all if step == "resubmit" else pushed)(county)
    if step == "approve":
        batch = db.session.scalars(select(Batch)).one()
        ids = [payment.id for payment in payments("failed")]
        operations.propose_return(county.department, batch, ids, "联系不上", at=RESULT_AT)
    if step == "rebook":
        failed = db.session.scalars(select(Attempt.id).where(Attempt.outcome == "failed"))
        wanted = dict.fromkeys(failed, date(2020, 7, 15))
        operations.propose_rebooking(county.finance, wanted, "银行来函", at=RESULT_AT)
    db.session.commit()


def everything() -> list[Any]:
    """All that a step of the cycle may touch."""
    counts = [
        db.session.scalar(select(func.count()).select_from(model))
        for model in (Attempt, Correction, OfferFile, ReturnLine, Message, AuditEntry)
    ]
    failures = db.session.execute(
        select(Failure.corrected_on, Failure.resubmitted_on, Failure.reissued_on, Failure.ended_on).order_by(Failure.id)
    )
    rows = db.session.execute(select(Payment.state, Payment.due_on, Payment.card_id).order_by(Payment.id))
    outcomes = db.session.scalars(select(Attempt.outcome).order_by(Attempt.id)).all()
    orders = db.session.scalars(select(ReturnOrder.state)).all()
    return [counts, [tuple(row) for row in failures], [tuple(row) for row in rows], list(outcomes), list(orders)]


@pytest.mark.kill
@pytest.mark.parametrize("step", list(STEPS))
def test_a_step_killed_in_the_middle_leaves_nothing_and_can_be_taken_anew(
    county: County, killed: Callable[[str], None], step: str
) -> None:
    prepared(county, step)
    before = everything()
    db.session.rollback()
    killed(step)
    db.session.expire_all()
    assert everything() == before
    STEPS[step]()
    db.session.commit()
    moved = {
        "correct": {"corrected": 3, "paid": 1},
        "resubmit": {"resubmitted": 3, "paid": 1},
        "reissue": {"sent": 3, "paid": 1},
        "approve": {"returned": 3, "paid": 1},
        "bank-return": {"failed": 3, "returned": 1},
        "rebook": {"paid": 4},
    }
    assert states() == moved[step]


# --- At once -----------------------------------------------------------------------------------------


def test_two_clerks_correct_the_same_payment(app: Flask, county: County) -> None:
    answered(county, FAILED)
    payment_id = payments()[0].id
    colleague = factories.principal(Kind.TOWNSHIP, Role.APPROVER, region_code=county.preparer.region_prefix + "000")
    db.session.commit()

    def correct(principal: Any, card: str) -> int:
        wanted = request_for(db.session.get_one(Payment, payment_id), card)
        return operations.correct_payments(principal, [wanted], at=RESULT_AT)

    results = together(
        app,
        lambda: correct(county.preparer, "6217001200000900901"),
        lambda: correct(colleague, "6217001200000400902"),
    )
    assert sorted(str(type(result).__name__) for result in results) == ["Conflict", "int"]
    assert (states(), len(db.session.scalars(select(Correction)).all())) == ({"corrected": 1}, 1)


def test_a_correction_while_a_late_answer_comes_in(app: Flask, county: County) -> None:
    offer = answered(county, FAILED)
    late = result_file([result_line(attempts_of(offer)[0])], day="20200719")
    payment_id = payments()[0].id
    db.session.commit()

    def correct() -> int:
        wanted = request_for(db.session.get_one(Payment, payment_id))
        return operations.correct_payments(county.preparer, [wanted], at=RESULT_AT + DAY)

    corrected, summary = together(app, correct, lambda: county.answer(late, at=RESULT_AT + DAY))
    assert (corrected, [found.kind.value for found in summary.set_aside]) == (1, ["contradicts_final"])
    assert states() == {"corrected": 1}
    with pytest.raises(Conflict):
        operations.resubmit(county.department, [payment_id], at=RESULT_AT + DAY)


@pytest.mark.parametrize("first", ["correct", "export"])
def test_a_correction_while_a_file_is_made_of_what_it_would_reach(app: Flask, county: County, first: str) -> None:
    answered(county, FAILED)
    batch = county.approved([entry(0)], "202009")
    operations.confirm_batch(county.finance, batch, at=RESULT_AT)
    payment_id, batch_id = payments("failed")[0].id, batch.id
    db.session.commit()

    def correct() -> int:
        wanted = request_for(db.session.get_one(Payment, payment_id))
        return operations.correct_payments(county.preparer, [wanted], at=RESULT_AT + DAY)

    def export() -> int:
        found = db.session.get_one(Batch, batch_id)
        return operations.export_offer(county.finance, found, at=RESULT_AT + DAY).line_count

    works = [correct, export] if first == "correct" else [export, correct]
    results = meanwhile(app, *works)
    assert results[0] == 1
    if first == "correct":
        # Finance has not seen where the money goes now: it is told, and looks first.
        assert isinstance(results[1], Conflict)
        seen = operations.redirects_of(queries.redirected(db.session.get_one(Batch, batch_id)))
        found = db.session.get_one(Batch, batch_id)
        operations.export_offer(county.finance, found, at=RESULT_AT + DAY, redirects_seen=seen)
    else:
        assert results[1] == 1
    # What the bank was told is what the book has.
    [sent] = db.session.scalars(select(Attempt).join(Payment).where(Payment.batch_id == batch_id))
    assert sent.payment.card is not None
    wanted = tail(900) if first == "correct" else tail(0)
    assert (sent.card_tail, sent.payment.card.tail) == (wanted, wanted)


def test_two_presses_make_one_reissue(app: Flask, county: County) -> None:
    answered(county, FAILED, FAILED)
    pushed(county)
    db.session.commit()

    def make() -> int:
        return operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY).id

    results = together(app, make, make)
    made = [result for result in results if isinstance(result, int)]
    assert made and all(isinstance(result, int | UserError) for result in results)
    assert len(set(made)) == 1
    assert (states(), db.session.scalar(select(func.count()).where(Attempt.number == 2))) == ({"sent": 2}, 2)


def test_a_push_into_another_batch_while_the_file_waits_for_the_first(app: Flask, county: County) -> None:
    """It went into the file, and its batch did not know that it was at the bank."""
    first, second = answered(county, FAILED), answered(county, PAID, FAILED, period="202009")
    first_id, second_id = first.batch_id, second.batch_id
    ids = correct_all(county)
    by_batch: dict[int | None, int] = {payment.batch_id: payment.id for payment in payments("corrected")}
    operations.resubmit(county.department, [by_batch[first_id]], at=RESULT_AT + 2 * DAY)
    db.session.commit()
    assert len(ids) == 2

    def push() -> int:
        db.session.execute(select(Batch.id).where(Batch.id == first_id).with_for_update())
        return operations.resubmit(county.department, [by_batch[second_id]], at=RESULT_AT + 2 * DAY)

    def make() -> int:
        return operations.make_reissue(county.finance, at=RESULT_AT + 3 * DAY).line_count

    pushed_, made = meanwhile(app, push, make)
    assert pushed_ == 1
    assert made in (1, 2)
    db.session.expire_all()
    at_the_bank = {payment.batch_id for payment in payments("sent")}
    assert at_the_bank == set(db.session.scalars(select(Batch.id).where(Batch.state == "sent")))


def test_a_push_while_an_order_is_proposed_is_one_of_the_two(app: Flask, county: County) -> None:
    answered(county, FAILED)
    (payment_id,) = correct_all(county)
    batch_id = payments()[0].batch_id
    db.session.commit()

    def propose() -> int:
        batch = db.session.get_one(Batch, batch_id)
        return operations.propose_return(county.finance, batch, [payment_id], "联系不上", at=RESULT_AT + DAY).id

    def push() -> int:
        return operations.resubmit(county.department, [payment_id], at=RESULT_AT + DAY)

    results = together(app, propose, push)
    assert sum(isinstance(result, Conflict) for result in results) == 1
    bound = db.session.scalar(select(func.count()).select_from(ReturnLine)) or 0
    assert (states(), bound) in (({"resubmitted": 1}, 0), ({"corrected": 1}, 1))


def test_a_correction_while_an_order_is_proposed_is_one_of_the_two(app: Flask, county: County) -> None:
    answered(county, FAILED)
    payment = payments()[0]
    payment_id, batch_id = payment.id, payment.batch_id
    db.session.commit()

    def propose() -> int:
        batch = db.session.get_one(Batch, batch_id)
        return operations.propose_return(county.finance, batch, [payment_id], "联系不上", at=RESULT_AT + DAY).id

    def correct() -> int:
        wanted = request_for(db.session.get_one(Payment, payment_id))
        return operations.correct_payments(county.preparer, [wanted], at=RESULT_AT + DAY)

    results = together(app, propose, correct)
    # An order takes what is corrected as well: then both are done, one after the other, and the order knows it.
    if isinstance(results[1], Conflict):
        assert states() == {"failed": 1}
    else:
        assert states() == {"corrected": 1}
        assert set(db.session.scalars(select(ReturnLine.from_state))) <= {"corrected"}


def test_two_record_the_same_bank_return(app: Flask, county: County) -> None:
    offer = answered(county, PAID)
    attempt_id = attempts_of(offer)[0].id
    db.session.commit()

    def record() -> int:
        return operations.record_bank_return(county.finance, [attempt_id], date(2020, 7, 16), at=RESULT_AT + DAY)

    results = together(app, record, record)
    assert sorted(str(type(result).__name__) for result in results) == ["Conflict", "int"]
    assert db.session.scalar(select(func.count()).select_from(Failure)) == 1


def test_a_batch_is_not_closed_over_money_that_is_just_coming_back(app: Flask, county: County) -> None:
    """A closed batch with a payment to send again would stop the month's re-issue file of the whole county."""
    offer = answered(county, PAID)
    attempt_id, batch_id = attempts_of(offer)[0].id, offer.batch_id
    db.session.commit()

    def record() -> int:
        return operations.record_bank_return(county.finance, [attempt_id], date(2020, 7, 16), at=RESULT_AT + DAY)

    def close() -> str:
        operations.close_batch(county.finance, db.session.get_one(Batch, batch_id), at=RESULT_AT + DAY)
        return "closed"

    results = meanwhile(app, record, close)
    db.session.expire_all()
    assert results[0] == 1
    assert isinstance(results[1], UserError)
    assert db.session.get_one(Batch, batch_id).state == "results_in"
