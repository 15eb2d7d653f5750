"""What the night does in this room: it counts what is past its day. Reminders are the board's; money is nobody's."""

from collections.abc import Mapping
from datetime import datetime

from core.clock import local_date
from core.principal import system
from core.sweeps import Pause, nightly
from disbursement.cycle_board import overdue_counts


@nightly("disbursement.failure_cycle")
def failure_cycle(at: datetime, _pause: Pause) -> Mapping[str, int]:
    """Failures, re-issues, returns and unclear answers that are late today; changes nothing."""
    return overdue_counts(system("nightly sweep"), local_date(at))
