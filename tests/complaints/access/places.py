"""Where a case can lie: who has it, whom it concerns, who sees it besides. Written down, not asked of the product."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.complaints.access.people import APPROVERS, HANDLERS, READERS, Group, of_offices


@dataclass(frozen=True)
class Place:
    """A kind of case. ``has``: the office on whose desk it lies ("" for a number that is no case's); ``told``: offices
    that it went up to; ``formerly``: offices that had it and still see it; ``in_confidence``: offices that see it
    because they alone know its reporter; ``decides``: the office that says whether it lies on the right desk; ``away``:
    people for whom it does not exist all the same."""

    name: str
    has: str = ""
    told: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    in_confidence: tuple[str, ...] = ()
    decides: tuple[str, ...] = ()
    away: tuple[str, ...] = ()

    @property
    def concerns(self) -> tuple[str, ...]:
        """The offices that work at it, or watch how it is worked at."""
        return (self.has, *self.told, *self.formerly, *self.decides)


PLACES = {
    place.name: place
    for place in (
        Place("on the township's desk", has="township"),
        Place("on another township's desk", has="other township"),
        Place("passed on to the department", has="department"),
        Place("passed on to human resources", has="human resources"),
        # An office never sees what complains of it, nor do those below it have it.
        Place("about the township", has="finance"),
        Place("about finance", has="discipline"),
        Place("sealed", has="discipline"),
        Place("sealed later", has="discipline"),
        Place("confidential", has="township", in_confidence=("discipline",)),
        Place("late", has="township", told=("finance",)),
        Place("taken over", has="finance", told=("finance",), formerly=("township",)),
        Place("under review", has="finance", formerly=("township",)),
        Place("entered by an official", has="township"),
        Place("misrouted", has="township", decides=("finance",)),
        # The only one of the finance bureau who could handle it is recused, and of the office above one as well.
        Place("passed up", has="discipline", away=("discipline approver",)),
        # Of a confidential reporter, so that somebody sees it who has nothing to do with it.
        Place("ended", has="township", in_confidence=("discipline",)),
        Place("nowhere"),
    )
}

Relation = Callable[[Place], Group]


def sees(place: Place) -> Group:
    """Handlers and approvers of every office for which the case exists."""
    return of_offices(READERS, *place.concerns, *place.in_confidence) - set(place.away)


def handles(place: Place) -> Group:
    """Handlers of the office that has it."""
    return sees(place) & of_offices(HANDLERS, place.has)


def approves(place: Place) -> Group:
    """Approvers of the office that has it."""
    return sees(place) & of_offices(APPROVERS, place.has)


def concerned(place: Place) -> Group:
    """Handlers of every office that it concerns."""
    return sees(place) & of_offices(HANDLERS, *place.concerns)


def told(place: Place) -> Group:
    """Handlers of the offices that it went up to."""
    return sees(place) & of_offices(HANDLERS, *place.told)


def decides(place: Place) -> Group:
    """Handlers of the office that says where it belongs; where none has to, whoever handles finds nothing to decide."""
    return sees(place) & of_offices(HANDLERS, *place.decides) if place.decides else sees_and_handles(place)


def keeps(place: Place) -> Group:
    """Handlers of the office that had it to its end; before that, whoever handles finds nothing that is to be kept."""
    return handles(place) if place.name == "ended" else sees_and_handles(place)


def recuses_himself(place: Place) -> Group:
    """Everybody for whom it exists, but the one handler of the commission: above it there is nobody to have a case."""
    return sees(place) - {"discipline handler"}


def recuses_colleague(place: Place) -> Group:
    """An approver for his office; of the discipline commission everybody. (Its approver has no colleague but the one
    handler, see above.)"""
    return (sees(place) & APPROVERS - {"discipline approver"}) | (sees(place) & {"discipline handler"})


def sees_and_handles(place: Place) -> Group:
    """Handlers of every office for which it exists."""
    return sees(place) & HANDLERS


def may_know_reporter(place: Place) -> Group:
    """Handlers of the office that has it; of a confidential one only of the discipline commission."""
    return of_offices(HANDLERS, *place.in_confidence) if place.in_confidence else handles(place)


def only(name: str, relation: Relation) -> Relation:
    """The relation for a case of that place, nobody for any other."""
    return lambda place: relation(place) if place.name == name else frozenset()
