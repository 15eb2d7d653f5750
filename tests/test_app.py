"""The house stands: the application starts, answers, and keeps its data types."""

from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core import audit
from core.database import db
from core.principal import system
from sms.models import HandsetMessage
from tests.core.intruder import without_guards


def test_the_site_answers_and_reaches_its_database(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok"
    assert client.get("/readyz").text == "ready"


def test_personal_data_comes_back_and_is_found_by_its_index(app: Flask) -> None:
    at = datetime(2020, 7, 15, 4, tzinfo=UTC)
    db.session.add(
        HandsetMessage(phone="13800000001", phone_index="13800000001", text="您好", provider_id="1", delivered_at=at)
    )
    db.session.commit()
    db.session.expunge_all()
    found = db.session.scalars(select(HandsetMessage).where(HandsetMessage.phone_index == "13800000001")).one()
    assert (found.phone, found.text, found.delivered_at) == ("13800000001", "您好", at)
    raw = db.session.execute(select(db.text("phone")).select_from(db.text("handset_messages"))).scalar_one()
    assert b"13800000001" not in bytes(raw)


def test_the_audit_chain_holds_until_somebody_edits_it(app: Flask) -> None:
    at = datetime(2020, 7, 15, 4, tzinfo=UTC)
    for number in range(3):
        audit.record(system("test"), "roll.approve", "roll", number, at=at, lines=number)
    db.session.commit()
    assert audit.seal(at=at) == 3
    db.session.commit()
    assert audit.verify() == audit.Verdict(3, 0, None)
    entry = db.session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.id)).all()[1]
    without_guards()
    entry.action = "roll.send_back"
    db.session.commit()
    assert audit.verify().broken_at == 2
