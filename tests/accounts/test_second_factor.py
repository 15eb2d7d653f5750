"""The second factor: required by role, taken once, never given away by an answer."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from accounts import operations, rules, second_factor
from accounts.models import Official, RecoveryCode, SecondFactor
from accounts.queries import principal_from
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied
from core.principal import OrganisationKind, Role
from tests import factories
from tests.factories import AT
from tests.signing import HASH, PASSWORD, sign_in


def in_use(person: Official) -> tuple[pyotp.TOTP, list[str]]:
    """An authenticator in use, and its recovery codes."""
    principal = principal_from(person)
    totp = pyotp.TOTP(second_factor.begin(principal, person))
    codes = second_factor.finish(principal, person, totp.at(AT - timedelta(minutes=5)), at=AT - timedelta(minutes=5))
    db.session.commit()
    return totp, codes


@pytest.fixture
def person(app: Flask) -> Official:
    """An approver of the finance bureau."""
    made = factories.official(OrganisationKind.FINANCE, Role.APPROVER, username="lin")
    made.password_hash = HASH
    db.session.commit()
    return made


def try_it(app: Flask, code: str, password: str = PASSWORD) -> tuple[int, str]:
    answer = app.test_client().post("/staff/login", data={"username": "lin", "password": password, "code": code})
    return answer.status_code, re.sub(
        r'(name="csrf_token" value=)"[^"]*"|name="code"[^>]*|data-passkey=[^>]*', "", answer.text
    )


def test_wrong_password_and_wrong_code_get_the_same_answer(app: Flask, person: Official) -> None:
    with time_machine.travel(AT, tick=False):
        totp, _codes = in_use(person)
        right = totp.at(AT)
        answers = {
            try_it(app, "000000" if right != "000000" else "111111"),
            try_it(app, right, "wrong"),
            try_it(app, ""),
        }
        assert len(answers) == 1
        assert answers.pop()[0] == 403
        assert try_it(app, f" {right[:3]} {right[3:]} ")[0] == 302


def test_a_code_is_taken_once_and_only_about_its_time(app: Flask, person: Official) -> None:
    with time_machine.travel(AT, tick=False) as traveller:
        totp, _codes = in_use(person)
        code = totp.at(AT)
        assert try_it(app, code)[0] == 302
        assert try_it(app, code)[0] == 403
        traveller.shift(30)
        # Half a minute late, the next one is taken; the one before is older than the last that was.
        assert try_it(app, totp.at(AT - timedelta(seconds=30)))[0] == 403
        assert try_it(app, totp.at(AT + timedelta(seconds=60)))[0] == 302
        assert try_it(app, totp.at(AT + timedelta(seconds=120)))[0] != 302


def test_a_recovery_code_is_good_once_and_for_its_owner(app: Flask, person: Official) -> None:
    with time_machine.travel(AT, tick=False):
        _totp, codes = in_use(person)
        other = factories.official(OrganisationKind.BANK, Role.APPROVER, username="other")
        _other_totp, others = in_use(other)
        assert len(set(codes)) == second_factor.RECOVERY_CODES
        assert try_it(app, others[0])[0] == 403
        assert try_it(app, codes[0].upper())[0] == 302
        assert try_it(app, codes[0])[0] == 403
        assert second_factor.recovery_codes_left(person.id) == second_factor.RECOVERY_CODES - 1
        assert try_it(app, codes[1].replace("-", ""))[0] in {302, 429}


def test_nothing_of_it_stands_open_in_the_database_or_the_logs(
    app: Flask, person: Official, capfd: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel(AT, tick=False):
        totp, codes = in_use(person)
        try_it(app, totp.at(AT))
        try_it(app, codes[0])
        held = str([dict(row) for row in db.session.execute(text("SELECT * FROM second_factors")).mappings()])
        held += str([dict(row) for row in db.session.execute(text("SELECT * FROM recovery_codes")).mappings()])
        held += str([vars(entry) for entry in db.session.scalars(select(AuditEntry))])
        held += "".join(capfd.readouterr())
        for secret in (totp.secret, totp.at(AT), *codes):
            assert secret not in held


def required(app: Flask) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], second_factor_required=True)


def test_where_it_is_required_nothing_else_comes_first(app: Flask, client: FlaskClient, person: Official) -> None:
    required(app)
    sign_in(client, person)
    assert client.get("/staff/").location == "/staff/second-factor"
    page = client.get("/staff/second-factor").text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert secret
    assert "data:image/png;base64," in page
    assert client.post("/staff/second-factor", data={"code": "12"}).status_code == 400
    shown = client.post("/staff/second-factor", data={"code": pyotp.TOTP(secret[1]).now()})
    assert len(re.findall(r"<code>[a-z2-9]{5}-[a-z2-9]{5}</code>", shown.text)) == second_factor.RECOVERY_CODES
    assert client.get("/staff/").status_code == 200
    assert secret[1] not in client.get("/staff/second-factor").text


def test_who_does_not_need_it_works_without(app: Flask, client: FlaskClient) -> None:
    required(app)
    clerk = factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, username="clerk")
    sign_in(client, clerk)
    assert client.get("/staff/").status_code == 200


def test_the_demo_county_asks_nobody(client: FlaskClient, person: Official) -> None:
    sign_in(client, person)
    assert client.get("/staff/").status_code == 200


@pytest.mark.parametrize(
    ("kind", "role", "needed"),
    [
        (OrganisationKind.TOWNSHIP, Role.PREPARER, False),
        (OrganisationKind.TOWNSHIP, Role.APPROVER, True),
        (OrganisationKind.TOWNSHIP, Role.ADMINISTRATOR, True),
        (OrganisationKind.VILLAGE, Role.COMPLAINT_HANDLER, False),
        (OrganisationKind.FINANCE, Role.VIEWER, True),
        (OrganisationKind.DISCIPLINE, Role.COMPLAINT_HANDLER, True),
        (OrganisationKind.BANK, Role.PREPARER, True),
        (OrganisationKind.AUDIT, Role.VIEWER, True),
        (OrganisationKind.DEPARTMENT, Role.PREPARER, False),
    ],
)
def test_whose_work_needs_it(kind: OrganisationKind, role: Role, needed: bool) -> None:
    assert rules.needs_second_factor(kind, {role}) is needed


def test_nobody_sets_one_up_for_another(person: Official) -> None:
    boss = factories.principal(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    with pytest.raises(Conflict):
        second_factor.begin(boss, person)
    with pytest.raises(Conflict):
        second_factor.finish(boss, person, "123456", at=AT)
    assert db.session.scalars(select(SecondFactor)).all() == []


def test_who_manages_the_account_takes_a_lost_one_away(app: Flask, person: Official) -> None:
    with time_machine.travel(AT, tick=False):
        in_use(person)
        boss = factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR, username="boss")
        stranger = factories.official(OrganisationKind.BANK, Role.ADMINISTRATOR, username="stranger")
        db.session.commit()
        page = f"/staff/officials/{person.id}/second-factor/remove"
        assert sign_in(app.test_client(), stranger).post(page).status_code == 404
        assert second_factor.confirmed(person.id)
        sign_in(app.test_client(), boss).post(page)
        assert second_factor.confirmed(person.id) is None
        assert db.session.scalars(select(RecoveryCode)).all() == []
        assert try_it(app, "")[0] == 302


def test_ones_own_is_changed_with_the_password_at_hand(app: Flask, client: FlaskClient, person: Official) -> None:
    with time_machine.travel(AT, tick=False) as traveller:
        sign_in(client, person)
        totp, codes = in_use(person)
        fresh = client.post("/staff/second-factor/recovery-codes").text
        assert codes[0] not in fresh
        assert len(re.findall(r"<code>[a-z2-9]{5}-[a-z2-9]{5}</code>", fresh)) == second_factor.RECOVERY_CODES
        traveller.shift(timedelta(minutes=11))
        assert client.post("/staff/second-factor/remove").location.startswith("/staff/confirm")
        client.post("/staff/confirm", data={"password": PASSWORD})
        client.post("/staff/second-factor/remove")
        assert second_factor.confirmed(person.id) is None
        assert totp.secret != second_factor.begin(principal_from(person), person)


def test_a_former_password_is_not_taken_again(person: Official) -> None:
    principal = principal_from(person)
    first, second = "青石板上听雨声到天明", "a calm new password"
    operations.change_password(principal, person, PASSWORD, first, at=AT)
    operations.change_password(principal, person, first, second, at=AT)
    with pytest.raises(Exception, match="以前用过"):
        operations.change_password(principal, person, second, first, at=AT)


def test_moving_needs_the_right_over_both_offices(app: Flask, person: Official) -> None:
    boss = factories.principal(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    discipline = factories.organisation(OrganisationKind.DISCIPLINE)
    bank = factories.organisation(OrganisationKind.BANK)
    with pytest.raises(PermissionDenied):
        operations.change_office(boss, person, discipline, [Role.VIEWER], at=AT)
    operations.change_office(boss, person, bank, [Role.VIEWER], at=AT)
    assert (person.organisation.id, [held.role for held in person.roles]) == (bank.id, ["viewer"])
    with pytest.raises(Conflict):
        operations.change_office(boss, person, bank, [Role.VIEWER], at=AT)


def test_the_command_lets_a_locked_out_administrator_in_again(app: Flask, person: Official) -> None:
    with time_machine.travel(AT, tick=False):
        in_use(person)
        answer = app.test_cli_runner().invoke(args=["accounts", "reset-sign-in", "--username", "LIN", "--json"])
        assert answer.exit_code == 0, answer.output
        told = json.loads(answer.output)
        assert told["second_factor_removed"] is True
        assert try_it(app, "", told["password"])[0] == 302
        unknown = app.test_cli_runner().invoke(args=["accounts", "reset-sign-in", "--username", "nobody"])
        assert unknown.exit_code == 1
