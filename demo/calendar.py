"""Which periods lie how far back: the demo county is always as old as today."""

from datetime import UTC, date, datetime, time, timedelta


def quarters_before(today: date, count: int) -> list[str]:
    """The last ``count`` quarters that have ended, oldest first, each as the YYYYMM of its last month."""
    year, month = today.year, (today.month - 1) // 3 * 3
    found = []
    for _ in range(count):
        if month == 0:
            year, month = year - 1, 12
        found.append(f"{year}{month:02d}")
        month -= 3
    return found[::-1]


def years_before(today: date, count: int) -> list[str]:
    """June of the last ``count`` years, oldest first: when the yearly subsidies are paid."""
    newest = today.year if today.month > 6 else today.year - 1
    return [f"{year}06" for year in range(newest - count + 1, newest + 1)]


def quarter_of(today: date) -> str:
    """The quarter that runs, as the YYYYMM of its last month: what lies on the desks today."""
    return f"{today.year}{(today.month + 2) // 3 * 3:02d}"


def day_after(period: str, days: int) -> date:
    """The day so many days after the period's last month has ended."""
    year, month = int(period[:4]), int(period[4:])
    following = date(year + month // 12, month % 12 + 1, 1)
    return following + timedelta(days=days - 1)


def office_hour(day: date, hour: int = 10) -> datetime:
    """A morning in the office: ``hour`` o'clock in China, as UTC."""
    return datetime.combine(day, time(hour - 8), UTC)
