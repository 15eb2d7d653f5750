"""Two people at one case are told of each other, and nothing that was typed is lost."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from accounts.models import Official
from complaints import operations, reporters
from complaints.models import Complaint, Opening
from core import clock
from core.database import db
from core.principal import Principal
from tests.complaints.county import AT, County, submit
from tests.signing import sign_in


def signed_in(app: Flask, principal: Principal) -> FlaskClient:
    return sign_in(app.test_client(), db.session.get_one(Official, principal.official_id))


def test_who_else_has_it_open_for_ten_minutes(app: Flask, county: County) -> None:
    with time_machine.travel(AT, tick=False):
        complaint, _code = submit(at=AT)
        db.session.commit()
        address = f"/staff/complaints/{complaint.number}"
        handler, approver = signed_in(app, county.township), signed_in(app, county.township_approver)
        assert "同事也打开着这件事" not in handler.get(address).text
        page = approver.get(address).text
        assert "同事也打开着这件事" in page
        assert county.township.name in page
        assert county.township_approver.name in handler.get(address).text
        assert signed_in(app, county.other_township).get(address).status_code == 404
        assert db.session.scalar(select(func.count()).select_from(Opening)) == 2
    with time_machine.travel(AT + timedelta(minutes=10), tick=False):
        assert "同事也打开着这件事" not in approver.get(address).text


def test_a_form_over_newer_entries_is_shown_again(app: Flask, county: County) -> None:
    complaint, code = submit(at=clock.utc_now())
    operations.accept(county.township, complaint, at=clock.utc_now())
    operations.start_investigation(county.township, complaint, at=clock.utc_now())
    db.session.commit()
    address = f"/staff/complaints/{complaint.number}"
    handler = signed_in(app, county.township)
    assert 'name="seen" value="3"' in handler.get(address).text
    operations.add_from_reporter(code, "又收到一笔", at=clock.utc_now())
    db.session.commit()
    answer = handler.post(f"{address}/conclude", data={"text": "写了很久的答复", "seen": "3"})
    assert answer.status_code == 409
    assert "写了很久的答复" in answer.text
    assert "又收到一笔" in answer.text
    assert 'name="seen" value="4"' in answer.text
    assert db.session.get_one(Complaint, complaint.id, populate_existing=True).state == "investigating"
    answer = handler.post(f"{address}/note", data={"text": "看过了", "seen": "4"})
    assert answer.status_code == 303
    # What one has written oneself is no news.
    assert handler.post(f"{address}/note", data={"text": "再记", "seen": "4"}).status_code == 303


def test_what_is_open_in_a_sealed_case_is_for_the_commission_only(app: Flask, county: County) -> None:
    complaint, _code = submit(category="fraud", at=clock.utc_now())
    db.session.commit()
    address = f"/staff/complaints/{complaint.number}"
    assert signed_in(app, county.discipline).get(address).status_code == 200
    assert signed_in(app, county.township).get(address).status_code == 404
    assert db.session.scalars(select(Opening.official_id)).all() == [county.discipline.official_id]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_is_shown_where_somebody_writes_while_it_is_read(
    app: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that has begun to read cannot write any more once somebody else has."""
    complaint, _code = submit()
    address = f"/staff/complaints/{complaint.number}"
    client = signed_in(app, county.township)
    concerned = reporters.concerns_office

    def meanwhile(principal: Principal, case: Complaint) -> bool:
        with closing(sqlite3.connect(str(db.engine.url.database))) as other, other:
            other.execute("UPDATE officials SET name = name || '甲'")
        return concerned(principal, case)

    monkeypatch.setattr(reporters, "concerns_office", meanwhile)
    # This test's own transaction must not hold the database meanwhile.
    db.session.commit()
    assert client.get(address).status_code == 200
