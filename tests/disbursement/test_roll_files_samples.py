"""The sample rolls, line for line as expected.json says."""

import json
from datetime import date
from typing import Any

import pytest

from core.tables.reading import open_table
from disbursement.roll_files.lines import RollLine
from disbursement.roll_files.reading import RollReading
from disbursement.roll_files.rows import RowKind
from tests.builders.regions import SAMPLES, index_of

EXPECTED = [entry for entry in json.loads((SAMPLES / "expected.json").read_text()) if "township" in entry]


@pytest.mark.parametrize("expected", EXPECTED, ids=[entry["programme"] for entry in EXPECTED])
def test_a_sample_is_read_exactly(expected: dict[str, Any]) -> None:
    path = SAMPLES / expected["file"]
    with open_table(path) as table:
        reading = RollReading(table, index_of(expected["township"]), date(2020, 7, 10))
        items = list(reading.items())
    good = [item for item in items if isinstance(item, RollLine)]
    bad = [item for item in items if not isinstance(item, RollLine)]
    assert [{"sheet": item.sheet, "row": item.row, "problem": item.code} for item in bad] == expected["problems"]
    assert len(good) == expected["good"]
    assert sum(line.amount_fen for line in good) == expected["total_fen"]
    assert all(sheet.certain for sheet in reading.sheets)
    assert sum(sheet.rows[RowKind.LINE] for sheet in reading.sheets) == len(items)
    assert all(len(line.region_code) == 15 for line in good)
    assert all(line.region_code.startswith(expected["township"][:9]) for line in good)
    assert all(line.card and line.name == line.payee_name for line in good)
