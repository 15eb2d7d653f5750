"""The same of PostgreSQL: whose a thing is is asked in the query. There one of each kind of office opens what is his
own, another's and nobody's, by every page that has an id; who may at all is asked on SQLite (test_staff.py)."""

import flask.templating
import pytest
from flask import Flask

from tests.access.asking import Hearing
from tests.access.county import County, stage
from tests.access.objects import NONE, OTHERS, OWN
from tests.access.people import PEOPLE, Person
from tests.access.routes import ROUTES
from tests.access.table import Entry

READING = sorted(endpoint for (endpoint, method), entry in ROUTES.items() if method == "GET" and entry.of)


def one_of_each_kind(entry: Entry) -> dict[str, Person]:
    """The first of each kind of office who has the right."""
    return {person.kind.value: person for person in reversed(PEOPLE) if entry.holds(person)}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whose_it_is_is_asked_of_the_database(
    app: Flask, county: County, hearing: Hearing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flask.templating, "_render", lambda *_parts, **_more: "")
    faults, tried = [], 0
    for endpoint in READING:
        entry = ROUTES[endpoint, "GET"]
        stage(entry)
        for person in one_of_each_kind(entry).values():
            visitor = county.visitor(person.name)
            for whose in (OWN, OTHERS, NONE) if person.kind in entry.narrowed else (OWN, NONE):
                address = county.addresses((endpoint, "GET"), person.name, whose)[0]
                found, tried = hearing.ask(visitor, "GET", address), tried + 1
                if found not in entry.expected(person, whose):
                    faults.append(f"{address}, {person.name}, {whose}: {found}")
    assert faults == []
    assert tried > 100
