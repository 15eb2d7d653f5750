"""An official keeps the filters of the queue under a name."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from complaints.models import SavedView
from core.database import db
from tests.complaints.county import County
from tests.signing import sign_in

QUEUE = "/staff/complaints/"
VIEWS = "/staff/complaints/views"


@pytest.fixture
def township(client: FlaskClient, county: County) -> FlaskClient:
    return sign_in(client, db.session.get_one(Official, county.township.official_id))


def saved(client: FlaskClient, name: str = "要紧的", **form: str) -> int:
    fields = {"page": "complaints.desk", "query": "urgency=soon&handler=mine&odd=1", "name": name}
    return client.post(VIEWS, data=fields | form).status_code


def test_a_view_is_saved_used_and_removed(township: FlaskClient) -> None:
    assert "把现在的筛选保存为" not in township.get(QUEUE).text
    assert "把现在的筛选保存为" in township.get(f"{QUEUE}?urgency=soon").text
    assert saved(township) == 303
    page = township.get(QUEUE).text
    found = re.search(r'<a href="([^"]*)">要紧的</a>', page)
    assert found is not None
    assert set(found[1].replace("&amp;", "&").partition("?")[2].split("&")) == {"urgency=soon", "handler=mine"}
    assert "要紧的" not in township.get(f"{QUEUE}all").text
    saved(township, query="urgency=late")
    view = db.session.scalars(select(SavedView)).one()
    assert view.query == "urgency=late"
    assert township.post(f"{VIEWS}/{view.id}/remove").status_code == 303
    assert "要紧的" not in township.get(QUEUE).text


def test_it_is_the_officials_own(app: Flask, township: FlaskClient, county: County) -> None:
    saved(township)
    view = db.session.scalars(select(SavedView)).one()
    for person in (county.township_approver, county.other_township, county.discipline):
        other = sign_in(app.test_client(), db.session.get_one(Official, person.official_id))
        assert "要紧的" not in other.get(QUEUE).text
        assert other.post(f"{VIEWS}/{view.id}/remove").status_code == 404
    assert "要紧的" in township.get(QUEUE).text


@pytest.mark.parametrize(
    "form",
    [{"name": " "}, {"query": ""}, {"query": "odd=1"}, {"query": "q=13800000001"}, {"name": "13800000001"}],
)
def test_what_cannot_be_saved(township: FlaskClient, form: dict[str, str]) -> None:
    assert saved(township, **form) == 303
    assert db.session.scalars(select(SavedView)).all() == []


def test_the_sealed_room_and_odd_pages_have_none(township: FlaskClient) -> None:
    assert saved(township, page="complaints.sealed_room") == 404
    assert saved(township, page="nowhere") == 404
