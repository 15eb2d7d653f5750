"""Every route of the staff door, asked by an official of each kind of office in each role, of what is his own, of
another office's, and of what does not exist. Who may is what the rights say that the page of rights shows."""

import flask.templating
import pytest
from flask import Flask

from core.database import db
from tests.access.asking import LET_IN, Hearing
from tests.access.county import County, build, stage
from tests.access.objects import NONE, OTHERS, OWN
from tests.access.people import PEOPLE, SIGNED_OUT, Person
from tests.access.picture import changed, picture
from tests.access.routes import ROUTES
from tests.access.table import Entry, Route
from tests.built_once import built_once

STAFF = sorted(route for route, entry in ROUTES.items() if not entry.public)
PERSON = {person.name: person for person in PEOPLE}


def asking(entry: Entry) -> dict[str, Person | None]:
    """Each who holds a right by himself; those who hold none, the roles of an office at once; and who is not signed
    in."""
    people = [*(person for person in PEOPLE if entry.holds(person)), *entry.without()]
    return dict.fromkeys(SIGNED_OUT) | {person.name: person for person in people}


def asked_for(entry: Entry, person: Person | None) -> tuple[str, ...]:
    """Whose it is that this person asks for: who has no right is asked of his own only, which is the nearest to his."""
    if not entry.of:
        return (OWN,)
    if person is None or not entry.holds(person):
        return (OWN,)
    # Where an office sees everybody's, the other one's is no other's for it.
    return (OWN, OTHERS, NONE) if person.kind in entry.narrowed else (OWN, NONE)


def worth_asking(route: Route, allowed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Where the same list, or the same form, is asked for by GET as well, one of each kind of office shows that it is
    the same by POST."""
    endpoint, method = route
    if method == "GET" or ROUTES[route] is not ROUTES.get((endpoint, "GET")):
        return allowed
    return list({(PERSON[asker].kind, whose): (asker, whose) for asker, whose in allowed}.values())


# Whom a route lets in is decided in Python, before or beside the query: on PostgreSQL the queries are asked, below.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("route", STAFF, ids=" ".join)
def test_who_may_and_who_may_not(
    app: Flask, county: County, hearing: Hearing, monkeypatch: pytest.MonkeyPatch, route: Route
) -> None:
    entry, method = ROUTES[route], route[1]
    faults: list[str] = []
    allowed: list[tuple[str, str]] = []
    stage(entry)
    before = picture()
    for asker, person in asking(entry).items():
        visitor = county.visitor(asker)
        for whose in asked_for(entry, person):
            expected = entry.expected(person, whose)
            if expected == {LET_IN}:
                allowed.append((asker, whose))
                continue
            for address in county.addresses(route, asker, whose, form="pdf"):
                found = hearing.ask(visitor, method, address, entry.form)
                if found not in expected:
                    faults.append(f"{asker}, {whose}, {address}: {found}")
    faults += [f"somebody who may not has changed {table}" for table in changed(before)]
    allowed = worth_asking(route, allowed)
    for place, (asker, whose) in enumerate(allowed):
        # A page is drawn once, and on paper as well; for the others it is enough that they come as far as that.
        for address in county.addresses(route, asker, whose, form="pdf")[: None if place == 0 else 1]:
            found = hearing.ask(county.visitor(asker), method, address, entry.form)
            if found != LET_IN:
                faults.append(f"{asker}, {whose}, {address}: {found}")
        # What one was let in to do is done: for the next one everything is as it was.
        monkeypatch.setattr(flask.templating, "_render", lambda *_parts, **_more: "")
        if method != "GET" and place + 1 < len(allowed):
            db.session.remove()
            built_once(app, build)
            stage(entry)
    assert not faults, "; ".join(faults)
    assert allowed, "nobody may"
