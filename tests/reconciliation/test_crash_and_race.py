"""Killed in the middle, and two at once: all or nothing, and one of them is told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict
from reconciliation import operations, queries
from reconciliation.models import Difference, Month, MonthSignature, Statement, StatementLine
from reconciliation.rules import Resolution
from tests.core.together import meanwhile, together
from tests.processes import kill_in_the_middle
from tests.reconciliation import month_process
from tests.reconciliation.conftest import CLOSING, Book
from tests.reconciliation.month_process import import_statement, sign
from tests.reconciliation.statements import BankStatement

EVERYTHING = (Month, Statement, StatementLine, Difference, MonthSignature)


@pytest.fixture
def statement(book: Book) -> BankStatement:
    made = BankStatement()
    for attempt in book.attempts[:6]:
        made.pay(attempt)
    made.other(debit=70, card="6217009999999999999")
    # Nothing is held while another process or session works.
    db.session.commit()
    return made


@pytest.fixture
def killed(database_url: str, tmp_path: Path) -> Callable[[str], None]:
    """A function that runs a step in another process and kills it where nearly everything is written."""
    return lambda task: kill_in_the_middle(month_process.main, task, database_url, tmp_path)


def counts() -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in EVERYTHING]


def entries(action: str) -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)) or 0


@pytest.mark.kill
@pytest.mark.parametrize("task", ["import", "match"])
def test_an_import_killed_in_the_middle_leaves_nothing(
    book: Book, statement: BankStatement, killed: Callable[[str], None], tmp_path: Path, task: str
) -> None:
    (tmp_path / "statement.csv").write_bytes(statement.content())
    killed(task)
    assert (counts(), entries("statement.import")) == ([0, 0, 0, 0, 0], 0)
    import_statement(tmp_path)
    assert (counts(), entries("statement.import")) == ([1, 1, 7, 1, 0], 1)


@pytest.mark.kill
def test_a_signature_killed_in_the_middle_is_none(
    book: Book, statement: BankStatement, killed: Callable[[str], None], tmp_path: Path
) -> None:
    month = book.take_in(statement)
    book.settle_all(month)
    (tmp_path / "official").write_text(str(book.county.department.official_id))
    db.session.commit()
    killed("sign")
    assert (counts()[-1], entries("reconciliation.sign")) == (0, 0)
    sign(tmp_path)
    assert (counts()[-1], entries("reconciliation.sign")) == (1, 1)


# --- At once -------------------------------------------------------------------------------------


def told(results: list[Any]) -> list[type]:
    return [type(result) for result in results if isinstance(result, Exception)]


def test_one_statement_twice_at_once_is_taken_in_once(app: Flask, book: Book, statement: BankStatement) -> None:
    content = statement.content()

    def bring() -> bool:
        return operations.import_statement(book.finance, "sample", content, "2020-07", at=CLOSING).already_imported

    assert sorted(together(app, bring, bring)) == [False, True]
    assert counts() == [1, 1, 7, 1, 0]


def test_of_two_statements_of_one_account_at_once_one_is_refused(
    app: Flask, book: Book, statement: BankStatement
) -> None:
    first = statement.content()
    statement.other(debit=1)
    second = statement.content()

    def bring(content: bytes) -> str:
        return operations.import_statement(book.finance, "sample", content, "2020-07", at=CLOSING).account_tail

    assert told(together(app, lambda: bring(first), lambda: bring(second))) == [Conflict]
    assert counts()[1] == 1


def test_two_who_settle_one_difference_at_once(app: Flask, book: Book, statement: BankStatement) -> None:
    month_id = book.take_in(statement).id
    ids = list(db.session.scalars(select(Difference.id)))
    db.session.commit()

    def settle(principal: Any, resolution: Resolution) -> int:
        month = db.session.get_one(Month, month_id)
        return operations.resolve_differences(principal, month, ids, resolution, "银行来函", at=CLOSING)

    results = together(
        app,
        lambda: settle(book.finance, Resolution.NOT_OURS),
        lambda: settle(book.chief, Resolution.BANK_CLAIMS_BACK),
    )
    assert told(results) == [Conflict]
    assert entries("difference.resolve") == 1


def test_two_who_end_one_difference_at_once_in_two_months(app: Flask, book: Book, statement: BankStatement) -> None:
    """Each holds another month: only the difference itself tells the second."""
    book.close(book.take_in(statement))
    found = list(db.session.scalars(select(Difference.id)))
    months = [operations.month_named(name, at=CLOSING).id for name in ("2020-08", "2020-09")]
    db.session.commit()

    def settle(principal: Any, month_id: int) -> int:
        month = db.session.get_one(Month, month_id)
        return operations.settle_carried(principal, month, found, Resolution.CONFIRMED_BY_BANK, "银行来函", at=CLOSING)

    results = meanwhile(app, lambda: settle(book.finance, months[0]), lambda: settle(book.chief, months[1]))
    assert told(results) == [Conflict], results
    assert entries("difference.settle_carried") == 1


def test_two_of_one_office_who_sign_at_once(app: Flask, book: Book, statement: BankStatement) -> None:
    month = book.take_in(statement)
    book.settle_all(month)
    month_id, department = month.id, book.county.department
    db.session.commit()

    def press() -> None:
        operations.sign_month(department, db.session.get_one(Month, month_id), at=CLOSING)

    assert told(together(app, press, press)) == [Conflict]
    assert len(queries.signatures_of(db.session.get_one(Month, month_id))) == 1
