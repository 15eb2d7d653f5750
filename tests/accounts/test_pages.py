"""The pages about officials, offices and rights, and the command that makes the first account."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official, Organisation
from accounts.passwords import verify_password
from core.database import db
from core.principal import OrganisationKind, Role, permission_catalogue
from core.words import ORGANISATION_WORDS, words_of
from tests import factories
from tests.signing import sign_in

TOWNSHIP = "513426100000"


@pytest.fixture
def administrator(client: FlaskClient) -> Official:
    """The finance bureau's administrator, signed in."""
    person = factories.official(OrganisationKind.FINANCE, Role.ADMINISTRATOR)
    sign_in(client, person)
    return person


def test_an_account_is_made_and_its_password_shown_once(client: FlaskClient, administrator: Official) -> None:
    office = factories.organisation(OrganisationKind.TOWNSHIP, TOWNSHIP, "某镇人民政府")
    db.session.commit()
    assert "某镇人民政府" in client.get("/staff/officials/new").text
    page = client.post(
        "/staff/officials/new",
        data={"organisation_id": office.id, "name": "高原", "username": "gao", "roles": ["preparer", "viewer"]},
    ).text
    made = db.session.scalars(select(Official).where(Official.username == "gao")).one()
    shown = page.split('translate="no">', 1)[1].split("<", 1)[0]
    assert verify_password(made.password_hash, shown)
    assert shown not in client.get(f"/staff/officials/{made.id}").text
    assert {held.role for held in made.roles} == {"preparer", "viewer"}


def test_an_office_out_of_reach_cannot_be_chosen(client: FlaskClient, administrator: Official) -> None:
    discipline = factories.organisation(OrganisationKind.DISCIPLINE)
    db.session.commit()
    client.post(
        "/staff/officials/new",
        data={"organisation_id": discipline.id, "name": "某人", "username": "spy", "roles": ["viewer"]},
    )
    assert db.session.scalar(select(Official).where(Official.username == "spy")) is None


def test_an_official_out_of_reach_does_not_exist(client: FlaskClient, administrator: Official) -> None:
    hidden = factories.official(OrganisationKind.DISCIPLINE, Role.VIEWER)
    db.session.commit()
    for answer in (
        client.get(f"/staff/officials/{hidden.id}"),
        client.post(f"/staff/officials/{hidden.id}/reset-password"),
        client.post(f"/staff/officials/{hidden.id}/close"),
    ):
        assert answer.status_code == 404
    assert hidden.name not in client.get("/staff/officials").text


def test_an_account_is_closed_and_opened(client: FlaskClient, administrator: Official) -> None:
    person = factories.official(OrganisationKind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
    db.session.commit()
    client.post(f"/staff/officials/{person.id}/close")
    db.session.expire_all()
    assert not person.active
    assert "重新启用" in client.get(f"/staff/officials/{person.id}").text
    client.post(f"/staff/officials/{person.id}/open")
    db.session.expire_all()
    assert person.active


def test_a_new_office(client: FlaskClient, administrator: Official) -> None:
    assert client.get("/staff/organisations/new").status_code == 200
    client.post("/staff/organisations/new", data={"kind": "township", "name": "某镇人民政府", "region_code": TOWNSHIP})
    assert db.session.scalars(select(Organisation).where(Organisation.name == "某镇人民政府")).one()
    wrong = client.post("/staff/organisations/new", data={"kind": "township", "name": "某镇", "region_code": "12"})
    assert "区划代码是 12 位数字" in wrong.text
    assert "某镇人民政府" in client.get("/staff/organisations").text


def test_who_may_do_what_is_what_the_code_says(client: FlaskClient, administrator: Official) -> None:
    page = client.get("/staff/rights").text
    assert "管理单位和经办人员的账号" in page
    assert "纪委监委" in page


def rows_of(page: str) -> dict[str, str]:
    """The rows of the page of rights, by what they are about."""
    rows = (row.partition("</th>") for row in page.split('<th scope="row" class="task">')[1:])
    return {head.partition("<")[0].strip(): f"{head} {rest}" for head, _, rest in rows}


def test_the_page_of_rights_shows_every_right_with_those_who_hold_it(client: FlaskClient, app: Flask) -> None:
    """Every right that any room has declared, with each kind of office and role, and with those of the reader."""
    person = factories.official(OrganisationKind.FINANCE, Role.APPROVER)
    page = sign_in(client, person).get("/staff/rights").text
    rows, principal = rows_of(page), factories.principal_for(person)
    assert len(rows) == len(permission_catalogue())
    for right in permission_catalogue().values():
        row = rows[right.title]
        assert ("您可以办理" in row) == principal.may(right), right.name
        if len(right.holders) < len(OrganisationKind) * len(Role):
            for kind, words in ORGANISATION_WORDS.items():
                held = [role for holder, role in right.holders if holder == kind]
                assert (f'<span class="holder">{words}<small>' in row) == bool(held), (right.name, kind)
                assert not held or f"{words}<small>{'、'.join(words_of(held))}</small>" in row, (right.name, kind)
    own = rows_of(client.get("/staff/rights?mine=1").text)
    assert set(own) == {right.title for right in permission_catalogue().values() if principal.may(right)}


def test_the_page_of_rights_says_what_takes_two(client: FlaskClient) -> None:
    page = sign_in(client, factories.official(OrganisationKind.VILLAGE, Role.VIEWER)).get("/staff/rights").text
    rows = rows_of(page)
    assert "两人办理" in rows["乡镇审核花名册"] and "两人办理" in rows["审批改记"]
    assert "两人办理" not in rows["查看发放批次"]


def test_pages_about_officials_are_for_administrators(client: FlaskClient) -> None:
    sign_in(client, factories.official(OrganisationKind.FINANCE, Role.PREPARER))
    for path in ("officials", "officials/new", "organisations", "organisations/new"):
        assert client.get(f"/staff/{path}").status_code == 403
    assert "经办人员</a>" not in client.get("/staff/").text


def test_the_first_account_is_made_by_command(app: Flask) -> None:
    arguments = ["accounts", "add", "--username", "first", "--name", "何刚", "--organisation-kind", "finance"]
    arguments += ["--organisation-name", "县财政局", "--role", "administrator", "--role", "viewer", "--json"]
    runner = app.test_cli_runner()
    result = runner.invoke(args=arguments)
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    person = db.session.scalars(select(Official)).one()
    assert verify_password(person.password_hash, answer["password"])
    assert person.must_change_password
    again = runner.invoke(args=arguments)
    assert again.exit_code == 1
    assert json.loads(again.stdout) == {"error": "用户名已被使用。请换一个。"}
    assert "用户名已被使用" in again.stderr
