"""What the bank answers: what is believed, set aside, and never counted twice."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from core import workflow
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, UserError
from disbursement import operations
from disbursement.balances import balance_for
from disbursement.models import Attempt, Batch, Discrepancy, OfferFile, Payment, ResultFile, Roll
from disbursement.operations import RollEntry
from disbursement.rules import DISCREPANCY_WORKFLOW, PAYMENT_WORKFLOW
from sms.models import Message
from tests import factories
from tests.disbursement.county import (
    FAILED,
    PAID,
    RESULT_AT,
    UNCLEAR,
    County,
    attempts_of,
    build_county,
    content_of,
    entry,
    first_payment,
    result_file,
    result_line,
    states,
)


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def kinds() -> list[str]:
    return list(db.session.scalars(select(Discrepancy.kind).order_by(Discrepancy.line)))


def test_paid_failed_and_unclear(county: County) -> None:
    offer = county.sent([entry(1), entry(2), entry(3)])
    one, two, three = attempts_of(offer)
    summary = county.answer(result_file([result_line(one), result_line(two, FAILED), result_line(three, UNCLEAR)]))
    assert (summary.recorded, summary.repeated, summary.totals.paid) == (3, 0, 1)
    assert states() == {"paid": 1, "failed": 1, "unclear": 1}
    failed = db.session.scalars(select(Payment).where(Payment.state == "failed")).one()
    assert (failed.failure_reason, failed.due_on) == ("账户已销户", RESULT_AT.date().replace(day=20))
    paid = db.session.scalars(select(Payment).where(Payment.state == "paid")).one()
    assert paid.paid_on is not None and paid.paid_on.isoformat() == "2020-07-15"
    # An unclear payment is not sent again, and its batch is not finished.
    assert offer.batch.state == "sent"
    assert operations.export_offer(county.finance, offer.batch, at=RESULT_AT).id == offer.id
    county.answer(result_file([result_line(three)], day="20200717"))
    assert states() == {"paid": 2, "failed": 1}
    assert offer.batch.state == "results_in"


def test_messages_are_queued_with_the_outcome_and_only_for_phones(county: County) -> None:
    offer = county.sent([entry(1), entry(2), entry(3, phone=""), entry(4)])
    one, two, three, four = attempts_of(offer)
    lines = [result_line(one), result_line(two, FAILED), result_line(three), result_line(four, UNCLEAR)]
    county.answer(result_file(lines))
    messages = {message.template: message for message in db.session.scalars(select(Message))}
    assert set(messages) == {"payment_paid", "payment_failed"}
    assert messages["payment_paid"].phone == "13800000001"
    assert messages["payment_failed"].parameters["reason"] == "登记的银行卡已经注销"
    assert db.session.scalar(select(func.count(Message.id))) == 2


def test_the_same_file_twice_changes_nothing_and_says_so(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    content = result_file([result_line(attempt) for attempt in attempts_of(offer)])
    county.answer(content)
    again = county.answer(content)
    assert (again.already_imported, again.recorded, again.repeated) == (True, 0, 2)
    assert db.session.scalar(select(func.count(ResultFile.id))) == 1


def test_the_same_lines_in_another_file_change_nothing(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    lines = [result_line(attempt) for attempt in attempts_of(offer)]
    county.answer(result_file(lines))
    again = county.answer(result_file(reversed(lines)))
    assert (again.already_imported, again.recorded, again.repeated, kinds()) == (False, 0, 2, [])
    assert db.session.scalar(select(func.count(Message.id))) == 2


def test_a_final_outcome_is_never_overwritten(county: County) -> None:
    """A result file that flips success to error later, and so would pay twice."""
    offer = county.sent([entry(1), entry(2)])
    one, two = attempts_of(offer)
    county.answer(result_file([result_line(one), result_line(two, FAILED)]))
    later = county.answer(result_file([result_line(one, FAILED), result_line(two, PAID)], day="20200718"))
    assert states() == {"paid": 1, "failed": 1}
    assert (later.recorded, kinds()) == (0, ["contradicts_final"] * 2)


def test_wrong_control_totals_refuse_the_whole_file(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    lines = [result_line(attempt) for attempt in attempts_of(offer)]
    wrong: tuple[dict[str, Any], ...] = ({"lines": 3}, {"fen": 1}, {"paid": 1, "failed": 1})
    for totals in wrong:
        with pytest.raises(UserError, match="对不上"):
            county.answer(result_file(lines, **totals))
    assert states() == {"sent": 2}


def test_a_file_without_its_end_is_refused(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    content = result_file([result_line(attempt) for attempt in attempts_of(offer)])
    with pytest.raises(UserError, match="合计行"):
        county.answer(content[: content.index(b"TOTAL")])


def test_one_unreadable_line_does_not_stop_the_file(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    one, two = attempts_of(offer)
    good = result_line(one)
    bad = (two.reference, two.payee_name, "6217O12", 27000, "0000", "")
    content = result_file([good, bad])
    with pytest.raises(UserError, match="第 2 行"):
        county.answer(content)
    # A line that cannot be read adds nothing to the sum; a bank that counts it so is believed.
    summary = county.answer(result_file([good, bad], fen=27000))
    assert (summary.recorded, kinds(), states()) == (1, ["unreadable"], {"paid": 1, "sent": 1})


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({0: "999999-1"}, "unknown_reference"),
        ({3: 27001}, "amount_differs"),
        ({2: "6217001200000000099"}, "card_differs"),
        ({1: "王五"}, "name_differs"),
    ],
)
def test_a_line_that_does_not_fit_is_set_aside(county: County, change: dict[int, str | int], kind: str) -> None:
    offer = county.sent([entry(1), entry(2)])
    one, two = attempts_of(offer)
    line: Any = tuple(change.get(place, value) for place, value in enumerate(result_line(one)))
    county.answer(result_file([line, result_line(two)]))
    assert (kinds(), states()) == ([kind], {"sent": 1, "paid": 1})


def test_a_line_twice_in_one_file_counts_once(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    one, two = attempts_of(offer)
    county.answer(result_file([result_line(one), result_line(two), result_line(one)]))
    assert (kinds(), states()) == (["repeated_line"], {"paid": 2})


def test_two_answers_about_one_reference_are_believed_neither(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    one, two = attempts_of(offer)
    county.answer(result_file([result_line(one), result_line(two), result_line(one, FAILED)]))
    assert (kinds(), states()) == (["ambiguous"] * 2, {"paid": 1, "sent": 1})


def test_a_file_of_another_batch_is_refused(county: County) -> None:
    county.sent([entry(1)])
    with pytest.raises(UserError, match="没有一行"):
        county.answer(result_file([("00000001", "王五", "6217009999999999999", 100, "0000", "")]))


def numbered(offer: OfferFile, answers: list[tuple[str, str]]) -> list[tuple[str, str, str, int, str, str]]:
    pairs = zip(attempts_of(offer), answers, strict=True)
    return [result_line(attempt, answer, serial=f"{n:08d}") for n, (attempt, answer) in enumerate(pairs, 1)]


def test_without_references_card_amount_and_name_decide(county: County) -> None:
    offer = county.sent([entry(1), entry(2, name="李䶮"), entry(3)])
    county.answer(result_file(numbered(offer, [PAID, FAILED, PAID])))
    assert states() == {"paid": 2, "failed": 1}


def guardian(serial: int, **more: Any) -> RollEntry:
    return entry(serial, card_number="6217001200000009999", payee_name="马海英", **more)


def test_twins_on_one_card_with_one_outcome_are_paired_in_file_order(county: County) -> None:
    offer = county.sent([guardian(1), guardian(2), entry(3)])
    county.answer(result_file(numbered(offer, [PAID, PAID, FAILED])))
    assert states() == {"paid": 2, "failed": 1}


def test_twins_on_one_card_with_different_outcomes_are_left_to_a_person(county: County) -> None:
    offer = county.sent([guardian(1), guardian(2), entry(3)])
    summary = county.answer(result_file(numbered(offer, [PAID, FAILED, PAID])))
    assert (kinds(), states()) == (["ambiguous"] * 2, {"paid": 1, "sent": 2})
    assert summary.recorded == 1


def test_one_answer_for_twins_is_ambiguous(county: County) -> None:
    offer = county.sent([guardian(1), guardian(2), entry(3)])
    lines = numbered(offer, [PAID, PAID, PAID])
    county.answer(result_file(lines[1:]))
    assert (kinds(), states()) == (["ambiguous"], {"paid": 1, "sent": 2})


def test_a_file_that_fits_two_quarters_needs_to_be_told_which(county: County) -> None:
    first = county.sent([entry(1), entry(2)], "202003")
    second = county.sent([entry(1), entry(2)], "202006")
    content = result_file(numbered(second, [PAID, PAID]))
    with pytest.raises(UserError, match="2 个代发文件"):
        county.answer(content)
    county.answer(content, second.batch)
    assert {attempt.outcome for attempt in attempts_of(first)} == {"open"}
    assert {attempt.outcome for attempt in attempts_of(second)} == {"paid"}


def test_a_doubled_line_does_not_answer_another_quarter(county: County) -> None:
    """Paid every quarter, the same person has the same card and amount in both files: the bank has said nothing of the
    second."""
    first, second = (attempts_of(county.sent([entry(1), entry(serial)], period)) for serial, period in QUARTERS)
    lines = [result_line(first[0], serial="1"), result_line(first[0], serial="2"), result_line(first[1], serial="3")]
    county.answer(result_file(lines))
    db.session.expire_all()
    assert [one.outcome for one in (*first, *second)] == ["open", "paid", "open", "open"]
    assert set(db.session.scalars(select(Discrepancy.kind))) == {"ambiguous"}
    # Where it is said which file is answered, the line counts once.
    again = [result_line(first[0], serial="4"), result_line(first[0], serial="5")]
    county.answer(result_file(again), first[0].payment.batch)
    db.session.expire_all()
    assert [one.outcome for one in (*first, *second)] == ["paid", "paid", "open", "open"]


QUARTERS = ((2, "202006"), (3, "202009"))


def test_every_operation_leaves_one_audit_entry_without_personal_data(county: County) -> None:
    offer = county.sent([entry(1)])
    county.answer(result_file([result_line(attempts_of(offer)[0])]))
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == [
        "roll.import",
        "roll.submit",
        "roll.approve_township",
        "roll.publicise",
        "roll.approve_department",
        "batch.confirm",
        "offer.export",
        "result.import",
    ]
    said = " ".join(str(entry.details) for entry in entries)
    assert "6217" not in said and "138" not in said and "张" not in said


def test_a_discrepancy_is_settled_once_with_words(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    one, two = attempts_of(offer)
    county.answer(result_file([result_line(one), result_line(two), result_line(one)]))
    found = db.session.scalars(select(Discrepancy)).one()
    with pytest.raises(UserError):
        operations.settle_discrepancy(county.finance, found, "", at=RESULT_AT)
    operations.settle_discrepancy(county.finance, found, "银行确认为重复行", at=RESULT_AT)
    with pytest.raises(Conflict):
        operations.settle_discrepancy(county.finance, found, "再次", at=RESULT_AT)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_however_many_are_settled_it_takes_as_many_statements(county: County) -> None:
    """A whole file of a closed month may be set aside, and is settled in one press."""
    lines = [result_line(attempt) for attempt in attempts_of(county.sent([entry(serial) for serial in range(31)]))]
    told: list[int] = []
    for twice in (lines[:1], lines[1:]):
        found = county.answer(result_file([*lines, *twice])).result_file_id
        ids = db.session.scalars(select(Discrepancy.id).where(Discrepancy.result_file_id == found)).all()
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any, seen: list[str] = statements) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        operations.settle_discrepancies(county.finance, ids, "银行确认为重复行", at=RESULT_AT)
        event.remove(db.engine, "before_cursor_execute", note)
        told.append(len(statements))
        assert len(ids) == len(twice)
        assert {workflow.history(DISCREPANCY_WORKFLOW, one)[-1].reason for one in ids} == {"银行确认为重复行"}
    assert told[0] == told[1]


def test_a_batch_is_closed_only_when_every_fen_is_settled(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    one, two = attempts_of(offer)
    county.answer(result_file([result_line(one), result_line(two, FAILED)]))
    with pytest.raises(UserError, match="1 笔"):
        operations.close_batch(county.finance, offer.batch, at=RESULT_AT)
    db.session.execute(update(Payment).where(Payment.state == "failed").values(state="returned", due_on=None))
    operations.close_batch(county.finance, offer.batch, at=RESULT_AT)
    assert db.session.scalar(select(Batch.state)) == "closed"
    assert db.session.scalar(select(func.count(Roll.id))) == 1
    assert first_payment().state == "paid"


def test_a_batch_is_not_done_at_ninety_five_per_cent(county: County) -> None:
    """What the bank has not answered stays open: no receipt is invented for it."""
    offer = county.sent([entry(serial) for serial in range(20)])
    attempts = attempts_of(offer)
    county.answer(result_file([result_line(attempt) for attempt in attempts[:19]]))
    assert (states(), offer.batch.state) == ({"paid": 19, "sent": 1}, "sent")
    assert db.session.scalar(select(Attempt.outcome).where(Attempt.id == attempts[19].id)) == "open"
    county.answer(result_file([result_line(attempts[19])], day="20200717"))
    assert offer.batch.state == "results_in"


def test_an_account_with_leading_noughts_goes_out_and_comes_back_whole(county: County) -> None:
    """Account 0012345678 was read as 12345678 elsewhere."""
    offer = county.sent([entry(1, card_number="0012345678"), entry(2)])
    assert "|0012345678|" in content_of(offer)
    one, two = attempts_of(offer)
    short = (one.reference, one.payee_name, "12345678", one.amount_fen, "0000", "")
    county.answer(result_file([short, result_line(two)]))
    assert (kinds(), states()) == (["card_differs"], {"sent": 1, "paid": 1})


def test_amounts_stay_exact_to_the_fen(county: County) -> None:
    """123456.78 became 123456.78125 elsewhere."""
    factories.fund_line(county.programme.id, 12345678)
    offer = county.sent([entry(1, fen=12345678)])
    assert content_of(offer).splitlines()[-1] == "TOTAL|1|12345678"
    county.answer(result_file([result_line(attempts_of(offer)[0])]))
    assert balance_for(county.programme.id, 2020).paid == 12345678


def test_a_payment_that_failed_is_tried_again_under_the_next_number(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    one, two = attempts_of(offer)
    county.answer(result_file([result_line(one, FAILED), result_line(two)]))
    for action in ("correct", "resubmit"):
        workflow.move_set(PAYMENT_WORKFLOW, Payment, action, county.finance)
    second = operations.export_offer(county.finance, offer.batch, at=RESULT_AT, again=True)
    again = attempts_of(second)
    assert [attempt.reference for attempt in again] == [f"{one.payment_id}-2"]
    assert offer.batch.state == "sent"
    # The late repetition of the first answer concerns the first attempt only.
    county.answer(result_file([result_line(one, FAILED)], day="20200801"))
    assert states() == {"sent": 1, "paid": 1}
    county.answer(result_file([result_line(again[0])], day="20200801"))
    assert (states(), offer.batch.state) == ({"paid": 2}, "results_in")
