"""What can be done with many rows of a list at once, and a list taken away as a file: the right is asked for again by
the operation, whatever the page has offered, and nobody reaches a row that he does not see."""

from collections import Counter
from collections.abc import Callable, Iterator

import flask.templating
import pytest
from flask import Flask

import core.listing_pages
from core.bulk_actions import BulkAction
from core.database import db
from core.errors import UserError
from core.listing import AnySelect, Listing
from core.principal import Principal, permission_catalogue
from tests.access.asking import LET_IN, REFUSED, Hearing
from tests.access.county import County
from tests.access.people import PEOPLE, Person
from tests.access.picture import Picture, picture_within
from tests.access.routes import ROUTES
from tests.access.table import Entry
from tests.factories import AT

LISTS = sorted(endpoint for endpoint, method in ROUTES if method == "GET" and (endpoint, "POST") in ROUTES)
REASON = {"reason": "写明理由。"}
PERSON = {person.name: person for person in PEOPLE}


Shown = Callable[[Listing, AnySelect], None]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Shown]]:
    """Whoever looks at each list in the place of the page that would show it: within the request, because the deeds of
    a list may know the roll or the month whose list it is."""
    watchers: list[Shown] = []

    def serve(listing: Listing, statement: AnySelect, *_more: object, **_context: object) -> str:
        for watch in watchers:
            watch(listing, statement)
        return ""

    monkeypatch.setattr(core.listing_pages, "serve", serve)
    monkeypatch.setattr(flask.templating, "_render", lambda *_parts, **_more: "")
    yield watchers


def ids_in(listing: Listing, statement: AnySelect) -> frozenset[int]:
    """The ids of the rows of a list."""
    wanted = statement.with_only_columns(listing.id, maintain_column_froms=True).order_by(None)
    return frozenset(db.session.execute(wanted).scalars())


def changes(before: Picture, action: BulkAction, principal: Principal, ids: frozenset[int]) -> list[str]:
    """The tables in which he would change something by the deed's operation; nothing stays of it."""
    try:
        action.act(principal, sorted(ids), REASON["reason"], AT)
        db.session.flush()
    except UserError:
        return []
    else:
        after = picture_within()
        return [table for table, rows in before.items() if after[table] != rows]
    finally:
        db.session.rollback()


def holders_of(entry: Entry) -> list[Person]:
    """Everybody who may open it."""
    return [person for person in PEOPLE if entry.holds(person) and person.kind not in entry.never]


def faults_of(county: County, hearing: Hearing, shown: list[Shown], endpoint: str, tried: Counter[str]) -> list[str]:
    """What somebody can do at this list who may not; ``tried`` counts the attempts by deed."""
    entry = ROUTES[endpoint, "POST"]
    faults: list[str] = []
    seen: dict[str, frozenset[int]] = {}
    deeds: dict[str, str] = {}
    asker = ""

    def ask(name: str) -> None:
        nonlocal asker
        asker = name
        hearing.ask(county.visitor(name), "POST", county.addresses((endpoint, "POST"), name)[0], REASON)

    def look(listing: Listing, statement: AnySelect) -> None:
        seen[asker] = ids_in(listing, statement)
        deeds.update({action.key: asker for action in listing.actions})

    def attempt(listing: Listing, _statement: AnySelect) -> None:
        before, everything = picture_within(), frozenset().union(*seen.values())
        for action in (one for one in listing.actions if deeds[one.key] == asker):
            for other, principal in ((name, county.principals[name]) for name in PERSON):
                may = action.right is None or principal.may(action.right)
                # Who has the right may not reach a row that is not in his own list.
                ids = everything - seen.get(other, frozenset()) if may else everything
                if ids:
                    tried[action.key] += 1
                    tables = changes(before, action, principal, ids)
                    faults.extend(f"{endpoint}, {action.key}: {other} changes {table}" for table in tables)

    shown[:] = [look]
    # One of each kind of office first: most of what is asked for here is a form, or a list without deeds.
    holders = holders_of(entry)
    for name in {person.kind: person.name for person in holders}.values():
        ask(name)
    for person in holders if deeds else ():
        ask(person.name)
    shown[:] = [attempt]
    for name in dict.fromkeys(deeds.values()):
        ask(name)
    return faults


# The operations ask for the right in Python; which rows a list has is asked of both databases by tests of the rooms.
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_deed_at_many_rows_gets_round_the_right(
    app: Flask, county: County, hearing: Hearing, shown: list[Shown]
) -> None:
    tried: Counter[str] = Counter()
    assert [fault for endpoint in LISTS for fault in faults_of(county, hearing, shown, endpoint, tried)] == []
    assert len(tried) > 15, tried


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_is_taken_away_as_a_file_by_whoever_may(app: Flask, county: County, hearing: Hearing) -> None:
    """To see the ledger of people without a card is not to carry it away."""
    holders = permission_catalogue()["registry.export_card_gaps"].holders
    for name, person in PERSON.items():
        found = hearing.ask(county.visitor(name), "POST", "/staff/registry/card-gaps", {"export": "csv"})
        assert found in ((LET_IN,) if (person.kind, *person.roles) in holders else REFUSED), name
