"""What finance can set of reconciliation: from when on a difference needs a second official, and the first month. The
county plan names neither: they are defaults of the house."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.errors import UserError
from core.money import parse_yuan
from core.months import check_month

MOST_LINES = 10_000


class Setting(StrEnum):
    """What is set: so many differences, so many fen together, so many fen of one; and the first month."""

    LINES = "lines"
    TOGETHER = "together"
    SINGLE = "single"
    FIRST_MONTH = "first_month"


DEFAULTS: Mapping[Setting, str] = {
    Setting.LINES: "20",
    Setting.TOGETHER: "1000000",
    Setting.SINGLE: "1000000",
    Setting.FIRST_MONTH: "",
}
"""As they are kept: a number, fen, fen, and a month (empty: that of the first payment that was sent to the bank)."""


def checked_setting(name: str, text: str) -> str:
    """What somebody wrote for a setting, as it is kept. Raises UserError for an unknown setting and for what it cannot
    be."""
    if name not in set(Setting):
        raise UserError("没有这一项设定。请刷新页面后再看。")
    if name == Setting.FIRST_MONTH:
        return check_month(text)
    if name == Setting.LINES:
        words = text.strip()
        number = int(words) if words.isascii() and words.isdecimal() and len(words) <= 5 else 0
        if not 1 <= number <= MOST_LINES:
            raise UserError("条数要写 1 到 %(most)s 之间的整数。", most=f"{MOST_LINES:,}")
        return str(number)
    fen, problem = parse_yuan(text)
    if fen is None or problem is not None:
        raise UserError("金额要写成元，大于零，最多两位小数，例如 10000.00。")
    return str(int(fen))


@dataclass(frozen=True)
class Limits:
    """How far one official settles alone what only his word explains: ``lines`` differences and ``together_fen`` in one
    month, and none of more than ``single_fen``."""

    lines: int
    together_fen: int
    single_fen: int

    def need_second(self, fens: Iterable[int], *, alone_lines: int, alone_fen: int) -> bool:
        """Whether differences of these sums need a second official. ``alone_…``: what the same official has settled
        alone in this month; else twenty at a time would be no limit at all."""
        listed = list(fens)
        if not listed:
            return False
        return (
            len(listed) + alone_lines > self.lines
            or sum(listed) + alone_fen > self.together_fen
            or max(listed) > self.single_fen
        )
