"""Without its token no form does anything, at either door, whoever sends it. The routes come from the URL map."""

import pytest
from flask import Flask

from tests.access.county import County
from tests.access.people import NOBODY, PEOPLE
from tests.access.picture import changed, picture
from tests.access.requests import post
from tests.access.routes import ROUTES
from tests.access.table import Entry

UNSAFE = {endpoint: entry for (endpoint, method), entry in sorted(ROUTES.items()) if method != "GET"}
SIGNED_INSTEAD = {"sms_webhooks.take_receipts", "sms_webhooks.take_inbound"}
"""A provider's calls come from no page; they carry a signature (test_doors.py)."""
EXAMPLES = {"provider": "twilio", "secret": "secret"}


def who_may(entry: Entry) -> str:
    """Somebody who has the right; at the public door nobody in particular."""
    if entry.public:
        return NOBODY
    return next(person.name for person in PEOPLE if entry.holds(person) and person.kind not in entry.never)


# Whether a form has its token is seen before anybody asks a database.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_form_works_without_its_token(app: Flask, county: County) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    before, faults = picture(), []
    for endpoint, entry in UNSAFE.items():
        may = who_may(entry)
        for address in county.addresses((endpoint, "POST"), may, **EXAMPLES):
            for person in dict.fromkeys((may, NOBODY)):
                status = post(county.visitor(person), address, entry.form).status
                if (status == 400) == (endpoint in SIGNED_INSTEAD):
                    faults.append(f"{address}, {person}: {status}")
    assert faults == []
    assert changed(before) == []


def test_every_unsafe_method_of_the_map_is_a_post(app: Flask) -> None:
    """A token is asked for with every method that may change something; no route answers to another one."""
    methods = {method for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    assert methods <= {"GET", "HEAD", "OPTIONS", "POST"}
