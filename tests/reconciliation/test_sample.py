"""The sample statement: every planted fault is found under its class, and none besides."""

import json

from sqlalchemy import select

from core.database import db
from reconciliation import operations, queries
from reconciliation.models import Difference, StatementLine
from tests.disbursement.county import County
from tests.factories import SAMPLES
from tests.reconciliation.conftest import RESULT_AT, STATEMENT

EXPECTED = next(
    entry for entry in json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8")) if entry["file"] == STATEMENT
)


def found_differences() -> list[tuple[object, ...]]:
    """Every difference as expected.json writes it: kind, serial, card, fen of bank and book where only one is there."""
    found: list[tuple[object, ...]] = []
    for difference in db.session.scalars(select(Difference)):
        line, attempt = difference.line, difference.attempt
        if line is None:
            assert attempt is not None
            found.append((difference.kind, None, attempt.card_number, difference.book_fen))
        else:
            found.append((difference.kind, line.serial, line.card, difference.bank_fen))
    return sorted(found, key=str)


def test_the_planted_faults_are_found_and_none_besides(county: County) -> None:
    content = (SAMPLES / STATEMENT).read_bytes()
    summary = operations.import_statement(county.finance, "sample", content, "2020-07", at=RESULT_AT)
    assert (summary.opening_fen, summary.closing_fen) == (EXPECTED["opening_fen"], EXPECTED["closing_fen"])
    assert summary.lines == EXPECTED["lines"]
    month = operations.month_named("2020-07", at=RESULT_AT)
    matched = db.session.scalars(select(StatementLine.id).where(StatementLine.kind == "matched")).all()
    assert len(matched) == EXPECTED["matched"]
    assert queries.still_unclear(month) == EXPECTED["still_unclear"]
    expected = [
        (one["kind"], one["serial"], one["card"], one.get("bank_fen", one.get("book_fen")))
        for one in EXPECTED["differences"]
    ]
    assert found_differences() == sorted(expected, key=str)
    sides = queries.sides_of(month)
    assert (sides.book_gap, sides.balance_gap, sides.agree) == (0, 0, True)
