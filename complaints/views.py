"""The staff pages of complaints, and what this room adds to the board and the pages of other rooms."""

from complaints import audited, board, objections, persons
from complaints.door import blueprint
from complaints.pages import (
    approval,
    cases,
    entries,
    interests,
    links,
    queue,
    retention,
    routing,
    saved_views,
    statistics,
    wordings,
)

__all__ = [
    "approval",
    "audited",
    "blueprint",
    "board",
    "cases",
    "entries",
    "interests",
    "links",
    "objections",
    "persons",
    "queue",
    "retention",
    "routing",
    "saved_views",
    "statistics",
    "wordings",
]
