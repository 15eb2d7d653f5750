"""Where each route answers, and who is let in there: from the tables that say who may."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app

from complaints.models import RoutingVersion
from core.database import db
from publicity import queries, rules
from publicity.models import PublicityList, QrCode
from tests.access import county as access_county
from tests.access.objects import OWN
from tests.access.people import NOBODY, PEOPLE, VILLAGER
from tests.access.routes import ROUTES
from tests.access.table import Entry
from tests.complaints.access import objects as complaints_county
from tests.complaints.access.objects import Case
from tests.complaints.access.people import EVERYBODY
from tests.complaints.access.places import PLACES
from tests.complaints.access.requests import address_of
from tests.complaints.access.table import ACTIONS, Asked
from tests.complaints.access.table import ROUTES as COMPLAINT_ROUTES
from tests.complaints.access.table import Entry as CaseEntry
from tests.complaints.access.versions import draft, proposed
from tests.plain_requests import Visitor

Route = tuple[str, str]
LEFT_OUT: Mapping[Route, str] = {
    ("static", "GET"): "a file of ours, sent by Flask",
    ("bootstrap.static", "GET"): "a file of Bootstrap's, sent by Flask",
}
"""Routes that are not tried, each with its reason."""
EXAMPLES: Mapping[str, Sequence[str]] = {
    "token": ("forged", ""),
    "code": ("en", "zh_CN", "xx"),
    "size": ("large", "huge"),
    "provider": ("twilio", "aliyun", "simulated", "nobody"),
    "secret": ("secret",),
    "form": ("pdf",),
    "kind": ("before",),
}
"""What addresses want that the tables leave open."""
MOST_PEOPLE = 2
"""Of those who may, so many try: one as good as another."""
Prepare = Callable[[], None]


@dataclass(frozen=True)
class Target:
    """One thing to be tried. ``ways`` are people and the address at which each asks; ``form`` holds values that are
    known to be good; ``prepare`` brings the rows to where this is the next step."""

    name: str
    route: Route
    ways: tuple[tuple[str, str], ...]
    form: Mapping[str, Any] = field(default_factory=dict)
    prepare: Prepare = lambda: None

    @property
    def method(self) -> str:
        """GET or POST."""
        return self.route[1]


@dataclass(frozen=True)
class Scene:
    """A county with all that can be tried in it."""

    visitor: Callable[[str], Visitor]
    targets: Mapping[str, Target]


def _all_by(addresses: Callable[[dict[str, str]], list[str]]) -> list[str]:
    """The addresses with each of the examples in turn."""
    found: dict[str, None] = {}
    for place in range(max(map(len, EXAMPLES.values()))):
        for address in addresses({name: values[place % len(values)] for name, values in EXAMPLES.items()}):
            found[address] = None
    return list(found)


def of_the_house() -> Scene:
    """Every route but those of the complaints."""
    county = access_county.build()
    db.session.remove()
    tokens = _tokens()

    def ways(route: Route, entry: Entry) -> Iterator[tuple[str, str]]:
        able = [NOBODY, VILLAGER] if entry.public else [p.name for p in PEOPLE if entry.holds(p) and entry.sees(p, OWN)]
        for person in able if entry.public else able[:: max(len(able) // MOST_PEOPLE, 1)][:MOST_PEOPLE]:
            # mypy cannot infer a lambda that has a default.
            for address in _all_by(lambda more, who=person: county.addresses(route, who, OWN, **more)):  # type: ignore[misc]
                yield person, address
        for address in tokens.get(route[0], ()):
            yield VILLAGER, address

    def target(route: Route, entry: Entry) -> Target:
        name = " ".join(route)
        return Target(name, route, tuple(ways(route, entry)), entry.form, lambda: _staged(entry))

    found = [target(route, entry) for route, entry in sorted(ROUTES.items()) if route not in LEFT_OUT]
    return Scene(county.visitor, {one.name: one for one in found if not one.route[0].startswith("complaints.")})


def _staged(entry: Entry) -> None:
    if entry.stage:
        with db.engine.begin() as connection:
            for table, values in entry.stage.items():
                connection.execute(sa.update(db.metadata.tables[table]).values(**values))


def _tokens() -> Mapping[str, Sequence[str]]:
    """Addresses that carry a token of ours."""
    code = db.session.scalars(sa.select(QrCode).order_by(QrCode.id)).first()
    hung = db.session.scalars(sa.select(PublicityList).order_by(PublicityList.id)).first()
    assert code is not None and hung is not None
    addresses = {
        "portal.qr_entry": [f"/q/{queries.qr_token_of(code)}"],
        "portal.one_list": [f"/lists/{rules.list_token(queries.signing_key(), hung.id)}"],
    }
    db.session.remove()
    return addresses


def of_the_complaints() -> Scene:
    """The routes of the complaints, each action of a case by itself."""
    county = complaints_county.build()
    db.session.remove()
    app = current_app

    def at_case(name: str, entry: CaseEntry) -> Iterator[tuple[tuple[str, str], Mapping[str, str], str]]:
        able = [
            (person, place)
            for place in PLACES.values()
            for person in EVERYBODY
            if entry.succeeds(person, place) and place.name != "nowhere"
        ]
        for person, place in able[:: max(len(able) // 3, 1)][:3]:
            case = county.case(place.name, entry.stage)
            form = entry.filled(Asked(county, person, case, place))
            yield (person, address_of(app, name, number=case.number, other=case.other)), form, case.number

    def target(name: str, route: Route, entry: CaseEntry) -> Target:
        if entry.kind == "case":
            found = list(at_case(name, entry))
            return Target(f"{name} {route[1]}", route, tuple(way for way, _, _ in found), found[0][1] if found else {})
        ways = tuple(_ways(app, county, route, entry))
        person = ways[0][0]
        form = entry.filled(Asked(county, person, Case("1" * 12)))
        return Target(" ".join(route), route, ways, form, partial(_routing_is, versions.get(entry.values, "")))

    versions: Mapping[object, str] = {draft: "draft", proposed: "proposed"}
    found = [
        target(route[0], route, entry)
        for route, entry in COMPLAINT_ROUTES.items()
        if route[0] != "portal.track_complaint"
    ]
    found += [target(f"action {name}", ("complaints.act", "POST"), entry) for name, entry in ACTIONS.items()]
    found.append(_tracking(county))
    return Scene(county.visitor, {one.name: one for one in found})


def _routing_is(state: str) -> None:
    """The one version of the routing that is not decided serves those that want a draft and those that decide."""
    if state:
        with db.engine.begin() as connection:
            table = db.metadata.tables[RoutingVersion.__tablename__]
            wanted = sa.update(table).where(table.c.state.in_(("draft", "proposed"))).values(state=state)
            connection.execute(wanted)


def _ways(app: Flask, county: complaints_county.County, route: Route, entry: CaseEntry) -> Iterator[tuple[str, str]]:
    endpoint, _ = route
    if entry.kind == "public":
        yield from ((person, address_of(app, endpoint)) for person in (NOBODY, VILLAGER))
    elif entry.kind == "page":
        address = address_of(app, endpoint, **entry.values(county))
        yield from ((person, address) for person in sorted(filter(entry.lets_in, EVERYBODY))[:MOST_PEOPLE])
    else:
        for owner, number in county.objects[entry.kind].items():
            for person in EVERYBODY:
                if entry.lets_in(person) and owner in {person, person.rpartition(" ")[0]}:
                    yield person, address_of(app, endpoint, **{f"{entry.kind}_id": number})


def _tracking(county: complaints_county.County) -> Target:
    """The reporter's way back, with the code of a case that has been answered."""
    case = county.case("on the township's desk", "answered")
    route = ("portal.track_complaint", "POST")
    form = {
        "receipt_code": case.code, "action": ["add", "reopen", "review", "rate", "settle"],
        "text": "不对。", "satisfaction": "satisfied", "words": "好。",
    }  # fmt: skip
    return Target(" ".join(route), route, ((NOBODY, "/complaints/track"),), form)
