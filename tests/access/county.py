"""The county of these tests: everybody in it, signed in by rows of the sessions, and everything that an address can
name. Built once for each database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app

from accounts.models import Official, Passkey, StaffSession
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from core.working_days import seed_calendar
from tests import factories
from tests.access.asking import addresses_of
from tests.access.objects import DEPARTMENTS, NONE, OTHERS, OWN, Values, build_objects
from tests.access.people import NOBODY, PEOPLE, REGIONS, VILLAGER, Person
from tests.access.routes import ROUTES
from tests.access.rows import row
from tests.access.table import Entry, Route
from tests.disbursement.county import id_number
from tests.plain_requests import Visitor
from tests.signing import sign_in

MADE_UP_ID = 2**31 - 1


@dataclass(frozen=True)
class County:
    """Whoever and whatever there is: ``cookies`` by person, ``objects`` by kind and whose they are; of what belongs to
    an office or a person itself, ``of_person`` has one for each of them."""

    principals: dict[str, Principal]
    cookies: dict[str, dict[str, str]]
    objects: dict[str, dict[str, Values]]
    of_person: dict[str, dict[str, dict[str, Values]]]

    def visitor(self, person: str) -> Visitor:
        """That person's browser."""
        browser = Visitor.in_place_of(current_app.test_client())
        browser.cookies |= self.cookies[person]
        return browser

    def addresses(self, route: Route, person: str, whose: str = OWN, **more: object) -> list[str]:
        """Where this route answers for what is this person's own, another's, or nobody's."""
        entry = ROUTES[route]
        values = self.values(entry.of, whose, person) if entry.of else {}
        return addresses_of(current_app, route[0], {**more, **values, **entry.values})

    def values(self, kind: str, whose: str, person: str) -> Values:
        """What an address names: this person's own, another's, or nothing that there is."""
        known = self.of_person[kind].get(person) if kind in self.of_person else self.objects[kind]
        if known is None:
            known = next(iter(self.of_person[kind].values()))
        if whose == NONE:
            return {
                name: MADE_UP_ID if isinstance(value, int) else "999999999999" for name, value in known[OWN].items()
            }
        return known[whose]


def build() -> County:
    """The whole of it."""
    factories.load_regions()
    seed_calendar()
    people = dict.fromkeys([*PEOPLE, *(person for entry in ROUTES.values() for person in entry.without())])
    officials = {person.name: _official(person) for person in people}
    cookies = {name: _cookies_of(official) for name, official in officials.items()}
    objects = build_objects()
    of_person = {"official": _colleagues(people), "session": _sessions(officials), "passkey": _passkeys(officials)}
    db.session.commit()
    principals = {name: factories.principal_for(official) for name, official in officials.items()}
    return County(principals, cookies | {NOBODY: {}, VILLAGER: _cookies_of_villager()}, objects, of_person)


def _official(person: Person) -> Official:
    name = DEPARTMENTS[OWN] if person.kind == Kind.DEPARTMENT else ""
    return factories.official(person.kind, *person.roles, region_code=REGIONS[person.kind], organisation_name=name)


def _cookies_of(official: Official) -> dict[str, str]:
    return Visitor.in_place_of(sign_in(current_app.test_client(), official)).cookies


def _cookies_of_villager() -> dict[str, str]:
    client = current_app.test_client()
    form = {"id_number": id_number(1), "name": "阿西木牛", "card_tail": "8481", "sms_code": ""}
    client.post("/lookup", data=form)
    assert client.get("/lookup/result").status_code == 200
    return Visitor.in_place_of(client).cookies


def _colleagues(people: Iterable[Person]) -> dict[str, dict[str, Values]]:
    """For each a colleague, and somebody of an office that his own does not manage."""
    newcomers = {kind: _official(Person(kind, (Role.VIEWER,))).id for kind in Kind}
    return {
        person.name: {
            OWN: {"official_id": newcomers[person.kind]},
            OTHERS: {
                "official_id": newcomers[Kind.FINANCE if person.kind == Kind.DISCIPLINE else Kind.DISCIPLINE],
            },
        }
        for person in people
    }


def _sessions(officials: Mapping[str, Official]) -> dict[str, dict[str, Values]]:
    """For each a session of his own at another browser, and that of somebody else."""
    made = {
        name: row(StaffSession, official_id=official.id, browser="Firefox").id for name, official in officials.items()
    }
    return _of_himself_and_another("session_id", made)


def _passkeys(officials: Mapping[str, Official]) -> dict[str, dict[str, Values]]:
    """For each a passkey of his own, and that of somebody else."""
    return _of_himself_and_another(
        "passkey_id", {name: row(Passkey, official_id=official.id).id for name, official in officials.items()}
    )


def _of_himself_and_another(name_of_id: str, made: Mapping[str, int]) -> dict[str, dict[str, Values]]:
    names = list(made)
    return {
        name: {OWN: {name_of_id: made[name]}, OTHERS: {name_of_id: made[names[place - 1]]}}
        for place, name in enumerate(names)
    }


def stage(entry: Entry) -> None:
    """Bring the rows to where the route's own step is the next one."""
    if entry.stage:
        with db.engine.begin() as connection:
            for table, values in entry.stage.items():
                connection.execute(sa.update(db.metadata.tables[table]).values(**values))
