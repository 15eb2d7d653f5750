"""The county's routing: pure decisions, held for all rules and cases."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.rulebook import CURRENT, Matter, RoutingRule
from complaints.rules import Case, Office
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


def test_where_no_rule_matches_a_township_begins() -> None:
    case = Case("service", Matter.COMPLAINT, VILLAGES[0])
    department = office(Kind.DEPARTMENT)
    for routing in ((), (RoutingRule(Kind.FINANCE, region_code=VILLAGES[2]),)):
        assert rules.deciding_rule(case, routing) is None
        assert rules.route(case, routing, EVERY_OFFICE) == office(Kind.TOWNSHIP, TOWNSHIPS[0])
        assert rules.route(case, routing, [department, office(Kind.FINANCE)]) == office(Kind.FINANCE)


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({"matters": frozenset({Matter.COMPLAINT})}, True),
        ({"matters": frozenset({Matter.TIP_OFF})}, False),
        ({"categories": frozenset({"service", "enquiry"})}, True),
        ({"categories": frozenset({"enquiry"})}, False),
        ({"programmes": frozenset({"FARMLAND"})}, True),
        ({"programmes": frozenset({"DISABLED_LIVING"})}, False),
        ({"about": frozenset({Kind.VILLAGE, Kind.BANK})}, True),
        ({"about": frozenset({Kind.BANK})}, False),
        ({"region_code": TOWNSHIPS[0]}, True),
        ({"region_code": TOWNSHIPS[1]}, False),
    ],
)
def test_a_rule_is_met_by_what_it_names(condition: dict[str, Any], met: bool) -> None:
    case = Case("service", Matter.COMPLAINT, VILLAGES[0], office(Kind.VILLAGE, VILLAGES[0]), "FARMLAND")
    [name] = condition
    assert rules.deciding_rule(case, (RoutingRule(Kind.FINANCE, **condition),)) == (0 if met else None)
    # One condition that is not met is enough against it, however many are.
    both = {"categories": frozenset({"service"}), "region_code": TOWNSHIPS[0]} | condition
    assert rules.deciding_rule(case, (RoutingRule(Kind.FINANCE, **both),)) == (0 if met else None)
    # A complaint about nobody, of no programme, meets no rule about somebody or for a programme.
    if name in ("about", "programmes"):
        plain = Case("service", Matter.COMPLAINT, VILLAGES[0])
        assert rules.deciding_rule(plain, (RoutingRule(Kind.FINANCE, **condition),)) is None


def test_the_first_rule_that_matches_decides() -> None:
    case = Case("service", Matter.COMPLAINT, VILLAGES[0])
    other = RoutingRule(Kind.FINANCE, categories=frozenset({"enquiry"}))
    routing = (other, RoutingRule(Kind.DISCIPLINE), RoutingRule(Kind.FINANCE))
    assert rules.deciding_rule(case, routing) == 1
    assert rules.route(case, routing, EVERY_OFFICE) == office(Kind.DISCIPLINE)
