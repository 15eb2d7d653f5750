"""How a bank writes its statements is written down by one official, tried, approved by another, and then read."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from reconciliation import operations
from reconciliation.models import Month, Statement, StatementProfileVersion
from reconciliation.profile_checks import faults_of, read_words, written_words
from reconciliation.profile_form import form_data
from reconciliation.profiles import BUILT_IN, StatementProfile, profile_from
from reconciliation.queries import profiles as queries
from tests import factories
from tests.reconciliation.conftest import Book
from tests.reconciliation.statements import BankStatement
from tests.signing import sign_in

PAGES = "/staff/reconciliation"
AT = datetime(2020, 8, 3, 2, tzinfo=UTC)
# The bank's own words for what the house calls otherwise.
OWN_WORDS = {"交易日期": "账务日", "借方发生额": "付出", "贷方发生额": "收进", "余额": "结存", "账号": "专户号码"}


@pytest.fixture
def browse(app: Flask) -> Iterator[Callable[..., FlaskClient]]:
    factories.load_regions()

    def enter(kind: Kind, *roles: Role) -> FlaskClient:
        person: Official = factories.official(kind, *roles)
        db.session.commit()
        return sign_in(app.test_client(), person)

    with time_machine.travel("2020-08-03T02:00:00Z", tick=True):
        yield enter


def own(name: str = "rcb-2020", **changes: Any) -> StatementProfile:
    """A manner like the house's, with some words of its own."""
    like = BUILT_IN["sample"]
    columns = dict(like.columns) | {"day": ("账务日",), "debit": ("付出",), "credit": ("收进",), "balance": ("结存",)}
    words = {"account": ("专户号码",), "opening": ("期初余额",), "closing": ("期末余额",)}
    return StatementProfile(name, "农商行对账单", columns, bank="县农商行", **(words | changes))


def strange(statement: BankStatement) -> str:
    text = statement.content().decode("gb18030")
    for ours, theirs in OWN_WORDS.items():
        text = text.replace(f"{ours},", f"{theirs},")
    # What is called by the balance's name only above and below the table.
    return text.replace("期初结存", "期初余额").replace("期末结存", "期末余额")


@pytest.fixture
def statement() -> BankStatement:
    made = BankStatement()
    made.other(debit=10_000, name="张三", card="6217002572034294702")
    made.other(credit=1, summary="结息")
    return made


def press(client: FlaskClient, address: str, **data: object) -> str:
    answer = client.post(address, data=data, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_from_the_form_to_the_first_statement(browse: Callable[..., FlaskClient], statement: BankStatement) -> None:
    finance, chief = browse(Kind.FINANCE, Role.APPROVER), browse(Kind.FINANCE, Role.APPROVER)
    data = form_data(own(), "农商行对账单")
    said = press(finance, f"{PAGES}/profiles/new", **data)
    assert "请另一位同事批准" in said and "账务日" in said
    page = f"{PAGES}/profiles/rcb-2020/1"
    tried = press(finance, f"{page}/test", text=strange(statement))
    assert "余额逐笔核对无误" in tried and "结存" in tried and "4702" in tried
    assert "6217002572034294702" not in tried.split("<textarea", 1)[1].split("</textarea>", 1)[1]
    refused = press(finance, f"{page}/test", text=strange(statement).replace("99,900.00", "99,900.01"))
    assert "会被整个拒绝" in refused and "第 4 行" in refused
    number = db.session.scalars(select(StatementProfileVersion.id)).one()
    assert "另一位同事" in press(finance, f"{PAGES}/profiles/{number}/approve")
    assert "已批准" in press(chief, f"{PAGES}/profiles/{number}/approve")
    answer = finance.post(
        f"{PAGES}/statements/new",
        data={
            "profile": "rcb-2020",
            "month": "2020-07",
            "file": (BytesIO(strange(statement).encode("gb18030")), "statement.csv"),
        },
    )
    press(finance, f"{answer.location}/confirm")
    assert db.session.scalars(select(Month.month)).one() == "2020-07"
    assert db.session.execute(select(Statement.profile, Statement.profile_version)).one() == ("rcb-2020", 1)


def test_what_is_wrong_is_said_at_once(browse: Callable[..., FlaskClient]) -> None:
    finance = browse(Kind.FINANCE, Role.APPROVER)
    data = form_data(own(), "") | {"column_day": "", "column_amount": "金额", "label_account": "", "title": "x"}
    said = press(finance, f"{PAGES}/profiles/new", **data)
    assert "没有写“日期”" in said and "不能都写" in said and "账号" in said
    assert db.session.scalar(select(StatementProfileVersion.id)) is None


def test_the_houses_own_are_copied_never_changed(browse: Callable[..., FlaskClient]) -> None:
    finance = browse(Kind.FINANCE, Role.APPROVER)
    shown = finance.get(f"{PAGES}/profiles/sample/0").text
    assert "/profiles/sample/0/edit" not in shown and "like=sample" in shown
    assert finance.get(f"{PAGES}/profiles/sample/0/edit").status_code != 200
    assert finance.get(f"{PAGES}/profiles/new?like=signed").status_code == 200
    assert "已经有了" in press(finance, f"{PAGES}/profiles/new", **form_data(own("sample"), "改"))


def test_who_may(browse: Callable[..., FlaskClient]) -> None:
    bank, department = browse(Kind.BANK, Role.PREPARER), browse(Kind.DEPARTMENT, Role.APPROVER)
    assert bank.get(f"{PAGES}/profiles").status_code == 200
    assert bank.get(f"{PAGES}/profiles/new").status_code == 403
    assert department.get(f"{PAGES}/profiles").status_code == 403


def test_a_new_version_takes_the_place_of_the_one_before(book: Book) -> None:
    first = operations.propose_statement_profile(book.finance, own(), at=AT, is_new=True)
    with pytest.raises(PermissionDenied):
        operations.approve_statement_profile(book.finance, first, at=AT)
    operations.approve_statement_profile(book.chief, first, at=AT)
    with pytest.raises(UserError, match="已经有了"):
        operations.propose_statement_profile(book.finance, own(), at=AT, is_new=True)
    second = operations.propose_statement_profile(book.finance, own(total=("总和",)), at=AT)
    assert queries.profile_named("rcb-2020").version == 1
    operations.approve_statement_profile(book.chief, second, at=AT)
    assert (first.state, queries.profile_named("rcb-2020").total) == ("superseded", ("总和",))
    assert queries.profile_of_version("rcb-2020", 1) == own_version(1)
    with pytest.raises(Conflict):
        operations.reject_statement_profile(book.chief, second, "不合适", at=AT)
    with pytest.raises(UserError, match="不能改"):
        operations.propose_statement_profile(book.finance, own("sample"), at=AT)
    assert queries.profile_named("sample") == BUILT_IN["sample"]
    with pytest.raises(UserError, match="rcb-2020"):
        queries.profile_named("unknown")


def own_version(version: int) -> StatementProfile:
    profile = own()
    return profile_from(profile.content(), name=profile.name, title=profile.title, bank=profile.bank, version=version)


def test_the_houses_own_have_no_fault_and_survive_being_kept() -> None:
    for profile in BUILT_IN.values():
        assert faults_of(profile) == []
        kept = profile_from(profile.content(), name=profile.name, title=profile.title, bank="", version=0)
        assert kept == profile


@given(st.lists(st.text("交易日期余额ABC ()（）：", max_size=8), max_size=6))
def test_words_are_read_as_they_are_written(words: list[str]) -> None:
    once = read_words("\n".join(words))
    assert read_words(written_words(once)) == once
