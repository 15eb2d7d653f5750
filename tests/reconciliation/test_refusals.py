"""An office does not sign: its reason stands, the others' signatures fall, finance is to act, and all sign anew."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from reconciliation import board, operations, queries
from reconciliation.models import Month, MonthRefusal
from reconciliation.rules import Resolution
from tests import factories
from tests.core.together import together
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.statements import BankStatement

WHY = "有两笔与我局台账不符"
ANSWER = "已与贵局核对、台账少记两笔"


@pytest.fixture
def statement(book: Book) -> BankStatement:
    made = BankStatement()
    for attempt in book.attempts[:6]:
        made.pay(attempt)
    made.other(debit=70, card="6217009999999999999")
    return made


@pytest.fixture
def month(book: Book, statement: BankStatement) -> Month:
    found = book.take_in(statement)
    book.settle_all(found)
    return found


def titles(app: Flask, principal: Principal) -> list[str]:
    with app.test_request_context():
        return [item.title for item in board.items(principal, date(2020, 8, 3))]


def test_the_signatures_fall_and_nobody_signs_until_it_is_answered(app: Flask, book: Book, month: Month) -> None:
    operations.sign_month(book.county.department, month, at=CLOSING)
    refusal = operations.refuse_to_sign(book.bank, month, WHY, at=CLOSING)
    assert list(queries.signatures_of(month)) == []
    assert [(one.reason, one.organisation_kind) for one in queries.standing_refusals(month)] == [(WHY, "bank")]
    with pytest.raises(UserError, match="不同意签章"):
        operations.sign_month(book.county.department, month, at=CLOSING)
    office = refusal.organisation.name
    assert titles(app, book.finance) == [f"{office}不同意签章，请处理或答复"]
    assert titles(app, book.county.department) == titles(app, book.bank) == []
    with pytest.raises(Conflict, match="已经表示不同意"):
        operations.refuse_to_sign(book.bank, month, WHY, at=CLOSING)
    operations.answer_refusal(book.chief, month, refusal.id, ANSWER, at=CLOSING)
    assert list(queries.standing_refusals(month)) == []
    assert [(one.answer, one.answered_by) for one in queries.refusals_of(month)] == [(ANSWER, book.chief.recorded_name)]
    assert titles(app, book.county.department) == ["月末对账签章"]
    book.sign_all(month)
    assert titles(app, book.chief) == ["月末关账"]
    operations.close_month(book.chief, month, at=CLOSING)


def change(book: Book, month: Month) -> None:
    """Another word for a difference of the month."""
    ids = [one.id for one in db.session.scalars(queries.visible_differences(book.finance, month))]
    operations.undo_resolutions(book.finance, month, ids, "改用别的办法", at=CLOSING)
    operations.resolve_differences(book.finance, month, ids, Resolution.NOT_OURS, "是手续费", at=CLOSING)


def test_after_a_change_the_office_is_asked_again(app: Flask, book: Book, month: Month) -> None:
    """It once lapsed without a word to anybody, and the others signed over it."""
    refusal = operations.refuse_to_sign(book.county.department, month, WHY, at=CLOSING)
    change(book, month)
    [standing] = queries.standing_refusals(month)
    assert (standing.id, standing.changed_at, queries.is_changed(standing)) == (refusal.id, CLOSING, True)
    assert titles(app, book.county.department) == ["有了变动，请再看是否仍不同意签章"]
    assert titles(app, book.finance) == titles(app, book.bank) == []
    with pytest.raises(UserError, match="重新表态"):
        operations.sign_month(book.county.department, month, at=CLOSING)
    operations.answer_refusal(book.county.department, month, refusal.id, "已经改好", at=CLOSING)
    assert [one.answer for one in queries.refusals_of(month)] == ["已经改好"]
    book.sign_all(month)


def test_it_may_refuse_again_what_was_changed(book: Book, month: Month) -> None:
    first = operations.refuse_to_sign(book.county.department, month, WHY, at=CLOSING)
    change(book, month)
    again = operations.refuse_to_sign(book.county.department, month, "还差一笔", at=CLOSING)
    assert [one.id for one in queries.standing_refusals(month)] == [again.id]
    assert [(one.id, one.answer) for one in queries.refusals_of(month)] == [
        (first.id, "变动以后仍不同意"),
        (again.id, None),
    ]
    with pytest.raises(Conflict, match="已经表示不同意"):
        operations.refuse_to_sign(book.county.department, month, WHY, at=CLOSING)


def test_a_new_statement_asks_again_and_finance_may_still_answer(
    book: Book, month: Month, statement: BankStatement
) -> None:
    refusal = operations.refuse_to_sign(book.county.department, month, WHY, at=CLOSING)
    statement.other(credit=1, summary="结息")
    book.take_in(statement, replace=True)
    assert [one.id for one in queries.standing_refusals(month)] == [refusal.id]
    operations.answer_refusal(book.chief, month, refusal.id, ANSWER, at=CLOSING)
    assert list(queries.standing_refusals(month)) == []


def test_the_office_itself_takes_it_back_with_a_note_and_no_other_does(book: Book, month: Month) -> None:
    refusal = operations.refuse_to_sign(book.county.department, month, WHY, at=CLOSING)
    with pytest.raises(Conflict, match="不由您答复"):
        operations.answer_refusal(book.bank, month, refusal.id, ANSWER, at=CLOSING)
    with pytest.raises(UserError, match="理由"):
        operations.answer_refusal(book.county.department, month, refusal.id, "", at=CLOSING)
    operations.answer_refusal(book.county.department, month, refusal.id, "是我局记错", at=CLOSING)
    with pytest.raises(Conflict):
        operations.answer_refusal(book.finance, month, refusal.id, ANSWER, at=CLOSING)
    operations.sign_month(book.county.department, month, at=CLOSING)


def test_who_may_and_when(book: Book, month: Month) -> None:
    idle = factories.principal(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县农业农村局")
    with pytest.raises(UserError, match="不需要签"):
        operations.refuse_to_sign(idle, month, WHY, at=CLOSING)
    with pytest.raises(PermissionDenied):
        operations.refuse_to_sign(factories.principal(Kind.AUDIT, Role.VIEWER), month, WHY, at=CLOSING)
    with pytest.raises(UserError, match="理由"):
        operations.refuse_to_sign(book.bank, month, " ", at=CLOSING)
    book.close(month)
    with pytest.raises(Conflict, match="关账"):
        operations.refuse_to_sign(book.bank, month, WHY, at=CLOSING)


def test_two_of_one_office_who_refuse_at_once(app: Flask, book: Book, month: Month) -> None:
    month_id, bank = month.id, book.bank
    db.session.commit()

    def press() -> None:
        operations.refuse_to_sign(bank, db.session.get_one(Month, month_id), WHY, at=CLOSING)

    results = together(app, press, press)
    assert [type(one) for one in results if isinstance(one, Exception)] == [Conflict]
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(MonthRefusal)) == 1
    entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "reconciliation.refuse_to_sign")
    assert db.session.scalar(entries) == 1
