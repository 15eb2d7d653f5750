"""What rooms above tell this room, which knows none of them."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, false, or_

Doubt = Callable[[], ColumnElement[bool]]

_doubts: list[Doubt] = []


def doubt_from(provider: Doubt) -> Doubt:
    """Register who else may know that a payment the book has as failed was paid after all (decorator): a condition on
    Payment."""
    if provider not in _doubts:
        _doubts.append(provider)
    return provider


def doubted() -> ColumnElement[bool]:
    """Whether anybody knows such a thing of a payment."""
    return or_(false(), *(provider() for provider in _doubts))
