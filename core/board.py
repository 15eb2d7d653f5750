"""The to-do board (待办): every official's first screen. Rooms hand their items here; the board knows none of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.principal import Principal

SOON = timedelta(days=7)
MOST_COUNTED = 100
"""Whoever folds many into one item counts no further: the board says "100+" then, and costs the same with a million."""


@dataclass(frozen=True)
class BoardItem:
    """One thing to do. ``due_on`` is None where no deadline runs; ``count`` folds many alike into one item."""

    title: str
    url: str
    room: str
    due_on: date | None = None
    detail: str = ""
    count: int = 1

    def is_late(self, today: date) -> bool:
        """Overdue is derived from today, never stored."""
        return self.due_on is not None and self.due_on < today


Provider = Callable[[Principal, date], Iterable[BoardItem]]
_providers: list[Provider] = []


def board_provider(provider: Provider) -> Provider:
    """Register a room's source of items (decorator; a room's queries.py uses it)."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


def items_for(principal: Principal, today: date) -> list[BoardItem]:
    """All items of this principal: dated ones first, the earliest due (so the latest overdue) on top."""
    found = [item for provider in _providers for item in provider(principal, today)]
    return sorted(found, key=lambda item: (item.due_on is None, item.due_on or date.max, item.title))


class Urgency(StrEnum):
    """The groups of the board, the most urgent first."""

    LATE = "late"
    SOON = "soon"
    LATER = "later"
    UNDATED = "undated"


def urgency(item: BoardItem, today: date) -> Urgency:
    """Which group an item stands in: late; due within SOON; later; without a date."""
    if item.due_on is None:
        return Urgency.UNDATED
    if item.is_late(today):
        return Urgency.LATE
    return Urgency.SOON if item.due_on <= today + SOON else Urgency.LATER


def grouped(items: Sequence[BoardItem], today: date) -> dict[Urgency, list[BoardItem]]:
    """The items by urgency, in their order; groups without items are left out."""
    groups = {group: [item for item in items if urgency(item, today) == group] for group in Urgency}
    return {group: found for group, found in groups.items() if found}


def how_many(items: Sequence[BoardItem]) -> str:
    """How many things to do these items stand for, in words: 12, or 112+ where counting stopped."""
    number = sum(item.count for item in items)
    return f"{number}+" if any(item.count >= MOST_COUNTED for item in items) else f"{number}"
