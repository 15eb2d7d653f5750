"""The staff pages of the registry."""

from registry import person_records, retention, tasks
from registry.door import blueprint
from registry.pages import card_requests, coverage, doubles, gaps, people, person_file, phones, regions

__all__ = [
    "blueprint",
    "card_requests",
    "coverage",
    "doubles",
    "gaps",
    "people",
    "person_file",
    "person_records",
    "phones",
    "regions",
    "retention",
    "tasks",
]
