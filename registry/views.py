"""The staff pages of the registry."""

from registry import tasks
from registry.door import blueprint
from registry.pages import card_requests, coverage, doubles, gaps, people, phones, regions

__all__ = ["blueprint", "card_requests", "coverage", "doubles", "gaps", "people", "phones", "regions", "tasks"]
