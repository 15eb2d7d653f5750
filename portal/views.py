"""The pages of the public door, and the one that this room has at the staff door."""

from portal import by_sms, retention, tasks
from portal.door import blueprint
from portal.pages import complaints, counter, home, lists, lookup, statistics, tracking, unsent
from portal.statistics import tasks as statistics_tasks

__all__ = [
    "blueprint",
    "by_sms",
    "complaints",
    "counter",
    "home",
    "lists",
    "lookup",
    "retention",
    "statistics",
    "statistics_tasks",
    "tasks",
    "tracking",
    "unsent",
]
