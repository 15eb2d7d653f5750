"""What rooms above tell this room, which knows none of them."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, or_

from core.principal import Principal
from disbursement.rules import RebookingKind

Doubt = Callable[[], ColumnElement[bool]]

Listener = Callable[[Principal, Sequence[int], RebookingKind, str, datetime], None]
"""Principal, attempts, what is booked of them, reason, now."""

Silence = Callable[[Mapping[int, date]], AbstractSet[int]]
"""Attempts with the day on which each was sent → those of which the statements are in, and show that no money left."""

_silences: list[Silence] = []
_doubts: list[Doubt] = []
_listeners: list[Listener] = []


def doubt_from(provider: Doubt) -> Doubt:
    """Register who else may know that a payment the book has as failed was paid after all (decorator): a condition on
    Payment."""
    if provider not in _doubts:
        _doubts.append(provider)
    return provider


def doubted() -> ColumnElement[bool]:
    """Whether anybody knows such a thing of a payment."""
    return or_(false(), *(provider() for provider in _doubts))


def silence_from(provider: Silence) -> Silence:
    """Register who knows the bank's statements (decorator)."""
    if provider not in _silences:
        _silences.append(provider)
    return provider


def nothing_left(sent: Mapping[int, date]) -> AbstractSet[int]:
    """Those of the attempts of which it is known that no money left; none where nobody knows the statements."""
    found = set(sent) if _silences else set()
    for provider in _silences:
        found &= provider(sent)
    return found


def told_of_rebookings(listener: Listener) -> Listener:
    """Register who else wants to know that two officials rebook attempts: within the transaction, before the book
    changes (decorator)."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def tell_of_rebooking(
    principal: Principal, attempts: Sequence[int], kind: RebookingKind, reason: str, at: datetime
) -> None:
    """Tell them."""
    for listener in _listeners:
        listener(principal, attempts, kind, reason, at)
