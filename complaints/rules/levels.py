"""What is late goes up: to whom, at which clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from complaints.rulebook import ClockKind
from complaints.rules.routing import Office, may_handle, nearest_office
from core.msgid import N_
from core.principal import OrganisationKind as Kind


@dataclass(frozen=True)
class Level:
    """One rung: when that clock is overdue, the first office of these kinds that stands above all involved is told."""

    name: str
    clock: ClockKind
    to: tuple[Kind, ...]
    title: str


LEVELS = (
    Level("accept_overdue", ClockKind.ACCEPT, (Kind.FINANCE, Kind.DISCIPLINE), N_("超期未受理")),
    Level("resolve_overdue", ClockKind.RESOLVE, (Kind.DISCIPLINE,), N_("超期未答复")),
    Level("review_overdue", ClockKind.REVIEW, (Kind.DISCIPLINE,), N_("重新办理超期未答复")),
    Level("higher_review_overdue", ClockKind.HIGHER_REVIEW, (Kind.DISCIPLINE,), N_("复查超期未答复")),
)
SUPERVISING_KINDS = frozenset(kind for level in LEVELS for kind in level.to)
"""Offices to which something can go up."""
LEVEL_NAMES = {level.name: level.title for level in LEVELS}


def escalation_target(
    level: Level, owner: Office, about: Office | None, region_code: str, offices: Sequence[Office]
) -> Office | None:
    """Who is told when that level is reached: above the owner and above the office complained of, whether anybody
    has signed up there or not. None where the owner is itself the highest, or the county lacks such an office."""
    candidates = (nearest_office(kind, region_code, offices) for kind in level.to)
    return next(
        (office for office in candidates if office and office.rank > owner.rank and may_handle(office, about)), None
    )
