"""The county's routing in versions: rules that never match, and what a version changes."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given

from complaints import rules
from complaints.rulebook import CURRENT, Matter, RoutingRule
from complaints.rules import Case
from complaints.rules.routing_versions import Change, NeverMatches, difference, fingerprint, never_matching
from core.principal import OrganisationKind as Kind
from tests.complaints.test_routing_rules import COUNTED, PROGRAMMES, routings
from tests.complaints.test_rules import EVERY_OFFICE, TOWNSHIPS, VILLAGES

PLACES = [*TOWNSHIPS, *VILLAGES, "513427001000"]
EVERY_CASE = [
    Case(category.code, category.matter, place, about, programme)
    for category, place, about, programme in product(
        COUNTED,
        PLACES,
        [None, *({found.kind: found for found in EVERY_OFFICE}.values())],
        [None, *PROGRAMMES],
    )
]


@pytest.mark.parametrize(
    "condition",
    [
        {"matters": frozenset({Matter.COMPLAINT})},
        {"categories": frozenset({"service"})},
        {"programmes": frozenset({"FARMLAND"})},
        {"about": frozenset({Kind.VILLAGE})},
        {"region_code": TOWNSHIPS[0]},
        {"region_code": VILLAGES[0]},
    ],
    ids=repr,
)
def test_what_comes_after_a_rule_for_everything_never_matches(condition: dict[str, Any]) -> None:
    narrow, everything = RoutingRule(Kind.FINANCE, **condition), RoutingRule(Kind.TOWNSHIP)
    assert never_matching((narrow, everything), CURRENT.categories) == {}
    assert never_matching((everything, narrow), CURRENT.categories) == {1: NeverMatches((0,))}
    assert never_matching((narrow, narrow, everything), CURRENT.categories) == {1: NeverMatches((0,))}


@pytest.mark.parametrize(
    ("name", "mine", "theirs"),
    [
        ("matters", frozenset({Matter.COMPLAINT}), frozenset({Matter.ENQUIRY})),
        ("categories", frozenset({"service"}), frozenset({"wrong_amount"})),
        ("programmes", frozenset({"FARMLAND"}), frozenset({"DISABLED_LIVING"})),
        ("about", frozenset({Kind.VILLAGE}), frozenset({Kind.BANK})),
        ("region_code", TOWNSHIPS[0], TOWNSHIPS[1]),
    ],
)
def test_a_rule_for_other_cases_is_not_named_as_the_reason(name: str, mine: object, theirs: object) -> None:
    def rule(value: Any) -> RoutingRule:
        return RoutingRule(Kind.FINANCE, **{name: value})

    routing = (rule(theirs), rule(mine), rule(mine))
    assert never_matching(routing, CURRENT.categories) == {2: NeverMatches((1,))}


def test_a_rule_for_a_place_takes_what_lies_in_it_and_nothing_beside_it() -> None:
    township, other = (RoutingRule(Kind.FINANCE, region_code=code) for code in TOWNSHIPS)
    village = RoutingRule(Kind.TOWNSHIP, region_code=VILLAGES[0])
    assert never_matching((township, village), CURRENT.categories) == {1: NeverMatches((0,))}
    assert never_matching((other, village), CURRENT.categories) == {}
    assert never_matching((village, township), CURRENT.categories) == {}


def test_a_rule_whose_conditions_contradict_each_other_never_matches() -> None:
    enquiry = RoutingRule(Kind.FINANCE, matters=frozenset({Matter.ENQUIRY}), categories=frozenset({"service"}))
    clue = RoutingRule(Kind.FINANCE, categories=frozenset({"fraud"}))
    everything = RoutingRule(Kind.TOWNSHIP)
    assert never_matching((enquiry, clue, everything), CURRENT.categories) == {0: NeverMatches(), 1: NeverMatches()}
    # It takes nothing from those after it, and nobody takes anything from it.
    assert never_matching((everything, enquiry), CURRENT.categories) == {1: NeverMatches()}


@given(routings)
def test_a_rule_never_matches_exactly_where_no_case_reaches_it(routing: tuple[RoutingRule, ...]) -> None:
    reached = {rules.deciding_rule(case, routing) for case in EVERY_CASE}
    never = never_matching(routing, CURRENT.categories)
    assert set(never) == set(range(len(routing))) - reached
    for place, why in never.items():
        alone = {rules.deciding_rule(case, (routing[place],)) for case in EVERY_CASE}
        # Without those that are named, it would match; what matches nothing at all has none.
        assert bool(why.taken_by) == (0 in alone)
        assert all(before < place for before in why.taken_by)
        others = tuple(rule for before, rule in enumerate(routing[: place + 1]) if before not in why.taken_by)
        assert not why.taken_by or len(others) - 1 in {rules.deciding_rule(case, others) for case in EVERY_CASE}


def test_several_rules_together_can_take_everything_from_another() -> None:
    complaints = [category.code for category in COUNTED if category.matter == Matter.COMPLAINT]
    routing = (
        # This one takes nothing from it, and is not named.
        RoutingRule(Kind.FINANCE, categories=frozenset({"enquiry"})),
        *(RoutingRule(Kind.FINANCE, categories=frozenset({code})) for code in complaints),
        RoutingRule(Kind.TOWNSHIP, matters=frozenset({Matter.COMPLAINT})),
        RoutingRule(Kind.TOWNSHIP, matters=frozenset({Matter.CLUE})),
        RoutingRule(Kind.TOWNSHIP),
    )
    every = len(complaints) + 1
    assert never_matching(routing, CURRENT.categories) == {
        every: NeverMatches(tuple(range(1, every))),
        every + 1: NeverMatches(),
    }


def test_a_version_full_of_overlapping_rules_is_checked_at_once() -> None:
    regions = [f"5134260{number:02d}000" for number in range(1, 26)]
    routing = tuple(
        RoutingRule(
            Kind.FINANCE,
            categories=frozenset({COUNTED[number % len(COUNTED)].code}) if number % 2 else None,
            programmes=frozenset({f"P{number % 9}"}) if number % 3 else None,
            region_code=regions[number % 25] if number % 5 else None,
            about=frozenset({list(Kind)[number % len(Kind)]}) if number % 4 else None,
        )
        for number in range(1, 50)
    )
    assert set(never_matching((*routing, RoutingRule(Kind.TOWNSHIP)), CURRENT.categories)) < set(range(50))


# --- What a version changes --------------------------------------------------------------------


ONE, TWO, LAST = (
    RoutingRule(Kind.FINANCE, categories=frozenset({"service"})),
    RoutingRule(Kind.FINANCE, region_code=TOWNSHIPS[0]),
    RoutingRule(Kind.TOWNSHIP),
)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ((), (ONE,), [("added", 0, ONE)]),
        ((ONE,), (), [("removed", 0, ONE)]),
        ((ONE, LAST), (ONE, LAST), [("same", 0, ONE), ("same", 1, LAST)]),
        ((ONE, LAST), (ONE, TWO, LAST), [("same", 0, ONE), ("added", 1, TWO), ("same", 2, LAST)]),
        ((ONE, TWO, LAST), (ONE, LAST), [("same", 0, ONE), ("removed", 1, TWO), ("same", 1, LAST)]),
        # The old one is told before the new one in its place.
        ((ONE, LAST), (TWO, LAST), [("removed", 0, ONE), ("added", 0, TWO), ("same", 1, LAST)]),
        # One that only stands elsewhere is told once, where it stands now; its double was added, or is gone.
        ((ONE, TWO, LAST), (TWO, LAST, ONE), [("same", 0, TWO), ("same", 1, LAST), ("moved", 2, ONE)]),
        (
            (ONE, TWO, LAST),
            (TWO, LAST, ONE, ONE),
            [("same", 0, TWO), ("same", 1, LAST), ("moved", 2, ONE), ("added", 3, ONE)],
        ),
        (
            (ONE, ONE, TWO, LAST),
            (TWO, LAST, ONE),
            [("removed", 1, ONE), ("same", 0, TWO), ("same", 1, LAST), ("moved", 2, ONE)],
        ),
    ],
)
def test_what_became_of_each_rule(
    before: tuple[RoutingRule, ...], after: tuple[RoutingRule, ...], changes: list[tuple[str, int, RoutingRule]]
) -> None:
    assert [(one.change, one.place, one.rule) for one in difference(before, after)] == changes


def test_a_fingerprint_tells_rules_apart_by_all_that_they_say() -> None:
    said: dict[str, Any] = {
        "matters": frozenset({Matter.COMPLAINT}),
        "categories": frozenset({"service"}),
        "programmes": frozenset({"FARMLAND"}),
        "about": frozenset({Kind.VILLAGE}),
        "region_code": TOWNSHIPS[0],
        "organisation_id": 7,
    }
    every = [(), (LAST,), (RoutingRule(Kind.FINANCE),), (ONE, LAST), (LAST, ONE)]
    every += [(RoutingRule(Kind.TOWNSHIP, **{name: value}),) for name, value in said.items()]
    assert len({fingerprint(routing) for routing in every}) == len(every)


def test_a_fingerprint_is_the_same_however_a_choice_was_made() -> None:
    codes = [category.code for category in COUNTED]
    there, back = ((RoutingRule(Kind.FINANCE, categories=frozenset(order)), LAST) for order in (codes, codes[::-1]))
    assert fingerprint(there) == fingerprint(back)


@given(routings, routings)
def test_a_difference_tells_every_rule_that_came_and_went(
    before: tuple[RoutingRule, ...], after: tuple[RoutingRule, ...]
) -> None:
    found = difference(before, after)
    kept = [one.rule for one in found if one.change is not Change.REMOVED]
    assert kept == list(after)
    gone = [one.rule for one in found if one.change in (Change.REMOVED, Change.SAME, Change.MOVED)]
    assert sorted(map(repr, gone)) == sorted(map(repr, before))
    assert (before == after) == all(one.change is Change.SAME for one in found)
    assert (before == after) == (fingerprint(before) == fingerprint(after))


@pytest.mark.parametrize("state", rules.ROUTING_WORKFLOW.states())
def test_every_state_has_its_words(state: str) -> None:
    assert rules.ROUTING_STATES[state]
    assert set(rules.ROUTING_STATES) == set(rules.ROUTING_WORKFLOW.states())
