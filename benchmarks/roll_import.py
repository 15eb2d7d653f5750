"""A roll of 100,000 lines in a workbook, against a registry of a million people. Ours reads, recognises, checks,
finds people and cards, encrypts what is new and inserts; the floor is calamine reading the same workbook and a bare
executemany of the very rows that ours had inserted."""

import io
import pickle
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text

from benchmarks import registry_fixture
from benchmarks.children import Databases, report, run_child, serve_child, tidy, timed
from core.database import db
from core.principal import system
from core.uploads import Incoming
from disbursement.uploads import save_roll
from programmes.models import Programme
from registry.enrolment import PersonLine
from registry.models import Region

PEOPLE = 1_000_000
LINES = 100_000
FEWER = 10_000
MORE = 1_000_000
NEW_ONE_IN = 10
PAIRS = 3
BAR = 3.0
GROWTH = 11.0
PEAK_MB = 400
TOWNSHIP = "513426100000"
AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
HEADER = ("序号", "乡镇", "村", "社", "姓名", "身份证号", "社保卡号", "手机号", "金额", "备注")
# In the order in which rows may be deleted: what an import writes, findings and histories with it.
TABLES = (
    "roll_findings",
    "card_changes",
    "phone_changes",
    "card_gaps",
    "payments",
    "rolls",
    "batches",
    "beneficiaries",
    "cards",
)


def measure(url: str) -> list[dict[str, Any]]:
    """Ours against the floor, its growth from 10,000 to 100,000 lines and on to a million, and the peak of memory."""
    with Databases(url) as databases:
        folder = Path(databases.folder)
        run_child(__name__, "prepare", url, folder)
        pairs, growth, further, peaks = [], [], [], []
        for _ in range(PAIRS):
            floor_seconds = run_child(__name__, "floor", url, folder)["seconds"]
            found = run_child(__name__, "ours", url, folder)
            fewer = run_child(__name__, "ours_fewer", url, folder)
            pairs.append((found["seconds"], floor_seconds))
            with databases.copy() as copy:
                more = run_child(__name__, "ours_more", copy, folder)
            growth.append((found["seconds"], fewer["seconds"]))
            further.append((more["seconds"], found["seconds"]))
            peaks.append((found["peak_mb"], PEAK_MB))
    return [
        report("roll-import", databases.kind, pairs, "s", BAR),
        report("roll-import-growth", databases.kind, growth, "s", GROWTH),
        report("roll-import-growth-1m", databases.kind, further, "s", GROWTH),
        report("roll-import-peak", databases.kind, peaks, "MB", 1.0),
    ]


def prepare(app: Flask, folder: str) -> None:
    """The registry, the programme, the workbooks, and the rows that ours inserts."""
    db.create_all()
    registry_fixture.fill(PEOPLE)
    db.session.add(
        Programme(
            code="SENIOR_ALLOWANCE",
            name="高龄津贴",
            department_name="县民政局",
            target="",
            standard="",
            unit="人",
            frequency="季度",
            channel="platform",
            created_at=AT,
        )
    )
    db.session.commit()
    for count in (LINES, FEWER, MORE):
        (Path(folder) / f"{count}.xlsx").write_bytes(_workbook(count))
    before = _last_ids()
    (Path(folder) / "before.pickle").write_bytes(pickle.dumps(before))
    _import(folder, LINES)
    rows = {table: _rows_after(table, before[table]) for table in TABLES}
    (Path(folder) / "rows.pickle").write_bytes(pickle.dumps(rows))
    _reset(folder)


def _workbook(count: int) -> bytes:
    places = [(village.name, group.name) for village in _below(TOWNSHIP) for group in _below(village.code)]
    township = db.session.get_one(Region, TOWNSHIP).name
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ("2020年第二季度高龄津贴发放花名册",))
    sheet.write_row(1, 0, HEADER)
    for row, person in enumerate(_people(count), 2):
        village, group = places[row % len(places)]
        cells = (person.name, person.id_number, person.card_number, person.phone)
        sheet.write_row(row, 0, (row - 1, township, village, group, *cells))
        sheet.write_number(row, 8, 150 + row % 7)
    book.close()
    return content.getvalue()


def _below(code: str) -> list[Region]:
    return list(db.session.scalars(select(Region).where(Region.parent_code == code).order_by(Region.code)))


def _people(count: int) -> Iterator[PersonLine]:
    """People from all over the registry, and one in ten whom it does not know."""
    step = PEOPLE // count
    for line in range(count):
        yield registry_fixture.person(PEOPLE + line if line % NEW_ONE_IN == 0 else line * step, TOWNSHIP)


def _last_ids() -> dict[str, int]:
    return {table: db.session.scalar(text(f"SELECT coalesce(max(id), 0) FROM {table}")) or 0 for table in TABLES}


def _rows_after(table: str, last: int) -> list[dict[str, Any]]:
    rows = db.session.execute(text(f"SELECT * FROM {table} WHERE id > :last ORDER BY id"), {"last": last})
    return [dict(row) for row in rows.mappings()]


def _reset(folder: str) -> None:
    """Forget what was imported."""
    before = pickle.loads((Path(folder) / "before.pickle").read_bytes())  # noqa: S301 -- written by this benchmark
    db.session.rollback()
    for table in TABLES:
        db.session.execute(text(f"DELETE FROM {table} WHERE id > :last"), {"last": before[table]})
    db.session.commit()
    tidy()


def _import(folder: str, count: int) -> None:
    content = (Path(folder) / f"{count}.xlsx").read_bytes()
    parameters = {"programme": "SENIOR_ALLOWANCE", "period": "202006", "township": TOWNSHIP}
    save_roll(system("benchmark"), Incoming(content, "roll.xlsx", parameters), AT, lambda _done, _total: None)
    db.session.commit()


def ours(app: Flask, folder: str) -> float:
    """The whole import of 100,000 lines, from the bytes to the commit."""
    return _ours(folder, LINES)


def ours_fewer(app: Flask, folder: str) -> float:
    """The same for 10,000 lines."""
    return _ours(folder, FEWER)


def ours_more(app: Flask, folder: str) -> float:
    """The same for a million lines, in a database that is thrown away."""
    return timed(lambda: _import(folder, MORE))


def _ours(folder: str, count: int) -> float:
    seconds = timed(lambda: _import(folder, count))
    _reset(folder)
    return seconds


def floor(app: Flask, folder: str) -> float:
    """Calamine and executemany."""
    rows: dict[str, list[dict[str, Any]]] = pickle.loads((Path(folder) / "rows.pickle").read_bytes())  # noqa: S301 -- written by this benchmark
    content = (Path(folder) / f"{LINES}.xlsx").read_bytes()
    raw = db.engine.raw_connection()
    mark = "?" if db.engine.dialect.name == "sqlite" else "%s"
    statements = [
        (_insert(table, rows[table][0], mark), _tuples(rows[table])) for table in reversed(TABLES) if rows[table]
    ]

    def work() -> None:
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        cursor = raw.cursor()
        if mark == "?":
            cursor.execute("BEGIN IMMEDIATE")
        for statement, values in statements:
            cursor.executemany(statement, values)
        raw.commit()

    seconds = timed(work)
    raw.close()
    _reset(folder)
    return seconds


def _insert(table: str, row: dict[str, Any], mark: str) -> str:
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join([mark] * len(row))})"


def _tuples(rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows]


if __name__ == "__main__":
    serve_child(prepare, ours, ours_fewer, ours_more, floor)
