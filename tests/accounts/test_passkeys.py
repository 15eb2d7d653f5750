"""Passkeys: in place of password and code, for this site alone, once for each challenge, never without a way back."""

import json
import re
from contextlib import suppress
from datetime import timedelta
from html import unescape

import hypothesis
import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sqlalchemy import select

from accounts import passkeys, rules, second_factor
from accounts.models import Official, Passkey
from accounts.queries import principal_from
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind, Role
from core.web import settings
from tests import factories
from tests.accounts.devices import PRESENT, Device
from tests.factories import AT
from tests.signing import HASH, PASSWORD

SOON, LATER = AT + timedelta(seconds=5), AT + timedelta(minutes=1)


@pytest.fixture
def person(app: Flask) -> Official:
    """An approver of the finance bureau who signs in with an authenticator."""
    made = factories.official(OrganisationKind.FINANCE, Role.APPROVER, username="lin")
    made.password_hash = HASH
    principal = principal_from(made)
    begun = AT - timedelta(hours=1)
    second_factor.finish(principal, made, pyotp.TOTP(second_factor.begin(principal, made)).at(begun), at=begun)
    db.session.commit()
    return made


@pytest.fixture
def device(person: Official) -> Device:
    """His computer, which holds a passkey of his."""
    made = Device(site=settings().base_url)
    added(person, made)
    return made


def added(person: Official, device: Device) -> Passkey:
    options = passkeys.options_for_adding(person, at=AT)
    made = passkeys.add(principal_from(person), person, "办公室电脑", device.makes(options), at=AT)
    db.session.commit()
    return made


def failures() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "official.sign_in_failed")))


def test_it_takes_the_place_of_password_and_code(person: Official, device: Device) -> None:
    assert passkeys.authenticate(device.answers(passkeys.sign_in_options(at=SOON)), at=LATER) is person
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None and (entry.action, entry.official_id) == ("official.sign_in", person.id)
    assert person.last_sign_in_at == LATER


def test_an_answer_is_good_once(person: Official, device: Device) -> None:
    first, second = passkeys.sign_in_options(at=SOON), passkeys.sign_in_options(at=SOON)
    answer, other = device.answers(first), device.answers(second)
    assert passkeys.authenticate(answer, at=LATER) is person
    # Neither again, nor one that was asked for before the key was used: who took it down has nothing.
    assert passkeys.authenticate(answer, at=LATER) is None
    assert passkeys.authenticate(other, at=LATER) is None
    fresh = passkeys.sign_in_options(at=LATER + timedelta(seconds=5))
    assert passkeys.authenticate(device.answers(fresh), at=LATER + timedelta(seconds=9)) is person


def test_a_challenge_grows_old(person: Official, device: Device) -> None:
    options = passkeys.sign_in_options(at=SOON)
    late = SOON + rules.CHALLENGE_GOOD_FOR + timedelta(seconds=1)
    assert passkeys.authenticate(device.answers(options), at=late) is None
    assert passkeys.authenticate(device.answers(options), at=SOON + rules.CHALLENGE_GOOD_FOR) is person


@pytest.mark.parametrize("wrong", ["another site", "nobody asked for", "another key", "a copy", "made up challenge"])
def test_what_does_not_hold_is_refused_and_recorded(person: Official, device: Device, wrong: str) -> None:
    options = passkeys.sign_in_options(at=SOON)
    if wrong == "another site":
        device.site = "http://yikatong.example"
    elif wrong == "nobody asked for":
        device.flags = PRESENT
    elif wrong == "another key":
        device.key = Device().key
    elif wrong == "a copy":
        device.count = 7
        assert passkeys.authenticate(device.answers(options), at=SOON) is person
        device.count, options = 6, passkeys.sign_in_options(at=SOON + timedelta(seconds=1))
    else:
        options = {"publicKey": {"challenge": "bWFkZSB1cCBieSBzb21lYm9keQ"}}
    assert passkeys.authenticate(device.answers(options), at=LATER) is None
    assert len(failures()) == (0 if wrong == "made up challenge" else 1)


def test_a_closed_account_stays_closed(person: Official, device: Device) -> None:
    person.active = False
    db.session.commit()
    assert passkeys.authenticate(device.answers(passkeys.sign_in_options(at=SOON)), at=LATER) is None


def test_a_key_of_nobody_is_nobodys_failure(person: Official) -> None:
    stranger = Device(site=settings().base_url)
    assert passkeys.authenticate(stranger.answers(passkeys.sign_in_options(at=SOON)), at=LATER) is None
    assert failures() == []


def test_one_adds_ones_own_alone_and_the_authenticator_comes_first(person: Official) -> None:
    other = factories.official(OrganisationKind.FINANCE, Role.PREPARER, username="chen")
    device = Device(site=settings().base_url)
    made = device.makes(passkeys.options_for_adding(other, at=AT))
    with pytest.raises(Conflict, match="动态验证码"):
        passkeys.add(principal_from(other), other, "电脑", made, at=AT)
    with pytest.raises(PermissionDenied):
        passkeys.add(principal_from(other), person, "电脑", made, at=AT)
    # What was asked for one official is no answer for another.
    with pytest.raises(UserError, match="没有添加成功"):
        passkeys.add(principal_from(person), person, "电脑", made, at=AT)


@pytest.mark.parametrize("name", ["", "  ", "\u200b\u202e", "字" * 31])
def test_a_name_says_something(person: Official, name: str) -> None:
    device = Device(site=settings().base_url)
    with pytest.raises(UserError, match="名字"):
        answer = device.makes(passkeys.options_for_adding(person, at=AT))
        passkeys.add(principal_from(person), person, name, answer, at=AT)


def test_the_same_key_is_not_added_twice_and_not_without_end(person: Official, device: Device) -> None:
    assert [known["id"] for known in passkeys.options_for_adding(person, at=AT)["publicKey"]["excludeCredentials"]]
    with pytest.raises(Conflict, match="已经添加过"):
        added(person, device)
    for _ in range(rules.MOST_PASSKEYS - 1):
        added(person, Device(site=settings().base_url))
    with pytest.raises(Conflict, match="最多"):
        added(person, Device(site=settings().base_url))


def test_who_loses_the_authenticator_loses_the_keys_under_it(person: Official, device: Device) -> None:
    administrator = factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR, username="gang")
    second_factor.remove(principal_from(administrator), person, at=AT)
    db.session.commit()
    assert passkeys.authenticate(device.answers(passkeys.sign_in_options(at=SOON)), at=LATER) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(st.data())
@hypothesis.settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_browser_sends_is_answered(person: Official, device: Device, data: st.DataObject) -> None:
    asked, made = passkeys.sign_in_options(at=SOON), passkeys.options_for_adding(person, at=SOON)
    for answer in (device.answers(asked), Device(site=settings().base_url).makes(made)):
        sent = json.loads(answer)
        inside, number, at = data.draw(st.booleans()), data.draw(st.integers(0, 3)), data.draw(st.integers(0, 300))
        place = sent["response"] if inside else sent
        name = sorted(place)[number % len(place)]
        junk, whole = data.draw(st.none() | JUNK), data.draw(st.sampled_from(["the answer", "a part", "not JSON"]))
        if isinstance(place[name], str):
            cut = at % len(place[name])
            place[name] = place[name][:cut] + "A" + place[name][cut + 1 :] if junk is None else junk
        text = {"the answer": json.dumps(sent), "a part": json.dumps(junk), "not JSON": str(sent)}[whole]
        # Never a fault of the house; and in, only where nothing that counts was changed.
        assert passkeys.authenticate(text, at=LATER) in (None, person)
        with suppress(UserError):
            passkeys.add(principal_from(person), person, "电脑", text, at=LATER)
        db.session.rollback()


@pytest.mark.parametrize(
    ("base_url", "possible"),
    [
        ("https://ykt.huidong.gov.cn", True),
        ("http://localhost:8000", True),
        ("http://ykt.huidong.gov.cn", False),
        ("https://10.20.30.40", False),
        ("https://[fd00::1]:8443", False),
    ],
)
def test_browsers_keep_passkeys_for_names_alone(base_url: str, possible: bool) -> None:
    assert rules.takes_passkeys(base_url) is possible


@given(known=st.integers(0, 9), told=st.integers(0, 9))
def test_a_counter_only_goes_on(known: int, told: int) -> None:
    assert rules.has_counted_on(known, told) is (told > known or (known, told) == (0, 0))


class TestPages:
    """The same through the door."""

    def asked(self, client: FlaskClient, address: str) -> dict[str, object]:
        """What the page at this address asks the browser for."""
        found = re.search(r"data-passkey='([^']*)'", client.get(address).text)
        assert found is not None
        asked: dict[str, object] = json.loads(unescape(found[1]))
        return asked

    def test_added_used_and_removed(self, app: Flask, person: Official) -> None:
        device = Device(site=settings().base_url)
        with time_machine.travel(AT, tick=False) as clock:
            browser = self.signed_in(app, person)
            answer = device.makes(self.asked(browser, "/staff/passkeys"))
            page = browser.post("/staff/passkeys", data={"name": "办公室电脑", "answer": answer}, follow_redirects=True)
            assert "通行密钥已添加" in page.text and "办公室电脑" in page.text
            clock.shift(60)
            other = app.test_client()
            answer = device.answers(self.asked(other, "/staff/login?next=/staff/sessions"))
            arrived = other.post("/staff/login/passkey?next=/staff/sessions", data={"answer": answer})
            assert arrived.status_code == 302 and arrived.location == "/staff/sessions"
            assert other.get("/staff/sessions").status_code == 200
            clock.shift(60)
            key = db.session.scalars(select(Passkey)).one()
            gone = browser.post(f"/staff/passkeys/{key.id}/remove", follow_redirects=True)
            assert "通行密钥已删除" in gone.text
            third = app.test_client()
            answer = device.answers(self.asked(third, "/staff/login"))
            refused = third.post("/staff/login/passkey", data={"answer": answer}, follow_redirects=True)
            assert "没有通过验证" in refused.text and third.get("/staff/").status_code == 302

    def signed_in(self, app: Flask, person: Official) -> FlaskClient:
        """His browser; he has signed in with password and code."""
        client = app.test_client()
        factor = second_factor.confirmed(person.id)
        assert factor is not None
        data = {"username": "lin", "password": PASSWORD, "code": pyotp.TOTP(factor.secret).now()}
        assert client.post("/staff/login", data=data).status_code == 302
        return client
