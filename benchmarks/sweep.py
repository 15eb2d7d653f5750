"""The night with a million open complaints, one in a hundred of which has just fallen due: all that the room of
complaints does in it, against one indexed select of what is overdue; and its peak of memory against that with ten
thousand. The bar is five seconds in all, whatever the floor takes."""

import statistics
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from benchmarks.children import Databases, run_child, serve_child, timed

OPEN, FEW = 1_000_000, 10_000
PAIRS = 3
SECONDS_BAR = 5.0
PEAK_BAR = 1.3
MODULE = "benchmarks.sweep"


def measure(url: str) -> list[dict[str, Any]]:
    """Seconds of a night and of the floor, and the peaks, on the empty database at ``url``."""
    with Databases(url) as databases:
        with databases.copy() as few:
            run_child(MODULE, "prepared", few, FEW)
            small = run_child(MODULE, "ours", few, FEW)["peak_mb"]
        run_child(MODULE, "prepared", url, OPEN)
        nights, floors = [], []
        for _ in range(PAIRS):
            with databases.copy() as copy:
                floors.append(run_child(MODULE, "floor", copy, OPEN)["seconds"])
                nights.append(run_child(MODULE, "ours", copy, OPEN))
    seconds, peak = [night["seconds"] for night in nights], statistics.median(night["peak_mb"] for night in nights)
    ratios = [mine / floor for mine, floor in zip(seconds, floors, strict=True)]
    return [
        {
            "name": "sweep",
            "database": databases.kind,
            "ours": round(statistics.median(seconds), 2),
            "floor": round(statistics.median(floors), 3),
            "ratio": round(statistics.median(ratios), 1),
            "unit": "s",
            "bar": SECONDS_BAR,
            "holds": statistics.median(seconds) <= SECONDS_BAR,
        },
        {
            "name": "sweep-peak",
            "database": databases.kind,
            "ours": round(peak, 1),
            "floor": round(small, 1),
            "ratio": round(peak / small, 2),
            "unit": "MB",
            "bar": PEAK_BAR,
            "holds": peak / small <= PEAK_BAR,
        },
    ]


def prepared(_app: Flask, argument: str) -> None:
    """Fill the database with so many open cases."""
    from benchmarks.complaints_county import prepare

    prepare(int(argument))


def ours(_app: Flask, argument: str) -> float:
    """One night, as ``flask sweep`` has it for complaints."""
    from benchmarks.complaints_county import tonight
    from core.database import db
    from core.sweeps import nights_of

    counts: dict[str, dict[str, int]] = {}
    at = tonight()

    def night() -> None:
        # Drawing up the figures is measured by itself ("figures"): it is done once for each period.
        for name, run in ((name, run) for name, run in nights_of("complaints.") if name != "complaints.figures"):
            counts[name] = dict(run(at, db.session.commit))
            db.session.commit()

    seconds = timed(night)
    up = sum(counts["complaints.escalate"].values())
    # 15 of a thousand; those not taken on and 20 days late would go up twice.
    assert up == int(argument) * 15 // 1000, counts
    assert counts["complaints.close"]["closed"] > 0, counts
    return seconds


def floor(_app: Flask, _argument: str) -> float:
    """The running clocks that are past their day, by the index that the sweep uses."""
    from benchmarks.complaints_county import tonight
    from complaints.models import Clock
    from core.calendar import local_date
    from core.database import db

    overdue = select(Clock.id, Clock.complaint_id).where(
        Clock.kind.in_(("accept", "resolve", "review", "higher_review")),
        Clock.stopped_on.is_(None),
        Clock.due_on < local_date(tonight()),
    )
    db.session.scalar(select(func.count()).select_from(overdue.limit(1).subquery()))
    return timed(lambda: db.session.execute(overdue).all())


if __name__ == "__main__":
    serve_child(prepared, ours, floor)
