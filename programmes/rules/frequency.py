"""How often a programme pays, and the months that one of its periods is for."""

import re
from enum import StrEnum

from core.plain_text import plain_without_spaces


class Frequency(StrEnum):
    """How often a programme pays."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    ONE_OFF = "one_off"


MONTHS_OF = {
    Frequency.MONTHLY: 1,
    Frequency.QUARTERLY: 3,
    Frequency.HALF_YEARLY: 6,
    Frequency.YEARLY: 12,
    Frequency.ONE_OFF: 1,
}
"""How many months one period is for; a one-off payment counts as its own month."""

# In this order: 半年 holds 年, and 年度一次性 is paid once.
_WORDS = (
    (Frequency.ONE_OFF, re.compile("一次|单次|学期|one")),
    (Frequency.HALF_YEARLY, re.compile("半年|half")),
    (Frequency.QUARTERLY, re.compile("季|quarter")),
    (Frequency.MONTHLY, re.compile("月|month")),
    (Frequency.YEARLY, re.compile("年|year|annual")),
)


def frequency_of(text: str) -> Frequency | None:
    """What a policy list's wording (季度, 按月, 一次性) means; None where it says nothing of the kind."""
    words = plain_without_spaces(text).lower()
    return next((frequency for frequency, pattern in _WORDS if pattern.search(words)), None)


def months_covered(frequency: Frequency | None, period: str) -> tuple[str, ...]:
    """The months (YYYYMM) that a period (YYYYMM, its last month) is for, first to last: 202006 of a quarterly programme
    is for 202004 to 202006. A yearly programme's period is for the whole calendar year, whatever its month. An unknown
    frequency counts as monthly."""
    year, month = int(period[:4]), int(period[4:])
    if frequency == Frequency.YEARLY:
        return tuple(f"{year}{number:02d}" for number in range(1, 13))
    last = year * 12 + month - 1
    count = MONTHS_OF[frequency or Frequency.MONTHLY]
    return tuple(f"{number // 12}{number % 12 + 1:02d}" for number in range(last - count + 1, last + 1))
