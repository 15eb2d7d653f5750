"""The one place that reads the clock. Views, tasks and commands call it; everything below takes time as an argument."""

from datetime import UTC, date, datetime

from core.calendar import SHANGHAI, local_date

__all__ = ["SHANGHAI", "local_date", "local_time", "today", "utc_now"]


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in the county (Asia/Shanghai): deadlines are counted in its days."""
    return local_date(utc_now())


def local_time(at: datetime) -> datetime:
    """The aware instant ``at`` as wall-clock time in Asia/Shanghai, for screens and files.

    Raises ValueError for a naive one, which names no instant.
    """
    if at.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return at.astimezone(SHANGHAI)
