"""A month is settled, signed, closed, and stays as it was signed."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations as disbursement
from disbursement import queries as disbursement_queries
from disbursement.models import Attempt, ClosedMonth, Discrepancy, Payment, ResultFile
from reconciliation import operations, queries
from reconciliation.models import Difference, Month, MonthSignature
from reconciliation.rules import Resolution
from sms.models import Message
from tests import factories
from tests.disbursement.county import FAILED, PAID, entry, result_file, result_line
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.statements import BankStatement

WHY = "银行已来函说明"


@pytest.fixture
def statement(book: Book) -> BankStatement:
    """Everything as it should be, but one payment without a line and one line of nobody's."""
    made = BankStatement()
    for attempt in book.attempts[:5]:
        made.pay(attempt)
    made.other(debit=70, card="6217009999999999999", name="未知")
    return made


@pytest.fixture
def month(book: Book, statement: BankStatement) -> Month:
    found = book.take_in(statement)
    db.session.commit()
    return found


def ids_of(month: Month, *kinds: str) -> list[int]:
    wanted = select(Difference.id).where(Difference.month_id == month.id)
    return list(db.session.scalars(wanted.where(Difference.kind.in_(kinds)) if kinds else wanted))


def signatures() -> int:
    return db.session.scalar(select(func.count()).select_from(MonthSignature)) or 0


# --- Settling ------------------------------------------------------------------------------------


def test_each_class_has_its_own_ways_and_every_word_has_a_name_and_a_reason(book: Book, month: Month) -> None:
    unknown = ids_of(month, "unknown_in_book")
    with pytest.raises(UserError, match="不能这样处理"):
        operations.resolve_differences(book.finance, month, unknown, Resolution.BANK_RETURN, WHY, at=CLOSING)
    with pytest.raises(UserError, match="理由"):
        operations.resolve_differences(book.finance, month, unknown, Resolution.BANK_CLAIMS_BACK, "", at=CLOSING)
    with pytest.raises(UserError, match="不要写"):
        operations.resolve_differences(
            book.finance, month, unknown, Resolution.BANK_CLAIMS_BACK, "卡号6217009999999999999", at=CLOSING
        )
    operations.resolve_differences(book.finance, month, unknown, Resolution.BANK_CLAIMS_BACK, WHY, at=CLOSING)
    settled = db.session.get_one(Difference, unknown[0])
    assert (settled.resolved_by, settled.reason, settled.resolved_at) == (book.finance.recorded_name, WHY, CLOSING)
    with pytest.raises(Conflict):
        operations.resolve_differences(book.finance, month, unknown, Resolution.NOT_OURS, WHY, at=CLOSING)


def test_a_word_is_taken_back_while_the_month_is_open(book: Book, month: Month) -> None:
    book.settle_all(month)
    assert queries.open_difference_count(month) == 0
    assert operations.undo_resolutions(book.finance, month, ids_of(month), WHY, at=CLOSING) == 2
    assert queries.open_difference_count(month) == 2
    with pytest.raises(Conflict):
        operations.undo_resolutions(book.finance, month, ids_of(month), WHY, at=CLOSING)


def test_no_word_changes_what_the_book_has_as_final(book: Book, month: Month) -> None:
    before = db.session.execute(select(Attempt.id, Attempt.outcome).order_by(Attempt.id)).all()
    book.settle_all(month)
    assert db.session.execute(select(Attempt.id, Attempt.outcome).order_by(Attempt.id)).all() == before


def test_only_finance_settles(book: Book, month: Month) -> None:
    for other in (book.bank, book.county.department):
        with pytest.raises(PermissionDenied):
            operations.resolve_differences(other, month, ids_of(month), Resolution.NEXT_MONTH, WHY, at=CLOSING)


# --- Signing -------------------------------------------------------------------------------------


def test_nobody_signs_while_a_difference_waits(book: Book, month: Month) -> None:
    with pytest.raises(UserError, match="2 条差异"):
        operations.sign_month(book.county.department, month, at=CLOSING)


def test_nobody_signs_while_an_account_has_not_told_its_month(book: Book, month: Month) -> None:
    book.settle_all(month)
    june = BankStatement(month="2020-06", account="2213456700008888", opening=50_000)
    june.other(credit=12, summary="结息", day=date(2020, 6, 21))
    book.take_in(june)
    with pytest.raises(UserError, match="账户尾号 8888"):
        operations.sign_month(book.county.department, month, at=CLOSING)
    july = BankStatement(account="2213456700008888", opening=june.closing)
    july.other(credit=11, summary="结息")
    book.take_in(july)
    book.settle_all(month)
    operations.sign_month(book.county.department, month, at=CLOSING)


def test_department_bank_and_finance_sign_in_this_order(book: Book, month: Month) -> None:
    book.settle_all(month)
    for early in (book.bank, book.finance):
        with pytest.raises(UserError, match="还没有轮到"):
            operations.sign_month(early, month, at=CLOSING)
    operations.sign_month(book.county.department, month, at=CLOSING)
    with pytest.raises(UserError, match="还没有轮到"):
        operations.sign_month(book.finance, month, at=CLOSING)
    operations.sign_month(book.bank, month, at=CLOSING)
    with pytest.raises(Conflict, match="已经签过"):
        operations.sign_month(book.bank, month, at=CLOSING)
    operations.sign_month(book.finance, month, at=CLOSING)
    assert [one.organisation_kind for one in queries.standing_signatures(month)] == ["department", "bank", "finance"]


def test_a_department_that_was_not_paid_does_not_sign(book: Book, month: Month) -> None:
    book.settle_all(month)
    other = factories.principal(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县农业农村局")
    with pytest.raises(UserError, match="不需要签"):
        operations.sign_month(other, month, at=CLOSING)


def test_who_signed_for_finance_does_not_close(book: Book, month: Month) -> None:
    book.settle_all(month)
    with pytest.raises(UserError, match="还没有签齐"):
        operations.close_month(book.chief, month, at=CLOSING)
    book.sign_all(month)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        operations.close_month(book.finance, month, at=CLOSING)
    operations.close_month(book.chief, month, at=CLOSING)
    assert (month.state, disbursement.closed_until()) == ("closed", "2020-07")


def test_a_signature_taken_back_takes_the_later_ones_along(book: Book, month: Month) -> None:
    book.settle_all(month)
    book.sign_all(month)
    operations.withdraw_signature(book.bank, month, WHY, at=CLOSING)
    assert [one.organisation_kind for one in queries.signatures_of(month)] == ["department"]
    with pytest.raises(Conflict):
        operations.withdraw_signature(book.finance, month, WHY, at=CLOSING)


def test_whatever_changes_takes_the_signatures_away(book: Book, month: Month, statement: BankStatement) -> None:
    book.settle_all(month)
    book.sign_all(month)
    operations.undo_resolutions(book.finance, month, ids_of(month, "unknown_in_book"), WHY, at=CLOSING)
    assert signatures() == 0
    fallen = db.session.scalars(select(AuditEntry.details).where(AuditEntry.action == "difference.undo")).one()
    assert '"signatures_fallen": 3' in str(fallen) or "'signatures_fallen': 3" in str(fallen)
    book.settle_all(month)
    book.sign_all(month)
    statement.other(debit=1)
    book.take_in(statement, replace=True)
    assert signatures() == 0


def test_a_signature_stands_for_its_figures_only(book: Book, month: Month) -> None:
    """A result that comes after the signatures changes the book below, which knows nothing of months."""
    book.settle_all(month)
    book.sign_all(month)
    unclear = book.attempts[7]
    book.county.answer(result_file([result_line(unclear)]), at=CLOSING)
    assert queries.standing_signatures(month) == []
    with pytest.raises(UserError, match="重新核对"):
        operations.close_month(book.chief, month, at=CLOSING)
    with pytest.raises(UserError, match="重新核对"):
        operations.sign_month(book.county.department, month, at=CLOSING)
    operations.reconcile(book.finance, month, at=CLOSING)
    book.settle_all(month)
    book.sign_all(month)
    operations.close_month(book.chief, month, at=CLOSING)
    assert month.state == "closed"


# --- Closed ----------------------------------------------------------------------------------------


@pytest.fixture
def closed(book: Book, month: Month) -> Month:
    book.close(month)
    db.session.commit()
    return month


def test_a_closed_month_takes_no_statement_no_word_and_no_signature(
    book: Book, closed: Month, statement: BankStatement
) -> None:
    statement.other(debit=1)
    for attempt in (
        lambda: book.take_in(statement, replace=True),
        lambda: operations.undo_resolutions(book.finance, closed, ids_of(closed), WHY, at=CLOSING),
        lambda: operations.withdraw_signature(book.bank, closed, WHY, at=CLOSING),
        lambda: operations.sign_month(book.bank, closed, at=CLOSING),
        lambda: operations.reconcile(book.finance, closed, at=CLOSING),
        lambda: disbursement.record_bank_return(book.finance, [book.attempts[0].id], date(2020, 7, 31), at=CLOSING),
    ):
        with pytest.raises(Conflict, match="关账"):
            attempt()
    db.session.rollback()
    assert queries.statements_of(closed)[0].line_count == 6


def late_answer(book: Book, told: tuple[str, str] = PAID) -> Discrepancy:
    summary = book.county.answer(result_file([result_line(book.attempts[7], told)]), at=CLOSING)
    assert (summary.recorded, [one.kind for one in summary.set_aside]) == (0, ["closed_month"])
    return db.session.scalars(select(Discrepancy).where(Discrepancy.kind == "closed_month")).one()


def test_an_answer_dated_in_a_closed_month_is_set_aside(book: Book, closed: Month) -> None:
    before = queries.fingerprint(closed)
    late_answer(book)
    assert db.session.get_one(Attempt, book.attempts[7].id).outcome == "unclear"
    assert queries.fingerprint(closed) == before


@pytest.mark.parametrize(("told", "state"), [(PAID, "paid"), (FAILED, "failed")], ids=["paid", "failed"])
def test_it_is_booked_today_by_a_named_person(book: Book, closed: Month, told: tuple[str, str], state: str) -> None:
    found = late_answer(book, told)
    before, messages = queries.sides_of(closed), db.session.scalar(select(func.count()).select_from(Message)) or 0
    disbursement.book_late_answer(book.finance, found, WHY, at=CLOSING)
    attempt = db.session.get_one(Attempt, book.attempts[7].id)
    assert (attempt.outcome, attempt.bank_date, attempt.failure_reason) == (state, date(2020, 8, 3), told[1])
    payment = db.session.get_one(Payment, attempt.payment_id)
    assert (payment.state, payment.due_on is not None) == (state, state == "failed")
    assert (found.settlement, found.settled_by) == (WHY, book.finance.official_id)
    assert db.session.scalar(select(func.count()).select_from(Message)) == messages + 1
    assert queries.sides_of(closed) == before
    with pytest.raises(Conflict):
        disbursement.book_late_answer(book.finance, found, WHY, at=CLOSING)


def test_only_an_answer_of_a_closed_month_is_booked_so(book: Book, month: Month) -> None:
    book.county.answer(result_file([result_line(book.attempts[0], FAILED)]), at=CLOSING)
    found = db.session.scalars(select(Discrepancy)).one()
    with pytest.raises(UserError, match="已关账"):
        disbursement.book_late_answer(book.finance, found, WHY, at=CLOSING)


def opened_again(book: Book, closed: Month) -> None:
    operations.ask_reopen(book.finance, closed, WHY, at=CLOSING)
    operations.reopen_month(book.chief, closed, at=CLOSING)


@pytest.mark.parametrize(("told", "state"), [(PAID, "paid"), (FAILED, "failed")], ids=["paid", "failed"])
def test_when_the_month_is_open_again_it_has_the_banks_own_day(
    book: Book, closed: Month, told: tuple[str, str], state: str
) -> None:
    found = late_answer(book, told)
    assert list(disbursement_queries.late_answers_of(found_file(found)).values()) == [False]
    opened_again(book, closed)
    assert list(disbursement_queries.late_answers_of(found_file(found)).values()) == [True]
    disbursement.book_late_answers(book.finance, [found.id], WHY, at=CLOSING)
    attempt = db.session.get_one(Attempt, book.attempts[7].id)
    assert (attempt.outcome, attempt.bank_date) == (state, date(2020, 7, 15))
    assert disbursement_queries.late_answers_of(found_file(found)) == {}


def found_file(found: Discrepancy) -> ResultFile:
    return db.session.get_one(ResultFile, found.result_file_id)


def test_an_answer_that_waits_to_be_booked_is_not_settled_by_words(book: Book, closed: Month) -> None:
    found = late_answer(book)
    with pytest.raises(UserError, match="补记"):
        disbursement.settle_discrepancy(book.finance, found, "已知悉", at=CLOSING)
    book_again = [found.id, found.id]
    assert disbursement.book_late_answers(book.finance, book_again, WHY, at=CLOSING).done == 1


def test_what_two_files_say_of_one_payment_is_booked_from_one_of_them(book: Book, closed: Month) -> None:
    first = late_answer(book)
    book.county.answer(result_file([result_line(book.attempts[7], FAILED)]), at=CLOSING)
    both = list(db.session.scalars(select(Discrepancy.id).where(Discrepancy.kind == "closed_month")))
    with pytest.raises(UserError, match="逐个补记"):
        disbursement.book_late_answers(book.finance, both, WHY, at=CLOSING)
    assert disbursement.book_late_answers(book.finance, [first.id], WHY, at=CLOSING).done == 1
    assert db.session.get_one(Attempt, book.attempts[7].id).outcome == "paid"
    others = [one for one in both if one != first.id]
    with pytest.raises(Conflict, match="别的结果"):
        disbursement.book_late_answers(book.finance, others, WHY, at=CLOSING)
    db.session.rollback()


def test_a_line_of_what_was_booked_late_is_known_when_the_month_is_open_again(
    book: Book, statement: BankStatement
) -> None:
    statement.pay(book.attempts[5])
    statement.pay(book.attempts[7])
    month = book.take_in(statement)
    book.close(month)
    disbursement.book_late_answer(book.finance, late_answer(book), WHY, at=CLOSING)
    opened_again(book, month)
    operations.reconcile(book.finance, month, at=CLOSING)
    assert queries.sides_of(month).agree
    assert sorted(one.kind for one in db.session.scalars(select(Difference))) == ["unknown_in_book"]


def test_what_was_unclear_when_a_month_closed_stays_so_on_it(book: Book, closed: Month) -> None:
    """What three offices signed is what is printed later, though the bank has cleared it up since."""
    signed = queries.fingerprint(closed)
    assert queries.still_unclear(closed) == 1
    book.county.answer(
        result_file([result_line(book.attempts[7])], day="20200805"), at=datetime(2020, 8, 5, 4, tzinfo=UTC)
    )
    db.session.expire_all()
    assert book.attempts[7].outcome == "paid"
    assert (queries.still_unclear(closed), queries.fingerprint(closed)) == (1, signed)
    operations.ask_reopen(book.finance, closed, "银行来函更正", at=CLOSING)
    assert queries.still_unclear(closed) == 1
    operations.reopen_month(book.chief, closed, at=CLOSING)
    db.session.expire_all()
    assert queries.still_unclear(closed) == 0


def test_two_of_finance_open_a_month_again(book: Book, closed: Month) -> None:
    operations.ask_reopen(book.finance, closed, WHY, at=CLOSING)
    with pytest.raises(PermissionDenied):
        operations.reopen_month(book.finance, closed, at=CLOSING)
    operations.refuse_reopen(book.chief, closed, WHY, at=CLOSING)
    assert closed.state == "closed"
    operations.ask_reopen(book.finance, closed, WHY, at=CLOSING)
    assert db.session.scalar(select(func.count()).select_from(ClosedMonth)) == 1
    operations.reopen_month(book.chief, closed, at=CLOSING)
    assert (closed.state, signatures(), disbursement.closed_until()) == ("open", 0, "")


# --- Carried over --------------------------------------------------------------------------------


def test_what_was_carried_over_ends_by_a_word_in_a_later_month(book: Book, closed: Month) -> None:
    august = operations.month_named("2020-08", at=CLOSING)
    outstanding = list(db.session.scalars(queries.visible_carried(book.finance, august)))
    assert sorted(one.kind for one in outstanding) == ["missing_in_bank", "unknown_in_book"]
    for kind, ids in ((one.kind, [one.id]) for one in outstanding):
        wrong = Resolution.NOT_OURS if kind == "missing_in_bank" else Resolution.BANK_RETURN
        with pytest.raises(UserError, match="不能这样处理"):
            operations.settle_carried(book.finance, august, ids, wrong, WHY, at=CLOSING)
    ids = [one.id for one in outstanding]
    assert operations.settle_carried(book.finance, august, ids, Resolution.CONFIRMED_BY_BANK, WHY, at=CLOSING) == 2
    assert queries.carried_count(august) == 0
    with pytest.raises(Conflict):
        operations.settle_carried(book.finance, august, ids, Resolution.CONFIRMED_BY_BANK, WHY, at=CLOSING)
    assert operations.undo_settled_carried(book.finance, august, ids, WHY, at=CLOSING) == 2
    assert queries.carried_count(august) == 2
    with pytest.raises(Conflict, match="关账"):
        operations.settle_carried(book.finance, closed, ids, Resolution.CONFIRMED_BY_BANK, WHY, at=CLOSING)


def test_what_was_carried_into_a_closed_month_stays_on_it(book: Book, closed: Month, statement: BankStatement) -> None:
    """The report of a month is what was signed, whatever has come of an earlier difference since."""
    assert queries.carried_count(closed) == 0
    august = BankStatement(month="2020-08", opening=statement.closing)
    august.other(credit=3, summary="结息", day=date(2020, 8, 21))
    month = book.take_in(august)
    carried = {one.id for one in db.session.scalars(queries.visible_carried(book.finance, month))}
    assert len(carried) == queries.carried_count(month) == 2
    later = datetime(2020, 9, 2, 4, tzinfo=UTC)
    for one in (book.bank, book.finance):
        operations.sign_month(one, month, at=later)
    operations.close_month(book.chief, month, at=later)
    september = operations.month_named("2020-09", at=later)
    unknown = ids_of(closed, "unknown_in_book")
    operations.settle_carried(book.finance, september, unknown, Resolution.CONFIRMED_BY_BANK, WHY, at=later)

    def told(one: Month) -> tuple[set[int], int]:
        found = {difference.id for difference in db.session.scalars(queries.visible_carried(book.finance, one))}
        return found, queries.carried_count(one)

    assert told(month) == (carried, 2)
    operations.ask_reopen(book.finance, month, WHY, at=later)
    operations.reopen_month(book.chief, month, at=later)
    db.session.expire_all()
    assert told(month) == told(september)


def test_a_return_that_was_carried_over_is_booked_in_the_open_month(book: Book, statement: BankStatement) -> None:
    statement.give_back(book.attempts[0])
    month = book.take_in(statement)
    book.close(month)
    august = operations.month_named("2020-08", at=CLOSING)
    found = ids_of(month, "returned_after_payment")
    operations.settle_carried(book.finance, august, found, Resolution.BANK_RETURN, WHY, at=CLOSING)
    attempt = db.session.get_one(Attempt, book.attempts[0].id)
    assert (attempt.outcome, attempt.returned_on) == ("returned", date(2020, 8, 3))
    # The two that were carried over beside it wait still.
    assert queries.carried_count(august) == 2


# --- Who sees what ---------------------------------------------------------------------------------


def test_a_department_sees_the_differences_of_its_own_programmes(book: Book, month: Month) -> None:
    def kinds(principal: Principal) -> list[str]:
        found = queries.visible_differences(principal, month)
        return sorted(one.kind for one in db.session.scalars(found))

    other = factories.principal(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县农业农村局")
    township = factories.principal(Kind.TOWNSHIP, Role.APPROVER)
    audit = factories.principal(Kind.AUDIT, Role.VIEWER)
    assert kinds(book.county.department) == ["missing_in_bank"]
    assert (kinds(other), kinds(township)) == ([], [])
    for everything in (book.finance, book.bank, audit):
        assert kinds(everything) == ["missing_in_bank", "unknown_in_book"]
    assert len(list(db.session.scalars(queries.visible_lines(audit, month)))) == 6
    assert list(db.session.scalars(queries.visible_lines(book.county.department, month))) == []


def test_a_payment_without_a_day_is_in_the_month_in_which_we_heard_of_it(book: Book) -> None:
    offer = book.county.sent([entry(30)], "202009")
    attempt = db.session.scalars(select(Attempt).where(Attempt.offer_file_id == offer.id)).one()
    book.county.answer(result_file([result_line(attempt)], day=""), at=datetime(2020, 8, 20, 2, tzinfo=UTC))
    db.session.refresh(attempt)
    assert attempt.bank_date == date(2020, 8, 20)
