"""The county's routing in versions: the life of one, which of its rules never match, what it changes."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from complaints.rulebook import Category, RoutingRule
from complaints.rules.rights import APPROVE_ROUTING, SET_ROUTING
from core.msgid import N_
from core.principal import OrganisationKind, region_prefix
from core.states import Transition, Workflow, declare

ROUTING_WORKFLOW = declare(
    Workflow(
        "routing_version",
        "draft",
        (
            # Each change is a step: who has written on it may not approve it. The operation checks all of them.
            Transition("draft", "change", "draft", SET_ROUTING),
            Transition("draft", "discard", "discarded", SET_ROUTING),
            Transition("draft", "propose", "proposed", SET_ROUTING),
            Transition("proposed", "withdraw", "withdrawn", SET_ROUTING),
            Transition("proposed", "approve", "approved", APPROVE_ROUTING, other_than=("propose", "change")),
            Transition("proposed", "refuse", "refused", APPROVE_ROUTING, other_than=("propose",)),
            Transition("approved", "supersede", "superseded", APPROVE_ROUTING),
        ),
    )
)
ROUTING_STATES = {
    "draft": N_("草稿"),
    "discarded": N_("已作废"),
    "proposed": N_("等待审批"),
    "withdrawn": N_("已撤回"),
    "approved": N_("现行"),
    "refused": N_("未批准"),
    "superseded": N_("已由新版代替"),
}
MOST_RULES = 50
"""In one version: more than that nobody reads through before approving it."""


def fingerprint(routing: Sequence[RoutingRule]) -> str:
    """A hash of what the rules say: who proposes or approves says of which rules he has seen the preview."""
    plain = [
        {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(rule).items()}
        for rule in routing
    ]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


# --- Rules that never match --------------------------------------------------------------------

_OTHER = ""
"""Stands for every programme, or every place, that no rule names."""

_Box = tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]
"""The cases that a rule takes: of these categories, programmes, places, and about these kinds of organisations."""


@dataclass(frozen=True)
class NeverMatches:
    """Why a rule never matches: the rules at these places before it take all its cases; with none there is no such
    case at all."""

    taken_by: tuple[int, ...] = ()


def never_matching(routing: Sequence[RoutingRule], categories: Iterable[Category]) -> dict[int, NeverMatches]:
    """The rules, by their place, that no case can ever reach, whatever comes in under one of these categories."""
    boxes = _boxes(routing, [category for category in categories if not category.is_clue])
    found = {}
    for place, box in enumerate(boxes):
        before = boxes[:place]
        if _is_empty(box):
            found[place] = NeverMatches()
        elif _covered(box, before):
            found[place] = NeverMatches(tuple(n for n, one in enumerate(before) if not _is_empty(_common(box, one))))
    return found


def _boxes(routing: Sequence[RoutingRule], categories: Sequence[Category]) -> list[_Box]:
    programmes = frozenset(code for rule in routing for code in rule.programmes or ()) | {_OTHER}
    # A place stands for itself and for all in it that is not named: there may always be such a case.
    places = frozenset(rule.region_code for rule in routing if rule.region_code) | {_OTHER}
    kinds = frozenset(kind.value for kind in OrganisationKind) | {_OTHER}
    return [
        (
            frozenset(
                category.code
                for category in categories
                if (rule.categories is None or category.code in rule.categories)
                and (rule.matters is None or category.matter in rule.matters)
            ),
            programmes if rule.programmes is None else rule.programmes,
            places if rule.region_code is None else _places_in(rule.region_code, places),
            kinds if rule.about is None else frozenset(kind.value for kind in rule.about),
        )
        for rule in routing
    ]


def _places_in(region_code: str, places: Iterable[str]) -> frozenset[str]:
    return frozenset(place for place in places if place.startswith(region_prefix(region_code)))


def _is_empty(box: _Box) -> bool:
    return not all(box)


def _common(one: _Box, other: _Box) -> _Box:
    return (one[0] & other[0], one[1] & other[1], one[2] & other[2], one[3] & other[3])


def _covered(box: _Box, others: Sequence[_Box]) -> bool:
    """Whether the others together hold the whole box: what the first of them leaves of it is cut into boxes that do
    not overlap, so there are never more of them than there are kinds of cases."""
    if _is_empty(box):
        return True
    if not others:
        return False
    common = _common(box, others[0])
    for side in range(len(box)):
        sides = [*common[:side], box[side] - others[0][side], *box[side + 1 :]]
        left: _Box = (sides[0], sides[1], sides[2], sides[3])
        if not _covered(left, others[1:]):
            return False
    return True


# --- What a version changes --------------------------------------------------------------------


class Change(StrEnum):
    """What became of a rule."""

    SAME = "same"
    MOVED = "moved"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True)
class Changed:
    """A rule and what became of it. ``place`` is that in the new version (in the old one where it was removed)."""

    change: Change
    place: int
    rule: RoutingRule


def difference(before: Sequence[RoutingRule], after: Sequence[RoutingRule]) -> list[Changed]:
    """The rules of both versions in reading order. One that only stands elsewhere now is told as moved, once."""
    # What it takes for junk begins at 200 rules, far beyond MOST_RULES.
    blocks = SequenceMatcher(None, before, after).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    gone = Counter(rule for _, start, end, _, _ in changed for rule in before[start:end])
    come = Counter(rule for _, _, _, start, end in changed for rule in after[start:end])
    moved_away, moved_here = gone & come, gone & come
    found = []
    for kind, old_from, old_to, new_from, new_to in blocks:
        if kind == "equal":
            found += [Changed(Change.SAME, place, after[place]) for place in range(new_from, new_to)]
            continue
        for place in range(old_from, old_to):
            if not _take(moved_away, before[place]):
                found.append(Changed(Change.REMOVED, place, before[place]))
        for place in range(new_from, new_to):
            change = Change.MOVED if _take(moved_here, after[place]) else Change.ADDED
            found.append(Changed(change, place, after[place]))
    return found


def _take(left: Counter[RoutingRule], rule: RoutingRule) -> bool:
    """Count one of that rule off; whether there was one."""
    left[rule] -= 1
    return left[rule] >= 0
