"""The to-do board (待办): every official's first screen. Rooms hand their items here; the board knows none of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from core.principal import Principal


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
