"""How long what has ended is kept, and what stands against its deletion."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.msgid import N_
from core.principal import OrganisationKind as Kind
from core.principal import Role, permission

ENDED = ("closed", "declined")
"""States of a case that has ended; ``closed_at`` says when."""

SEALED_ROOM = "sealed"
"""In the place of a category: what is sealed is kept as long as the discipline commission says."""

SEALED_ROOM_NAME = N_("移送的问题线索")

NOTICE = timedelta(days=30)
"""So long before its deletion a case is announced for it, whatever happens to the periods meanwhile: its reporter can
copy what he needs, an office can keep it."""

LEAST_YEARS, MOST_YEARS = 1, 50

COUNTED_ENTRIES = frozenset({"settled"})
"""Entries that are figures (the reporter himself said that it is settled): they stay, without words and author."""

SET_RETENTION = permission(
    "complaints.set_retention",
    {Kind.FINANCE: (Role.APPROVER,), Kind.DISCIPLINE: (Role.APPROVER,)},
    N_("设定投诉举报的保存期限（纪委监委只设定问题线索的）"),
)


@dataclass(frozen=True)
class Ended:
    """What decides whether a case may be deleted. ``extension_undecided`` and ``answer_waits`` mean what somebody can
    still decide upon."""

    state: str
    ended_on: date | None
    unread: bool = False
    clock_runs: bool = False
    extension_undecided: bool = False
    answer_waits: bool = False
    may_ask_review: bool = False
    held: bool = False


def deletable_from(ended_on: date, years: int) -> date:
    """The first day on which a case that ended then may be deleted: the same day so many years later, 1 March for
    29 February."""
    try:
        return ended_on.replace(year=ended_on.year + years)
    except ValueError:
        return date(ended_on.year + years, 3, 1)


def ended_by(day: date, years: int) -> date:
    """The last day on which a case ended that may be deleted on ``day``: the other way round."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def may_be_deleted(case: Ended, day: date, years: int) -> bool:
    """Whether a case may be deleted on that day: its years are over, and nothing in it waits for anybody."""
    if case.state not in ENDED or case.ended_on is None:
        return False
    waits = (
        case.unread,
        case.clock_runs,
        case.extension_undecided,
        case.answer_waits,
        case.may_ask_review,
        case.held,
    )
    return not any(waits) and day >= deletable_from(case.ended_on, years)
