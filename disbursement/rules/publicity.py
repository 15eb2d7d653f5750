"""When a roll may be approved after its publicity: its lists have come down and every objection is answered (B8).

Pure: dates and counts come in as arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class HoldReason(StrEnum):
    """What a roll's approval waits for."""

    NOT_HANGING = "not_hanging"
    HANGING = "hanging"
    OBJECTIONS = "objections"


@dataclass(frozen=True)
class Hold:
    """Why a roll cannot be approved yet. ``until``: the last day on which its lists hang. ``objections``: how many are
    unanswered, by the name of the office that answers them."""

    reason: HoldReason
    until: date | None = None
    objections: Mapping[str, int] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """How many objections are unanswered."""
        return sum(self.objections.values())

    @property
    def offices(self) -> str:
        """The offices that answer them."""
        return "、".join(self.objections)


def publicity_hold(*, waits: bool, until: date | None, objections: Mapping[str, int], today: date) -> Hold | None:
    """What the approval of a roll whose lists were hung out waits for; None where it may be given.

    ``waits`` is the programme's switch. ``until`` is the last day of the window, itself included (None: a list does not
    hang, or nobody has confirmed that it does), ``objections`` the unanswered ones by office. An objection that comes
    after the window counts as long as nobody has approved.
    """
    if not waits:
        return None
    if until is None:
        return Hold(HoldReason.NOT_HANGING)
    if today <= until:
        return Hold(HoldReason.HANGING, until, objections)
    return Hold(HoldReason.OBJECTIONS, until, objections) if objections else None


def still_hangs(roll_state: str, *, waits: bool, until: date | None, today: date) -> bool:
    """Whether a roll whose programme waits for the publicity still hangs, or is still to be put up."""
    return roll_state == "publicised" and waits and (until is None or today <= until)
