"""Rolls in all kinds of layouts with planted faults: exactly those are found, no line is lost, no good one refused."""

import io
from collections import Counter

import pytest

from core.tables.marking import write_marked_copy
from core.tables.reading import open_table
from disbursement.roll_files.lines import LineProblem, RollLine
from disbursement.roll_files.problems import PROBLEMS
from disbursement.roll_files.reading import RollReading
from disbursement.roll_files.rows import RowKind
from tests.builders.regions import index_of
from tests.builders.rolls import TODAY, TOWNSHIP, MessyRoll, messy_roll

INDEX = index_of(TOWNSHIP)
NAMES = {code: name for name, code in INDEX.names.items()}


def read(content: bytes) -> tuple[RollReading, list[RollLine], list[LineProblem]]:
    with open_table(content) as table:
        reading = RollReading(table, INDEX, TODAY)
        items = list(reading.items())
    good = [item for item in items if isinstance(item, RollLine)]
    return reading, good, [item for item in items if isinstance(item, LineProblem)]


def place_of(line: RollLine) -> str:
    """A line's region as the generator writes it: 清水村/2, 清水村/ without a group."""
    group = line.region_code[12:].lstrip("0")
    return f"{NAMES.get(line.region_code[:12], '')}/{group}"


@pytest.mark.parametrize("seed", range(80))
def test_what_was_planted_is_found(seed: int) -> None:
    roll = messy_roll(seed)
    reading, good, bad = read(roll.content)
    assert Counter((item.sheet, item.row, item.code) for item in bad) == Counter(roll.problems)
    assert len(good) == roll.good
    assert sum(line.amount_fen for line in good) == roll.total_fen
    assert {line.id_number: place_of(line) for line in good} == roll.regions
    _account_is_complete(reading, len(good) + len(bad))


def _account_is_complete(reading: RollReading, items: int) -> None:
    """Every physical row is exactly one thing, and every line is among the items."""
    assert sum(sheet.rows[RowKind.LINE] for sheet in reading.sheets) == items
    assert all(count >= 0 for sheet in reading.sheets for count in sheet.rows.values())


@pytest.mark.parametrize("seed", range(100, 120))
def test_the_marked_copy_is_found_to_be_the_same_roll(seed: int) -> None:
    roll = messy_roll(seed)
    reading, good, bad = read(roll.content)
    out = io.BytesIO()
    write_marked_copy(
        roll.content,
        {(item.sheet, item.row): PROBLEMS[item.code] for item in bad},
        out,
        header_rows={sheet.name: sheet.header_row for sheet in reading.sheets if sheet.header_row},
    )
    _, good_again, bad_again = read(out.getvalue())
    assert _places(bad_again, roll) == _places(bad, roll)
    assert [line._replace(sheet=None, row=0) for line in good_again] == [
        line._replace(sheet=None, row=0) for line in good
    ]


def _places(bad: list[LineProblem], roll: MessyRoll) -> list[tuple[str | None, int, str]]:
    """Web pages have no sheets and become workbooks with one."""
    return [(None if roll.kind == "html" else item.sheet, item.row, item.code) for item in bad]
