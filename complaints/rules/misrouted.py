"""A case on the wrong desk: how long its office may object, and to which others it may go (信访工作条例 §23)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from complaints.rulebook import Rulebook
from complaints.rules.clocks import due_date
from complaints.rules.rights import OWNER_KINDS
from complaints.rules.routing import Office, may_handle
from core.calendar import WorkingCalendar
from core.principal import OrganisationKind

NOT_TAKEN_ON = ("received", "redirected")
"""States in which nobody has taken the case on, and in which it may still go to another office."""


@dataclass(frozen=True)
class Arrived:
    """What decides whether the office that has a case may object: ``on`` is the county day on which it came to this
    office. ``waiting``: an objection waits. ``refused``: the office above has refused one of this office."""

    state: str
    sealed: bool
    on: date
    waiting: bool = False
    refused: bool = False


def objecting_ends(on: date, book: Rulebook, calendar: WorkingCalendar) -> date:
    """The last day for an objection: some working days after the day on which the case came to the office (day 0)."""
    return due_date(on, book.objection.days, True, calendar)[0]


def may_object(case: Arrived, today: date, book: Rulebook, calendar: WorkingCalendar) -> bool:
    """Whether the office may object today: before anybody has taken the case on, in time, and once."""
    if case.state not in NOT_TAKEN_ON or case.sealed or case.waiting or case.refused:
        return False
    return today <= objecting_ends(case.on, book, calendar)


def may_be_passed_to(
    owner: Office, about: Office | None, offices: Sequence[Office], not_theirs: Collection[int]
) -> list[Office]:
    """The offices that a misrouted case may go to: above the one complained of, not its owner, and none that has
    objected with success (``not_theirs``), so that no case goes to and fro. What belongs to the discipline commission
    is referred to it."""
    return [
        office
        for office in offices
        if office.kind in OWNER_KINDS
        and office.kind != OrganisationKind.DISCIPLINE
        and office.id != owner.id
        and office.id not in not_theirs
        and may_handle(office, about)
    ]
