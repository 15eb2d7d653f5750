"""Two officials of finance in the browser's words; and a month that says what it does not agree on."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations as disbursement
from disbursement.models import Attempt, Rebooking
from reconciliation import operations
from reconciliation.models import Difference, Month, SettlementProposal
from reconciliation.rules import Setting
from tests import factories
from tests.disbursement.county import attempts_of, entry
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


@pytest.fixture
def month(book: Book) -> Month:
    """Two payments have a line, four have none; a line is nobody's."""
    made = BankStatement()
    for attempt in book.attempts[:2]:
        made.pay(attempt)
    made.other(debit=70, card="6217009999999999999")
    operations.choose_setting(book.chief, Setting.LINES, "3", "局务会纪要", at=CLOSING)
    found = book.take_in(made)
    db.session.commit()
    return found


def press(client: FlaskClient, address: str, **data: object) -> str:
    answer = client.post(address, data=data, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def settle(client: FlaskClient, month: Month, kind: str, way: str) -> str:
    page = f"{MONTHS}/{month.id}/differences?kind={kind}"
    ids = [str(one) for one in db.session.scalars(select(Difference.id).where(Difference.kind == kind))]
    asked = press(client, page, bulk=way, id=ids)
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', asked) for name in ("count", "total")}
    known = {name: match.group(1) for name, match in found.items() if match}
    assert known, asked
    return press(client, page, bulk=way, id=ids, confirmed="1", reason="银行来函，已核实", **known)


def test_one_proposes_another_confirms(browse: Callable[..., FlaskClient], month: Month) -> None:
    clerk, chief = browse(Kind.FINANCE, Role.PREPARER), browse(Kind.FINANCE, Role.APPROVER)
    told = settle(clerk, month, "missing_in_bank", "confirmed_by_bank")
    assert "已提出 4 条的处理，由财政局另一位同事复核" in told and "已办理" not in told
    assert "待另一位同事复核" in told
    address = f"/staff/reconciliation/settlements/{db.session.scalars(select(SettlementProposal.id)).one()}"
    shown = clerk.get(f"{MONTHS}/{month.id}").text
    assert "有 1 次差异处理等财政局另一位同事复核" in shown and address in shown and "签章</summary>" not in shown
    own = clerk.get(address).text
    assert "这次处理是您提出的" in own and f'action="{address}/confirm"' not in own
    assert "复核对账差异的处理" in chief.get("/staff/").text
    assert "复核对账差异的处理" not in clerk.get("/staff/").text
    assert "1,080.00" in chief.get(address).text
    assert "没有" in press(clerk, f"{address}/confirm")
    assert "理由" in press(chief, f"{address}/refuse", reason="")
    assert "按提出的办法处理" in press(chief, f"{address}/confirm")
    assert "不能办理" in press(chief, f"{address}/confirm")
    shown = chief.get(f"{MONTHS}/{month.id}").text
    assert "差异处理的复核" in shown and "已复核" in shown
    assert browse(Kind.AUDIT, Role.VIEWER).get(address).status_code == 200
    # A department sees differences of its own programmes, not what was said of the whole account.
    assert browse(Kind.DEPARTMENT, Role.APPROVER, office="县民政局").get(address).status_code == 404
    assert browse(Kind.TOWNSHIP, Role.APPROVER).get(address).status_code == 404


def test_it_is_refused_or_withdrawn_on_its_page(browse: Callable[..., FlaskClient], month: Month) -> None:
    clerk, chief = browse(Kind.FINANCE, Role.PREPARER), browse(Kind.FINANCE, Role.APPROVER)
    settle(clerk, month, "missing_in_bank", "next_month")
    first = f"/staff/reconciliation/settlements/{db.session.scalars(select(SettlementProposal.id)).one()}"
    assert "没有同意，这些差异仍待处理" in press(chief, f"{first}/refuse", reason="逐笔附函件再提")
    assert "逐笔附函件再提" in clerk.get(first).text
    settle(clerk, month, "missing_in_bank", "next_month")
    second = (
        first.rsplit("/", 1)[0]
        + f"/{db.session.scalars(select(SettlementProposal.id).order_by(SettlementProposal.id)).all()[-1]}"
    )
    assert "已撤回，这些差异仍待处理" in press(clerk, f"{second}/withdraw", reason="重新核对")


def test_a_month_that_only_adds_up_is_not_green(browse: Callable[..., FlaskClient], month: Month) -> None:
    """The book equals what has a line and what has none: right by the figures, and easily misread."""
    chief = browse(Kind.FINANCE, Role.APPROVER)
    shown = chief.get(f"{MONTHS}/{month.id}").text
    assert "账与对账单相差 5 笔 1,080.70 元：已说明 0 笔，未说明 5 笔。" in shown
    row = shown.split("账与对账单</td>")[1].split("</tr>")[0]
    assert "有差异" in row and "tag danger" in row and "tag success" not in row
    settle(chief, month, "unknown_in_book", "bank_claims_back")
    shown = chief.get(f"{MONTHS}/{month.id}").text
    assert "已说明 1 笔，未说明 4 笔。" in shown
    report = chief.get(f"{MONTHS}/{month.id}/report").text
    assert "账与对账单相差 5 笔 1,080.70 元" in report


def test_each_class_is_offered_its_own_ways(browse: Callable[..., FlaskClient], month: Month) -> None:
    clerk = browse(Kind.FINANCE, Role.PREPARER)

    def offered(kind: str) -> set[str]:
        page = clerk.get(f"{MONTHS}/{month.id}/differences?kind={kind}").text
        return set(re.findall(r'name="bulk" value="([a-z_]+)"', page)) - {"undo"}

    assert offered("missing_in_bank") == {"confirmed_by_bank", "never_paid", "next_month"}
    assert offered("unknown_in_book") == {"bank_claims_back", "bank_corrects", "not_ours", "next_month"}
    # Unnarrowed: what fits the classes that wait.
    assert "bank_return" not in offered("") and "never_paid" in offered("")


def test_what_came_in_from_nobody_is_not_claimed_back(browse: Callable[..., FlaskClient], book: Book) -> None:
    made = BankStatement()
    made.other(credit=500, card="6217009999999999999", summary="汇入")
    month = book.take_in(made)
    clerk = browse(Kind.FINANCE, Role.PREPARER)
    page = f"{MONTHS}/{month.id}/differences?kind=unknown_in_book"
    ids = [str(one) for one in db.session.scalars(select(Difference.id).where(Difference.kind == "unknown_in_book"))]
    assert "没有可以追回的" in press(clerk, page, bulk="bank_claims_back", id=ids)
    assert "没有可以追回的" not in press(clerk, page, bulk="bank_corrects", id=ids)


def test_after_a_change_the_refuser_is_asked_on_the_page(
    browse: Callable[..., FlaskClient], book: Book, month: Month
) -> None:
    department = browse(Kind.DEPARTMENT, Role.APPROVER, office="县民政局")
    clerk = browse(Kind.FINANCE, Role.PREPARER)
    page = f"{MONTHS}/{month.id}"
    press(department, f"{page}/refuse-to-sign", reason="少了四笔")
    settle(clerk, month, "unknown_in_book", "not_ours")
    shown = department.get(page).text
    assert "曾不同意签章，以后有了变动" in shown and "没有异议了" in shown and "不同意签章</summary>" in shown
    assert "有了变动，请再看是否仍不同意签章" in department.get("/staff/").text
    address = re.search(r'action="([^"]+/refusals/\d+/answer)"', shown)
    assert address is not None
    assert "已答复" in press(department, address.group(1), answer="已核对、没有异议")
    assert "已核对、没有异议" in clerk.get(page).text


@pytest.mark.parametrize("written", ["2020-07", "202007", "2020年7月"])
def test_a_month_is_written_as_one_likes(browse: Callable[..., FlaskClient], book: Book, written: str) -> None:
    made = BankStatement()
    for attempt in book.attempts[:6]:
        made.pay(attempt)
    bank = browse(Kind.BANK, Role.PREPARER)
    file = (BytesIO(made.content()), "对账单.csv")
    answer = bank.post(
        "/staff/reconciliation/statements/new", data={"profile": "sample", "month": written, "file": file}
    )
    assert answer.status_code == 302
    press(bank, f"{answer.location}/confirm")
    assert db.session.scalars(select(Month.month)).all() == ["2020-07"]


def test_what_is_no_month_is_said_beside_the_field(browse: Callable[..., FlaskClient]) -> None:
    bank = browse(Kind.BANK, Role.PREPARER)
    file = (BytesIO(b"x"), "对账单.csv")
    answer = bank.post(
        "/staff/reconciliation/statements/new", data={"profile": "sample", "month": "七月", "file": file}
    )
    assert answer.status_code == 200 and "2020-07、202007 或 2020年7月" in answer.text and 'value="七月"' in answer.text


def test_what_the_bank_never_answered_is_declared_on_its_page(browse: Callable[..., FlaskClient], book: Book) -> None:
    """The offer went out on 14 July; nothing came, and the statement of July shows nothing."""
    offer = book.county.sent([entry(40)], "202009")
    disbursement.read_offer(book.county.bank, offer, at=CLOSING)
    waiting = attempts_of(offer)[0]
    statement = BankStatement()
    for attempt in book.attempts[:6]:
        statement.pay(attempt)
    book.take_in(statement)
    db.session.commit()
    clerk, chief = browse(Kind.FINANCE, Role.PREPARER), browse(Kind.FINANCE, Role.APPROVER)
    listed = clerk.get(f"{MONEY}/unanswered").text
    page = f"{MONEY}/attempts/{waiting.id}/no-answer"
    assert waiting.reference in listed and page in listed
    assert "满三个条件" in clerk.get(page).text
    data = {"letter_on": "2020-08-01", "reason": "银行来函：漏读", "letter": (BytesIO(b"not a pdf"), "函.pdf")}
    assert "只收 PDF" in clerk.post(page, data=data).text
    data["letter"] = (BytesIO(b"%PDF-1.4 invented"), "函.pdf")
    assert "另一位同事审批" in clerk.post(page, data=data, follow_redirects=True).text
    proposed = db.session.scalars(select(Rebooking)).one()
    address = f"{MONEY}/rebookings/{proposed.id}"
    assert "审批银行没有答复的认定" in chief.get("/staff/").text
    assert "记为发放失败" in chief.get(address).text
    assert chief.post(f"{address}/letter").data == b"%PDF-1.4 invented"
    assert "待审批" in clerk.get(f"{MONEY}/unanswered").text
    press(chief, f"{address}/approve")
    db.session.expire_all()
    assert db.session.get_one(Attempt, waiting.id).outcome == "failed"
    assert clerk.get(page).status_code == 404
    bank = browse(Kind.BANK, Role.PREPARER)
    assert bank.get(f"{MONEY}/unanswered").status_code == 200
    assert browse(Kind.TOWNSHIP, Role.APPROVER).get(f"{MONEY}/unanswered").status_code == 403
