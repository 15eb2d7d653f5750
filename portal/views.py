"""The pages of the public door, and the one that this room has at the staff door."""

from portal import tasks
from portal.door import blueprint
from portal.pages import complaints, counter, home, lists, lookup, tracking, unsent

__all__ = ["blueprint", "complaints", "counter", "home", "lists", "lookup", "tasks", "tracking", "unsent"]
