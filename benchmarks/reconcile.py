"""A month of 1,000,000 statement lines against 1,000,000 attempts: ours matches every line once, classes what is left
and notes the differences; the floor is the bare SQL that joins the same rows by card, amount and day and writes it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from benchmarks import registry_fixture
from benchmarks.children import Databases, report, run_child, serve_child, timed
from core.bulk import insert_columns
from core.database import db, keyring
from core.money import Fen
from core.principal import system
from core.uploads import store_file
from disbursement.models import Attempt, Batch, OfferFile, Payment, Roll
from programmes.models import Programme
from reconciliation import operations
from reconciliation.models import Difference, Month, Statement, StatementLine
from registry.models import Region

LINES = 1_000_000
FEWER = 10_000
PAIRS = 3
BAR = 3.0
# Ten times the lines may take eleven times the time, and a hundred times the lines eleven times eleven.
GROWTH = 11.0**2
PEAK_MB = 400
AT = datetime(2020, 8, 3, 2, tzinfo=UTC)
MONTH, DAY, LATE_DAY = "2020-07", date(2020, 7, 15), date(2020, 7, 16)
TOWNSHIP = "513426100000"
# What one person receives in a month: so many programmes, each with an amount of its own.
PROGRAMMES = 8
# Of every thousand payments one has no line, one a line with another amount, one two lines, one comes a day late.
OFTEN = 1000
CHUNK = 100_000


def measure(url: str) -> list[dict[str, Any]]:
    """Ours against the floor, its growth from 10,000 lines to a million, and the peak of memory."""
    pairs, growth, peaks = [], [], []
    run_child(__name__, "schema", url, "")
    with Databases(url) as databases, databases.copy() as small, Databases(small) as fewer:
        run_child(__name__, "prepare", small, FEWER)
        run_child(__name__, "prepare", url, LINES)
        for _ in range(PAIRS):
            floor_seconds = _run(databases, "floor")["seconds"]
            found = _run(databases, "ours")
            pairs.append((found["seconds"], floor_seconds))
            growth.append((found["seconds"], _run(fewer, "ours")["seconds"]))
            peaks.append((found["peak_mb"], PEAK_MB))
    return [
        report("reconcile", databases.kind, pairs, "s", BAR),
        report("reconcile-growth", databases.kind, growth, "s", GROWTH),
        report("reconcile-peak", databases.kind, peaks, "MB", 1.0),
    ]


def _run(databases: Databases, name: str) -> dict[str, float]:
    with databases.copy() as copy:
        return run_child(__name__, name, copy, "")


def schema(app: Flask, _: str) -> None:
    """All tables, empty."""
    db.create_all()


def prepare(app: Flask, lines: str) -> None:
    """So many payments that the bank has said it paid in July, and the statement of July."""
    people = int(lines) // PROGRAMMES
    registry_fixture.fill(people)
    offer = OfferFile(line_count=int(lines), total_fen=Fen(0), created_at=AT)
    month = Month(month=MONTH, created_at=AT)
    db.session.add_all([offer, month])
    db.session.flush()
    statement = _statement(month)
    for number in range(PROGRAMMES):
        roll = _roll(number)
        for first in range(0, people, CHUNK):
            part = range(first, min(first + CHUNK, people))
            _pay(roll, offer, statement, part, before=number * people, fen=_fen_of(number))
            db.session.commit()


def _fen_of(programme: int) -> int:
    return 9000 + 1000 * programme


def _statement(month: Month) -> Statement:
    """Its lines are written straight into their table: reading the file is not measured here."""
    statement = Statement(
        month_id=month.id,
        file_id=store_file(b"bench", at=AT).id,
        profile="sample",
        account="2213456700009999",
        account_index="2213456700009999",
        account_tail="9999",
        opening_fen=Fen(0),
        closing_fen=Fen(0),
        line_count=0,
        imported_at=AT,
        imported_by="benchmark",
    )
    db.session.add(statement)
    db.session.flush()
    return statement


def _roll(number: int) -> Roll:
    programme = Programme(
        code=f"PROGRAMME_{number}",
        name=f"补贴{number}",
        department_name="县民政局",
        target="",
        standard="",
        unit="人",
        frequency="每月",
        channel="platform",
        created_at=AT,
    )
    db.session.add(programme)
    db.session.flush()
    batch = Batch(programme_id=programme.id, period="202006", year=2020, state="results_in", created_at=AT)
    db.session.add(batch)
    db.session.flush()
    region = db.session.get_one(Region, TOWNSHIP)
    roll = Roll(
        batch_id=batch.id, township_code=region.code, state="department_approved", total_fen=Fen(0), created_at=AT
    )
    db.session.add(roll)
    db.session.flush()
    return roll


def _pay(roll: Roll, offer: OfferFile, statement: Statement, people: range, *, before: int, fen: int) -> None:
    """These people are paid that amount, and the bank's lines say so, some of them wrongly."""
    ids = [before + number + 1 for number in people]
    persons = [registry_fixture.person(number, TOWNSHIP) for number in people]
    cards = [person.card_number for person in persons]
    names = [person.name for person in persons]
    payments = {
        "id": ids,
        "roll_id": roll.id,
        "batch_id": roll.batch_id,
        "beneficiary_id": [number + 1 for number in people],
        "region_code": TOWNSHIP,
        "name": names,
        "payee_name": names,
        "card_id": [number + 1 for number in people],
        "amount_fen": fen,
        "state": "paid",
        "row": [number + 1 for number in people],
        "paid_on": DAY,
    }
    insert_columns(Payment, payments)
    keys = keyring().blind_indexes(cards, "card")
    attempts = {
        "id": ids,
        "payment_id": ids,
        "number": 1,
        "reference": [f"{number}-1" for number in ids],
        "offer_file_id": offer.id,
        "line_number": ids,
        "payee_name": names,
        "card_number": cards,
        "card_index": keys,
        "card_tail": [card[-4:] for card in cards],
        "amount_fen": fen,
        "outcome": "paid",
        "bank_date": DAY,
        "created_at": AT,
    }
    insert_columns(Attempt, attempts)
    _book(statement, [(ids[n], names[n], cards[n], keys[n]) for n in range(len(ids))], fen)


def _book(statement: Statement, paid: Sequence[tuple[int, str, str, bytes]], fen: int) -> None:
    lines: list[tuple[str, str, bytes, date, int]] = []
    for number, name, card, key in paid:
        fault = number % OFTEN
        if fault == 1:
            continue
        amount, day = fen + (fault == 2), LATE_DAY if fault == 4 else DAY
        lines += [(name, card, key, day, amount)] * (2 if fault == 3 else 1)
    start = statement.line_count
    balances = list(accumulate((-line[4] for line in lines), initial=int(statement.closing_fen)))[1:]
    numbers = [start + place + 1 for place in range(len(lines))]
    columns = {
        "statement_id": statement.id,
        "number": numbers,
        "day": [line[3] for line in lines],
        "debit_fen": [line[4] for line in lines],
        "credit_fen": 0,
        "balance_fen": balances,
        "name": [line[0] for line in lines],
        "card": [line[1] for line in lines],
        "card_index": [line[2] for line in lines],
        "card_tail": [line[1][-4:] for line in lines],
        "summary": "代发补贴",
        "serial": [f"N{number:09d}" for number in numbers],
    }
    insert_columns(StatementLine, columns)
    statement.line_count, statement.closing_fen = numbers[-1], Fen(balances[-1])
    db.session.flush()


def ours(app: Flask, _: str) -> float:
    """The whole matching, to the commit."""
    month = db.session.scalars(select(Month)).one()

    def work() -> None:
        operations.reconcile(system("benchmark"), month, at=AT)
        db.session.commit()

    seconds = timed(work)
    # A fast wrong answer is no result: three faults in a thousand want somebody's word.
    found = db.session.scalar(select(func.count()).select_from(Difference))
    planted = db.session.scalar(select(func.count()).select_from(Attempt).where((Attempt.id % OFTEN).between(1, 3)))
    assert found == planted, (found, planted)
    return seconds


def floor(app: Flask, _: str) -> float:
    """The bare join: no line is told from another, nothing is used once, no difference is noted."""

    def work() -> None:
        db.session.execute(
            text(
                "UPDATE statement_lines SET kind = 'matched', attempt_id = a.id FROM attempts a "
                "WHERE a.card_index = statement_lines.card_index AND a.amount_fen = statement_lines.debit_fen "
                "AND a.bank_date = statement_lines.day AND a.outcome = 'paid'"
            )
        )
        db.session.commit()

    return timed(work)


if __name__ == "__main__":
    serve_child(schema, prepare, ours, floor)
