"""Whom a principal sees."""

import pytest
from flask import Flask
from sqlalchemy import insert

from core.database import db
from core.errors import NotVisible
from core.principal import NOBODY, OrganisationKind, Principal, Role, system
from registry import queries
from registry.models import Beneficiary, Region
from tests import factories

VILLAGE, ELSEWHERE = "513426001200", "513426002200"
NEIGHBOUR = "513427000000"
PHONE, CARD = "13900000001", "6214000000000000001"


@pytest.fixture
def people(app: Flask) -> dict[str, Beneficiary]:
    """Two of one household in two townships, who share card and phone."""
    factories.load_regions()
    here = factories.beneficiary("王秀英", "513426196001011239", VILLAGE, phone=PHONE, card_number=CARD)
    there = factories.beneficiary("张国强", "513426197503040017", ELSEWHERE, phone=PHONE)
    there.card = here.card
    db.session.flush()
    return {"here": here, "there": there}


def of(region_code: str, kind: OrganisationKind = OrganisationKind.TOWNSHIP) -> Principal:
    return factories.principal(kind, Role.PREPARER, region_code=region_code)


def seen(principal: Principal) -> set[str]:
    return {person.name for person in db.session.scalars(queries.beneficiaries(principal))}


def test_each_sees_the_people_of_his_regions(people: dict[str, Beneficiary]) -> None:
    assert seen(of("513426001000")) == {"王秀英"}
    assert seen(of(ELSEWHERE, OrganisationKind.VILLAGE)) == {"张国强"}
    assert seen(of(factories.COUNTY, OrganisationKind.FINANCE)) == {"王秀英", "张国强"}
    assert seen(system("test")) == {"王秀英", "张国强"}
    assert seen(NOBODY) == seen(of(factories.COUNTY, OrganisationKind.BANK)) == set()


def test_with_two_counties_each_sees_its_own(people: dict[str, Beneficiary]) -> None:
    finance = of(factories.COUNTY, OrganisationKind.FINANCE)
    neighbour = of(NEIGHBOUR, OrganisationKind.FINANCE)
    assert seen(neighbour) == set()
    db.session.execute(insert(Region), [{"code": NEIGHBOUR, "name": "宁南县", "level": "county", "parent_code": None}])
    factories.beneficiary("李国强", "513426198001010016", NEIGHBOUR)
    assert seen(finance) == {"王秀英", "张国强"}
    assert seen(neighbour) == {"李国强"}


@pytest.mark.parametrize("number", [PHONE, CARD, "+86 139-0000-0001", "6214 0000 0000 0000 001"])
def test_a_shared_number_finds_the_one_whom_the_principal_may_see(people: dict[str, Beneficiary], number: str) -> None:
    there = people["there"]
    found = queries.find_person(of("513426002000"), number)
    assert found in ({"phone_of": str(there.id)}, {"card": str(there.card_id)})
    assert queries.find_person(of("513426003000"), number) is None


def test_an_id_number_finds_its_holder_only_where_he_may_be_seen(people: dict[str, Beneficiary]) -> None:
    here = people["here"]
    assert queries.find_person(of("513426001000"), "513426196001011239") == {"person": str(here.id)}
    assert queries.find_person(of("513426002000"), "513426196001011239") is None
    assert queries.find_person(of(factories.COUNTY, OrganisationKind.BANK), "513426196001011239") is None


@pytest.mark.parametrize("term", ["", "无", "0", "1" * 50, "王秀英"])
def test_what_is_no_number_finds_nobody(people: dict[str, Beneficiary], term: str) -> None:
    assert queries.find_person(system("test"), term) is None


def test_one_person_and_those_who_share_his_card(people: dict[str, Beneficiary]) -> None:
    here, there = people["here"], people["there"]
    finance, township = of(factories.COUNTY, OrganisationKind.FINANCE), of("513426001000")
    assert queries.beneficiary(township, here.id) is here
    with pytest.raises(NotVisible):
        queries.beneficiary(township, there.id)
    assert queries.sharing_card(finance, here) == [there]
    assert queries.sharing_card(township, here) == []


def test_places_to_narrow_by_are_one_level_down(people: dict[str, Beneficiary]) -> None:
    assert len(queries.regions_to_narrow_by(of(factories.COUNTY, OrganisationKind.FINANCE))) == 19
    assert queries.regions_to_narrow_by(of("513426001000"))[VILLAGE] == "青杠村"
    assert len(queries.regions_to_narrow_by(of(VILLAGE, OrganisationKind.VILLAGE))) == 4
    assert queries.regions_to_narrow_by(NOBODY) == {}


def test_regions_of_a_township_are_itself_and_all_below_it(people: dict[str, Beneficiary]) -> None:
    codes = [region.code for region in queries.regions_of_township("513426001000")]
    assert len(codes) == 1 + 3 + 12
    assert codes[0] == "513426001000"
    assert all(code.startswith("513426001") for code in codes)
