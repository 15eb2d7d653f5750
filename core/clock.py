"""The one place that reads the clock. Views, tasks and commands call it; everything below takes time as an argument."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in the county (Asia/Shanghai): deadlines are counted in its days."""
    return local_date(utc_now())


def local_date(at: datetime) -> date:
    """The day in Asia/Shanghai on which the aware instant ``at`` falls."""
    return at.astimezone(SHANGHAI).date()


def local_time(at: datetime) -> datetime:
    """The aware instant ``at`` as wall-clock time in Asia/Shanghai, for screens and files."""
    return at.astimezone(SHANGHAI)
