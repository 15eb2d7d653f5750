"""The county's routing: pure decisions, held for all rules and cases."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.rulebook import CURRENT, Matter, RoutingRule
from complaints.rules import Case, Office
from complaints.rules.routing_preview import FEW, Course, Told, told
from complaints.rules.routing_versions import Change, NeverMatches, difference, fingerprint, never_matching
from core.errors import UserError
from core.principal import OrganisationKind as Kind
from tests.complaints.test_rules import EVERY_OFFICE, TOWNSHIPS, VILLAGES, cases, office, offices

COUNTED = [category for category in CURRENT.categories if not category.is_clue]
PROGRAMMES = ["DISABLED_LIVING", "FARMLAND"]


def some(values: list[object]) -> st.SearchStrategy[frozenset[object] | None]:
    return st.none() | st.sampled_from(values).map(lambda one: frozenset({one}))


routing_rules = st.builds(
    RoutingRule,
    start=st.sampled_from(list(Kind)),
    matters=some(list(Matter)),
    categories=some([category.code for category in CURRENT.categories]),
    programmes=some(list(PROGRAMMES)),
    about=some(list(Kind)),
    region_code=st.none() | st.sampled_from([*TOWNSHIPS, *VILLAGES]),
    organisation_id=st.none() | st.sampled_from([*(found.id for found in EVERY_OFFICE), 999]),
)
routings = st.lists(routing_rules, max_size=6).map(tuple)


@given(cases, routings, offices)
def test_whatever_the_rules_say_the_receiver_stands_above_the_office_complained_of(
    case: Case, routing: tuple[RoutingRule, ...], there: list[Office]
) -> None:
    try:
        owner = rules.route(case, routing, there)
    except UserError:
        # Nobody above: neither the discipline commission, nor could it be about that.
        highest = office(Kind.DISCIPLINE)
        assert highest not in there or case.about == highest
        return
    assert owner in there
    assert owner.kind in rules.OWNER_KINDS
    assert case.about is None or owner.rank > case.about.rank


@given(cases, routings, offices)
def test_a_clue_goes_to_the_discipline_commission_whatever_the_rules_say(
    case: Case, routing: tuple[RoutingRule, ...], there: list[Office]
) -> None:
    clue = Case(case.category, Matter.CLUE, case.region_code, case.about, case.programme, case.department_id)
    assert rules.deciding_rule(clue, routing) is None
    try:
        assert rules.route(clue, routing, there) == office(Kind.DISCIPLINE)
    except UserError:
        assert office(Kind.DISCIPLINE) not in there or case.about == office(Kind.DISCIPLINE)


@given(cases, routings)
def test_in_a_whole_county_somebody_gets_it_where_the_first_match_says(
    case: Case, routing: tuple[RoutingRule, ...]
) -> None:
    if case.about == office(Kind.DISCIPLINE) or case.matter == Matter.CLUE:
        return
    owner = rules.route(case, routing, EVERY_OFFICE)
    place = rules.deciding_rule(case, routing)
    named = next((one for one in EVERY_OFFICE if place is not None and one.id == routing[place].organisation_id), None)
    if named is not None and named.kind in rules.OWNER_KINDS and rules.may_handle(named, case.about):
        assert owner == named
        return
    start = Kind.TOWNSHIP if place is None else routing[place].start
    assert owner.rank >= Office(0, start, TOWNSHIPS[0]).rank
    # Nothing after the first match has any say.
    if place is not None:
        assert owner == rules.route(case, routing[: place + 1], EVERY_OFFICE)


def test_a_place_is_itself_and_all_in_it() -> None:
    in_township = (RoutingRule(Kind.FINANCE, region_code=TOWNSHIPS[0]),)
    in_village = (RoutingRule(Kind.FINANCE, region_code=VILLAGES[0]),)

    def decided(place: str, routing: tuple[RoutingRule, ...]) -> bool:
        return rules.deciding_rule(Case("service", Matter.COMPLAINT, place), routing) == 0

    assert [decided(place, in_township) for place in (TOWNSHIPS[0], VILLAGES[0], VILLAGES[1], VILLAGES[2])] == [
        True,
        True,
        True,
        False,
    ]
    assert [decided(place, in_village) for place in (TOWNSHIPS[0], VILLAGES[0], VILLAGES[0] + "001", VILLAGES[1])] == [
        False,
        True,
        True,
        False,
    ]


def test_a_named_organisation_that_cannot_have_it_is_passed_over_up_the_line() -> None:
    here, other = VILLAGES[0], office(Kind.TOWNSHIP, TOWNSHIPS[1])
    people = office(Kind.HUMAN_RESOURCES)

    def goes_to(named: Office, about: Office | None = None, there: list[Office] = EVERY_OFFICE) -> Office:
        routing = (RoutingRule(named.kind, organisation_id=named.id),)
        return rules.route(Case("service", Matter.COMPLAINT, here, about), routing, there)

    assert goes_to(people) == people
    assert goes_to(other) == other
    # Complained of itself, or by somebody about its equal: up.
    assert goes_to(people, people) == office(Kind.FINANCE)
    assert goes_to(other, office(Kind.TOWNSHIP, TOWNSHIPS[0])) == office(Kind.FINANCE)
    # Closed: the next one from its own rung on.
    assert goes_to(people, there=[one for one in EVERY_OFFICE if one != people]) == office(Kind.FINANCE)
    assert goes_to(other, there=[one for one in EVERY_OFFICE if one != other]) == office(Kind.TOWNSHIP, TOWNSHIPS[0])
    # One that handles no complaints never gets any.
    assert goes_to(office(Kind.AUDIT)) == office(Kind.FINANCE)


# --- Rules that never match --------------------------------------------------------------------

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


def test_a_rule_that_stands_elsewhere_is_told_as_moved() -> None:
    one, two, last = (
        RoutingRule(Kind.FINANCE, categories=frozenset({"service"})),
        RoutingRule(Kind.FINANCE, region_code=TOWNSHIPS[0]),
        RoutingRule(Kind.TOWNSHIP),
    )
    changes = [found.change for found in difference((one, two, last), (two, one, last))]
    assert sorted(changes) == [Change.MOVED, Change.SAME, Change.SAME]


# --- What a preview may tell -------------------------------------------------------------------

OFFICES = [None, office(Kind.FINANCE), office(Kind.TOWNSHIP, TOWNSHIPS[0])]
courses = st.lists(
    st.builds(
        Course,
        number=st.none() | st.sampled_from(["1", "2", "3"]),
        category=st.sampled_from(["service", "wrong_amount"]),
        rule=st.none() | st.integers(0, 2),
        before=st.sampled_from(OFFICES),
        after=st.sampled_from(OFFICES),
    ),
    max_size=40,
)


@given(courses, st.integers(0, FEW - 1), st.sampled_from(OFFICES), st.sampled_from(OFFICES))
def test_a_few_cases_that_the_viewer_does_not_see_change_nothing(
    others: list[Course], few: int, before: Office | None, after: Office | None
) -> None:
    hidden = Course(None, "tip_off", 7, before, after)
    assert told([*others, *[hidden] * few]) == told(others)
    enough = told([*others, *[hidden] * FEW])
    assert 7 in enough.used
    assert enough != told(others)


@given(courses)
def test_what_is_told_is_true(found: list[Course]) -> None:
    preview = told(found)
    moved = [course for course in found if course.before != course.after]
    assert sorted(n for move in preview.moves for n in move.cases.numbers) == sorted(
        c.number for c in moved if c.number
    )
    stays = [course for course in found if course.before == course.after]
    assert sorted(preview.stays.numbers) == sorted(course.number for course in stays if course.number)
    assert preview.stays.others <= sum(course.number is None for course in stays)
    assert sum(move.cases.others for move in preview.moves) <= sum(course.number is None for course in moved)
    for move in preview.moves:
        seen = [
            c for c in moved if c.number and (c.before, c.after, c.category) == (move.before, move.after, move.category)
        ]
        assert len(move.cases.numbers) == len(seen)
        assert move.cases.others % FEW == 0
        assert not move.cases.nothing
    assert preview.used <= {course.rule for course in found}
    seen_rules = {course.rule for course in found if course.number and course.rule is not None}
    assert seen_rules <= preview.used


@given(courses, st.integers(0, 3))
def test_of_a_case_that_the_viewer_does_not_see_no_township_is_told(others: list[Course], few: int) -> None:
    """Wherever the same cases come from, the viewer reads the same."""
    here, there = office(Kind.TOWNSHIP, TOWNSHIPS[0]), office(Kind.TOWNSHIP, TOWNSHIPS[1])
    told_here, told_there = (
        told([*others, *[Course(None, "service", 0, place, office(Kind.FINANCE))] * (FEW + few)])
        for place in (here, there)
    )
    assert told_here == told_there


def test_seven_are_told_as_at_least_five() -> None:
    hidden = Course(None, "service", 0, OFFICES[1], OFFICES[2])
    [move] = told([hidden] * 7).moves
    assert move.cases == Told((), 5)
    # Three by one rule and four by another are few and few.
    other = Course(None, "service", 1, OFFICES[1], OFFICES[2])
    assert told([hidden] * 3 + [other] * 4).moves == ()


@pytest.mark.parametrize("state", rules.ROUTING_WORKFLOW.states())
def test_every_state_has_its_words(state: str) -> None:
    assert rules.ROUTING_STATES[state]
    assert set(rules.ROUTING_STATES) == set(rules.ROUTING_WORKFLOW.states())
