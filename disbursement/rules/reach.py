"""Whom a message about his payment has reached, why not, and what the township does about it (B9)."""

from collections.abc import Mapping
from enum import StrEnum

from sms.rules import STATES, WRONG_NUMBER

NEWS: Mapping[str, str] = {"paid": "payment_paid", "failed": "payment_failed", "returned": "payment_returned"}
"""The message that belongs to each outcome of an attempt. The others are no news yet."""

NO_PHONE, REFUSED, NOT_MADE = "no_phone", "refused", "not_made"
"""Why there is no message: no phone on record; its owner wants no such messages; there was no phone at the time."""
STANDINGS = (*STATES, NO_PHONE, REFUSED, NOT_MADE)
"""What can have become of somebody's message: a state of it, or why there is none."""
LAID_ASIDE = frozenset({"suppressed", "expired"})
UNREACHABLE = frozenset({"undelivered", "rejected", NO_PHONE, NOT_MADE}) | LAID_ASIDE
"""Whoever stands so does not know what became of his money. Who refused messages wanted it so."""


class NextStep(StrEnum):
    """What the township does about somebody whom no message reached."""

    REGISTER_PHONE = "register_phone"
    CORRECT_PHONE = "correct_phone"
    CALL_NEW_PHONE = "call_new_phone"
    CALL = "call"


def next_step(standing: str, error_code: str, *, new_phone: bool, has_phone: bool) -> NextStep | None:
    """What to do about somebody whose message stands so; None where nothing is to be done. ``new_phone``: the phone on
    record is another than the one that the message went to, ``has_phone``: there is one."""
    if standing not in UNREACHABLE:
        return None
    if not has_phone:
        return NextStep.REGISTER_PHONE
    if standing == NOT_MADE or new_phone:
        return NextStep.CALL_NEW_PHONE
    return NextStep.CORRECT_PHONE if error_code in WRONG_NUMBER else NextStep.CALL
