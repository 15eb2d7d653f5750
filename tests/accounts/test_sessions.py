"""Sessions of the staff door: they live in the database and end when they should."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from accounts import operations, rules, sessions
from accounts.models import Official, StaffSession
from core.database import db
from core.principal import OrganisationKind, Role, system
from tests import factories
from tests.factories import AT
from tests.signing import PASSWORD, sign_in

MINUTE = timedelta(minutes=1)


@pytest.fixture
def person(app: Flask) -> Official:
    """An official of the finance bureau who can sign in."""
    made = factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR, username="lin")
    db.session.commit()
    return made


def is_in(client: FlaskClient) -> bool:
    return client.get("/staff/").status_code == 200


def test_it_ends_after_a_quarter_of_an_hour_without_a_request(client: FlaskClient, person: Official) -> None:
    with time_machine.travel(AT, tick=False) as traveller:
        sign_in(client, person)
        for _ in range(6):
            traveller.shift(14 * MINUTE)
            assert is_in(client)
        traveller.shift(16 * MINUTE)
        assert not is_in(client)


def test_it_ends_after_a_working_day_however_busy(client: FlaskClient, person: Official) -> None:
    with time_machine.travel(AT, tick=False) as traveller:
        sign_in(client, person)
        for _ in range(50):
            traveller.shift(12 * MINUTE)
            assert is_in(client)
        traveller.shift(12 * MINUTE)
        assert not is_in(client)


def test_what_was_typed_before_it_ended_can_still_be_sent(app: Flask, person: Official) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    with time_machine.travel(AT, tick=False) as traveller:
        sign_in(client, person)
        app.config["WTF_CSRF_ENABLED"] = True
        page = client.get("/staff/password").text
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        traveller.shift(20 * MINUTE)
        late = client.post("/staff/password", data={"csrf_token": token, "present": PASSWORD})
        assert late.status_code == 401
        assert "还没有提交" in late.text
        app.config["WTF_CSRF_ENABLED"] = False
        client.post("/staff/login", data={"username": "lin", "password": PASSWORD})
        app.config["WTF_CSRF_ENABLED"] = True
        wanted = "青石板上听雨声到天明"
        again = {"csrf_token": token, "present": PASSWORD, "wanted": wanted, "again": wanted}
        assert client.post("/staff/password", data=again).status_code == 302


def test_the_secret_of_forms_is_not_kept_for_somebody_else(app: Flask, person: Official) -> None:
    other = factories.official(OrganisationKind.BANK, Role.VIEWER, username="other")
    client = app.test_client()
    sign_in(client, person)
    with client.session_transaction("/staff/") as held:
        held["csrf_token"] = "prepared"
    sessions.end_all(person.id, at=AT)
    other.password_hash = person.password_hash
    db.session.commit()
    client.post("/staff/login", data={"username": "other", "password": PASSWORD})
    with client.session_transaction("/staff/") as held:
        assert held.get("csrf_token") != "prepared"


def test_signing_out_ends_it_in_the_database(app: Flask, client: FlaskClient, person: Official) -> None:
    sign_in(client, person)
    cookie = client.get_cookie("ykt_staff")
    assert cookie is not None
    client.post("/staff/logout")
    thief = app.test_client()
    thief.set_cookie("ykt_staff", cookie.value)
    assert not is_in(thief)


def test_a_new_one_begins_with_each_sign_in(client: FlaskClient, person: Official) -> None:
    sign_in(client, person)
    before = client.get_cookie("ykt_staff")
    sign_in(client, person)
    after = client.get_cookie("ykt_staff")
    assert before and after and before.value != after.value
    assert len(db.session.scalars(select(StaffSession)).all()) == 2


def test_the_database_holds_no_token_and_no_address(client: FlaskClient, person: Official) -> None:
    sign_in(client, person)
    with client.session_transaction("/staff/") as held:
        token = held["_user_id"]
    rows = db.session.execute(text("SELECT * FROM staff_sessions")).mappings().all()
    assert len(rows) == 1
    assert token not in str(dict(rows[0]))
    assert "127.0.0.1" not in str(dict(rows[0]))


@pytest.mark.parametrize("how", ["password", "reset", "closed", "roles", "all"])
def test_what_ends_all_of_them(app: Flask, person: Official, how: str) -> None:
    here, there = sign_in(app.test_client(), person), sign_in(app.test_client(), person)
    boss = system("test")
    office = person.organisation
    if how == "password":
        wanted = "another calm password"
        here.post("/staff/password", data={"present": PASSWORD, "wanted": wanted, "again": wanted})
    elif how == "reset":
        operations.reset_password(boss, person, at=AT)
    elif how == "closed":
        operations.set_active(boss, person, False, at=AT)
    elif how == "roles":
        operations.change_office(boss, person, office, [Role.VIEWER], at=AT)
    else:
        here.post("/staff/sessions/end-others")
    db.session.commit()
    assert is_in(here) is (how in {"password", "all"})
    assert not is_in(there)


def test_one_sees_and_ends_ones_own(app: Flask, person: Official) -> None:
    stranger = factories.official(OrganisationKind.BANK, Role.VIEWER, username="stranger")
    db.session.commit()
    here, there = sign_in(app.test_client(), person), sign_in(app.test_client(), person)
    theirs = sign_in(app.test_client(), stranger)
    page = here.get("/staff/sessions").text
    assert page.count('/end"') == 1
    assert "现在这里" in page
    of_stranger = db.session.scalars(select(StaffSession.id).where(StaffSession.official_id == stranger.id)).one()
    here.post(f"/staff/sessions/{of_stranger}/end")
    assert is_in(theirs)
    found = page.partition("/staff/sessions/")[2].partition("/end")[0]
    here.post(f"/staff/sessions/{found}/end")
    assert is_in(here)
    assert not is_in(there)


def test_accounts_are_touched_only_by_who_has_just_shown_who_he_is(client: FlaskClient, person: Official) -> None:
    with time_machine.travel(AT, tick=False) as traveller:
        sign_in(client, person)
        assert client.get("/staff/officials/new").status_code == 200
        traveller.shift(11 * MINUTE)
        assert client.get("/staff/officials").status_code == 200
        asked = client.get("/staff/officials/new")
        assert asked.location.startswith("/staff/confirm?next=")
        assert client.post(f"/staff/officials/{person.id}/reset-password").location.startswith("/staff/confirm")
        assert client.post(asked.location, data={"password": "wrong"}).status_code == 403
        assert client.get("/staff/officials/new").status_code == 302
        assert client.post(asked.location, data={"password": PASSWORD}).location == "/staff/officials/new"
        assert client.get("/staff/officials/new").status_code == 200


def test_old_ones_are_forgotten(client: FlaskClient, person: Official) -> None:
    with time_machine.travel(AT, tick=False):
        sign_in(client, person)
    sessions.purge(AT + timedelta(days=100))
    assert len(db.session.scalars(select(StaffSession)).all()) == 1
    sessions.purge(AT + timedelta(days=181))
    assert db.session.scalars(select(StaffSession)).all() == []


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0",
            "Edge · Windows",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/86.0 Mobile MicroMessenger/8.0", "WeChat · Android"),
        ("", ""),
        ("curl/8", ""),
    ],
)
def test_how_a_browser_is_called(user_agent: str, name: str) -> None:
    assert rules.browser_name(user_agent) == name
