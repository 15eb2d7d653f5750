"""What a preview of routing may tell: how past cases would have gone, without pointing to a case that the viewer does
not see.

Whoever writes rules chooses what they ask of past cases: "one of them is about this office, from that village" would
tell him of a complaint that is none of his business, and perhaps by whom it is. Cases that he does not see are told
without their township, and those that are then alike (same rule, same two offices, same category) count only from FEW
on, in steps of FEW. Everything that is shown is made of nothing else, so that no sum or difference says more; a rule
that took fewer looks like one that took none. What remains is to compare many previews of rules that differ by little:
each preview is recorded (operations.routing.note_preview).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from complaints.rules.routing import Office
from core.principal import OrganisationKind

FEW = 5


Side: TypeAlias = Office | OrganisationKind | None
"""Whose cases: an office's, those of all offices of a kind, or nobody's."""


@dataclass(frozen=True)
class Course:
    """One past case: who would have had it by the rules in force and who by the new ones (None: nobody could), and by
    which of the new ones. ``number`` is None where the viewer does not see the case."""

    number: str | None
    category: str
    rule: int | None
    before: Office | None
    after: Office | None


@dataclass(frozen=True)
class Told:
    """So many cases: those that the viewer sees, by number, and at least so many others."""

    numbers: tuple[str, ...] = ()
    others: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.numbers and not self.others


@dataclass(frozen=True)
class Move:
    """Cases of one category that another office would have had."""

    before: Side
    after: Side
    category: str
    cases: Told


@dataclass(frozen=True)
class Preview:
    """How the past cases would have gone: what moves, what stays, and the places of the rules that took any."""

    moves: tuple[Move, ...]
    stays: Told
    used: frozenset[int]


class _Alike(NamedTuple):
    """Cases that are alike. Two townships are alike where nothing more may be told: then only ``moves`` says it."""

    before: Side
    after: Side
    category: str
    moves: bool


def told(courses: Iterable[Course]) -> Preview:
    """What may be told of these cases. Moves stand in the order of the offices' names, then by category."""
    seen: dict[_Alike, list[str]] = defaultdict(list)
    unseen: Counter[tuple[int | None, _Alike]] = Counter()
    used = set()
    for course in courses:
        moves = course.before != course.after
        if course.number is None:
            alike = _Alike(_without_place(course.before), _without_place(course.after), course.category, moves)
            unseen[course.rule, alike] += 1
        else:
            seen[_Alike(course.before, course.after, course.category, moves)].append(course.number)
            used.add(course.rule)
    others: Counter[_Alike] = Counter()
    for (rule, alike), number in unseen.items():
        if number >= FEW:
            others[alike] += number - number % FEW
            used.add(rule)
    found = sorted(seen.keys() | others.keys(), key=_reading_order)
    cases = {kind: Told(tuple(sorted(seen.get(kind, ()))), others[kind]) for kind in found}
    stays = [cases[kind] for kind in found if not kind.moves]
    return Preview(
        tuple(Move(kind.before, kind.after, kind.category, cases[kind]) for kind in found if kind.moves),
        Told(tuple(number for one in stays for number in one.numbers), sum(one.others for one in stays)),
        frozenset(place for place in used if place is not None),
    )


def _without_place(office: Office | None) -> Side:
    """The office, unless its name says where the case comes from."""
    return office.kind if office is not None and office.kind == OrganisationKind.TOWNSHIP else office


def _reading_order(kind: _Alike) -> tuple[tuple[str | int, ...], tuple[str | int, ...], str]:
    return _order(kind.before), _order(kind.after), kind.category


def _order(side: Side) -> tuple[str | int, ...]:
    """Nobody first, then those that may not be named, then the offices by name."""
    if isinstance(side, Office):
        return side.name, side.id
    return () if side is None else ("",)
