"""Nothing is missing in the table, and nothing stands there that is no more."""

from flask import Flask

from complaints.actions import ACTIONS as PRODUCT
from tests.complaints.access.table import ACTIONS, ACTIONS_ROUTE, ROUTES

HOW = "add a line to tests/complaints/access/table.py that says who may (the docstring of the package says how)"


def routes_of(app: Flask) -> set[tuple[str, str]]:
    """Every endpoint of the complaints with every method that it answers itself, at both doors."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("complaints.") or rule.rule.startswith(("/complaints/", "/staff/complaints/"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_an_entry(app: Flask) -> None:
    missing = routes_of(app) - set(ROUTES) - {ACTIONS_ROUTE}
    assert not missing, f"nobody has said who may: {sorted(missing)}: {HOW}"


def test_every_entry_has_a_route(app: Flask) -> None:
    gone = ({*ROUTES, ACTIONS_ROUTE}) - routes_of(app)
    assert not gone, f"no such route any more: {sorted(gone)}: take its line out of tests/complaints/access/table.py"


def test_every_action_has_an_entry() -> None:
    missing = set(PRODUCT) - set(ACTIONS)
    assert not missing, f"nobody has said who may: action {sorted(missing)}: {HOW}"
    assert not set(ACTIONS) - set(PRODUCT), "an entry for an action that is no more"
