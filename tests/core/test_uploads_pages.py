"""The pages of uploads: what the check found is shown, and nothing is saved before somebody says so."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core import jobs, uploads
from core.audit import AuditEntry
from core.database import db
from core.errors import UserError
from core.jobs import BackgroundJob, Progress
from core.principal import OrganisationKind, Permission, Principal, Role
from core.uploads import FileProblem, Incoming, Report, Upload, UploadKind
from tests import factories
from tests.factories import AT
from tests.signing import sign_in

RIGHT = Permission("test.bring", frozenset({(OrganisationKind.TOWNSHIP, Role.PREPARER)}), "带文件")
CONTENT = "姓名,身份证号,金额\n甲,x,1\n乙,y,2\n丙,z,3\n".encode()
saved: list[str] = []


def check(_principal: Principal, incoming: Incoming, _at: datetime, _progress: Progress) -> Report:
    if incoming.filename.startswith("bad"):
        raise UserError("文件打不开。请另存后再上传。")
    good = 0 if incoming.filename.startswith("empty") else 2
    many = 250 if incoming.filename.startswith("many") else 1
    problems = [FileProblem(None, 3 + number, "odd") for number in range(many)] + [FileProblem(None, 3, "unknown")]
    columns = [{"sheet": None, "letter": "A", "header": "姓名", "column": "姓名"}]
    return Report(good, 12345, problems, columns, ["表头在第 1 行。"], [{"行": 2, "姓名": "甲*"}])


def save(_principal: Principal, incoming: Incoming, _at: datetime, _progress: Progress) -> str:
    saved.append(incoming.filename)
    return "/staff/result"


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[UploadKind]:
    """A kind of upload that only this test knows."""
    monkeypatch.setattr(uploads, "_kinds", {})
    saved.clear()
    yield uploads.register_kind(UploadKind("test", "测试名册", RIGHT, check, save, {"odd": "这一行很奇怪"}))


@pytest.fixture
def person(client: FlaskClient, kind: UploadKind) -> Official:
    """A township's preparer, signed in."""
    made = factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426100000")
    sign_in(client, made)
    return made


Bring = Callable[[str], int]


@pytest.fixture
def bring(person: Official, kind: UploadKind) -> Bring:
    """Brings a file in and has it checked; gives the upload's id."""

    def receive(filename: str) -> int:
        principal = factories.principal_for(person)
        upload_id = uploads.receive(principal, kind, CONTENT, filename, {}, at=AT).id
        db.session.commit()
        return upload_id

    return receive


def test_the_preview_shows_what_was_found(client: FlaskClient, bring: Bring) -> None:
    page = client.get(f"/staff/uploads/{bring('roll.csv')}").text
    for words in ("测试名册", "roll.csv", "123.45", "这一行很奇怪", "unknown", "表头在第 1 行。", "甲*", "待确认"):
        assert words in page
    assert not saved


def test_problems_are_paged(client: FlaskClient, bring: Bring) -> None:
    upload_id = bring("many.csv")
    first = client.get(f"/staff/uploads/{upload_id}").text
    assert first.count("<td>这一行很奇怪</td>") == 100
    assert f"/staff/uploads/{upload_id}?page=2" in first
    last = client.get(f"/staff/uploads/{upload_id}?page=3").text
    assert last.count("<td>这一行很奇怪</td>") == 50
    assert 'rel="next"' not in last
    assert client.get(f"/staff/uploads/{upload_id}?page=x").status_code == 200


def test_saving_is_confirmed_and_happens_once(client: FlaskClient, bring: Bring) -> None:
    upload_id = bring("roll.csv")
    assert client.get(f"/staff/uploads/{upload_id}/confirm").status_code == 405
    client.post(f"/staff/uploads/{upload_id}/confirm")
    assert saved == ["roll.csv"]
    page = client.get(f"/staff/uploads/{upload_id}").text
    assert "/staff/result" in page
    assert "/confirm" not in page
    assert client.post(f"/staff/uploads/{upload_id}/confirm").status_code == 409
    assert saved == ["roll.csv"]


def test_discarding_saves_nothing(client: FlaskClient, bring: Bring) -> None:
    upload_id = bring("roll.csv")
    client.post(f"/staff/uploads/{upload_id}/discard")
    assert "已放弃" in client.get(f"/staff/uploads/{upload_id}").text
    assert client.post(f"/staff/uploads/{upload_id}/confirm").status_code == 409
    assert not saved


def test_a_file_without_a_good_line_offers_nothing_to_save(client: FlaskClient, bring: Bring) -> None:
    upload_id = bring("empty.csv")
    page = client.get(f"/staff/uploads/{upload_id}").text
    assert "没有一行可以保存" in page
    assert "/confirm" not in page
    assert client.post(f"/staff/uploads/{upload_id}/confirm").status_code == 400


def test_a_refused_file_says_why(client: FlaskClient, bring: Bring) -> None:
    page = client.get(f"/staff/uploads/{bring('bad.csv')}").text
    assert "文件打不开。请另存后再上传。" in page
    assert "/confirm" not in page


def test_what_a_refusal_quotes_from_the_file_is_text(client: FlaskClient, bring: Bring) -> None:
    upload_id = bring("bad.csv")
    upload = db.session.get_one(Upload, upload_id)
    upload.failure = "表头是：补贴比例100%)、<a href=//example.com>点这里</a>"
    db.session.commit()
    page = client.get(f"/staff/uploads/{upload_id}").text
    assert "补贴比例100%)、&lt;a href=//example.com&gt;" in page


def test_the_list_holds_ones_own_offices_uploads(client: FlaskClient, app: Flask, bring: Bring) -> None:
    upload_id = bring("roll.csv")
    assert "roll.csv" in client.get("/staff/uploads").text
    assert "上传的文件</a>" in client.get("/staff/").text
    stranger = factories.official(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000")
    elsewhere = sign_in(app.test_client(), stranger)
    assert "roll.csv" not in elsewhere.get("/staff/uploads").text
    for path in ("", "/progress"):
        assert elsewhere.get(f"/staff/uploads/{upload_id}{path}").status_code == 404
    for path in ("confirm", "discard", "marked"):
        assert elsewhere.post(f"/staff/uploads/{upload_id}/{path}").status_code == 404
    assert not saved


def test_whoever_may_bring_nothing_sees_no_uploads(app: Flask, bring: Bring) -> None:
    viewer = factories.official(OrganisationKind.TOWNSHIP, Role.VIEWER, region_code="513426100000")
    elsewhere = sign_in(app.test_client(), viewer)
    assert "上传的文件</a>" not in elsewhere.get("/staff/").text


def test_progress_is_shown_with_and_without_a_script(client: FlaskClient, bring: Bring) -> None:
    upload_id = bring("roll.csv")
    upload = db.session.get_one(Upload, upload_id)
    upload.state = "received"
    job = BackgroundJob(kind="uploads.check", payload={}, state="running", created_at=AT)
    db.session.add(job)
    db.session.flush()
    upload.job_id = job.id
    jobs.report_progress(job.id, 30, 100)
    db.session.commit()
    answer: dict[str, Any] = client.get(f"/staff/uploads/{upload_id}/progress").get_json()
    assert answer == {"state": "received", "busy": True, "done": 30, "total": 100}
    page = client.get(f"/staff/uploads/{upload_id}").text
    assert 'max="100" value="30"' in page
    assert "<noscript>" in page
    upload.state = "checked"
    db.session.commit()
    assert client.get(f"/staff/uploads/{upload_id}/progress").get_json()["busy"] is False


def test_the_marked_copy_is_the_file_with_the_problems_beside_their_rows(client: FlaskClient, bring: Bring) -> None:
    upload_id = bring("roll.csv")
    assert client.get(f"/staff/uploads/{upload_id}/marked").status_code == 405
    answer = client.post(f"/staff/uploads/{upload_id}/marked")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[2] == ["乙", "y", "2", "这一行很奇怪 unknown"]
    assert "filename*=UTF-8''roll" in answer.headers["Content-Disposition"]
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "upload.take_marked_copy")).one()
