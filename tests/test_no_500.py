"""Nothing to nobody, no unsafe request without its token, no number in an address that its column cannot hold. Every
address comes from the URL map, so that a new one is held to it unasked. That whatever anybody sends is answered in the
house's own words is tried in tests/hostile."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from core.addresses import IdConverter, NumberConverter
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from tests import factories
from tests.conftest import application_for
from tests.hostile.addresses import addresses
from tests.plain_requests import Body, Visitor
from tests.signing import sign_in

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
STAFF = (
    (Kind.FINANCE, tuple(Role)),
    (Kind.DISCIPLINE, tuple(Role)),
    (Kind.DEPARTMENT, tuple(Role)),
    (Kind.TOWNSHIP, tuple(Role)),
    (Kind.BANK, tuple(Role)),
)
OPEN_TO_NOBODY = {"accounts.login", "core.healthz", "core.readyz", "core.language", "static", "bootstrap.static"}


@pytest.fixture
def county(sqlite_template: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application on SQLite: what is looked for here does not depend on the database."""
    path = tmp_path / "test.sqlite"
    shutil.copy(sqlite_template, path)
    application = application_for(f"sqlite:///{path}", tmp_path / "instance")
    application.config["PROPAGATE_EXCEPTIONS"] = False
    with application.app_context():
        factories.load_regions()
        factories.programme()
        db.session.commit()
        yield application
        db.session.remove()
        db.engine.dispose()


def test_a_number_that_is_no_id_has_the_converter_for_it(county: Flask) -> None:
    """Ids have columns that hold whatever the converter lets through; a version or a place has not."""
    ids = {
        argument
        for rule in county.url_map.iter_rules()
        for argument, converter in rule._converters.items()
        if type(converter) is IdConverter
    }
    others = {argument for argument in ids if not argument.endswith("_id")} - {"shown"}
    assert not others, f"<number:…> in place of <int:…> for {others}, or call an id so"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_number_in_an_address_is_more_than_its_column_holds(app: Flask) -> None:
    """SQLite takes any number; PostgreSQL refuses one that is too large for the column."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    factories.load_regions()
    visitors = [
        Visitor.in_place_of(sign_in(app.test_client(), factories.official(kind, *roles))) for kind, roles in STAFF
    ]
    broken, nobody_may = [], []
    for rule in app.url_map.iter_rules():
        if not any(isinstance(converter, NumberConverter) for converter in rule._converters.values()):
            continue
        methods = {"GET", "POST"} & set(rule.methods or ())
        tries = [(method, address) for address in addresses(rule) for method in sorted(methods)]
        # Whoever may not is refused before the number is looked at: the first who may tries all of them.
        for visitor in visitors:
            found = [visitor.ask(*tries[0], Body(b"")).status]
            if found[0] == 403:
                continue
            found += [visitor.ask(*one, Body(b"")).status for one in tries[1:]]
            broken += [f"{one}: {status}" for one, status in zip(tries, found, strict=True) if status >= 500]
            break
        else:
            nobody_may.append(rule.rule)
    assert (broken, nobody_may) == ([], [])


def test_every_staff_address_refuses_nobody(county: Flask) -> None:
    client = county.test_client()
    open_doors = []
    for rule in county.url_map.iter_rules():
        if not rule.rule.startswith("/staff") or rule.endpoint in OPEN_TO_NOBODY:
            continue
        for method in {"GET", "POST"} & set(rule.methods or ()):
            answer = client.open(addresses(rule)[0], method=method)
            if answer.status_code not in {401, 403, 404} and not _leads_to_sign_in(answer):
                open_doors.append(f"{method} {rule.rule}: {answer.status_code}")
    assert open_doors == []


def _leads_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and "/staff/login" in answer.headers["Location"]


def test_every_unsafe_request_needs_its_token(county: Flask) -> None:
    client = sign_in(county.test_client(), factories.official(Kind.FINANCE, Role.APPROVER))
    county.config["WTF_CSRF_ENABLED"] = True
    unprotected = []
    for rule in county.url_map.iter_rules():
        for method in set(UNSAFE) & set(rule.methods or ()):
            answer = client.open(addresses(rule)[0], method=method, data={"name": "x"})
            if answer.status_code != 400 and not rule.endpoint.startswith("sms_webhooks."):
                unprotected.append(f"{method} {rule.rule}: {answer.status_code}")
    assert unprotected == []
