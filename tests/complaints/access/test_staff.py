"""Each route and each action of the staff door, asked by everybody, of every kind of object."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.complaints.access.objects import MADE_UP_ID, Case, County
from tests.complaints.access.people import EVERYBODY, SIGNED_OUT
from tests.complaints.access.picture import changed, picture
from tests.complaints.access.places import PLACES, Place
from tests.complaints.access.table import ACTIONS, MISSING, ROUTES, SIGN_IN, Entry
from tests.plain_requests import Answer, Visitor, multipart

READING = [route for route, entry in ROUTES.items() if entry.kind == "case" and route[1] == "GET"]
DEEDS = {f"action {name}": entry for name, entry in ACTIONS.items()} | {
    endpoint: entry for (endpoint, method), entry in ROUTES.items() if entry.kind == "case" and method != "GET"
}
PAGES = [route for route, entry in ROUTES.items() if entry.kind == "page"]
IDS = [route for route, entry in ROUTES.items() if entry.kind in {"wording", "view"}]


def address_of(app: Flask, endpoint: str, **values: object) -> str:
    """Where that endpoint answers. Of what its rule asks, ``values`` holds enough."""
    rule = next(app.url_map.iter_rules(endpoint))
    return app.url_map.bind("localhost").build(endpoint, {name: values[name] for name in rule.arguments})


def at_case(app: Flask, name: str, case: Case) -> str:
    """Where something is done at a case: its endpoint, or the one of all actions."""
    endpoint, action = ("complaints.act", name.removeprefix("action ")) if name.startswith("action ") else (name, "")
    return address_of(app, endpoint, number=case.number, name=action, position=1)


def is_sign_in(answer: Answer) -> bool:
    return answer.status == SIGN_IN and answer.headers["Location"].startswith("/staff/login")


def fault_of(answer: Answer, expected: int, what: str) -> Iterator[str]:
    """What is wrong with an answer."""
    if expected == SIGN_IN and not is_sign_in(answer):
        yield f"{what}: {answer.status}, expected to be sent to the sign-in"
    elif answer.status != expected:
        yield f"{what}: {answer.status}, expected {expected}"


def ask(visitor: Visitor, method: str, address: str, form: dict[str, object]) -> Answer:
    return visitor.get(address) if method == "GET" else visitor.post(address, multipart(form))


@pytest.mark.parametrize(("endpoint", "method"), READING)
def test_what_is_read_of_a_case(app: Flask, county: County, endpoint: str, method: str) -> None:
    entry, faults = ROUTES[endpoint, method], []
    for person in EVERYBODY:
        visitor = county.visitor(person)
        for place in PLACES.values():
            answer = visitor.get(at_case(app, endpoint, county.case(place.name, entry.stage)))
            faults += fault_of(answer, entry.at(person, place), f"{person}, {place.name}")
    assert faults == []


@pytest.mark.parametrize("name", DEEDS)
def test_what_is_done_at_a_case(app: Flask, county: County, name: str) -> None:
    """Who may not changes nothing; who may does it."""
    entry, faults = DEEDS[name], []
    allowed = []
    before = picture()
    for person in EVERYBODY:
        visitor = county.visitor(person)
        for place in PLACES.values():
            expected = entry.at(person, place)
            if expected == entry.gives and person in _may(entry, place):
                allowed.append((person, place))
                continue
            case = county.case(place.name, entry.stage)
            answer = press(app, visitor, name, entry, county, case, place)
            faults += fault_of(answer, expected, f"{person}, {place.name}")
        faults += [f"{person} has changed {table}" for table in changed(before)]
    assert faults == []
    assert allowed, "nobody may"
    for person, place in allowed:
        case = county.fresh(place.name, entry.stage)
        answer = press(app, county.visitor(person), name, entry, county, case, place)
        faults += fault_of(answer, entry.gives, f"{person}, {place.name}")
    assert faults == []
    assert changed(before), "nothing was done"


def _may(entry: Entry, place: Place) -> frozenset[str]:
    assert callable(entry.may)
    return entry.may(place)


def press(
    app: Flask, visitor: Visitor, name: str, entry: Entry, county: County, case: Case, place: Place
) -> Answer:
    return visitor.post(at_case(app, name, case), multipart(dict(entry.filled(county, case, place))))
