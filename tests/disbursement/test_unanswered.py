"""What the bank never answers is declared failed by two officials with its letter, never sent again unasked."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.evidence import BroughtEvidence
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import board, operations, queries, rules
from disbursement.models import Attempt, Discrepancy, Failure, OfferFile, Payment, Rebooking, RebookingLine
from reconciliation import operations as reconciliation
from reconciliation import queries as months
from sms.models import Message
from tests import factories
from tests.core.together import together
from tests.disbursement.county import (
    AT,
    FAILED,
    PAID,
    UNCLEAR,
    County,
    attempts_of,
    build_county,
    entry,
    result_file,
    result_line,
    states,
)
from tests.reconciliation.statements import BankStatement

WHY = "银行来函：批量文件漏读该笔"
LETTER = BroughtEvidence("函件.pdf", b"%PDF-1.4 invented")
SENT = AT + timedelta(days=8)
LETTER_ON = date(2020, 8, 1)
LATER = SENT + timedelta(days=20)


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


@pytest.fixture
def chief(county: County) -> Principal:
    return factories.principal(Kind.FINANCE, Role.APPROVER)


def sent(county: County, *answers: tuple[str, str]) -> list[Attempt]:
    """A file that the bank has, of which it answers all but the first."""
    offer = county.sent([entry(serial) for serial in range(len(answers) + 1)])
    operations.read_offer(county.bank, offer, at=SENT)
    attempts = attempts_of(offer)
    lines = [result_line(one, told) for one, told in zip(attempts[1:], answers, strict=True)]
    if lines:
        county.answer(result_file(lines, day="20200715"), at=SENT + timedelta(days=2))
    return attempts


def statement_in(county: County, *paid: Attempt) -> None:
    """July's statement, with these debits."""
    statement = BankStatement()
    for attempt in paid:
        statement.pay(attempt)
    statement.other(credit=37, summary="结息")
    reconciliation.import_statement(county.finance, "sample", statement.content(), "2020-07", at=LATER)


def propose(county: County, *attempts: Attempt, on: date | None = LETTER_ON) -> Rebooking:
    return operations.propose_no_answer(county.finance, [one.id for one in attempts], LETTER, on, WHY, at=LATER)


# --- When ------------------------------------------------------------------------------------------


def test_the_decision() -> None:
    day = date(2020, 7, 14)
    ready: dict[str, Any] = {"sent_on": day, "today": day + timedelta(days=10), "days": 10, "is_silent": True}
    rules.refuse_no_answer("7-1", "open", **ready)
    rules.refuse_no_answer("7-1", "unclear", **ready)
    for outcome in ("paid", "failed", "returned"):
        with pytest.raises(Conflict, match="已经答复"):
            rules.refuse_no_answer("7-1", outcome, **ready)
    with pytest.raises(UserError, match="满 10 天"):
        rules.refuse_no_answer("7-1", "open", **(ready | {"today": day + timedelta(days=9)}))
    with pytest.raises(UserError, match="对账单"):
        rules.refuse_no_answer("7-1", "open", **(ready | {"is_silent": False}))


def test_it_needs_days_a_letter_and_a_statement_that_shows_nothing(county: County) -> None:
    [waiting] = sent(county)
    with pytest.raises(UserError, match="对账单没有导入"):
        propose(county, waiting)
    statement_in(county)
    with pytest.raises(UserError, match="函件的日期"):
        propose(county, waiting, on=SENT.date() - timedelta(days=1))
    with pytest.raises(UserError, match="上传银行"):
        operations.propose_no_answer(county.finance, [waiting.id], None, LETTER_ON, WHY, at=LATER)
    with pytest.raises(UserError, match="理由"):
        operations.propose_no_answer(county.finance, [waiting.id], LETTER, LETTER_ON, "", at=LATER)
    operations.choose_limit(county.finance, "unanswered", "30", WHY, at=LATER)
    with pytest.raises(UserError, match="满 30 天"):
        propose(county, waiting)
    operations.choose_limit(county.finance, "unanswered", "5", WHY, at=LATER)
    assert propose(county, waiting).state == "proposed"
    for other in (county.bank, county.department):
        with pytest.raises(PermissionDenied):
            operations.propose_no_answer(other, [waiting.id], LETTER, LETTER_ON, WHY, at=LATER)


def test_where_the_county_pays_from_two_accounts_both_have_to_be_silent(county: County) -> None:
    """The statement of one account says nothing of what the other was debited for."""
    [waiting] = sent(county)
    second = BankStatement(month="2020-06", account="2213456700008888", opening=50_000)
    second.other(credit=12, summary="结息", day=date(2020, 6, 21))
    reconciliation.import_statement(county.finance, "sample", second.content(), "2020-06", at=LATER)
    statement_in(county)
    with pytest.raises(UserError, match="对账单没有导入"):
        propose(county, waiting)
    july = BankStatement(account="2213456700008888", opening=second.closing)
    july.pay(waiting)
    reconciliation.import_statement(county.finance, "sample", july.content(), "2020-07", at=LATER)
    with pytest.raises(UserError, match="扣了这一笔款"):
        propose(county, waiting)


def test_what_the_account_was_debited_for_is_not_declared_failed(county: County) -> None:
    [waiting] = sent(county)
    statement_in(county, waiting)
    with pytest.raises(UserError, match="扣了这一笔款"):
        propose(county, waiting)


def test_what_was_never_fetched_was_never_sent(county: County) -> None:
    [waiting] = attempts_of(county.sent([entry(0)]))
    statement_in(county)
    with pytest.raises(UserError, match="没有下载"):
        propose(county, waiting)


# --- What follows ----------------------------------------------------------------------------------


def test_two_declare_it_failed_and_the_cycle_goes_on(county: County, chief: Principal) -> None:
    waiting, other = sent(county, PAID)
    statement_in(county, other)
    proposed = propose(county, waiting)
    assert states() == {"sent": 1, "paid": 1}
    with pytest.raises(PermissionDenied, match="另一位同事"):
        operations.approve_rebooking(county.finance, proposed, at=LATER)
    operations.approve_rebooking(chief, proposed, at=LATER)
    db.session.expire_all()
    payment = db.session.get_one(Payment, waiting.payment_id)
    assert (waiting.outcome, waiting.bank_date, payment.state) == ("failed", None, "failed")
    failure = db.session.scalars(select(Failure)).one()
    assert (failure.payment_id, failure.month, failure.reason) == (payment.id, "2020-08", waiting.failure_reason)
    assert payment.due_on == date(2020, 8, 20)
    told = select(func.count()).select_from(Message).where(Message.template == "payment_failed")
    assert db.session.scalar(told) == 1
    # The batch has nothing to wait for any more, and nothing went out by itself.
    assert payment.batch.state == "results_in"
    assert db.session.scalar(select(func.count()).select_from(Attempt).where(Attempt.payment_id == payment.id)) == 1
    assert db.session.scalars(select(AuditEntry.action)).all().count("rebooking.approve") == 1


def test_what_is_unclear_has_the_same_way_out(county: County, chief: Principal) -> None:
    _, unclear = sent(county, UNCLEAR)
    statement_in(county)
    operations.approve_rebooking(chief, propose(county, unclear), at=LATER)
    assert states() == {"sent": 1, "failed": 1}


def test_a_later_answer_of_the_bank_is_a_discrepancy_and_can_be_booked(county: County, chief: Principal) -> None:
    [waiting] = sent(county)
    statement_in(county)
    operations.approve_rebooking(chief, propose(county, waiting), at=LATER)
    county.answer(result_file([result_line(waiting)], day="20200716"), at=LATER)
    assert states() == {"failed": 1}
    found = db.session.scalars(select(Discrepancy)).one()
    assert (found.kind, found.bank_outcome, found.settled_at) == ("contradicts_final", "paid", None)
    # It is not sent again while the two contradict each other, and two officials put it right.
    made = operations.propose_rebooking(county.finance, {waiting.id: date(2020, 7, 16)}, WHY, at=LATER)
    operations.approve_rebooking(chief, made, at=LATER)
    assert states() == {"paid": 1}
    assert db.session.scalar(select(func.count()).select_from(RebookingLine)) == 2


def test_a_later_answer_that_agrees_changes_nothing(county: County, chief: Principal) -> None:
    [waiting] = sent(county)
    statement_in(county)
    operations.approve_rebooking(chief, propose(county, waiting), at=LATER)
    assert county.answer(result_file([result_line(waiting, FAILED)]), at=LATER).repeated == 1


def test_a_debit_that_comes_later_is_one_against_the_book(county: County, chief: Principal) -> None:
    [waiting] = sent(county)
    statement_in(county)
    operations.approve_rebooking(chief, propose(county, waiting), at=LATER)
    august = BankStatement("2020-08", opening=10_000_037)
    august.pay(waiting, day=date(2020, 8, 4))
    at = LATER + timedelta(days=30)
    reconciliation.import_statement(county.finance, "sample", august.content(), "2020-08", at=at)
    month = reconciliation.month_named("2020-08", at=at)
    [found] = db.session.scalars(months.visible_differences(county.finance, month))
    assert (found.kind, found.attempt_id) == ("outcome_differs", waiting.id)


def test_an_answer_that_comes_first_ends_the_proposal(county: County, chief: Principal) -> None:
    [waiting] = sent(county)
    statement_in(county)
    proposed = propose(county, waiting)
    with pytest.raises(Conflict, match="等待审批"):
        propose(county, waiting)
    county.answer(result_file([result_line(waiting)]), at=LATER)
    number = proposed.id
    db.session.commit()
    with pytest.raises(Conflict, match="已经答复"):
        operations.approve_rebooking(chief, proposed, at=LATER)
    db.session.rollback()
    operations.refuse_proposed_rebooking(chief, db.session.get_one(Rebooking, number), "已有回盘", at=LATER)
    assert states() == {"paid": 1}


def test_the_answer_and_the_approval_at_once(app: Flask, county: County, chief: Principal) -> None:
    [waiting] = sent(county)
    statement_in(county)
    proposed = propose(county, waiting).id
    content = result_file([result_line(waiting)])
    db.session.commit()
    together(
        app,
        lambda: operations.approve_rebooking(chief, db.session.get_one(Rebooking, proposed), at=LATER),
        lambda: operations.import_result(county.bank, "sample", content, at=LATER),
    )
    db.session.rollback()
    # Whoever was first: one outcome, and the other's word is on record.
    assert states() in ({"paid": 1}, {"failed": 1})
    contradictions = db.session.scalar(select(func.count()).select_from(Discrepancy))
    assert (states(), contradictions) in (({"paid": 1}, 0), ({"failed": 1}, 1))


# --- Said where it is looked for -------------------------------------------------------------------


def test_finance_is_told_after_the_days(app: Flask, county: County) -> None:
    sent(county)
    with app.test_request_context():
        days = [SENT.date() + timedelta(days=days) for days in (9, 10)]
        told = [[item.count for item in board.items(county.finance, day) if "没有答复" in item.title] for day in days]
    assert told == [[], [1]]
    assert queries.unanswered_before(county.preparer, LATER) == 0


def test_what_was_rebooked_as_paid_is_not_denied_with_another_ones_words(county: County, chief: Principal) -> None:
    _, failed = sent(county, FAILED)
    made = operations.propose_rebooking(county.finance, {failed.id: date(2020, 7, 15)}, WHY, at=LATER)
    operations.approve_rebooking(chief, made, at=LATER)
    with pytest.raises(Conflict, match="以前凭银行的证明由两位同事改记为已到账"):
        operations.propose_denial(county.finance, [failed.id], WHY, at=LATER)


def test_the_bank_fetches_its_file_before_it_answers_it(app: Flask, county: County) -> None:
    offer = county.sent([entry(0)])

    def tasks() -> list[str]:
        with app.test_request_context():
            return [item.title.split("：")[0] for item in board.items(county.bank, SENT.date())]

    assert tasks() == ["下载代发文件，送银行"]
    operations.read_offer(county.bank, db.session.get_one(OfferFile, offer.id), at=SENT)
    assert tasks() == ["上传银行回盘"]
