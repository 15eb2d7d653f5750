"""Before a result file is booked: what it comes to by outcome, and whom the bank did not pay."""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from core.tables.reading import read_all
from core.upload_views import PROBLEMS_A_PAGE
from disbursement.models import Attempt, ResultFile
from tests import factories
from tests.disbursement.county import (
    FAILED,
    PAID,
    UNCLEAR,
    Line,
    attempts_of,
    build_county,
    entry,
    result_file,
    result_line,
    tail,
)
from tests.signing import sign_in


@pytest.fixture
def browse(app: Flask) -> Iterator[Callable[..., FlaskClient]]:
    def enter(kind: Kind, *roles: Role) -> FlaskClient:
        person = factories.official(kind, *roles)
        db.session.commit()
        return sign_in(app.test_client(), person)

    with time_machine.travel("2020-07-16T02:00:00Z", tick=True):
        yield enter


def sent(people: int) -> list[Attempt]:
    attempts = attempts_of(build_county(1_000_000_00).sent([entry(serial) for serial in range(people)]))
    db.session.commit()
    return attempts


def bring(client: FlaskClient, lines: list[Line]) -> str:
    answer = client.post(
        "/staff/disbursement/results/new",
        data={"profile": "sample", "batch": "", "file": (BytesIO(result_file(lines)), "回盘.txt")},
    )
    assert answer.status_code == 302, answer.text
    return answer.location


def sums(page: str) -> list[list[str]]:
    """The rows of the table of sums."""
    table = page.split("按结果合计")[1].split("</tbody>", maxsplit=1)[0]
    rows = [row.split("<td")[1:] for row in table.split("<tr>")[2:]]
    return [[cell.split(">", 1)[1].split("<")[0].strip() for cell in row] for row in rows]


def test_the_sums_and_those_who_were_not_paid(browse: Callable[..., FlaskClient]) -> None:
    attempts = sent(5)
    lines = [result_line(one, told) for one, told in zip(attempts, (PAID, PAID, FAILED, UNCLEAR, PAID), strict=True)]
    # One of another amount than the book's.
    lines[4] = (*lines[4][:3], 28000, *lines[4][4:])
    bank = browse(Kind.BANK, Role.PREPARER)
    page = bring(bank, lines)
    shown = bank.get(page).text
    assert sums(shown) == [
        ["成功", "2", "540.00"],
        ["失败", "1", "270.00"],
        ["不明", "1", "270.00"],
        ["与账不符，另行核对", "1", "280.00"],
    ]
    listed = shown.split("失败和不明的明细")[1]
    assert attempts[2].payee_name in listed and tail(2) in listed and FAILED[1] in listed
    assert attempts[3].payee_name in listed and attempts[0].payee_name not in listed
    assert attempts[2].card_number not in shown
    # Nothing is booked by looking.
    assert db.session.scalar(select(ResultFile.id)) is None


def test_the_list_is_taken_away_as_a_workbook_and_that_is_on_record(browse: Callable[..., FlaskClient]) -> None:
    attempts = sent(2)
    bank = browse(Kind.BANK, Role.PREPARER)
    page = bring(bank, [result_line(attempts[0], FAILED), result_line(attempts[1])])
    rows = read_all(bank.post(f"{page}/listed").data)[0].rows
    assert [list(row.cells[2:7]) for row in rows][1:] == [
        [attempts[0].reference, attempts[0].payee_name, tail(0), "270.00", FAILED[1]]
    ]
    assert db.session.scalars(select(AuditEntry.action)).all().count("upload.take_listed") == 1
    # Of another office's file nobody knows.
    assert browse(Kind.FINANCE, Role.PREPARER).post(f"{page}/listed").status_code == 404
    everybody = bring(bank, [result_line(one) for one in attempts])
    assert "失败和不明的明细" not in bank.get(everybody).text
    assert bank.post(f"{everybody}/listed").status_code == 404


def test_a_long_list_has_pages(browse: Callable[..., FlaskClient]) -> None:
    attempts = sent(PROBLEMS_A_PAGE + 3)
    bank = browse(Kind.BANK, Role.PREPARER)
    page = bring(bank, [result_line(one, FAILED) for one in attempts])
    first, second = bank.get(page).text, bank.get(f"{page}?listed_page=2").text
    assert f"共 {PROBLEMS_A_PAGE + 3} 条" in first
    names = [one.payee_name for one in attempts]
    assert [sum(name in text for name in names) for text in (first, second)] == [PROBLEMS_A_PAGE, 3]
    assert bank.get(f"{page}?listed_page=x&page=9999999").status_code == 200
