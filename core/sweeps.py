"""What every night does: the rooms register their sweeps here, and the scheduler or ``flask sweep`` runs them all.

A sweep is idempotent and asks what is so at ``at``, not what happened since the last run: a missed night is made up
for by the next one, and two at once do no harm.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from core import jobs
from core.database import db
from core.heartbeats import NIGHT, beat

Counts = Mapping[str, int]
Pause = Callable[[], None]
Sweep = Callable[[datetime, Pause], Counts]

_sweeps: dict[str, Sweep] = {}


def nightly(name: str) -> Callable[[Sweep], Sweep]:
    """Register a room's sweep (decorator, in its tasks.py). It is given the instant and a function to call between
    pieces of work, where what is done so far is committed; it returns counts without personal data."""

    def register(run: Sweep) -> Sweep:
        _sweeps[name] = run
        return run

    return register


def nights_of(prefix: str) -> list[tuple[str, Sweep]]:
    """The sweeps whose names begin so, in their order."""
    return [(name, run) for name, run in _sweeps.items() if name.startswith(prefix)]


def run_all(at: datetime) -> dict[str, dict[str, int]]:
    """Run every sweep in the order of registration, each committed for itself; returns their counts by name."""
    found: dict[str, dict[str, int]] = {}
    for name, run in _sweeps.items():
        found[name] = dict(run(at, db.session.commit))
        db.session.commit()
    beat(NIGHT, at)
    db.session.commit()
    return found


@jobs.periodic("nightly_sweep", minute="10", hour="1")
def _every_night(at: datetime) -> object:
    return run_all(at)
