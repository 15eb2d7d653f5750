"""What rooms above tell this room, which knows none of them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, or_

from core.page_sections import PageSections
from core.principal import Principal
from disbursement.models import Roll
from disbursement.rules import RebookingKind

ROLL_SECTIONS: PageSections[Roll] = PageSections()
"""Parts of a roll's page, such as its publicity lists."""

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


Objections = Callable[[Principal, Collection[int]], Mapping[int, Mapping[str, int]]]
_objections: list[Objections] = []


def objections_from(provider: Objections) -> Objections:
    """Register who knows of objections to the publicity of rolls (decorator): the principal who asks, roll ids → for
    each roll that has any, how many are unanswered by the name of the office that answers them. What the principal may
    not learn of is not among them."""
    if provider not in _objections:
        _objections.append(provider)
    return provider


def unanswered_objections(principal: Principal, roll_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The objections to these rolls that nobody has answered, as far as the principal may know of them: by roll and
    office; rolls without any left out."""
    found: dict[int, dict[str, int]] = {}
    for provider in _objections if roll_ids else ():
        for roll_id, by_office in provider(principal, roll_ids).items():
            mine = found.setdefault(roll_id, {})
            for office, number in by_office.items():
                mine[office] = mine.get(office, 0) + number
    return found
