"""An office's own wordings: kept by it alone, chosen in a case, retired."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from complaints.models import Wording
from core import clock
from core.database import db
from tests.complaints.county import County, submit
from tests.signing import sign_in

WORDINGS = "/staff/complaints/wordings"
TEXT = "编号 {编号} 的事正在核实，{期限} 前答复。"


@pytest.fixture
def township(client: FlaskClient, county: County) -> FlaskClient:
    return sign_in(client, db.session.get_one(Official, county.township.official_id))


def kept(client: FlaskClient) -> Wording:
    assert client.post(WORDINGS, data={"use": "ask", "title": "正在核实", "text": TEXT}).status_code == 303
    return db.session.scalars(select(Wording).order_by(Wording.id.desc()).limit(1)).one()


def test_a_wording_is_chosen_in_a_case_and_filled_in(township: FlaskClient) -> None:
    wording = kept(township)
    complaint, _code = submit(at=clock.utc_now())
    db.session.commit()
    address = f"/staff/complaints/{complaint.number}"
    assert f"{address}?wording={wording.id}#ask" in township.get(address).text
    page = township.get(f"{address}?wording={wording.id}").text
    assert f"编号 {complaint.number} 的事正在核实，{complaint.due_on} 前答复。" in page


def test_it_is_changed_and_retired(township: FlaskClient) -> None:
    wording = kept(township)
    address = f"{WORDINGS}/{wording.id}"
    assert township.post(address, data={"use": "decline", "title": "不受理", "text": "请找村委会。"}).status_code == 303
    page = township.get(WORDINGS).text
    assert "请找村委会。" in page
    assert "正在核实" not in page
    assert township.post(f"{address}/retire").status_code == 303
    assert "请找村委会。" not in township.get(WORDINGS).text
    assert township.get(address).status_code == 404


def test_what_is_missing_is_said_and_nothing_typed_is_lost(township: FlaskClient) -> None:
    answer = township.post(WORDINGS, data={"use": "ask", "title": "", "text": "写了很久"})
    assert answer.status_code == 400
    assert "写了很久" in answer.text
    answer = township.post(WORDINGS, data={"use": "other", "title": "题", "text": "写了很久"})
    assert "请选择用在哪里" in answer.text


def test_another_office_has_its_own(app: Flask, township: FlaskClient, county: County) -> None:
    wording = kept(township)
    complaint, _code = submit(at=clock.utc_now())
    db.session.commit()
    for person in (county.other_township, county.discipline):
        other = sign_in(app.test_client(), db.session.get_one(Official, person.official_id))
        assert "正在核实" not in other.get(WORDINGS).text
        assert other.get(f"{WORDINGS}/{wording.id}").status_code == 404
        assert other.post(f"{WORDINGS}/{wording.id}/retire").status_code == 404
        assert other.get(f"/staff/complaints/{complaint.number}?wording={wording.id}").status_code == 404
    approver = sign_in(app.test_client(), db.session.get_one(Official, county.township_approver.official_id))
    assert approver.get(WORDINGS).status_code == 403
