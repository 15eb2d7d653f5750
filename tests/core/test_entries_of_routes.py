"""Every route of the staff door that changes or hands out something can come to an audit entry: a route that is new and
leaves none fails here."""

import inspect
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from core.web import READING_METHODS, STAFF_PREFIX
from tests.reaching import Node, reached

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
