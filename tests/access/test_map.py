"""Nothing is missing in the tables, nothing stands there that is no more, and each right that they name is declared."""

from flask import Flask

from core.principal import permission_catalogue
from tests.access.routes import ROUTES
from tests.access.table import NARROWED, Route

HOW = "add a line to a tests/access/routes_….py that says who may (the docstring of the package says how)"


def routes_of(app: Flask) -> set[Route]:
    """Every endpoint with every method that it answers itself, at both doors; the complaints have a table of theirs."""
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith("complaints.") and not rule.rule.startswith("/complaints/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_an_entry(app: Flask) -> None:
    missing = routes_of(app) - set(ROUTES)
    assert not missing, f"nobody has said who may: {sorted(missing)}: {HOW}"


def test_every_entry_has_a_route(app: Flask) -> None:
    gone = set(ROUTES) - routes_of(app)
    assert not gone, f"no such route any more: {sorted(gone)}: take its line out of tests/access"


def test_every_right_of_the_tables_is_declared_and_every_right_opens_something() -> None:
    named = {right for entry in ROUTES.values() for right in entry.rights or ()}
    declared = {name for name in permission_catalogue() if not name.startswith(("complaints.", "tests."))}
    assert named <= declared
    assert declared - named == SEEN_OTHERWISE, "a right that no route asks for: say where it is asked"


SEEN_OTHERWISE = frozenset(
    {
        # Deeds at many rows of a list that a wider right opens, and the file of one: test_lists.py.
        "disbursement.strike_line",
        "disbursement.explain_finding",
        "disbursement.resubmit_payment",
        "disbursement.record_bank_return",
        "registry.export_card_gaps",
        # On whose board it stands that programmes wait for a decision.
        "programmes.decide_inclusion",
    }
)
"""Rights that are asked for behind a route of a wider right."""


def test_every_address_with_an_id_says_what_it_is_of(app: Flask) -> None:
    """What an address names belongs to somebody: no entry may leave out whose it is."""
    faults = []
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            entry = ROUTES.get((rule.endpoint, method))
            ids = {name for name in rule.arguments if name.endswith("_id") or name in {"shown", "region_code", "code"}}
            if entry is not None and not entry.public and ids and not entry.of and rule.endpoint != "registry.regions":
                faults.append(f"{rule.endpoint}, {method}: {ids}")
            assert entry is None or not entry.of or entry.of in NARROWED
    assert faults == []
