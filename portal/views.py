"""The pages of the public door."""

from portal import tasks
from portal.door import blueprint
from portal.pages import complaints, home, lists, lookup, tracking, unsent

__all__ = ["blueprint", "complaints", "home", "lists", "lookup", "tasks", "tracking", "unsent"]
