"""What a result code and its reason say: paid, failed, or not yet clear (policy §6)."""

from typing import NamedTuple

from core.plain_text import plain_without_spaces
from disbursement.bank_files.profiles import Profile
from disbursement.failure_reasons import canonical_reason, is_known

_NOT_FINISHED = ("处理中", "待处理", "超时", "未知", "不明", "受理", "查询", "可疑")


class Reading(NamedTuple):
    """The outcome of a line, the reason of a failure, and whether the bank may count it otherwise than we do."""

    outcome: str
    reason: str
    doubtful: bool


def classify(profile: Profile, code: str, reason: str) -> Reading:
    """What a result line says. Money is never guessed: a code that the profile does not know, a reason that says
    the bank is not done, and a success that names a reason of failure are all unclear."""
    code, reason = plain_without_spaces(code), canonical_reason(reason)
    pending = any(word in reason for word in _NOT_FINISHED) and not is_known(reason)
    if code in profile.paid_codes:
        doubtful = pending or is_known(reason)
        return Reading("unclear" if doubtful else "paid", reason if doubtful else "", doubtful)
    if code in profile.failed_codes:
        return Reading("unclear" if pending else "failed", reason, pending)
    return Reading("unclear", reason, code not in profile.unclear_codes)
