"""How long an office may hold a thing up before it stands out. The county plan names no such days: they are defaults of
the house, which finance can change."""

from collections.abc import Mapping

from core.errors import UserError

UNCLEAR = "unclear"
"""After so many calendar days without a clear answer the bank is reminded. What is unclear is never sent again
meanwhile."""
UNANSWERED = "unanswered"
"""After so many calendar days without any answer finance is told; with the bank's letter, and where the statements show
that no money left, two officials may then declare it failed. It is never sent again before."""
CALENDAR_DAYS = frozenset({UNCLEAR, UNANSWERED})
DEFAULT_LIMITS: Mapping[str, int] = {
    "draft": 3,
    "submitted": 3,
    "township_approved": 3,
    # From the day on which the lists have come down.
    "publicised": 3,
    UNCLEAR: 3,
    UNANSWERED: 10,
}
"""Working days for each state of a roll in which somebody has it on the desk, and the CALENDAR_DAYS of the bank."""
MOST_DAYS = 60


def checked_limit(step: str, days: str) -> int:
    """The days for a step, as somebody wrote them. Raises UserError for an unknown step, and for what is no number from
    1 to MOST_DAYS."""
    if step not in DEFAULT_LIMITS:
        raise UserError("没有这一项时限。请刷新页面后再看。")
    text = days.strip()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else 0
    if not 1 <= number <= MOST_DAYS:
        raise UserError("天数要写 1 到 %(most)s 之间的整数。", most=MOST_DAYS)
    return number
