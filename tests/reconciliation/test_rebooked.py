"""What the statement shows and the book lacks is put right by two officials; what the bank never paid goes the other
way."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from disbursement import operations as disbursement
from disbursement.models import Attempt, Payment, Rebooking, RebookingLine
from disbursement.rules import Change
from reconciliation import operations, queries
from reconciliation.models import Difference, Month, StatementLine
from reconciliation.rules import Resolution
from tests.disbursement.county import PAID, attempts_of, entry, result_file, result_line
from tests.disbursement.cycle import correct_all
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.statements import BankStatement

WHY = "银行来函确认当日已付"


@pytest.fixture
def statement(book: Book) -> BankStatement:
    """The six that were paid, and the one that failed in the book."""
    made = BankStatement()
    for attempt in book.attempts[:7]:
        made.pay(attempt)
    return made


def failed_of(book: Book) -> Attempt:
    return db.session.get_one(Attempt, book.attempts[6].id)


def the_difference() -> Difference:
    return db.session.scalars(select(Difference).where(Difference.kind == "outcome_differs")).one()


def propose(book: Book, month: Month) -> Rebooking:
    ids = [the_difference().id]
    operations.resolve_differences(book.finance, month, ids, Resolution.BOOKED_PAID, WHY, at=CLOSING)
    return db.session.scalars(select(Rebooking).where(Rebooking.state == "proposed")).one()


def test_a_debit_against_the_book_is_booked_when_another_official_approves(
    book: Book, statement: BankStatement
) -> None:
    month = book.take_in(statement)
    proposed = propose(book, month)
    # Until then it is open, and nobody signs over it.
    assert (the_difference().resolved_at, queries.open_difference_count(month)) == (None, 1)
    shown = db.session.scalars(
        queries.visible_differences(book.finance, month).execution_options(populate_existing=True)
    ).one()
    assert (shown.rebooking_id, shown.paid_again) == (proposed.id, None)
    with pytest.raises(Conflict, match="等待审批"):
        operations.resolve_differences(book.finance, month, [shown.id], Resolution.BANK_CLAIMS_BACK, WHY, at=CLOSING)
    disbursement.approve_rebooking(book.chief, proposed, at=CLOSING)
    db.session.expire_all()
    attempt = failed_of(book)
    assert (attempt.outcome, attempt.bank_date) == ("paid", date(2020, 7, 15))
    settled = the_difference()
    assert (settled.resolution, settled.resolved_by) == ("booked_paid", book.chief.recorded_name)
    assert set(db.session.scalars(select(StatementLine.kind))) == {"matched"}
    assert queries.sides_of(month).agree
    with pytest.raises(Conflict, match="记到账上"):
        operations.undo_resolutions(book.finance, month, [settled.id], WHY, at=CLOSING)


def test_matching_anew_finds_the_same(book: Book, statement: BankStatement) -> None:
    month = book.take_in(statement)
    disbursement.approve_rebooking(book.chief, propose(book, month), at=CLOSING)
    before = (queries.fingerprint(month), the_difference().id)
    operations.reconcile(book.finance, month, at=CLOSING)
    assert (queries.fingerprint(month), the_difference().id) == before
    book.close(month)
    assert month.state == "closed"


def test_the_decision_takes_the_signatures_away(book: Book, statement: BankStatement) -> None:
    month = book.take_in(statement)
    book.settle_all(month)
    book.sign_all(month)
    proposed = disbursement.propose_rebooking(book.finance, {book.attempts[6].id: date(2020, 7, 15)}, WHY, at=CLOSING)
    disbursement.approve_rebooking(book.chief, proposed, at=CLOSING)
    assert list(queries.signatures_of(month)) == []


def test_what_was_carried_over_is_booked_in_the_open_month(book: Book, statement: BankStatement) -> None:
    july = book.take_in(statement)
    book.close(july)
    before = queries.fingerprint(july)
    august = operations.month_named("2020-08", at=CLOSING)
    ids = [the_difference().id]
    assert operations.settle_carried(book.finance, august, ids, Resolution.BOOKED_PAID, WHY, at=CLOSING) == 1
    assert queries.carried_count(august) == 1
    disbursement.approve_rebooking(book.chief, db.session.scalars(select(Rebooking)).one(), at=CLOSING)
    assert queries.carried_count(august) == 0
    assert (queries.fingerprint(july), failed_of(book).bank_date) == (before, date(2020, 8, 3))
    # In August the payment is no payment without a line: July has it.
    own = BankStatement("2020-08", opening=statement.closing)
    own.other(credit=1, summary="结息", day=date(2020, 8, 2))
    book.take_in(own)
    assert queries.sides_of(august).agree and queries.open_difference_count(august) == 0


def test_a_month_opened_again_still_knows_the_line_of_what_was_booked_later(
    book: Book, statement: BankStatement
) -> None:
    july = book.take_in(statement)
    book.close(july)
    august = operations.month_named("2020-08", at=CLOSING)
    operations.settle_carried(book.finance, august, [the_difference().id], Resolution.BOOKED_PAID, WHY, at=CLOSING)
    disbursement.approve_rebooking(book.chief, db.session.scalars(select(Rebooking)).one(), at=CLOSING)
    operations.ask_reopen(book.finance, july, WHY, at=CLOSING)
    operations.reopen_month(book.chief, july, at=CLOSING)
    operations.reconcile(book.finance, july, at=CLOSING)
    assert set(db.session.scalars(select(StatementLine.kind))) == {"matched"}
    assert queries.sides_of(july).agree


def test_a_payment_that_was_sent_again_is_named_double_and_claimed_back(book: Book, statement: BankStatement) -> None:
    correct_all(book.county, CLOSING - timedelta(days=8))
    payment = failed_of(book).payment_id
    disbursement.resubmit(book.county.department, [payment], at=CLOSING - timedelta(days=7))
    offer = disbursement.make_reissue(book.finance, at=CLOSING - timedelta(days=6))
    again = attempts_of(offer)[0]
    book.county.answer(result_file([result_line(again)], day="20200729"), at=CLOSING - timedelta(days=4))
    statement.pay(again, day=date(2020, 7, 29))
    month = book.take_in(statement)
    shown = db.session.scalars(
        queries.visible_differences(book.finance, month).execution_options(populate_existing=True)
    ).one()
    assert (shown.kind, shown.paid_again) == ("outcome_differs", again.reference)
    with pytest.raises(Conflict, match="重复付款"):
        operations.resolve_differences(book.finance, month, [shown.id], Resolution.BOOKED_PAID, WHY, at=CLOSING)
    operations.resolve_differences(book.finance, month, [shown.id], Resolution.BANK_CLAIMS_BACK, WHY, at=CLOSING)
    august = BankStatement("2020-08", opening=statement.closing)
    august.give_back(failed_of(book), day=date(2020, 8, 2))
    assert queries.carried_count(operations.month_named("2020-08", at=CLOSING)) == 1
    assert queries.carried_count(book.take_in(august)) == 0
    assert db.session.get_one(Payment, payment).state == "paid"


def test_what_the_bank_has_not_answered_waits_for_its_file(book: Book) -> None:
    offer = book.county.sent([entry(40)], "202009")
    statement = BankStatement()
    statement.pay(attempts_of(offer)[0], day=date(2020, 7, 20))
    month = book.take_in(statement)
    with pytest.raises(Conflict, match="不是失败或不明"):
        propose(book, month)


# --- The other way round -------------------------------------------------------------------------------


def test_what_the_bank_never_paid_is_returned_and_paid_again(book: Book, statement: BankStatement) -> None:
    missing = book.attempts[0]
    statement.lines = [line for line in statement.lines if line.card != missing.card_number]
    month = book.take_in(statement)
    found = db.session.scalars(select(Difference).where(Difference.kind == "missing_in_bank")).one()
    operations.resolve_differences(book.finance, month, [found.id], Resolution.NEVER_PAID, WHY, at=CLOSING)
    proposed = db.session.scalars(select(Rebooking)).one()
    # Money goes out a second time: nothing happens before another official has seen the bank's word.
    assert (db.session.get_one(Attempt, missing.id).outcome, queries.open_difference_count(month)) == ("paid", 2)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        disbursement.approve_rebooking(book.finance, proposed, at=CLOSING)
    with pytest.raises(Conflict, match="等待审批"):
        operations.resolve_differences(book.finance, month, [found.id], Resolution.CONFIRMED_BY_BANK, WHY, at=CLOSING)
    disbursement.approve_rebooking(book.chief, proposed, at=CLOSING)
    db.session.expire_all()
    attempt = db.session.get_one(Attempt, missing.id)
    payment = db.session.get_one(Payment, attempt.payment_id)
    assert (attempt.outcome, attempt.returned_on, payment.state) == ("returned", date(2020, 8, 3), "returned")
    assert payment.due_on is not None
    assert queries.sides_of(month).agree
    with pytest.raises(Conflict, match="记到账上"):
        operations.undo_resolutions(book.finance, month, [found.id], WHY, at=CLOSING)
    operations.reconcile(book.finance, month, at=CLOSING)
    assert db.session.get_one(Difference, found.id).resolution == "never_paid"


def test_it_ends_so_too_when_it_was_carried_over(book: Book, statement: BankStatement) -> None:
    missing = book.attempts[0]
    statement.lines = [line for line in statement.lines if line.card != missing.card_number]
    july = book.take_in(statement)
    book.close(july)
    august = operations.month_named("2020-08", at=CLOSING)
    found = db.session.scalars(select(Difference).where(Difference.kind == "missing_in_bank")).one()
    with pytest.raises(UserError, match="不能这样处理"):
        operations.settle_carried(book.finance, august, [found.id], Resolution.BOOKED_PAID, WHY, at=CLOSING)
    before = queries.fingerprint(july)
    operations.settle_carried(book.finance, august, [found.id], Resolution.NEVER_PAID, WHY, at=CLOSING)
    assert (db.session.get_one(Attempt, missing.id).outcome, queries.carried_count(august)) == ("paid", 2)
    disbursement.approve_rebooking(book.chief, db.session.scalars(select(Rebooking)).one(), at=CLOSING)
    db.session.expire_all()
    assert (db.session.get_one(Attempt, missing.id).outcome, queries.carried_count(august)) == ("returned", 1)
    assert queries.fingerprint(july) == before
    with pytest.raises(Conflict):
        operations.undo_settled_carried(book.finance, august, [found.id], WHY, at=CLOSING)


def never_paid(book: Book, statement: BankStatement) -> Attempt:
    """July is closed without a line for the first payment, and two officials have booked it as never paid."""
    missing = book.attempts[0]
    statement.lines = [line for line in statement.lines if line.card != missing.card_number]
    july = book.take_in(statement)
    found = db.session.scalars(select(Difference).where(Difference.kind == "missing_in_bank")).one()
    operations.resolve_differences(book.finance, july, [found.id], Resolution.NEVER_PAID, WHY, at=CLOSING)
    disbursement.approve_rebooking(book.chief, db.session.scalars(select(Rebooking)).one(), at=CLOSING)
    book.close(july)
    return db.session.get_one(Attempt, missing.id)


def test_a_debit_that_comes_after_the_bank_denied_it_is_money_too_much(book: Book, statement: BankStatement) -> None:
    """It was once taken for the payment's own debit, so that nobody saw that the money went out twice."""
    attempt = never_paid(book, statement)
    august = BankStatement("2020-08", opening=statement.closing)
    august.pay(attempt, day=date(2020, 8, 4))
    month = book.take_in(august)
    found = db.session.scalars(select(Difference).where(Difference.month_id == month.id)).one()
    assert (found.kind, found.attempt_id, queries.sides_of(month).agree) == ("twice_in_bank", attempt.id, True)
    # It is not sent again before the money has come back.
    at = CLOSING + timedelta(days=30)
    payment = attempt.payment_id
    changed = disbursement.CorrectionRequest(payment, Change(done_at_bank=True), "银行柜面已核实")
    disbursement.correct_payments(book.county.preparer, [changed], at=at)
    with pytest.raises(Conflict, match="不能推送"):
        disbursement.resubmit(book.county.department, [payment], at=at)
    operations.resolve_differences(book.finance, month, [found.id], Resolution.BANK_CLAIMS_BACK, WHY, at=at)
    september = BankStatement("2020-09", opening=august.closing)
    september.give_back(attempt, day=date(2020, 9, 2))
    book.take_in(september)
    assert disbursement.resubmit(book.county.department, [payment], at=at) == 1


def test_the_statement_of_the_month_itself_may_bring_the_denied_debit(book: Book, statement: BankStatement) -> None:
    missing = book.attempts[0]
    whole = list(statement.lines)
    statement.lines = [line for line in statement.lines if line.card != missing.card_number]
    july = book.take_in(statement)
    found = db.session.scalars(select(Difference).where(Difference.kind == "missing_in_bank")).one()
    operations.resolve_differences(book.finance, july, [found.id], Resolution.NEVER_PAID, WHY, at=CLOSING)
    disbursement.approve_rebooking(book.chief, db.session.scalars(select(Rebooking)).one(), at=CLOSING)
    statement.lines = whole
    book.take_in(statement, replace=True)
    kinds = set(db.session.scalars(select(Difference.kind).where(Difference.attempt_id == missing.id)))
    assert (kinds, queries.sides_of(july).agree) == ({"missing_in_bank", "twice_in_bank"}, True)


def test_where_the_result_file_says_so_it_is_booked_without_a_statement(book: Book) -> None:
    attempt = failed_of(book)
    book.county.answer(result_file([result_line(attempt, PAID)]), at=CLOSING)
    proposed = disbursement.propose_rebooking(book.finance, {attempt.id: date(2020, 7, 15)}, WHY, at=CLOSING)
    disbursement.approve_rebooking(book.chief, proposed, at=CLOSING)
    assert db.session.scalars(select(RebookingLine.booked_on)).one() == date(2020, 7, 15)
