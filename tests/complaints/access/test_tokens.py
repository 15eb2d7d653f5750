"""Without its token no form of the complaints does anything, at either door, whoever sends it."""

import pytest
from flask import Flask

from tests.complaints.access.objects import County
from tests.complaints.access.people import EVERYBODY, NOBODY
from tests.complaints.access.picture import changed, picture
from tests.complaints.access.places import PLACES
from tests.complaints.access.requests import address_of, ask
from tests.complaints.access.table import ACTIONS, ROUTES, Asked, Entry

UNSAFE: dict[str, tuple[str, Entry]] = {
    endpoint: (method, entry) for (endpoint, method), entry in ROUTES.items() if method != "GET"
} | {f"action {name}": ("POST", entry) for name, entry in ACTIONS.items()}


def who_may(entry: Entry) -> tuple[str, str]:
    """Somebody who may, and where; at the public door anybody."""
    if callable(entry.may):
        return next((who, place) for place in PLACES for who in EVERYBODY if entry.succeeds(who, PLACES[place]))
    return min(entry.may, default=NOBODY), "nowhere"


# Whether a form has its token is seen before anybody asks a database.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_form_works_without_its_token(app: Flask, county: County) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    values = {name: entry.values(county) for name, (_method, entry) in UNSAFE.items()}
    before, faults = picture(), []
    for name, (method, entry) in UNSAFE.items():
        may, place = who_may(entry)
        case = county.case(place, entry.stage)
        ids = {f"{kind}_id": next(iter(found.values())) for kind, found in county.objects.items()}
        address = address_of(app, name, number=case.number, other=case.other, **ids, **values[name])
        for person in (may, NOBODY):
            answer = ask(
                county.visitor(person), method, address, entry.filled(Asked(county, person, case, PLACES[place]))
            )
            if answer.status != 400:
                faults.append(f"{name}, {person}: {answer.status}")
    assert faults == []
    assert changed(before) == []
