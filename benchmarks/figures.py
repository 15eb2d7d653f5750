"""The page of a year's figures with 150,000 cases, against one bare GROUP BY of the same rows: the county's, which were
drawn up by night, and those of the township with the most cases, which are counted as they are. Beside them the night
that draws the county's up, months and quarters included, for everybody who reads them."""

import json
import re
import statistics
import subprocess
import sys
from functools import partial
from typing import Any

from flask import Flask

from benchmarks.children import Databases, run_child, serve_child, timed
from benchmarks.queue_page import application, signed_in

CASES = 150_000
PAIRS = 3
TIMES = 5
MODULE = "benchmarks.figures"
BARS = {"figures-county": 0.5, "figures-own": 15.0}
NIGHT_BAR = 600.0
PAGES = {
    "figures-county": ("audit", "scope=county"),
    "figures-own": ("township", "scope=own"),
}
"""Name of a line of the results → who asks for which figures."""
EVERYTHING = """
    SELECT c.category, substr(c.region_code, 1, 9), c.owner_id, c.channel, c.state, k.stopped_on <= k.due_on, count(*)
    FROM complaints c LEFT JOIN complaint_clocks k ON k.complaint_id = c.id AND k.kind = 'resolve'
    WHERE c.received_on BETWEEN :first AND :last AND (:owner IS NULL OR c.owner_id = :owner)
    GROUP BY 1, 2, 3, 4, 5, 6
"""


def measure(url: str) -> list[dict[str, Any]]:
    """Milliseconds of the pages and of the floor, and seconds of the night, on the empty database at ``url``."""
    with Databases(url) as databases:
        run_child(MODULE, "prepared", url, CASES)
        night = run_child(MODULE, "drawn_up", url, CASES)["seconds"]
        pairs = [_asked(url) for _ in range(PAIRS)]
    lines = [_line(name, databases.kind, [found[name] for found in pairs]) for name in PAGES]
    floor = statistics.median(found["figures-county"][1] for found in pairs) / 1000
    return [*lines, _night(databases.kind, night, floor)]


def _line(name: str, kind: str, pairs: list[tuple[float, float]]) -> dict[str, Any]:
    ratio = statistics.median(ours / floor for ours, floor in pairs)
    return {
        "name": name,
        "database": kind,
        "ours": round(statistics.median(ours for ours, _ in pairs), 1),
        "floor": round(statistics.median(floor for _, floor in pairs), 1),
        "ratio": round(ratio, 2),
        "unit": "ms",
        "bar": BARS[name],
        "holds": ratio <= BARS[name],
    }


def _night(kind: str, seconds: float, floor: float) -> dict[str, Any]:
    return {
        "name": "figures-night",
        "database": kind,
        "ours": round(seconds, 1),
        "floor": round(floor, 2),
        "ratio": round(seconds / floor, 1),
        "unit": "s",
        "bar": NIGHT_BAR,
        # Seconds, whatever the floor takes: it is done once, by night.
        "holds": seconds <= NIGHT_BAR,
    }


def _asked(url: str) -> dict[str, tuple[float, float]]:
    done = subprocess.run([sys.executable, "-m", MODULE, url], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, tuple[float, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def asked(app: Flask) -> dict[str, tuple[float, float]]:
    """Median milliseconds of each page and of its floor."""
    from benchmarks.figures_county import year_counted

    found = {}
    for name, (username, scope) in PAGES.items():
        client = signed_in(app, username)
        address = f"/staff/complaints/statistics?{scope}&period={year_counted()}"
        first = client.get(address)
        assert first.status_code == 200 and len(re.findall("<tr", first.text)) > 30, (address, first.status_code)
        assert ("定稿" in first.text) == (scope == "scope=county"), address
        ours, floors = [], []
        for _ in range(TIMES):
            floors.append(_grouped(app, username))
            ours.append(timed(partial(client.get, address)))
        found[name] = statistics.median(ours) * 1000, statistics.median(floors) * 1000
    return found


def _grouped(app: Flask, username: str) -> float:
    """Seconds of one bare GROUP BY of the cases that the page is about."""
    from datetime import date

    from sqlalchemy import BigInteger, bindparam, select, text

    from accounts.models import Official
    from benchmarks.figures_county import year_counted
    from core.database import db

    statement = text(EVERYTHING).bindparams(bindparam("owner", type_=BigInteger))
    with app.app_context():
        owner = db.session.scalar(select(Official.organisation_id).where(Official.username == username))
        year = year_counted()
        days = {"first": date(year, 1, 1).isoformat(), "last": date(year, 12, 31).isoformat()}
        if db.engine.dialect.name == "postgresql":
            statement = text(EVERYTHING.replace(":owner IS", "CAST(:owner AS bigint) IS"))
        values = days | {"owner": owner if username == "township" else None}
        return timed(lambda: db.session.execute(statement, values).all())


def prepared(_app: Flask, argument: str) -> None:
    """Fill the database with so many cases of last year."""
    from benchmarks.figures_county import prepare

    prepare(int(argument))


def drawn_up(_app: Flask, _argument: str) -> float:
    """The night that draws up last year's figures, with its months and quarters and the empty years before."""
    from complaints.operations import draw_up_figures
    from core import clock
    from core.database import db
    from core.principal import system

    def night() -> None:
        draw_up_figures(system("benchmark"), at=clock.utc_now(), pause=db.session.commit)
        db.session.commit()

    return timed(night)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        serve_child(prepared, drawn_up)
    else:
        with application(sys.argv[1]) as app:
            print(json.dumps(asked(app)))
