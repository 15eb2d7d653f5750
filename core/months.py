"""Months as people write them: 202006, 2020-06 and 2020年6月 are one. Inside, a month is YYYY-MM, a period YYYYMM."""

import calendar
import re
from datetime import date

from core.errors import UserError
from core.plain_text import plain_without_spaces

_MONTH = re.compile(r"(20[0-9]{2})(?:[-/.年]?(0[1-9]|1[0-2])|[-/.年]([1-9]))(?:月份?)?")


def parse_month(text: str) -> str | None:
    """The month YYYY-MM that somebody wrote as 202006, 2020-06, 2020-6, 2020/06, 2020.06 or 2020年6月, in full-width
    forms too; None for anything else."""
    found = _MONTH.fullmatch(plain_without_spaces(text))
    return f"{found[1]}-{int(found[2] or found[3]):02d}" if found else None


def check_month(text: str) -> str:
    """The month YYYY-MM, however it was written. Raises UserError for what is no month."""
    month = parse_month(text)
    if month is None:
        raise UserError("月份要写成 2020-07、202007 或 2020年7月 的样子。")
    return month


def check_period(text: str) -> str:
    """The period YYYYMM of a batch, however its month was written. Raises UserError for what is no month."""
    month = parse_month(text)
    if month is None:
        raise UserError("期别要写成年月，例如 202006、2020-06 或 2020年6月。")
    return month.replace("-", "")


def months_before(day: date, months: int) -> date:
    """The same day so many calendar months earlier, or the last day of that month where it is shorter."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
