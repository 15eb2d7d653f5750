"""Coming in at the staff door, and going out."""

import re
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from limits import parse
from sqlalchemy import select

from accounts import operations, tries
from accounts.models import Official
from accounts.passwords import hash_password
from core.audit import AuditEntry
from core.database import db
from core.principal import OrganisationKind, Role, system
from tests import factories
from tests.factories import AT
from tests.signing import PASSWORD, sign_in


@pytest.fixture
def person(app: Flask) -> Official:
    """An official of the finance bureau who can sign in."""
    made = factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR, username="lin")
    made.password_hash = hash_password(PASSWORD)
    db.session.commit()
    return made


def test_the_staff_door_is_closed_to_strangers(client: FlaskClient) -> None:
    answer = client.get("/staff/officials?kind=bank")
    assert answer.status_code == 302
    assert urlsplit(answer.location).path == "/staff/login"
    assert client.post("/staff/officials/new").status_code == 302
    assert client.get("/staff/login").status_code == 200


def test_signing_in_leads_where_one_was_heading(client: FlaskClient, person: Official) -> None:
    answer = client.post("/staff/login?next=/staff/officials", data={"username": " LIN ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/staff/officials")
    assert person.name in client.get("/staff/officials").text
    assert db.session.get_one(Official, person.id).last_sign_in_at


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_elsewhere(client: FlaskClient, person: Official, target: str) -> None:
    answer = client.post("/staff/login", query_string={"next": target}, data={"username": "lin", "password": PASSWORD})
    assert answer.location == "/staff/"


def test_every_miss_gets_the_same_answer(client: FlaskClient, person: Official) -> None:
    closed = factories.official(OrganisationKind.FINANCE, Role.VIEWER, username="closed")
    closed.password_hash, closed.active = hash_password(PASSWORD), False
    db.session.commit()
    tries = [("lin", "wrong password"), ("nobody", PASSWORD), ("closed", PASSWORD)]
    answers = [client.post("/staff/login", data={"username": name, "password": word}) for name, word in tries]
    texts = [re.sub(r'(name="csrf_token" value=)"[^"]*"|data-passkey=[^>]*', r"\1", answer.text) for answer in answers]
    pages = {text.replace(f'value="{name}"', "") for text, (name, _) in zip(texts, tries, strict=True)}
    assert len(pages) == 1
    assert {answer.status_code for answer in answers} == {403}
    assert operations.WRONG_SIGN_IN in pages.pop()


def test_failures_are_recorded_without_what_was_typed(client: FlaskClient, person: Official) -> None:
    client.post("/staff/login", data={"username": "my-secret-password", "password": "x"})
    client.post("/staff/login", data={"username": "lin", "password": "not-my-password"})
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.subject_id) for entry in entries] == [
        ("official.sign_in_failed", "unknown"),
        ("official.sign_in_failed", str(person.id)),
    ]
    assert "secret" not in str([vars(entry) for entry in entries])


def answered(page: str) -> dict[str, str]:
    """The right answer to the question on a page."""
    token = re.search(r'name="question" value="([^"]+)"', page)
    sums = re.search(r'for="answer">(.)加(.)等于几', page)
    assert token and sums, page
    digits = "一二三四五六七八九十"
    return {"question": token[1], "answer": str(digits.index(sums[1]) + digits.index(sums[2]) + 2)}


def test_an_office_behind_one_address_signs_in_as_often_as_it_likes(
    app: Flask, person: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "TRIES_PER_ADDRESS", parse("6 per 15 minutes"))
    monkeypatch.setattr(tries, "TRIES_PER_ACCOUNT_AND_ADDRESS", parse("3 per 15 minutes"))
    with time_machine.travel(AT, tick=False):
        for _ in range(8):
            client = app.test_client()
            assert client.post("/staff/login", data={"username": "lin", "password": PASSWORD}).status_code == 302


def test_too_many_tries_are_asked_a_question_and_nobody_is_locked_out(app: Flask, person: Official) -> None:
    right = {"username": "lin", "password": PASSWORD}
    with time_machine.travel(AT, tick=False):
        stranger = app.test_client()
        for number in range(5):
            answer = stranger.post("/staff/login", data={"username": "lin", "password": "x"})
            assert answer.status_code == (429 if number == 4 else 403)
        # The right password alone does not help any more, from here: it wants the answer as well.
        page = stranger.post("/staff/login", data=right)
        assert page.status_code == 429
        assert "尝试次数太多" in page.text
        wrong = stranger.post("/staff/login", data=right | answered(page.text) | {"answer": "99"})
        assert wrong.status_code == 429
        solved = right | answered(wrong.text)
        assert stranger.post("/staff/login", data=solved).status_code == 302
        # An answer is good once.
        assert app.test_client().post("/staff/login", data=solved).status_code == 429


def test_an_account_is_guarded_against_tries_from_everywhere(
    app: Flask, person: Official, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "TRIES_PER_ACCOUNT", parse("3 per 15 minutes"))
    with time_machine.travel(AT, tick=False):
        for number in range(3):
            elsewhere = {"REMOTE_ADDR": f"198.51.100.{number}"}
            data = {"username": "lin", "password": "x"}
            app.test_client().post("/staff/login", data=data, environ_overrides=elsewhere)
        owner = app.test_client()
        page = owner.post("/staff/login", data={"username": "lin", "password": PASSWORD})
        assert page.status_code == 429
        solved = {"username": "lin", "password": PASSWORD} | answered(page.text)
        assert owner.post("/staff/login", data=solved).status_code == 302


def test_signing_out_is_a_post(client: FlaskClient, person: Official) -> None:
    sign_in(client, person)
    assert client.get("/staff/logout").status_code == 405
    assert client.get("/staff/").status_code == 200
    client.post("/staff/logout")
    assert client.get("/staff/").status_code == 302


def test_signing_in_and_out_need_the_token(app: Flask, person: Official) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    assert client.post("/staff/login", data={"username": "lin", "password": PASSWORD}).status_code == 400
    assert client.post("/staff/logout").status_code == 400


def test_a_stolen_cookie_does_not_work_in_another_browser(client: FlaskClient, person: Official) -> None:
    sign_in(client, person)
    assert client.get("/staff/", headers={"User-Agent": "another browser"}).status_code == 302


def test_the_cookie_of_the_staff_door_is_not_that_of_the_public_door(client: FlaskClient, person: Official) -> None:
    sign_in(client, person)
    assert client.get_cookie("ykt_staff") is not None
    assert client.get_cookie("ykt_public") is None


def test_a_first_password_must_be_changed_before_anything_else(client: FlaskClient, app: Flask) -> None:
    office = factories.organisation(OrganisationKind.FINANCE)
    made = operations.add_official(system("test"), office, "gao", "高原", [Role.ADMINISTRATOR], at=AT)
    db.session.commit()
    answer = client.post("/staff/login?next=/staff/officials", data={"username": "gao", "password": made.password})
    assert answer.location == "/staff/password"
    assert client.get("/staff/officials").location == "/staff/password"
    assert client.get("/staff/password").status_code == 200
    wanted = "青石板上听雨声到天明"
    refused = client.post(
        "/staff/password", data={"present": made.password, "wanted": "1234567890", "again": "1234567890"}
    )
    assert "太容易被猜到" in refused.text
    client.post("/staff/password", data={"present": made.password, "wanted": wanted, "again": wanted})
    assert client.get("/staff/officials").status_code == 200


def test_the_present_password_is_asked_for(client: FlaskClient, person: Official) -> None:
    sign_in(client, person)
    answer = client.post(
        "/staff/password", data={"present": "x", "wanted": "brand new words", "again": "brand new words"}
    )
    assert "现在的密码不正确" in answer.text
