"""Every route of the staff door that changes or hands out something can come to an audit entry: a route that is new and
leaves none fails here."""

import inspect
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from core import audit
from core.principal import OrganisationKind, Role
from core.web import READING_METHODS, STAFF_PREFIX
from tests import factories
from tests.conftest import unaccounted
from tests.reaching import Node, reached
from tests.signing import sign_in

RECORD = ("core.audit.entries", "record")
HANDS_OUT = {("core.downloads", "as_download")}
WITHOUT = {
    "disbursement.try_profile": "reads a file with a format that is tried, and keeps nothing",
    "reconciliation.try_statement_profile": "reads a file with a format that is tried, and keeps nothing",
    "sms.handset": "finds a phone of the demo county",
}
# What hangs on the notice boards of the villages, to be printed: nobody is kept from it.
PUBLIC = {
    "publicity.poster",
    "publicity.print_cards",
    "publicity.print_list",
    "publicity.print_posters",
    "publicity.print_roll",
}


def routes(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(STAFF_PREFIX) and not rule.endpoint.endswith("static"):
            yield rule


def node_of(app: Flask, endpoint: str) -> Node:
    view = inspect.unwrap(app.view_functions[endpoint])
    return view.__module__, view.__qualname__.replace(".<locals>", "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_unsafe_route_leaves_an_entry(app: Flask) -> None:
    unsafe = {rule.endpoint for rule in routes(app) if (rule.methods or set()) - READING_METHODS}
    assert len(unsafe) > 150
    without = {endpoint for endpoint in unsafe if RECORD not in reached(node_of(app, endpoint))}
    assert without == set(WITHOUT)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_file_that_is_handed_out_leaves_an_entry(app: Flask) -> None:
    handing = {rule.endpoint for rule in routes(app) if HANDS_OUT & reached(node_of(app, rule.endpoint))}
    without = {endpoint for endpoint in handing if RECORD not in reached(node_of(app, endpoint))}
    assert len(handing) > 20
    assert without == PUBLIC


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_change_without_an_entry_is_noticed_in_whatever_test_makes_it(
    app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = factories.official(OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER)
    client = sign_in(app.test_client(), person)
    view = {"page": "complaints.desk", "name": "逾期", "query": "sort=due"}
    client.post("/staff/complaints/views", data=view | {"query": "state=accepted"})
    assert unaccounted[database_url] == []
    monkeypatch.setattr(audit, "record", lambda *_given, **_details: None)
    client.post("/staff/complaints/views", data=view | {"query": "state=accepted", "name": "两"})
    noticed = list(unaccounted[database_url])
    unaccounted[database_url].clear()
    assert noticed == ["POST complaints.save_view changed ['complaint_saved_views'] and left no audit entry"]
