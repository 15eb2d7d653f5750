"""Every route is tried, and whatever stands in an address in place of what belongs there leads nowhere, in words."""

import pytest
from flask import Flask

from tests.access.people import SIGNED_OUT
from tests.access.routes import ROUTES
from tests.complaints.access.table import ROUTES as COMPLAINT_ROUTES
from tests.hostile.addresses import addresses
from tests.hostile.conftest import Stage
from tests.hostile.targets import LEFT_OUT
from tests.hostile.values import encoded
from tests.hostile.watching import used
from tests.plain_requests import Body

THEIR_OWN_TESTS = {
    ("accounts.logout", "POST"): "it would end the visit: tests/accounts/test_sessions.py",
    ("accounts.end_session", "POST"): "an address may name the visit itself: tests/accounts/test_sessions.py",
}


def test_no_address_meets_a_500(on_postgresql: Stage) -> None:
    faults = []
    for place, target in enumerate(on_postgresql.scene.targets.values()):
        if target.route in THEIR_OWN_TESTS:
            continue
        person, _ = target.ways[0]
        for rule in on_postgresql.app.url_map.iter_rules(target.route[0]):
            for address in addresses(rule)[place % 2 :: 2] if rule.arguments else ():
                with on_postgresql.undone.example():
                    began = used()
                    answer = on_postgresql.visitor(person).ask(target.method, address, Body(b""))
                    found = on_postgresql.watch.faults_of(answer, used() - began)
                faults += [f"{target.name}, {address}: {fault}" for fault in found]
    assert faults == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_is_tried_or_left_out_for_a_reason(app: Flask) -> None:
    """Targets are made from the tables that say who may, and whatever has a line there is tried."""
    there = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    tried = {*ROUTES, *COMPLAINT_ROUTES, ("complaints.act", "POST")} - set(LEFT_OUT)
    assert there - tried - set(LEFT_OUT) == set(), "add a line to tests/access, or say in LEFT_OUT why not"
    assert set(LEFT_OUT) <= there
    assert all(LEFT_OUT.values())


def test_whoever_tries_is_let_in(on_postgresql: Stage) -> None:
    """Else all that hostile input would be refused before anybody reads it."""
    shut = []
    for target in on_postgresql.scene.targets.values():
        person, address = target.ways[0]
        form = {name: value if isinstance(value, str) else value[0] for name, value in target.form.items()}
        pairs = [(name, value.encode()) for name, value in form.items()]
        with on_postgresql.undone.example():
            target.prepare()
            visitor = on_postgresql.visitor(person)
            answer = visitor.get(address) if target.method == "GET" else visitor.post(address, Body(encoded(pairs)))
        to_sign_in = answer.headers.get("Location", "").startswith("/staff/login")
        if person not in SIGNED_OUT and (answer.status in {401, 403, 404, 405} or to_sign_in):
            shut.append(f"{target.name} by {person}: {answer.status}")
    assert not shut, "\n".join(shut)
