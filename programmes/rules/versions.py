"""What is valid from one day to another: standards and rules change by a further version, never in place."""

from collections.abc import Iterable
from datetime import date, timedelta


def end_before(begins: date, until: date | None) -> date:
    """Until when a version is valid once another begins on that day: the day before, or earlier where it had ended."""
    last = begins - timedelta(days=1)
    return last if until is None or until > last else until


def is_later(begins: date | None, last_from: date | None) -> bool:
    """Whether a version may follow one that began on ``last_from`` (None: from the beginning)."""
    return begins is not None and (last_from is None or begins > last_from)


def months_in_force(months: Iterable[str], valid_from: date | None, valid_until: date | None) -> tuple[str, ...]:
    """Those months (YYYYMM) in which something valid on these days (both included; None: open) is in force on a day at
    least; none, where it ends before it begins."""
    if valid_from and valid_until and valid_until < valid_from:
        return ()
    first = f"{valid_from:%Y%m}" if valid_from else ""
    last = f"{valid_until:%Y%m}" if valid_until else "999999"
    return tuple(month for month in months if first <= month <= last)
