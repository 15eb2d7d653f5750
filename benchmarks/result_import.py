"""A bank's result of 100,000 lines: ours reads, matches, records, moves payments and queues messages; the floor is the
bare SQL that joins lines already in a table with the book and updates it."""

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from benchmarks.children import Databases, report, run_child, serve_child, tidy, timed
from core.database import db
from core.money import Fen
from core.principal import Principal, system
from core.uploads import store_file
from disbursement import operations
from disbursement.models import Attempt, Batch, ResultFile, Roll
from disbursement.operations.rolls import RollEntry
from programmes.models import FundLine, Programme
from registry.enrolment import PersonLine
from registry.models import Region

LINES = 100_000
FEWER = 10_000
MORE = 1_000_000
PAIRS = 3
BAR = 4.0
# From 10,000 lines to a million ours may grow a tenth more than the bare statements: how a database itself grows, when
# its indexes no longer fit its memory, is its own affair.
GROWTH = 1.1
PEAK_MB = 300
AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
TOWNSHIP = "513426100000"
REASONS = ("账户已销户", "账号户名不符", "已挂失卡", "账户状态错误", "金融账户未激活")


def measure(url: str) -> list[dict[str, Any]]:
    """Ours against the floor on the empty database at ``url``: without messages (the bare join-updates), with them
    (and the bare insert of the same messages), the peak of memory, a million lines, and how many times longer a million
    takes than 10,000."""
    run_child(__name__, "schema", url, "")
    with Databases(url) as empty:
        with empty.copy() as copy, Databases(copy) as databases:
            answer = _prepared(databases, LINES)
            quiet, _ = _pairs(databases, answer, "quiet")
            talking, peaks = _pairs(databases, answer, "talking")
        many, few = _talking(empty, MORE), _talking(empty, FEWER)
        growth = [(a[0] / b[0], a[1] / b[1]) for a, b in zip(many, few, strict=True)]
    return [
        report("result-import", databases.kind, quiet, "s", BAR),
        report("result-import-messages", databases.kind, talking, "s", BAR),
        report("result-import-peak", databases.kind, [(peak, PEAK_MB) for peak in peaks], "MB", 1.0),
        report("result-import-1m", databases.kind, many, "s", BAR),
        report("result-import-growth", databases.kind, growth, "times", GROWTH),
    ]


def _prepared(databases: Databases, lines: int) -> Path:
    answer = Path(databases.folder) / f"{lines}.txt"
    run_child(__name__, "prepare", databases.template, answer)
    return answer


def _talking(empty: Databases, lines: int) -> list[tuple[float, float]]:
    """Seconds of ours and of the floor, with messages, pair by pair."""
    with empty.copy() as copy, Databases(copy) as databases:
        return _pairs(databases, _prepared(databases, lines), "talking")[0]


def _pairs(databases: Databases, answer: Path, how: str) -> tuple[list[tuple[float, float]], list[float]]:
    """Seconds of ours and of the floor, pair by pair, and the peaks of ours in MB."""
    pairs, peaks = [], []
    for _ in range(PAIRS):
        found = {}
        for name in ("floor", "ours"):
            with databases.copy() as copy:
                found[name] = run_child(__name__, f"{name}_{how}", copy, answer)
        pairs.append((found["ours"]["seconds"], found["floor"]["seconds"]))
        peaks.append(found["ours"]["peak_mb"])
    return pairs, peaks


def schema(app: Flask, _: str) -> None:
    """All tables, empty."""
    db.create_all()


def prepare(app: Flask, answer: str) -> None:
    """A batch of as many payments as the file for the bank's answer is named after, sent; and that answer."""
    programme = _county()
    batch = _sent_batch(programme, int(Path(answer).stem))
    Path(answer).write_bytes(_answer(batch))


def _county() -> Programme:
    db.session.execute(
        insert(Region), [{"code": TOWNSHIP, "name": "鲹鱼河镇", "level": "township", "parent_code": None}]
    )
    programme = Programme(
        code="DISABLED_LIVING",
        name="困难残疾人生活补贴",
        department_name="县民政局",
        target="",
        standard="",
        unit="人",
        frequency="季度",
        channel="platform",
        created_at=AT,
    )
    db.session.add(programme)
    db.session.flush()
    db.session.add(
        FundLine(
            programme_id=programme.id,
            year=2020,
            source="current_year",
            level="县级",
            document_number="1",
            amount_fen=Fen(MORE * 27000),
            recorded_on=AT.date(),
        )
    )
    return programme


def _official(number: int) -> Principal:
    return dataclasses.replace(system("benchmark"), official_id=number)


def _sent_batch(programme: Programme, lines: int) -> Batch:
    township = db.session.get_one(Region, TOWNSHIP)
    roll = operations.import_roll(_official(1), programme, "202006", township, list(map(_entry, range(lines))), at=AT)
    _approve(roll)
    operations.confirm_batch(_official(4), roll.batch, at=AT)
    operations.export_offer(_official(4), roll.batch, at=AT)
    db.session.commit()
    return roll.batch


def _approve(roll: Roll) -> None:
    operations.submit_roll(_official(1), roll, at=AT)
    operations.approve_roll_township(_official(2), roll, at=AT)
    operations.record_publicity(_official(2), roll, until=AT.date() - timedelta(days=1), at=AT)
    operations.approve_roll_department(_official(3), roll, at=AT)


def _entry(number: int) -> RollEntry:
    person = PersonLine(
        id_number=f"513426{number:012d}",
        name=f"张{chr(0x4E00 + number % 20000)}",
        region_code=TOWNSHIP,
        phone=f"138{number:08d}",
        card_number=f"62170012{number:011d}",
    )
    return RollEntry("", number + 1, person, "3", 27000)


def _answer(batch: Batch) -> bytes:
    """Nine in a hundred fail, one is unclear."""
    rows = db.session.execute(
        select(Attempt.reference, Attempt.payee_name, Attempt.card_number, Attempt.amount_fen).order_by(Attempt.id)
    )
    lines, counts = [], [0, 0, 0]
    for number, (reference, name, card, fen) in enumerate(rows):
        kind = 1 if number % 100 < 9 else 2 if number % 100 == 9 else 0
        code, reason = (("0000", ""), ("9999", REASONS[number % len(REASONS)]), ("8888", "处理中"))[kind]
        counts[kind] += 1
        lines.append(f"{reference}|{name}|{card}|{fen}|{code}|{reason}|20200715")
    lines.append(f"TOTAL|{len(lines)}|{len(lines) * 27000}|{counts[0]}|{counts[1]}|{counts[2]}|")
    return ("\r\n".join(lines) + "\r\n").encode("gbk", "replace")


def ours(app: Flask, answer: str) -> float:
    """The whole import, from the bytes to the commit."""
    content = Path(answer).read_bytes()

    def work() -> None:
        operations.import_result(_official(5), "sample", content, at=AT)
        db.session.commit()

    return timed(work)


def floor(app: Flask, answer: str, statements: Sequence[str]) -> float:
    """The bare statements: the lines stand in a table already, are matched by reference, and nothing is checked."""
    outcomes = {"0000": "paid", "9999": "failed", "8888": "unclear"}
    lines = []
    for number, raw in enumerate(Path(answer).read_bytes().decode("gbk").splitlines()[:-1], 1):
        reference, _, _, _, code, reason, _ = raw.split("|")
        lines.append({"n": number, "r": reference, "o": outcomes[code], "w": reason, "d": "2020-07-15"})
    session = db.session
    columns = "number integer, reference varchar(40), outcome text, reason text, bank_date date"
    session.execute(text(f"CREATE TEMPORARY TABLE lines ({columns})"))
    session.execute(text("INSERT INTO lines VALUES (:n, :r, :o, :w, :d)"), lines)
    session.execute(text("ANALYZE lines"))
    file_id = store_file(b"bare", at=AT).id
    stored = ResultFile(file_id=file_id, profile="bare", line_count=len(lines), total_fen=Fen(0), imported_at=AT)
    session.add(stored)
    session.flush()
    values = {"file": stored.id, "at": AT.strftime("%Y-%m-%d %H:%M:%S+00" if _is_postgresql() else "%Y-%m-%d %H:%M:%S")}

    def work() -> None:
        for statement in statements:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            session.execute(text(statement), named)
        session.commit()

    return timed(work)


def _is_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


UPDATES = (
    "UPDATE attempts SET outcome = l.outcome, failure_reason = l.reason, bank_date = l.bank_date, "
    "result_line = l.number, result_file_id = :file FROM lines l WHERE l.reference = attempts.reference",
    "UPDATE payments SET state = l.outcome, failure_reason = l.reason, paid_on = l.bank_date "
    "FROM attempts a JOIN lines l ON l.reference = a.reference WHERE a.payment_id = payments.id",
)


def _message_insert() -> str:
    """The same rows that ours puts into the outbox, with fewer words in them."""
    made = "json_build_object" if _is_postgresql() else "json_object"
    return (
        "INSERT INTO messages (template, parameters, phone, phone_index, subject_kind, subject_id, region_code, "
        "language, priority, state, gateway, error_code, segments, attempts, not_before, expires_at, created_at) "
        f"SELECT 'payment_' || a.outcome, {made}('name', p.name, 'amount_fen', a.amount_fen, 'tail', a.card_tail), "
        "b.phone, b.phone_index, 'attempt', a.id, p.region_code, 'zh_CN', 5, 'queued', '', '', 0, 0, :at, :at, :at "
        "FROM attempts a JOIN lines l ON l.reference = a.reference JOIN payments p ON p.id = a.payment_id "
        "JOIN beneficiaries b ON b.id = p.beneficiary_id "
        "WHERE b.phone IS NOT NULL AND a.outcome IN ('paid', 'failed')"
    )


def _forget_phones() -> None:
    db.session.execute(text("UPDATE beneficiaries SET phone = NULL, phone_index = NULL"))
    db.session.commit()
    tidy()


def ours_quiet(app: Flask, answer: str) -> float:
    """Nobody has a phone: no messages."""
    _forget_phones()
    return ours(app, answer)


def floor_quiet(app: Flask, answer: str) -> float:
    """The bare join-updates."""
    _forget_phones()
    return floor(app, answer, UPDATES)


def ours_talking(app: Flask, answer: str) -> float:
    """Everybody has a phone: 99,000 messages."""
    return ours(app, answer)


def floor_talking(app: Flask, answer: str) -> float:
    """The bare join-updates, and the bare insert of the messages."""
    return floor(app, answer, (*UPDATES, _message_insert()))


if __name__ == "__main__":
    serve_child(schema, prepare, ours_quiet, floor_quiet, ours_talking, floor_talking)
