"""The invented county of the samples, as the index that rolls are read against."""

import csv
from pathlib import Path

from disbursement.roll_files.regions import RegionIndex

SAMPLES = Path(__file__).parents[1] / "data" / "samples"


def index_of(township: str) -> RegionIndex:
    """The villages and groups of a township of the samples."""
    with (SAMPLES / "regions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    name = next(row["name"] for row in rows if row["code"] == township)
    below = [(r["code"], r["name"]) for r in rows if r["code"].startswith(township[:9]) and r["code"] != township]
    return RegionIndex.build(township, name, below)
