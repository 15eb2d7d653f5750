"""The three due dates of a failed payment (B6)."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class FailureCycle:
    """Until when the township corrects (20th), the department pushes (25th), and the bank pays again (28th)."""

    correct_by: date
    resubmit_by: date
    reissue_by: date


def failure_cycle(recorded_on: date) -> FailureCycle:
    """The cycle of a failure recorded on this county day: this month's up to and including the 20th, later the next
    month's (policy §1, B6)."""
    year, month = recorded_on.year, recorded_on.month
    if recorded_on.day > 20:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return FailureCycle(date(year, month, 20), date(year, month, 25), date(year, month, 28))
