"""Whatever anybody asks of any address, the house answers in its own words: no 500, nothing to nobody, no unsafe
request without its token. Every address comes from the URL map, so that a new one is held to it unasked."""

import io
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
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
Faults = tuple[list[str], set[str]]
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
SIGN_IN = {"accounts.logout", "accounts.login", "accounts.end_session"}
"""They would end the sign-in; they have tests of their own, here below and of the sessions."""
SHARES = 4
"""Tests among which the addresses are dealt out."""


def _try_everything(app: Flask, visitors: list[Visitor], doors: str = "/", share: int = 0, shares: int = 1) -> Faults:
    """Ask everything of every address that begins so; what was answered with a 500 or more, and what was let in.

    Each visitor asks each address with one piece of garbage, each with another. The first who is not refused asks it
    with all the rest: whoever is refused has nothing read of what he sends.
    """
    broken, let_in = [], set()
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(doors) and rule.endpoint not in SIGN_IN]
    for place, rule in enumerate(rules[share::shares]):
        first, *others = addresses(rule)
        gets = [(first, query) for query in _queries()]
        posts = list(enumerate(_bodies())) if "POST" in (rule.methods or ()) else []
        read = False
        # One is enough to see that a form's address is no page.
        for turn, visitor in enumerate(visitors if "GET" in (rule.methods or ()) else visitors[:1], start=place):
            asked = [gets[turn % len(gets)]]
            found = [visitor.get(*asked[0]).status]
            if found[0] not in REFUSED and not read:
                read = True
                asked += gets + [(other, "") for other in others]
            elif others and turn == place:
                asked.append((others[place % len(others)], ""))
            found += [visitor.get(*one).status for one in asked[1:]]
            broken += [
                f"GET {address}?{query[:80]}"
                for (address, query), status in zip(asked, found, strict=True)
                if status >= 500
            ]
        if read:
            let_in.add(f"GET {rule.rule}")
        read = False
        for turn, visitor in enumerate(visitors, start=place) if posts else ():
            number, form = posts[turn % len(posts)]
            sent = [(number, visitor.post(first, form).status)]
            if sent[0][1] not in REFUSED and not read:
                read = True
                sent += [(number, visitor.post(first, form).status) for number, form in posts]
            broken += [f"POST {first} with form {number}" for number, found in sent if found >= 500]
        if read:
            let_in.add(f"POST {rule.rule}")
    return broken, let_in


@pytest.mark.parametrize("share", range(SHARES))
def test_no_official_meets_a_500(county: Flask, share: int) -> None:
    visitors = [
        Visitor.in_place_of(sign_in(county.test_client(), factories.official(kind, *roles))) for kind, roles in STAFF
    ]
    # The public door looks for no official: to it, everybody is the nobody of the next test.
    broken, let_in = _try_everything(county, visitors, "/staff", share, SHARES)
    assert broken == []
    assert len(let_in) > 20, "most pages that are no single thing's, and their forms, were read"
    assert {visitor.get("/staff/").status for visitor in visitors} == {200}, "still signed in"


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


def test_nobody_meets_a_500(county: Flask) -> None:
    broken, let_in = _try_everything(county, [Visitor(county)])
    assert broken == []
    assert {"GET /lookup", "POST /lookup", "POST /complaints/new"} <= let_in


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
