"""Each route and each action of the staff door, asked by everybody, of every kind of object."""

from collections.abc import Iterator

import pytest
from flask import Flask

from core.database import db
from tests.complaints.access.objects import MADE_UP_ID, Case, County
from tests.complaints.access.people import EVERYBODY, READERS
from tests.complaints.access.picture import changed, picture
from tests.complaints.access.places import PLACES, Place, sees
from tests.complaints.access.requests import address_of, ask
from tests.complaints.access.table import ACTIONS, MISSING, ROUTES, SIGN_IN, Asked
from tests.plain_requests import Answer

READING = [endpoint for (endpoint, method), entry in ROUTES.items() if entry.kind == "case" and method == "GET"]
DEEDS = {f"action {name}": entry for name, entry in ACTIONS.items()} | {
    endpoint: entry for (endpoint, method), entry in ROUTES.items() if entry.kind == "case" and method != "GET"
}
PAGES = [route for route, entry in ROUTES.items() if entry.kind == "page"]
IDS = [route for route, entry in ROUTES.items() if entry.kind not in {"page", "case", "public"}]


def fault_of(answer: Answer, expected: int, what: str) -> Iterator[str]:
    """What is wrong with an answer."""
    to_sign_in = answer.status == 302 and answer.headers["Location"].startswith("/staff/login")
    if (SIGN_IN if to_sign_in else answer.status) != expected:
        yield f"{what}: {answer.status}, expected {'to be sent to the sign-in' if expected == SIGN_IN else expected}"


def is_thorough() -> bool:
    """On SQLite everything is tried; on PostgreSQL it is only to be seen that its queries say the same: whoever may
    read no case is refused before any of them."""
    return db.engine.dialect.name == "sqlite"


def combinations(turn: int, *, one_view: bool = False) -> Iterator[tuple[str, Place]]:
    """Everybody with every place. By turns, so that over all deeds each comes with each: a third of it for those for
    whom no case exists at all, and on PostgreSQL a quarter of the others. ``one_view``: the case is looked for by a
    view that does other deeds as well; a third is enough there for whomever it does not exist for."""
    for row, person in enumerate(EVERYBODY):
        for column, place in enumerate(PLACES.values(), start=turn + row):
            always = person in (sees(place) if one_view else READERS)
            if (always or column % 3 == 0) and (is_thorough() or (person in READERS and column % 4 == 0)):
                yield person, place


@pytest.mark.parametrize("endpoint", READING)
def test_what_is_read_of_a_case(app: Flask, county: County, endpoint: str) -> None:
    entry = ROUTES[endpoint, "GET"]
    faults: list[str] = []
    visitors = {person: county.visitor(person) for person in EVERYBODY}
    for person, place in combinations(READING.index(endpoint)):
        number = county.case(place.name, entry.stage).number
        answer = visitors[person].get(address_of(app, endpoint, number=number))
        faults += fault_of(answer, entry.at(person, place), f"{person}, {place.name}")
    assert faults == []


@pytest.mark.parametrize("name", DEEDS)
def test_what_is_done_at_a_case(app: Flask, county: County, name: str) -> None:
    """Who may not changes nothing; who may does it."""
    entry = DEEDS[name]
    faults: list[str] = []
    visitors = {person: county.visitor(person) for person in EVERYBODY}

    def press(person: str, place: Place, case: Case) -> Iterator[str]:
        form = entry.filled(Asked(county, person, case, place))
        answer = ask(visitors[person], "POST", address_of(app, name, number=case.number, other=case.other), form)
        return fault_of(answer, entry.at(person, place), f"{person}, {place.name}")

    before, allowed = picture(), []
    for person, place in combinations(list(DEEDS).index(name), one_view=name.startswith("action ")):
        if entry.succeeds(person, place):
            allowed.append((person, place))
        else:
            faults += press(person, place, county.case(place.name, entry.stage))
    faults += [f"somebody has changed {table}" for table in changed(before)]
    assert faults == []
    assert allowed or not is_thorough(), "nobody may"
    done: set[str] = set()
    for person, place in allowed:
        case = county.case(place.name, entry.stage)
        if place.name in done:
            case = county.fresh(place.name, entry.stage)
        done.add(place.name)
        before = picture()
        faults += press(person, place, case)
        assert changed(before), f"{person}, {place.name}: nothing was done"
    assert faults == []


# Whom a page lets in is a matter of his role, and no query is asked; what its lists hold is tried on both elsewhere.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("endpoint", "method"), PAGES)
def test_pages(app: Flask, county: County, endpoint: str, method: str) -> None:
    entry = ROUTES[endpoint, method]
    address = address_of(app, endpoint, **entry.values(county))
    before = picture()
    faults: list[str] = []

    def asked_by(person: str) -> Iterator[str]:
        form = entry.filled(Asked(county, person))
        return fault_of(ask(county.visitor(person), method, address, form), entry.without_object(person), person)

    for person in EVERYBODY:
        if not entry.lets_in(person):
            faults += asked_by(person)
    faults += [f"somebody has changed {table}" for table in changed(before)]
    for person in EVERYBODY:
        if entry.lets_in(person):
            faults += asked_by(person)
    assert faults == []
    assert not entry.writes or changed(before), "nobody has done anything"


@pytest.mark.parametrize(("endpoint", "method"), IDS)
def test_what_has_an_id_of_its_own(app: Flask, county: County, endpoint: str, method: str) -> None:
    """Another office's wording and another person's view do not exist, and nothing becomes of them."""
    entry, before = ROUTES[endpoint, method], picture()
    faults: list[str] = []
    found = county.objects[entry.kind]
    argument, own = f"{entry.kind}_id", []
    for person in EVERYBODY:
        visitor, form = county.visitor(person), entry.filled(Asked(county, person))
        for owner, number in (found | {"nobody at all": MADE_UP_ID}).items():
            expected = entry.without_object(person)
            is_own = owner in {person, person.rpartition(" ")[0]}
            if entry.lets_in(person) and (is_own or (person in entry.all_of_them and number != MADE_UP_ID)):
                own.append((visitor, person, number, form))
                continue
            answer = ask(visitor, method, address_of(app, endpoint, **{argument: number}), form)
            faults += fault_of(answer, MISSING if entry.lets_in(person) else expected, f"{person}, {owner}")
    faults += [f"somebody has changed {table}" for table in changed(before)]
    assert faults == []
    assert own
    for visitor, person, number, form in own:
        answer = ask(visitor, method, address_of(app, endpoint, **{argument: number}), form)
        faults += fault_of(answer, entry.gives, person)
    assert faults == []
    assert method == "GET" or changed(before)
