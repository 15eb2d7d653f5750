"""What a preview of routing may tell: how past cases would have gone, without pointing to a case that the viewer does
not see.

Whoever writes rules chooses what they ask of past cases: "one of them is about this office, from that village" would
tell him of a complaint that is none of his business, and perhaps by whom it is. Of cases that he does not see, those
that are alike (same rule, same two offices, same category) count only from FEW on, in steps of FEW; and everything that
is shown is made of nothing else, so that no sum or difference says more. A rule that took fewer looks like one that
took none.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from complaints.rules.routing import Office

FEW = 5


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

    before: Office | None
    after: Office | None
    category: str
    cases: Told


@dataclass(frozen=True)
class Preview:
    """How the past cases would have gone: what moves, what stays, and the places of the rules that took any."""

    moves: tuple[Move, ...]
    stays: Told
    used: frozenset[int]


def told(courses: Iterable[Course]) -> Preview:
    """What may be told of these cases. Moves stand in the order of the offices' names, then by category."""
    seen: dict[tuple[Office | None, Office | None, str], list[str]] = defaultdict(list)
    unseen: Counter[tuple[int | None, Office | None, Office | None, str]] = Counter()
    used = set()
    for course in courses:
        if course.number is None:
            unseen[course.rule, course.before, course.after, course.category] += 1
        else:
            seen[course.before, course.after, course.category].append(course.number)
            used.add(course.rule)
    others: Counter[tuple[Office | None, Office | None, str]] = Counter()
    for (rule, before, after, category), number in unseen.items():
        if number >= FEW:
            others[before, after, category] += number - number % FEW
            used.add(rule)
    keys = sorted(seen.keys() | others.keys(), key=lambda key: (_order(key[0]), _order(key[1]), key[2]))
    cases = {key: Told(tuple(sorted(seen.get(key, ()))), others[key]) for key in keys}
    stays = [key for key in keys if key[0] == key[1]]
    return Preview(
        tuple(Move(*key, cases[key]) for key in keys if key[0] != key[1]),
        Told(tuple(number for key in stays for number in cases[key].numbers), sum(others[key] for key in stays)),
        frozenset(place for place in used if place is not None),
    )


def _order(office: Office | None) -> tuple[str, int]:
    return (office.name, office.id) if office else ("", 0)
