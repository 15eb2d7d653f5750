"""The staff pages of complaints, and what this room adds to the board and the pages of other rooms."""

from complaints import audited, board, objections, person_records, persons, retention
from complaints.door import blueprint
from complaints.pages import (
    approval,
    cases,
    deletion,
    entries,
    interests,
    links,
    queue,
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
    "deletion",
    "entries",
    "interests",
    "links",
    "objections",
    "person_records",
    "persons",
    "queue",
    "retention",
    "routing",
    "saved_views",
    "statistics",
    "wordings",
]
