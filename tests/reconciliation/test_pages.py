"""An official's way through month-end in the browser's words, on the sample files: from the statement to the closed
month."""

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
from core.tables.reading import read_all
from disbursement.models import Attempt, ClosedMonth
from reconciliation.models import Difference, Month, MonthSignature
from tests import factories
from tests.disbursement.county import County
from tests.factories import SAMPLES
from tests.reconciliation.conftest import STATEMENT
from tests.signing import sign_in

PAGES = "/staff/reconciliation"


@pytest.fixture
def browse(app: Flask, county: County) -> Iterator[Callable[..., FlaskClient]]:
    """Signs an official of that kind in."""

    def enter(kind: Kind, *roles: Role, office: str = "") -> FlaskClient:
        person: Official = factories.official(kind, *roles, organisation_name=office)
        db.session.commit()
        return sign_in(app.test_client(), person)

    with time_machine.travel("2020-08-03T02:00:00Z", tick=True):
        yield enter


def upload(client: FlaskClient) -> str:
    answer = client.post(
        f"{PAGES}/statements/new",
        data={
            "profile": "sample",
            "month": "2020-07",
            "file": (BytesIO((SAMPLES / STATEMENT).read_bytes()), STATEMENT),
        },
    )
    assert answer.status_code == 302, answer.text
    return answer.location


def press(client: FlaskClient, address: str, **data: object) -> str:
    answer = client.post(address, data=data, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def settle(client: FlaskClient, kind: str, way: str) -> str:
    ids = [str(one) for one in db.session.scalars(select(Difference.id).where(Difference.kind == kind))]
    page = f"{PAGES}/months/{db.session.scalars(select(Month.id)).one()}/differences"
    asked = press(client, page, bulk=way, id=ids)
    said = {name: re.search(rf'name="{name}" value="([^"]*)"', asked) for name in ("count", "total")}
    confirmed = {name: found.group(1) for name, found in said.items() if found}
    return press(client, page, bulk=way, id=ids, confirmed="1", reason="银行来函，已核实", **confirmed)


def test_the_sample_month_from_the_statement_to_its_close(browse: Callable[..., FlaskClient]) -> None:
    bank, finance = browse(Kind.BANK, Role.PREPARER), browse(Kind.FINANCE, Role.APPROVER)
    department = browse(Kind.DEPARTMENT, Role.APPROVER, office="县民政局")
    page = upload(bank)
    preview = bank.get(page).text
    assert "余额逐笔核对无误" in preview and db.session.scalar(select(Month.id)) is None
    press(bank, f"{page}/confirm")
    month = db.session.scalars(select(Month)).one()
    address = f"{PAGES}/months/{month.id}"
    shown = finance.get(address).text
    assert "账上已付，对账单没有" in shown and "121" in shown

    lines = finance.get(f"{address}/lines?kind=matched").text
    assert "共 121" in lines or "121" in lines
    assert "6217002572034294702" not in lines
    assert "/staff/disbursement/payments/" in lines

    for kind, way in (
        ("returned_after_payment", "bank_return"),
        ("missing_in_bank", "next_month"),
        ("unknown_in_book", "bank_claims_back"),
        ("amount_differs", "bank_corrects"),
        ("outcome_differs", "bank_claims_back"),
        ("twice_in_bank", "bank_claims_back"),
    ):
        settle(finance, kind, way)
    returned = select(Attempt.id).where(Attempt.outcome == "returned")
    assert len(db.session.scalars(returned).all()) == len(
        db.session.scalars(select(Difference.id).where(Difference.kind == "returned_after_payment")).all()
    )
    shown = finance.get(address).text
    # Everything adds up, and nobody takes that for everything being right.
    assert "有差异，都已说明" in shown and "三方相符" not in shown
    assert re.search(r"账与对账单相差 \d+ 笔 [\d,.]+ 元：已说明 \d+ 笔，未说明 0 笔", shown)

    for client in (department, bank, finance):
        press(client, f"{address}/sign")
    assert "另一位同事" in press(finance, f"{address}/close")
    chief = browse(Kind.FINANCE, Role.APPROVER)
    assert "已关账" in press(chief, f"{address}/close")
    assert db.session.scalars(select(ClosedMonth.month)).all() == ["2020-07"]

    report = department.get(f"{address}/report").text
    assert "月末对账报告" in report and "相符" in report
    sheet = read_all(finance.post(f"{address}/report").data)[0]
    cells = {tuple(row.cells[:2]): row.cells[3] for row in sheet.rows}
    assert cells["账户余额", "期末余额"] == "5012.93"
    assert cells["账户余额", "余额未说明"] == cells["账与对账单", "账上未说明"] == "0.00"

    carried = finance.get(f"{PAGES}/statements/new?month=2020-08")
    assert carried.status_code == 200


def test_a_faulty_statement_is_refused_in_words(browse: Callable[..., FlaskClient]) -> None:
    bank = browse(Kind.BANK, Role.PREPARER)
    content = (SAMPLES / STATEMENT).read_bytes().replace(b"5,012.93", b"5,012.94")
    answer = bank.post(
        f"{PAGES}/statements/new",
        data={"profile": "sample", "month": "2020-07", "file": (BytesIO(content), STATEMENT)},
        follow_redirects=True,
    )
    assert "余额从第" in answer.text and db.session.scalar(select(Month.id)) is None


def test_who_may_enter(browse: Callable[..., FlaskClient]) -> None:
    bank = browse(Kind.BANK, Role.PREPARER)
    press(bank, f"{upload(bank)}/confirm")
    address = f"{PAGES}/months/{db.session.scalars(select(Month.id)).one()}"
    audit = browse(Kind.AUDIT, Role.VIEWER)
    assert {audit.get(f"{address}{page}").status_code for page in ("", "/lines", "/differences", "/report")} == {200}
    assert "没有" in press(audit, f"{address}/sign")
    assert db.session.scalars(select(MonthSignature.id)).all() == []
    assert audit.get(f"{PAGES}/statements/new").status_code == 403
    department = browse(Kind.DEPARTMENT, Role.APPROVER, office="县农业农村局")
    assert department.get(f"{address}/lines").status_code == 403
    assert "没有差异" in department.get(f"{address}/differences").text
    township = browse(Kind.TOWNSHIP, Role.APPROVER)
    assert {township.get(f"{address}{page}").status_code for page in ("", "/differences", "/report")} == {404}


def test_the_commands_tell_the_same(app: Flask, county: County, tmp_path: object) -> None:
    import json

    runner = app.test_cli_runner()
    command = ["reconciliation", "import-statement", str(SAMPLES / STATEMENT), "--profile", "sample"]
    dry = json.loads(runner.invoke(args=[*command, "--month", "2020-07", "--dry-run", "--json"]).output)
    assert (dry["good"], dry["problems"]) == (132, [])
    assert db.session.scalar(select(Month.id)) is None
    runner.invoke(args=[*command, "--month", "2020-07", "--json"])
    months = json.loads(runner.invoke(args=["reconciliation", "months", "--json"]).output)["months"]
    assert months[0]["classes"]["matched"]["number"] == 121
    assert months[0]["sides_agree"] is True
    told = runner.invoke(args=["reconciliation", "differences", "--month", "2020-07", "--json"])
    assert len(json.loads(told.output)["differences"]) == len(db.session.scalars(select(Difference.id)).all())
