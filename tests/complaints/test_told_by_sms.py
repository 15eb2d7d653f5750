"""Where an SMS tells the reporter what comes of it, and where every page says that none will."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints.models import Complaint
from complaints.reporters import gets_sms
from core.database import db
from sms.models import Message
from tests.complaints.county import VILLAGE, County, submit
from tests.complaints.test_sealed import signed_in

NAMED = {"name": "王某某", "phone": "13800000009"}
MOBILE = {"anonymous": False} | NAMED
WAYS = {
    "a mobile number": (MOBILE, True),
    "no phone": (MOBILE | {"phone": ""}, False),
    "a landline": (MOBILE | {"phone": "0834-2123456"}, False),
    "no name": ({"anonymous": True}, False),
    "confidential": (MOBILE | {"confidential": True}, False),
    "a clue": (MOBILE | {"category": "embezzlement"}, False),
}
SILENT, TOLD = "这件事不发短信", "发短信告诉您"

each_way = pytest.mark.parametrize(("values", "by_sms"), WAYS.values(), ids=list(WAYS))


@each_way
def test_the_receipt_says_whether_an_sms_will_come(
    client: FlaskClient, county: County, values: dict[str, Any], by_sms: bool
) -> None:
    form = {"category": "not_received", "text": "钱没有到账", "region": VILLAGE} | values
    form = {name: "y" if value is True else value for name, value in form.items() if value is not False}
    page = client.post("/complaints/new", data=form, content_type="multipart/form-data").text
    assert 'id="receipt-code"' in page
    assert ((TOLD in page), (SILENT in page)) == (by_sms, not by_sms)
    db.session.rollback()
    assert gets_sms(db.session.scalars(select(Complaint)).one()) == by_sms


@each_way
def test_whoever_takes_it_on_reads_whether_one_is_sent(
    app: Flask, county: County, values: dict[str, Any], by_sms: bool
) -> None:
    complaint, _code = submit(**values)
    db.session.commit()
    person = county.discipline if complaint.sealed else county.township
    client = signed_in(app, person)
    address = f"/staff/complaints/{complaint.number}"
    page = client.post(f"{address}/accept", follow_redirects=True).text
    db.session.rollback()
    assert ("不发短信，反映人凭查询码查看进展" in page) == (not by_sms)
    assert bool(db.session.scalars(select(Message)).all()) == by_sms
