"""The pages of the public door."""

from portal import tasks
from portal.door import blueprint
from portal.pages import complaints, home, lists, lookup, statistics
from portal.statistics import tasks as statistics_tasks

__all__ = ["blueprint", "complaints", "home", "lists", "lookup", "statistics", "statistics_tasks", "tasks"]
