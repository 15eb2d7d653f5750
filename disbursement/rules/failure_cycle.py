"""The three due dates of a failed payment (B6), and whose turn it is."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


@dataclass(frozen=True)
class FailureCycle:
    """Until when the township corrects (20th), the department pushes (25th), and the bank pays again (28th)."""

    correct_by: date
    resubmit_by: date
    reissue_by: date

    @property
    def month(self) -> str:
        """The month of the cycle, YYYY-MM."""
        return month_of(self.correct_by)


class Owner(StrEnum):
    """Whose step it is."""

    TOWNSHIP = "township"
    DEPARTMENT = "department"
    BANK = "bank"


# Which office has to act on a payment in that state. What the bank sent back is corrected like what failed.
OWNER_OF = {
    "failed": Owner.TOWNSHIP,
    "returned": Owner.TOWNSHIP,
    "corrected": Owner.DEPARTMENT,
    "resubmitted": Owner.BANK,
    "sent": Owner.BANK,
    "unclear": Owner.BANK,
}


def failure_cycle(recorded_on: date) -> FailureCycle:
    """The cycle of a failure recorded on this county day: this month's up to and including the 20th, later the next
    month's (policy §1, B6)."""
    year, month = recorded_on.year, recorded_on.month
    if recorded_on.day > 20:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return FailureCycle(date(year, month, 20), date(year, month, 25), date(year, month, 28))


def month_of(day: date) -> str:
    """The month of a day, YYYY-MM."""
    return f"{day.year:04d}-{day.month:02d}"


def is_late(due_on: date, done_on: date | None, today: date) -> bool:
    """Whether a step was, or by now is, past its day: a step is in time up to and including the day."""
    return (done_on or today) > due_on
