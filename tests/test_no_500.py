"""Whatever anybody asks of any address, the house answers in its own words: no 500, nothing to nobody, no unsafe
request without its token. Every address comes from the URL map, so that a new one is held to it unasked."""

import io
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, Rule
from werkzeug.test import TestResponse

from core.addresses import IdConverter, NumberConverter
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from tests import factories
from tests.conftest import application_for
from tests.plain_requests import Body, Visitor, multipart
from tests.signing import sign_in

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
GARBAGE_NUMBERS = ("1", "0", str(2**31), str(2**63 - 1), str(2**63))
GARBAGE_TEXTS = ("1" * 12, "x", "513426100000", "%00火星村", "é" * 300)
"""Texts stand in an address, where a NUL is written %00."""
FIELDS = (
    "username", "password", "new_password", "again", "name", "organisation_id",
    "organisation", "roles", "kind", "region", "region_code", "id_number",
    "card_tail", "sms_code", "category", "text", "phone", "anonymous",
    "confidential", "satisfaction", "words", "action",
    "receipt_code", "reason", "note", "until", "on", "due",
    "days", "amount", "period", "programme", "township", "batch",
    "profile", "file", "official", "official_id", "decision", "answer",
    "version", "q", "page", "sort", "export", "columns",
    "state", "status", "attachments", "year", "payment", "line", "list",
    "confirm", "next", "purpose", "body", "sender", "about_organisation",
    "action", "code", "base", "start", "matter", "about", "otherwise", "seen",
    "MessageSid", "MessageStatus", "From", "Body",
)  # fmt: skip
GARBAGE_VALUES = ("", "-1", "9" * 20, "2020-13-45", "x\x00'; --", "𠮷" * 300, "１２")
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


def addresses(rule: Rule) -> list[str]:
    """Addresses of a rule with values that nobody meant for it."""
    values: list[tuple[str, ...]] = []
    for argument in sorted(rule.arguments):
        converter = rule._converters[argument]
        if argument == "official_id":
            # The first official is who asks: he would take his own rights away.
            values.append(GARBAGE_NUMBERS[1:])
        elif isinstance(converter, IntegerConverter):
            values.append(GARBAGE_NUMBERS)
        elif isinstance(converter, AnyConverter):
            values.append(tuple(converter.items))
        else:
            values.append(GARBAGE_TEXTS)
    combinations = list(zip(*_stretched(values), strict=True)) if values else [()]
    return [_filled(rule.rule, sorted(rule.arguments), chosen) for chosen in combinations]


def _filled(address: str, arguments: list[str], chosen: tuple[str, ...]) -> str:
    for argument, value in zip(arguments, chosen, strict=True):
        address = re.sub(rf"<(?:[^<>]*:)?{argument}>", value.replace("\\", r"\\"), address)
    return address


def _stretched(values: list[tuple[str, ...]]) -> list[list[str]]:
    longest = max(map(len, values))
    return [[value[place % len(value)] for place in range(longest)] for value in values]


@cache
def _bodies() -> list[Body]:
    return [multipart(form) for form in _forms()]


def _forms() -> list[dict[str, object]]:
    forms: list[dict[str, object]] = [{}]
    forms += [dict.fromkeys(FIELDS, value) for value in GARBAGE_VALUES]
    forms += [{name: [value, value] for name in FIELDS} for value in ("1",)]
    forms.append({name: (io.BytesIO(b"\x00\xffPK\x03\x04"), "花名册.xlsx") for name in FIELDS})
    return forms


@cache
def _queries() -> list[str]:
    return ["", *(urlencode(dict.fromkeys(FIELDS, value[:50])) for value in GARBAGE_VALUES)]


REFUSED = {401, 403, 404, 405}


def _try_everything(app: Flask, visitor: Visitor, doors: str = "/") -> list[str]:
    """Ask everything of every address that begins so; what was answered with a 500 or more.

    What refuses a plain request reads no more of it: there one piece of garbage is tried, each time another.
    """
    broken = []
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(doors)]
    for place, rule in enumerate(rules):
        if rule.endpoint in {"accounts.logout", "accounts.login", "accounts.end_session"}:
            continue  # they would end the sign-in; they have tests of their own, here below and of the sessions
        first, *others = addresses(rule)
        plain, *queries = _queries()
        status = visitor.get(first, plain).status
        asked = [(first, query, status) for query in [plain] if status >= 500]
        for address, query in [(first, one) for one in _some(queries, status, place)] + [(one, "") for one in others]:
            asked.append((address, query, visitor.get(address, query).status))
        broken += [f"GET {address}?{query[:80]}" for address, query, found in asked if found >= 500]
        if "POST" in (rule.methods or ()):
            forms = list(enumerate(_bodies()))
            status = visitor.post(first, forms[0][1]).status
            sent = [(0, status)] + [
                (number, visitor.post(first, form).status) for number, form in _some(forms[1:], status, place)
            ]
            broken += [f"POST {first} with form {number}" for number, found in sent if found >= 500]
    return broken


def _some(garbage: list[Any], status: int, place: int) -> list[Any]:
    return [garbage[place % len(garbage)]] if status in REFUSED else garbage


@pytest.mark.parametrize(("kind", "roles"), STAFF)
def test_no_official_meets_a_500(county: Flask, kind: Kind, roles: tuple[Role, ...]) -> None:
    visitor = Visitor.in_place_of(sign_in(county.test_client(), factories.official(kind, *roles)))
    assert visitor.get("/staff/").status == 200
    # The public door looks for no official: to it, everybody is the nobody of the next test.
    assert _try_everything(county, visitor, "/staff") == []
    assert visitor.get("/staff/").status == 200, "still signed in"


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
    broken, tried = [], 0
    for kind, roles in STAFF:
        visitor = Visitor.in_place_of(sign_in(app.test_client(), factories.official(kind, *roles)))
        for rule in app.url_map.iter_rules():
            if not any(isinstance(converter, NumberConverter) for converter in rule._converters.values()):
                continue
            for address in addresses(rule):
                asked = [visitor.get(address).status]
                asked += [visitor.post(address, Body(b"")).status] if "POST" in (rule.methods or ()) else []
                broken += [f"{address}: {status}" for status in asked if status >= 500]
                tried += 1
    assert tried and broken == []


def test_nobody_meets_a_500(county: Flask) -> None:
    assert _try_everything(county, Visitor(county)) == []


def test_garbage_at_the_sign_in(county: Flask) -> None:
    client = county.test_client()
    for form in _forms():
        assert client.post("/staff/login", data=form, content_type="multipart/form-data").status_code < 500


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
