"""What rooms above add to this room, which knows none of them."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from core.page_sections import PageSections
from programmes import queries
from programmes.models import Programme

PROGRAMME_SECTIONS: PageSections[Programme] = PageSections()
"""Parts of a programme's page, such as where its money is."""

Available = Callable[[int, int], int]
_available: list[Available] = []


def available_fen_from(provider: Available) -> Available:
    """Register who knows how much of a programme's money of a year is still free (decorator): fen by programme id and
    year, as of the open transaction."""
    _available[:] = [provider]
    return provider


def available_fen(programme_id: int, year: int) -> int:
    """How much of a programme's money of a year is free, in fen; all that is allocated where nobody pays any."""
    return _available[0](programme_id, year) if _available else queries.allocated(programme_id, year)


ApprovedMonths = Callable[[Collection[int], datetime | None], Mapping[int, frozenset[str]]]
_approved_months: list[ApprovedMonths] = []


def approved_months_from(provider: ApprovedMonths) -> ApprovedMonths:
    """Register who knows for which months (YYYYMM) payments of programmes have been checked and approved (decorator):
    programme ids, and the time after which an approval counts (None: ever) → months by id, those without any left
    out."""
    _approved_months[:] = [provider]
    return provider


def approved_months(programme_ids: Collection[int], since: datetime | None = None) -> Mapping[int, frozenset[str]]:
    """For which months payments of these programmes have been approved, ever or ``since``; nothing where nobody pays
    any."""
    return _approved_months[0](programme_ids, since) if _approved_months else {}
