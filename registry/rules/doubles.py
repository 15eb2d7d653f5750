"""When two records may be one person, and the life of such a pair: found, proposed, merged, or let be. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from core.states import Transition, Workflow, declare
from registry.rules.rights import CONFIRM_MERGE, PROPOSE_MERGE

DOUBLE_WORKFLOW = declare(
    Workflow(
        "double",
        "found",
        (
            Transition("found", "propose", "proposed", by=PROPOSE_MERGE),
            Transition("proposed", "confirm", "merged", by=CONFIRM_MERGE, other_than=("propose",)),
            Transition("proposed", "refuse", "found", by=PROPOSE_MERGE),
            Transition("merged", "undo", "found", by=CONFIRM_MERGE),
            Transition("found", "dismiss", "dismissed", by=PROPOSE_MERGE),
            Transition("dismissed", "reopen", "found", by=PROPOSE_MERGE),
        ),
    )
)

MOST_OF_ONE_NAME = 300
"""People of one name in a township who are compared pair by pair; a larger group is a name such as 不详."""


class Ground(StrEnum):
    """Why two records may be one person."""

    BIRTH = "birth"
    NUMBER = "number"
    CARD = "card"
    PHONE = "phone"
    MANUAL = "manual"


class Suspect(NamedTuple):
    """A record as the search needs it. ``township`` is the first nine digits of its region code; ``phone`` is the
    keyed hash of its number, or None."""

    id: int
    name_key: str
    township: str
    id_number: str
    card_id: int | None
    phone: bytes | None


class Pair(NamedTuple):
    """Two records, the one with the lower id first."""

    first_id: int
    second_id: int


def nearly_same_number(ours: str, theirs: str) -> bool:
    """Whether one slip of the pen makes one ID number of the other: a wrong digit, or two neighbours that changed
    places. The check digit is left out of it, for it follows the others: were it compared, no two numbers that both
    pass the check could ever be this near."""
    if len(ours) != 18 or len(theirs) != 18:
        return False
    differing = [place for place in range(17) if ours[place] != theirs[place]]
    if len(differing) == 1:
        return True
    if len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    left, right = differing
    return ours[left] == theirs[right] and ours[right] == theirs[left]


def find_pairs(suspects: Iterable[Suspect]) -> dict[Pair, list[Ground]]:
    """Every pair with at least one ground, and its grounds in the order in which Ground declares them.

    Same name and birth date, or nearly the same ID number, within a township; the same card with the same name or
    birth date (a household that shares one is no double); the same phone and name.
    """
    found: dict[Pair, set[Ground]] = {}
    listed = list(suspects)
    for group in _groups(listed, lambda one: (one.name_key, one.township)):
        for ours, theirs in combinations(group, 2):
            if ours.id_number[6:14] == theirs.id_number[6:14]:
                found.setdefault(_pair(ours, theirs), set()).add(Ground.BIRTH)
            if nearly_same_number(ours.id_number, theirs.id_number):
                found.setdefault(_pair(ours, theirs), set()).add(Ground.NUMBER)
    for group in _groups(listed, lambda one: one.card_id):
        for ours, theirs in combinations(group, 2):
            if ours.name_key == theirs.name_key or ours.id_number[6:14] == theirs.id_number[6:14]:
                found.setdefault(_pair(ours, theirs), set()).add(Ground.CARD)
    for group in _groups(listed, lambda one: one.phone and (one.phone, one.name_key)):
        for ours, theirs in combinations(group, 2):
            found.setdefault(_pair(ours, theirs), set()).add(Ground.PHONE)
    return {pair: [ground for ground in Ground if ground in grounds] for pair, grounds in sorted(found.items())}


def _groups(suspects: Sequence[Suspect], key: Callable[[Suspect], object]) -> Iterator[list[Suspect]]:
    groups: dict[object, list[Suspect]] = {}
    for suspect in suspects:
        value = key(suspect)
        if value is not None:
            groups.setdefault(value, []).append(suspect)
    return (group for group in groups.values() if 2 <= len(group) <= MOST_OF_ONE_NAME)


def _pair(ours: Suspect, theirs: Suspect) -> Pair:
    return Pair(min(ours.id, theirs.id), max(ours.id, theirs.id))


def shared_region(first: str, second: str) -> str:
    """The township of two region codes where they have one in common, else the county."""
    prefix = 9 if first[:9] == second[:9] else 6
    return first[:prefix].ljust(12, "0")


def survivors(merged_into: Mapping[int, int]) -> dict[int, int]:
    """For each record that went up in another, the one that stands at the end of the chain. A ring (which no
    operation makes) ends where it began."""
    last: dict[int, int] = {}
    for start in merged_into:
        here, seen = start, {start}
        while here in merged_into and merged_into[here] not in seen:
            here = merged_into[here]
            seen.add(here)
        last[start] = here
    return last
