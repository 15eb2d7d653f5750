"""The steps around a month in the browser's words: what was paid against the book, an office that does not sign, months
in their order, results that came late."""

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement.models import Attempt, Rebooking, ResultFile
from reconciliation import operations
from reconciliation.models import Difference, Month
from tests import factories
from tests.disbursement.county import PAID, result_file, result_line
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.statements import BankStatement
from tests.signing import sign_in

MONTHS = "/staff/reconciliation/months"
MONEY = "/staff/disbursement"


@pytest.fixture
def browse(app: Flask, book: Book) -> Iterator[Callable[..., FlaskClient]]:
    def enter(kind: Kind, *roles: Role, office: str = "") -> FlaskClient:
        person: Official = factories.official(kind, *roles, organisation_name=office)
        db.session.commit()
        return sign_in(app.test_client(), person)

    with time_machine.travel("2020-08-03T02:00:00Z", tick=True):
        yield enter


def press(client: FlaskClient, address: str, **data: object) -> str:
    answer = client.post(address, data=data, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def settle(client: FlaskClient, month: Month, kind: str, way: str) -> str:
    """One way for all differences of a kind; what the page says at last."""
    page = f"{MONTHS}/{month.id}/differences"
    ids = [str(one) for one in db.session.scalars(select(Difference.id).where(Difference.kind == kind))]
    asked = press(client, page, bulk=way, id=ids)
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', asked) for name in ("count", "total")}
    known = {name: match.group(1) for name, match in found.items() if match}
    if not known:
        return asked
    return press(client, page, bulk=way, id=ids, confirmed="1", reason="银行来函，已核实", **known)


def statement_of(book: Book, people: int) -> BankStatement:
    made = BankStatement()
    for attempt in book.attempts[:people]:
        made.pay(attempt)
    return made


def test_what_was_paid_against_the_book_is_booked_by_two(browse: Callable[..., FlaskClient], book: Book) -> None:
    finance, chief = browse(Kind.FINANCE, Role.PREPARER), browse(Kind.FINANCE, Role.APPROVER)
    month = book.take_in(statement_of(book, 7))
    db.session.commit()
    settle(finance, month, "outcome_differs", "booked_paid")
    proposed = db.session.scalars(select(Rebooking)).one()
    page = f"{MONEY}/rebookings/{proposed.id}"
    assert "改记待审批" in finance.get(f"{MONTHS}/{month.id}/differences").text
    assert "要由财政局另一位同事批准" in finance.get(page).text
    assert "审批改记为已到账" in chief.get("/staff/").text
    assert "批准改记" in chief.get(page).text
    assert "没有" in press(finance, f"{page}/approve")
    assert "已改记" in press(chief, f"{page}/approve")
    assert "现在不能办理" in press(chief, f"{page}/approve")
    db.session.expire_all()
    assert db.session.get_one(Attempt, book.attempts[6].id).outcome == "paid"
    note = chief.get(f"{MONEY}/results/{db.session.get_one(Rebooking, proposed.id).result_file_id}").text
    assert "改记为已到账" in note
    assert "三方相符" in chief.get(f"{MONTHS}/{month.id}").text
    assert f"改记 {proposed.id}" in browse(Kind.AUDIT, Role.VIEWER).get(page).text
    assert browse(Kind.TOWNSHIP, Role.APPROVER).get(page).status_code == 404


def test_what_was_never_paid_is_decided_by_two(browse: Callable[..., FlaskClient], book: Book) -> None:
    finance, chief = browse(Kind.FINANCE, Role.PREPARER), browse(Kind.FINANCE, Role.APPROVER)
    month = book.take_in(statement_of(book, 5))
    db.session.commit()
    settle(finance, month, "missing_in_bank", "never_paid")
    proposed = db.session.scalars(select(Rebooking)).one()
    page = f"{MONEY}/rebookings/{proposed.id}"
    assert "改记待审批" in finance.get(f"{MONTHS}/{month.id}/differences").text
    assert "审批改记为没有付出" in chief.get("/staff/").text
    assert "钱会再付一次" in chief.get(page).text
    assert "已改记" in press(chief, f"{page}/approve")
    db.session.expire_all()
    assert db.session.get_one(Attempt, book.attempts[5].id).outcome == "returned"
    assert "改记为没有付出" in chief.get(f"{MONEY}/rebookings").text
    assert "三方相符" in chief.get(f"{MONTHS}/{month.id}").text


def test_where_the_bank_says_so_in_a_file_it_is_proposed_on_its_page(
    browse: Callable[..., FlaskClient], book: Book
) -> None:
    finance = browse(Kind.FINANCE, Role.PREPARER)
    book.county.answer(result_file([result_line(book.attempts[6], PAID)]), at=CLOSING)
    db.session.commit()
    result = db.session.scalars(select(ResultFile.id).order_by(ResultFile.id.desc())).first()
    page = finance.get(f"{MONEY}/results/{result}").text
    address = re.search(rf'action="({MONEY}/discrepancies/\d+/rebook)"', page)
    assert address is not None and 'name="bank_day" required value="2020-07-15"' in page
    assert "到账日期" in press(finance, address.group(1), bank_day="", reason="银行来函")
    assert "另一位同事审批" in press(finance, address.group(1), bank_day="2020-07-15", reason="银行来函")
    shown = finance.get(f"{MONEY}/results/{result}").text
    assert '/rebook"' not in shown and "改记待审批" in shown and "登记处理结果" not in shown


def test_an_office_that_does_not_sign_is_answered(browse: Callable[..., FlaskClient], book: Book) -> None:
    month = book.take_in(statement_of(book, 6))
    db.session.commit()
    department = browse(Kind.DEPARTMENT, Role.APPROVER, office="县民政局")
    finance, audit = browse(Kind.FINANCE, Role.PREPARER), browse(Kind.AUDIT, Role.VIEWER)
    page = f"{MONTHS}/{month.id}"
    assert "已签章" in press(department, f"{page}/sign")
    assert "已登记不同意签章" in press(department, f"{page}/refuse-to-sign", reason="少了两笔")
    shown = audit.get(page).text
    assert "县民政局不同意签章" in shown and "少了两笔" in shown and f"{page}/refusals" not in shown
    assert "县民政局不同意签章，请处理或答复" in finance.get("/staff/").text
    answer = re.search(rf'action="({page}/refusals/\d+/answer)"', finance.get(page).text)
    assert answer is not None
    assert "已答复" in press(finance, answer.group(1), answer="已补齐")
    assert "曾不同意" in audit.get(page).text and "答复：已补齐" in audit.get(page).text
    assert "已签章" in press(department, f"{page}/sign")
    report = audit.get(f"{page}/report").text
    assert "少了两笔" in report and "已补齐" in report
    assert finance.post(f"{page}/report").status_code == 200


def test_the_month_in_the_way_is_named_with_a_link(browse: Callable[..., FlaskClient], book: Book) -> None:
    finance = browse(Kind.FINANCE, Role.APPROVER)
    august = BankStatement("2020-08")
    august.other(credit=37, summary="结息", day=date(2020, 8, 2))
    later = book.take_in(august)
    db.session.commit()
    shown = finance.get(f"{MONTHS}/{later.id}").text
    assert "2020-07 还没有关账" in shown and "/statements/new?month=2020-07" in shown
    earlier = operations.month_named("2020-07", at=CLOSING)
    db.session.commit()
    assert f'href="{MONTHS}/{earlier.id}">去办理 2020-07' in finance.get(f"{MONTHS}/{later.id}").text


def test_results_of_a_closed_month_are_booked_from_their_page(browse: Callable[..., FlaskClient], book: Book) -> None:
    finance = browse(Kind.FINANCE, Role.PREPARER)
    book.close(book.take_in(statement_of(book, 6)))
    book.county.answer(result_file([result_line(book.attempts[7])]), at=CLOSING)
    db.session.commit()
    result = db.session.scalars(select(ResultFile.id).order_by(ResultFile.id.desc())).first()
    page = f"{MONEY}/results/{result}"
    shown = finance.get(page).text
    assert "有 1 行与账相符，结果还没有登记" in shown and "按今天补记" in shown and "登记处理结果" not in shown
    month = db.session.scalars(select(Month)).one()
    operations.ask_reopen(book.finance, month, "银行晚回盘", at=CLOSING)
    operations.reopen_month(book.chief, month, at=CLOSING)
    db.session.commit()
    assert "按银行的日期补记" in finance.get(page).text
    assert "已补记 1 行" in press(finance, f"{page}/book-late", reason="银行晚回盘")
    db.session.expire_all()
    assert db.session.get_one(Attempt, book.attempts[7].id).bank_date == date(2020, 7, 15)
