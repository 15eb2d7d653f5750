"""The doors that ask nobody who he is: they open to everybody alike, and show nobody what is another's."""

import pytest
from flask import Flask

from tests.access.asking import SIGN_IN, Hearing
from tests.access.county import County
from tests.access.people import NOBODY, VILLAGER
from tests.access.picture import changed, picture
from tests.access.requests import post
from tests.access.routes import ROUTES

FINANCE = "finance approver"
VISITORS = (NOBODY, VILLAGER, FINANCE)
"""An official's cookie is that of the other door: at the public one he is nobody."""
OPEN = sorted(route for route, entry in ROUTES.items() if entry.public)
EXAMPLES = {
    "token": "forged",
    "code": "en",
    "size": "large",
    "filename": "public.css",
    "provider": "twilio",
    "secret": "secret",
}
FOUND_BY_LOOKUP = ("portal.lookup_result", "portal.lookup_totals", "portal.lookup_print", "portal.lookup_seen")

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_one_database
@pytest.mark.parametrize(("endpoint", "method"), OPEN)
def test_a_public_door_asks_nobody_to_sign_in(
    app: Flask, county: County, hearing: Hearing, endpoint: str, method: str
) -> None:
    """And whoever comes is answered alike; an official does not get more for being one."""
    before, statuses = picture(), {}
    for person in VISITORS:
        visitor = county.visitor(person)
        for address in county.addresses((endpoint, method), person, **EXAMPLES):
            found = visitor.get(address) if method == "GET" else post(visitor, address, {})
            statuses[person, address] = found.status
            assert found.status < 500, (person, address)
            # These two lead to the sign-in in any case: the one says good-bye there, the other that it was nothing.
            if endpoint not in {"accounts.logout", "accounts.sign_in_with_passkey"}:
                assert not found.headers.get("Location", "").startswith("/staff/login"), (person, address)
    if not endpoint.startswith("accounts."):
        unlike = {address for person, address in statuses if statuses[NOBODY, address] != statuses[FINANCE, address]}
        assert unlike == set()
    assert [table for table in changed(before) if table not in {"staff_sessions"}] == []


@on_one_database
@pytest.mark.parametrize("endpoint", FOUND_BY_LOOKUP)
def test_what_a_lookup_has_found_is_for_whoever_looked_up(app: Flask, county: County, endpoint: str) -> None:
    (address,) = county.addresses((endpoint, "GET"), NOBODY)
    for person in (NOBODY, FINANCE):
        answer = county.visitor(person).get(address)
        assert answer.status == 302 and answer.headers["Location"].startswith("/lookup"), person
    shown = county.visitor(VILLAGER).get(address)
    assert shown.status == 200


@on_one_database
def test_a_villager_opens_nothing_at_the_staff_door(app: Flask, county: County, hearing: Hearing) -> None:
    visitor = county.visitor(VILLAGER)
    visitor.cookies["ykt_staff"] = visitor.cookies["ykt_public"]
    for address in ("/staff/", "/staff/disbursement/payments/1", "/staff/rights"):
        assert hearing.ask(visitor, "GET", address) == SIGN_IN, address


@on_one_database
@pytest.mark.parametrize("what", ["receipts", "secret/receipts", "inbound"])
def test_whoever_cannot_prove_that_he_is_the_provider_changes_nothing(app: Flask, county: County, what: str) -> None:
    before = picture()
    form = {"MessageSid": "SM1", "MessageStatus": "delivered", "From": "+8613800000001", "Body": "查询"}
    for provider in ("twilio", "aliyun", "simulated", "nobody"):
        answer = post(county.visitor(NOBODY), f"/sms/{provider}/{what}", form)
        assert answer.status in {403, 404}, provider
    assert changed(before) == []
