"""Parts that rooms above add to a page of a room below, which knows none of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.principal import Principal

T = TypeVar("T")


@dataclass(frozen=True)
class PageSection:
    """A part of a page: its heading, and the template that draws it, with ``context`` as its one variable."""

    title: str
    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


class PageSections(Generic[T]):
    """The parts of one kind of page. The room that owns the page holds one of these; rooms above register with it."""

    def __init__(self) -> None:
        self._providers: list[Callable[[Principal, T], PageSection | None]] = []

    def provider(
        self, provide: Callable[[Principal, T], PageSection | None]
    ) -> Callable[[Principal, T], PageSection | None]:
        """Register a part (decorator). It asks the principal's rights for itself; None leaves the part out."""
        if provide not in self._providers:
            self._providers.append(provide)
        return provide

    def found_for(self, principal: Principal, subject: T) -> list[PageSection]:
        """The parts that other rooms have for this page."""
        found = (provide(principal, subject) for provide in self._providers)
        return [section for section in found if section is not None]
