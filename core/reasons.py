"""The reason that somebody states for an act, as the audit log keeps it for ever."""

import re

from core.errors import UserError
from core.plain_text import plain, plain_without_spaces

SHORTEST_REASON, LONGEST_REASON = 2, 200
# ID numbers, cards, phones and receipt codes are longer than any document number or amount.
_LONG_NUMBER = re.compile(r"\d{11,}")


def checked_reason(text: str) -> str:
    """The reason without outer blanks and line breaks. Raises UserError for one that is too short to mean anything, too
    long, or that holds what looks like personal data: an append-only log could never forget it."""
    reason = " ".join(plain(text).split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise UserError("请写明理由（%(least)s 到 %(most)s 个字）。", least=SHORTEST_REASON, most=LONGEST_REASON)
    if _LONG_NUMBER.search(plain_without_spaces(reason)):
        raise UserError("理由会留在审计记录里，请不要写证件号码、卡号或电话。")
    return reason
