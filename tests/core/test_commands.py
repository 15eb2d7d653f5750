"""Commands of the ground floor, and what they keep."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update

from app import create_app
from core import audit, clock, rotation, state_document
from core.audit import AuditEntry
from core.database import db
from core.encryption import Keyring
from core.errors import UserError
from core.principal import system
from core.settings import Keys, demo_key
from core.tasks import seal_audit
from core.uploads import StoredFile, store_file
from sms.models import HandsetMessage
from tests.conftest import settings_for
from tests.core.intruder import without_guards
from tests.factories import AT

OLD, NEW = demo_key("encryption"), demo_key("another")


def run(app: Flask, *arguments: str) -> tuple[int, dict[str, object]]:
    result = app.test_cli_runner().invoke(args=[*arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_the_audit_log_is_sealed_and_verified(app: Flask) -> None:
    for number in range(3):
        audit.record(system("test"), "roll.approve", "roll", number, at=AT)
    db.session.commit()
    assert run(app, "audit", "seal") == (0, {"sealed": 3})
    code, verdict = run(app, "audit", "verify")
    assert (code, verdict["verified"], verdict["unsealed"], verdict["broken_at"]) == (0, 3, 0, None)
    without_guards()
    db.session.execute(update(AuditEntry).where(AuditEntry.subject_id == "1").values(action="roll.strike"))
    db.session.commit()
    code, verdict = run(app, "audit", "verify")
    assert (code, verdict["broken_at"]) == (1, 2)
    assert "断开" in app.test_cli_runner().invoke(args=["audit", "verify"]).stdout


def message(number: int) -> HandsetMessage:
    phone = f"1380000{number:04d}"
    return HandsetMessage(
        phone=phone, phone_index=phone, text=f"第 {number} 条", provider_id=str(number), delivered_at=AT
    )


@pytest.fixture
def half_rotated(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Twelve messages and two files under the old key; the new one is the current key now."""
    monkeypatch.setattr(rotation, "CHUNK", 5)
    db.session.add_all(message(number) for number in range(12))
    store_file(b"first", at=AT)
    store_file(b"second", at=AT)
    db.session.commit()
    keys = app.extensions["settings"].keys
    app.extensions["keyring"] = Keyring(replace(keys, encryption={2: NEW, 1: OLD}, current=2))
    return app


def headers() -> set[bytes]:
    """The first two bytes of every encrypted value."""
    wanted = (("phone", "handset_messages"), ("text", "handset_messages"), ("content", "stored_files"))
    return {
        bytes(value)[:2]
        for column, table in wanted
        for value in db.session.scalars(select(text(column)).select_from(text(table)))
    }


def test_rotation_reencrypts_everything_and_leaves_it_readable(half_rotated: Flask) -> None:
    db.session.add(message(99))
    db.session.commit()
    assert len(headers()) == 2
    code, answer = run(half_rotated, "keys", "rotate")
    assert (code, answer) == (0, {"reencrypted": {"handset_messages": 12, "stored_files": 2}, "left": {}})
    assert headers() == {b"\x01\x02"}
    half_rotated.extensions["keyring"] = Keyring(
        replace(half_rotated.extensions["settings"].keys, encryption={2: NEW}, current=2)
    )
    db.session.expire_all()
    assert {row.text for row in db.session.scalars(select(HandsetMessage))} == {
        f"第 {number} 条" for number in (*range(12), 99)
    }
    assert {row.content for row in db.session.scalars(select(StoredFile))} == {b"first", b"second"}
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "keys.rotate")).one()
    assert run(half_rotated, "keys", "rotate")[1] == {"reencrypted": {}, "left": {}}


def test_rotation_says_when_the_old_key_is_gone(half_rotated: Flask) -> None:
    keys: Keys = half_rotated.extensions["settings"].keys
    half_rotated.extensions["keyring"] = Keyring(replace(keys, encryption={2: NEW}, current=2))
    with pytest.raises(UserError, match="旧密钥"):
        rotation.rotate(system("test"), at=AT)
    db.session.rollback()
    code, answer = run(half_rotated, "keys", "rotate")
    assert code == 1
    assert "YKT_ENCRYPTION_KEYS" in str(answer["error"])


def test_rotation_knows_every_encrypted_column(app: Flask) -> None:
    named = {(found.table.name, column.name) for found in rotation.encrypted_tables() for column in found.columns}
    assert {("handset_messages", "phone"), ("stored_files", "content"), ("uploads", "filename")} <= named
    count = db.session.scalar(select(func.count()).select_from(HandsetMessage))
    assert count == 0
    assert rotation.waiting() == {}


def test_the_document_of_states_says_what_the_rooms_declare() -> None:
    printed = Path(__file__).parents[2] / "docs" / "states.md"
    assert printed.read_text(encoding="utf-8") == state_document.render(), "run `flask docs states`"


def test_numbers_for_monitoring(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    seal_audit(clock.utc_now())
    db.session.commit()
    client.get("/staff/")
    page = client.get("/metrics").text
    assert re.search(r"^yikatong_audit_sealed_seconds \d", page, re.MULTILINE)
    assert 'yikatong_sms_waiting{state="queued"} 0.0' in page
    assert "yikatong_sms_oldest_seconds 0.0" in page
    assert 'yikatong_background_jobs{state="queued"} 0.0' in page
    assert 'yikatong_answers_total{door="staff",status="3xx"}' in page


def test_the_public_door_shows_no_numbers(database_url: str, tmp_path: Path) -> None:
    public = create_app(settings_for(database_url, tmp_path / "instance", YKT_DOORS="public"))
    assert public.test_client().get("/metrics").status_code == 404
    with public.app_context():
        db.engine.dispose()
