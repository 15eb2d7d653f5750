"""Who keeps out of what, who stands above, and where a misrouted case may go: pure decisions, held for all inputs."""

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.rulebook import CURRENT
from complaints.rules import Arrived, Case, InterestIn, Office
from core.principal import OrganisationKind as Kind
from core.principal import region_prefix
from tests.complaints.test_rules import CALENDAR, EVERY_OFFICE, TOWNSHIPS, VILLAGES, cases, offices

PLACES = ["513400000000", "513426000000", *TOWNSHIPS, *VILLAGES, VILLAGES[0] + "001"]
ORGANISATIONS = [1, 2]
interests = st.builds(InterestIn, organisation_id=st.sampled_from(ORGANISATIONS)) | st.builds(
    InterestIn, region_code=st.sampled_from(PLACES)
)
# Every case that differs for these interests, one in a place that no interest names among them.
EVERY_CASE = list(product([*PLACES, "510100001001"], [None, 1, 2, 3]))


@given(st.lists(st.lists(interests, max_size=3), max_size=4))
def test_somebody_is_left_for_every_case_or_there_is_one_that_nobody_may_have(of_each: list[list[InterestIn]]) -> None:
    everybody_keeps_out = any(
        all(any(one.covers(place, about) for one in mine) for mine in of_each) for place, about in EVERY_CASE
    )
    assert rules.somebody_is_left(of_each) is not everybody_keeps_out


def test_nobody_is_left_of_nobody() -> None:
    assert not rules.somebody_is_left([])
    assert rules.somebody_is_left([[]])


HERE, IN_IT, BESIDE_IT = (InterestIn(region_code=code) for code in (TOWNSHIPS[0], VILLAGES[0], TOWNSHIPS[1]))
ONE_OFFICE, OTHER_OFFICE = InterestIn(organisation_id=1), InterestIn(organisation_id=2)


@pytest.mark.parametrize(
    ("of_each", "left"),
    [
        ([[HERE], [BESIDE_IT]], True),
        ([[BESIDE_IT], [IN_IT]], True),
        ([[HERE], [HERE]], False),
        ([[HERE], [IN_IT]], False),
        ([[IN_IT], [HERE]], False),
        ([[HERE], [BESIDE_IT, IN_IT]], False),
        ([[ONE_OFFICE], [OTHER_OFFICE]], True),
        ([[ONE_OFFICE], [ONE_OFFICE]], False),
        # One case may be about that office and from that place.
        ([[ONE_OFFICE], [HERE]], False),
        ([[HERE], [ONE_OFFICE], [BESIDE_IT]], True),
        ([[ONE_OFFICE], [HERE], [OTHER_OFFICE]], True),
        ([[HERE], []], True),
    ],
)
def test_of_whom_somebody_is_left(of_each: list[list[InterestIn]], left: bool) -> None:
    assert rules.somebody_is_left(of_each) is left


@given(st.sampled_from(PLACES), st.sampled_from(PLACES))
def test_an_interest_in_a_place_is_one_in_all_that_lies_in_it(interest: str, place: str) -> None:
    covered = InterestIn(region_code=interest).covers(place, 1)
    assert covered == (interest in rules.places_of(place)) == place.startswith(region_prefix(interest))


def test_an_interest_in_an_organisation_is_no_interest_in_a_case_about_none() -> None:
    assert InterestIn(organisation_id=1).covers(VILLAGES[0], 1)
    assert not InterestIn(organisation_id=1).covers(VILLAGES[0], 2)
    assert not InterestIn(organisation_id=1).covers(VILLAGES[0], None)
    assert not InterestIn().covers(VILLAGES[0], None)


@given(cases, st.sampled_from(EVERY_OFFICE), offices)
def test_whoever_stands_above_stands_above_both(case: Case, owner: Office, there: list[Office]) -> None:
    above = rules.next_above(owner, case, there)
    assert above is None or (above in there and above.rank > owner.rank and rules.may_handle(above, case.about))
    assert above is None or above.kind in rules.LINE


# Monday, 6 July 2020; five working days later is Monday, 13 July.
CAME = date(2020, 7, 6)


@pytest.mark.parametrize(
    ("state", "day", "changes", "may"),
    [
        ("received", 0, {}, True),
        ("redirected", 7, {}, True),
        ("received", 8, {}, False),
        ("accepted", 0, {}, False),
        ("referred", 0, {}, False),
        ("received", 0, {"sealed": True}, False),
        ("received", 0, {"waiting": True}, False),
        ("received", 0, {"refused": True}, False),
    ],
)
def test_when_an_office_may_object(state: str, day: int, changes: dict[str, Any], may: bool) -> None:
    given: dict[str, Any] = {"state": state, "sealed": False, "on": CAME}
    case = Arrived(**(given | changes))
    assert rules.objecting_ends(CAME, CURRENT, CALENDAR) == date(2020, 7, 13)
    assert rules.may_object(case, CAME + timedelta(days=day), CURRENT, CALENDAR) is may


@given(st.sampled_from(EVERY_OFFICE), st.none() | st.sampled_from(EVERY_OFFICE), offices, st.sets(st.integers(1, 14)))
def test_where_a_misrouted_case_may_go(
    owner: Office, about: Office | None, there: list[Office], not_theirs: set[int]
) -> None:
    found = rules.may_be_passed_to(owner, about, there, not_theirs)
    for target in there:
        may = (
            target != owner
            and target.id not in not_theirs
            and target.kind in rules.OWNER_KINDS
            and target.kind != Kind.DISCIPLINE
            and rules.may_handle(target, about)
        )
        assert (target in found) is may
    assert set(found) <= set(there)


def test_the_term_is_data_with_its_source() -> None:
    assert (CURRENT.objection.days, CURRENT.objection.source) == (5, "信访工作条例 §23")
