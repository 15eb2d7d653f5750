"""How much one official settles alone, and the first month that is reconciled: finance decides."""

import json
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from reconciliation import board, operations, queries
from reconciliation.models import Difference
from reconciliation.rules import DEFAULTS, Resolution, Setting, checked_setting
from reconciliation.words import SETTINGS
from tests import factories
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.statements import BankStatement
from tests.signing import sign_in

PAGE = "/staff/reconciliation/settings"
WHY = "东财办〔2020〕61号"


def test_every_setting_has_a_default_and_a_name() -> None:
    assert set(DEFAULTS) == set(Setting)
    assert set(SETTINGS) == {one.value for one in Setting}


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("lines", " 5 ", "5"),
        ("together", "12,345.6", "1234560"),
        ("single", "1万元", "1000000"),
        ("first_month", "2020年7月", "2020-07"),
    ],
)
def test_what_somebody_wrote_is_kept_in_one_form(name: str, text: str, kept: str) -> None:
    assert checked_setting(name, text) == kept


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lines", "0"),
        ("lines", "20.5"),
        ("lines", "100001"),
        ("together", "0"),
        ("single", "-3"),
        ("single", "1.005"),
        ("first_month", "2020-13"),
        ("colour", "1"),
    ],
)
def test_what_cannot_be_is_refused(name: str, text: str) -> None:
    with pytest.raises(UserError):
        checked_setting(name, text)


def test_the_newest_choice_counts_and_an_approver_of_finance_makes_it(book: Book) -> None:
    assert (queries.limits().lines, queries.limits().together_fen, queries.limits().single_fen) == (
        20,
        1_000_000,
        1_000_000,
    )
    operations.choose_setting(book.chief, "lines", "5", WHY, at=CLOSING)
    operations.choose_setting(book.chief, "lines", "7", WHY, at=CLOSING)
    assert queries.limits().lines == 7
    assert [one.value for one in queries.setting_history()] == ["7", "5"]
    assert db.session.scalars(select(AuditEntry.action)).all().count("reconciliation.choose_setting") == 2
    with pytest.raises(Conflict, match="已经是这样"):
        operations.choose_setting(book.chief, "lines", "7", WHY, at=CLOSING)
    with pytest.raises(UserError, match="理由"):
        operations.choose_setting(book.chief, "lines", "8", "", at=CLOSING)
    # Whoever settles alone does not raise what he may settle alone.
    for other in (factories.principal(Kind.FINANCE, Role.PREPARER), book.bank, book.county.department):
        with pytest.raises(PermissionDenied):
            operations.choose_setting(other, "lines", "9", WHY, at=CLOSING)


def test_nobody_raises_for_himself_what_he_settles_alone(book: Book) -> None:
    """An approver of finance chooses the limits, and settles differences too: by both he would need no second."""
    month = book.take_in(BankStatement())
    ids = db.session.scalars(select(Difference.id).where(Difference.month_id == month.id)).all()
    operations.choose_setting(book.chief, "lines", "3", WHY, at=CLOSING)
    operations.choose_setting(book.finance, "lines", "100", WHY, at=CLOSING)
    assert (queries.limits().lines, queries.limits(book.chief).lines) == (100, 100)
    assert queries.limits(book.finance).lines == 3
    operations.resolve_differences(book.finance, month, ids, Resolution.NEXT_MONTH, WHY, at=CLOSING)
    assert len(queries.settlements_waiting(month)) == 1
    # What he chose lower counts for him as for all.
    operations.choose_setting(book.finance, "lines", "2", WHY, at=CLOSING)
    assert (queries.limits().lines, queries.limits(book.finance).lines) == (2, 2)


# --- The first month -------------------------------------------------------------------------------


def to_do(app: Flask, book: Book, day: date) -> list[str]:
    with app.test_request_context():
        return [one.title for one in board.items(book.county.bank, day) if "对账单" in one.title]


def test_the_first_month_without_a_statement_is_asked_for_first(app: Flask, book: Book) -> None:
    book.paid_in("202008", "20200820", [20])
    assert queries.first_month() == "2020-07"
    assert to_do(app, book, date(2020, 9, 1)) == ["上传银行对账单：2020-07"]
    july = BankStatement()
    for attempt in book.attempts[:6]:
        july.pay(attempt)
    month = book.take_in(july)
    assert to_do(app, book, date(2020, 9, 1)) == ["上传银行对账单：2020-08"]
    book.close(month)
    assert to_do(app, book, date(2020, 8, 31)) == []


def test_what_lies_before_the_first_month_is_in_nobodys_way(app: Flask, book: Book) -> None:
    paid = book.paid_in("202008", "20200820", [20])
    operations.choose_setting(book.chief, "first_month", "202008", WHY, at=CLOSING)
    assert to_do(app, book, date(2020, 9, 1)) == ["上传银行对账单：2020-08"]
    august = BankStatement("2020-08")
    august.pay(paid[0], day=date(2020, 8, 20))
    month = book.take_in(august)
    assert queries.earlier_open(month) is None
    operations.choose_setting(book.chief, "first_month", "2020-07", WHY, at=CLOSING)
    before = queries.earlier_open(month)
    assert before is not None and before.month == "2020-07"


def test_it_is_not_moved_past_a_closed_month(book: Book) -> None:
    july = BankStatement()
    for attempt in book.attempts[:6]:
        july.pay(attempt)
    book.close(book.take_in(july))
    with pytest.raises(Conflict, match="2020-07 已经关账"):
        operations.choose_setting(book.chief, "first_month", "2020-09", WHY, at=CLOSING)
    operations.choose_setting(book.chief, "first_month", "2020-06", WHY, at=CLOSING)


def test_the_command_sets_it(app: Flask, book: Book) -> None:
    told = app.test_cli_runner().invoke(args=["reconciliation", "start", "2020年8月", "--json"])
    assert json.loads(told.output) == {"first_month": "2020-08"}
    assert queries.first_month() == "2020-08"


# --- The page --------------------------------------------------------------------------------------


def test_the_page_shows_all_and_lets_an_approver_change_it(app: Flask, book: Book) -> None:
    chief = factories.official(Kind.FINANCE, Role.APPROVER)
    clerk = factories.official(Kind.FINANCE, Role.PREPARER)
    township = factories.official(Kind.TOWNSHIP, Role.PREPARER)
    db.session.commit()
    page = sign_in(app.test_client(), chief)
    shown = page.get(PAGE).text
    assert "20 条" in shown and "10000.00 元" in shown and "2020-07（第一笔送银行的月份）" in shown
    answer = page.post(f"{PAGE}/lines", data={"value": "12", "reason": WHY}, follow_redirects=True).text
    assert "12 条" in answer and WHY in answer
    assert "1 到 10,000" in page.post(f"{PAGE}/lines", data={"value": "x", "reason": WHY}, follow_redirects=True).text
    other = sign_in(app.test_client(), clerk)
    assert 'name="value"' not in other.get(PAGE).text
    assert other.post(f"{PAGE}/lines", data={"value": "9", "reason": WHY}).status_code == 403
    assert sign_in(app.test_client(), township).get(PAGE).status_code == 403
