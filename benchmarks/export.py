"""131,000 payments as a workbook: ours reads them as an official's list does and writes the file; the floor is
XlsxWriter alone on the very same cells."""

import pickle
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import xlsxwriter
from flask import Flask
from sqlalchemy import select

from benchmarks import registry_fixture
from benchmarks.children import Databases, report, run_child, serve_child, timed
from core import listing_pages
from core.database import db
from core.listing import AnySelect
from core.principal import system
from disbursement import operations, queries
from disbursement.listings import PAYMENTS
from disbursement.models import Payment, Roll
from disbursement.operations.rolls import RollEntry
from programmes.models import Programme
from registry.models import Region

LINES = 131_000
FEWER = 10_000
MORE = 1_000_000
PAIRS = 3
BAR = 1.5
# Ten times the lines may take eleven times the time, and a hundred times the lines eleven times eleven.
GROWTH = 11.0**2
PEAK_MB = 300
# A roll of each length in a township of its own.
TOWNSHIPS = {LINES: "513426100000", FEWER: "513426103000", MORE: "513426104000"}
AT = registry_fixture.AT


def measure(url: str) -> list[dict[str, Any]]:
    """Ours against the floor, its growth from 10,000 lines to a million, and the peak of memory."""
    with Databases(url) as databases:
        folder = Path(databases.folder)
        run_child(__name__, "prepare", url, folder)
        pairs, growth, peaks = [], [], []
        for _ in range(PAIRS):
            floor_seconds = run_child(__name__, "floor", url, folder)["seconds"]
            found = run_child(__name__, "ours", url, folder)
            fewer = run_child(__name__, "ours_fewer", url, folder)
            pairs.append((found["seconds"], floor_seconds))
            more = run_child(__name__, "ours_more", url, folder)
            growth.append((more["seconds"], fewer["seconds"]))
            peaks.append((max(found["peak_mb"], more["peak_mb"]), PEAK_MB))
    return [
        report("export", databases.kind, pairs, "s", BAR),
        report("export-growth", databases.kind, growth, "s", GROWTH),
        report("export-peak", databases.kind, peaks, "MB", 1.0),
    ]


def prepare(app: Flask, folder: str) -> None:
    """The rolls, and the cells of the one that is compared with the floor."""
    db.create_all()
    registry_fixture.load_regions()
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
    first = 0
    for count, township in TOWNSHIPS.items():
        entries = [_entry(number, township) for number in range(first, first + count)]
        region = db.session.get_one(Region, township)
        operations.import_roll(system("benchmark"), programme, "202006", region, entries, at=AT)
        first += count
    db.session.commit()
    cells = list(PAYMENTS.export_rows(_payments(LINES), {}, LINES))
    (Path(folder) / "cells.pickle").write_bytes(pickle.dumps(cells))


def _entry(number: int, township: str) -> RollEntry:
    return RollEntry("", number + 3, registry_fixture.person(number, township), "3", 27000)


def _payments(count: int) -> AnySelect:
    rolls = select(Roll.id).where(Roll.township_code == TOWNSHIPS[count])
    return queries.visible_payments(system("benchmark")).where(Payment.roll_id.in_(rolls))


def ours(app: Flask, folder: str) -> float:
    """The list, from the first query to the finished file."""
    return _ours(LINES)


def ours_fewer(app: Flask, folder: str) -> float:
    """The same for a short one."""
    return _ours(FEWER)


def ours_more(app: Flask, folder: str) -> float:
    """The same for one of a million lines."""
    return _ours(MORE)


def _ours(expected: int) -> float:
    # One request writes no more than that; how the time grows is looked at past it.
    listing_pages.EXPORT_CAP = max(listing_pages.EXPORT_CAP, expected)

    def work() -> None:
        with tempfile.TemporaryFile() as file:
            written = listing_pages.write(cast("BinaryIO", file), PAYMENTS, _payments(expected), {}, "xlsx")
        if written != expected:
            raise RuntimeError(f"{written} rows instead of {expected}")

    return timed(work)


def floor(app: Flask, folder: str) -> float:
    """XlsxWriter and nothing else."""
    cells: Sequence[Sequence[str]] = pickle.loads((Path(folder) / "cells.pickle").read_bytes())  # noqa: S301 -- written by this benchmark

    def work() -> None:
        with tempfile.TemporaryFile() as file:
            book = xlsxwriter.Workbook(
                file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
            )
            sheet = book.add_worksheet()
            for row, values in enumerate(cells):
                for column, value in enumerate(values):
                    if value:
                        sheet.write_string(row, column, value)
            book.close()

    return timed(work)


if __name__ == "__main__":
    serve_child(prepare, ours, ours_fewer, ours_more, floor)
