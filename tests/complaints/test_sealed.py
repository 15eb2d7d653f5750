"""A sealed case does not exist for anybody but the discipline commission: every page and export is the same, byte for
byte, with and without it."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta

import openpyxl
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.models import Official
from complaints import operations
from complaints.attachments import IncomingFile
from complaints.models import Complaint
from complaints.operations import routing
from complaints.operations.routing import GivenRule
from core import clock
from core.audit import AuditEntry
from core.database import db
from core.principal import OrganisationKind, Principal, Role, system
from core.tasks import seal_audit, verify_audit
from sms.models import Message
from tests import factories
from tests.complaints.county import AT, VILLAGE, County, submit
from tests.complaints.test_intake import photo
from tests.signing import sign_in

TOKENS = re.compile(rb'name="(?:csrf_token|form_name)" value="[^"]*"')

LISTS = tuple(f"/staff/complaints/{page}" for page in ("", "all", "supervised", "misrouted", "extensions", "interests"))


def pages(app: Flask, address_of: Complaint) -> list[str]:
    """Every page of the staff door that needs no more than the number of a case that is there."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith("/staff") or "GET" not in (rule.methods or ()) or "static" in rule.endpoint:
            continue
        values: dict[str, object] = {"number": address_of.number, "position": 1}
        if rule.arguments <= set(values):
            found.append(adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}))
    # What this test does itself stands in the audit log: it is compared up to the day before, and whole at the moment.
    return sorted({*found, *AUDIT_UNTIL_YESTERDAY} - {AUDIT})


AUDIT = "/staff/audit/"
YESTERDAY = f"{AT - timedelta(days=1):%Y-%m-%d}"
AUDIT_UNTIL_YESTERDAY = tuple(
    f"{AUDIT}?at_to={YESTERDAY}{narrowed}"
    for narrowed in (
        "",
        "&kind=complaint",
        "&action=complaint.accept",
        "&action=complaint.submit",
        "&sort=at",
        "&page=2",
    )
)


FIGURES = [
    f"/staff/complaints/statistics{page}?{wanted}"
    for page in ("", "/report")
    for wanted in ("period=2020-Q2", "period=2020-07", "scope=county&period=2020-Q2", "scope=county&period=2020-04")
]


def cells_of(file: TestResponse) -> bytes:
    """What stands in a workbook: its container tells the time at which it was packed."""
    if not str(file.mimetype).endswith("sheet"):
        return TOKENS.sub(b"", file.data)
    sheets = openpyxl.load_workbook(io.BytesIO(file.data)).worksheets
    return repr([(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in sheets]).encode()


def seen_by(client: FlaskClient, addresses: list[str]) -> Iterator[tuple[str, int, bytes]]:
    for address in addresses:
        answer = client.get(address)
        yield address, answer.status_code, TOKENS.sub(b"", answer.data)
    for address in FIGURES:
        answer = client.get(address)
        yield address, answer.status_code, TOKENS.sub(b"", answer.data)
        file = client.post(address.replace("/report", ""))
        yield f"file of {address}", file.status_code, cells_of(file)
    for address in LISTS:
        answer = client.post(address, data={"export": "csv"})
        yield f"export of {address}", answer.status_code, answer.data
        found = client.post(address, data={"q": "1"}, follow_redirects=True)
        yield f"search in {address}", found.status_code, TOKENS.sub(b"", found.data)
    for address in AUDIT_UNTIL_YESTERDAY:
        for format_wanted in ("csv", "xlsx"):
            file = client.post(address, data={"export": format_wanted})
            yield f"{format_wanted} of {address}", file.status_code, cells_of(file)
    # The preview has a test of its own, with so many cases that they would show.
    for address in ("/staff/complaints/routing/1", "/staff/complaints/routing/1/preview"):
        answer = client.open(address, method="POST" if address.endswith("preview") else "GET")
        yield address, answer.status_code, TOKENS.sub(b"", answer.data)


# Every page of every office, twice: one way on each database is enough.
@pytest.mark.parametrize(
    ("database_url", "how"), [("sqlite", "handed in"), ("postgresql", "referred")], indirect=["database_url"]
)
# What was due tomorrow would be due today where the day ends in between.
@time_machine.travel(AT, tick=False)
def test_every_page_of_everybody_else_is_the_same(app: Flask, county: County, how: str) -> None:
    now = clock.utc_now()
    plain, _code = submit(at=now - timedelta(days=3), attachments=[IncomingFile("证据.jpg", photo())])
    late, _code = submit(at=now - timedelta(days=90))
    operations.escalate_overdue(system("night"), at=now)
    routing.keep_rule(
        county.finance,
        routing.begin_version(county.finance, 0, at=now).number,
        GivenRule(start="finance", region=VILLAGE),
        at=now,
    )
    db.session.commit()
    audit = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    clients = [signed_in(app, person) for person in (*county.everybody_else, audit)]
    addresses = pages(app, plain)
    assert f"/staff/complaints/{plain.number}" in addresses
    for client in clients:
        # Colleagues at the same case are told of each other: all have opened it before the pages are compared.
        client.get(f"/staff/complaints/{plain.number}")
        client.get(f"/staff/complaints/{late.number}")
    seal_audit(now)
    verify_audit(now)
    db.session.commit()
    before = [list(seen_by(client, addresses)) for client in clients]
    assert any(late.number.encode() in body for story in before for _address, _status, body in story)

    happened = now - timedelta(days=2)

    def sealed() -> Complaint:
        fields = {"anonymous": False, "name": "王某某", "phone": "13800000001", "text": "SEALEDWORD"}
        files = [IncomingFile("录音.amr", b"#!AMR\n" + b"\0" * 50)]
        category = "extortion" if how == "handed in" else "not_received"
        made, code = submit(at=now - timedelta(days=80), category=category, attachments=files, **fields)
        if how == "referred":
            operations.refer_to_discipline(county.township, made, "SEALEDWORD", at=happened)
        operations.add_from_reporter(code, "SEALEDWORD", at=happened)
        operations.accept(county.discipline, made, at=happened)
        operations.escalate_overdue(system("night"), at=now)
        operations.close_answered(system("night"), at=now)
        db.session.commit()
        seal_audit(now)
        db.session.commit()
        return made

    log_before = audit_log_of(clients[-1])
    hidden = sealed()
    assert audit_log_of(clients[-1]) == log_before
    assert "访问".encode() in log_before
    after = [list(seen_by(client, addresses)) for client in clients]
    for story_before, story_after in zip(before, after, strict=True):
        for (address, status, body), (_address, status_after, body_after) in zip(
            story_before, story_after, strict=True
        ):
            assert (address, status, body) == (address, status_after, body_after)
    for client in clients:
        missing = client.get("/staff/complaints/123456789012")
        answer = client.get(f"/staff/complaints/{hidden.number}")
        words = TOKENS.sub(b"", answer.data).replace(hidden.number.encode(), b"123456789012")
        assert (answer.status_code, words) == (missing.status_code, TOKENS.sub(b"", missing.data))
    discipline = signed_in(app, county.discipline)
    assert "SEALEDWORD" in discipline.get(f"/staff/complaints/{hidden.number}").text
    assert hidden.number not in discipline.get("/staff/complaints/all").text


def audit_log_of(client: FlaskClient) -> bytes:
    """The whole list, its first two pages, and how the chain over it stands."""
    pages = (AUDIT, f"{AUDIT}?page=2", f"{AUDIT}?kind=complaint", f"{AUDIT}chain")
    return b"".join(TOKENS.sub(b"", client.get(address).data) for address in pages)


def signed_in(app: Flask, principal: Principal) -> FlaskClient:
    return sign_in(app.test_client(), db.session.get_one(Official, principal.official_id))


def test_no_record_about_a_sealed_case_is_open_to_others(county: County) -> None:
    complaint, _code = submit(category="fraud", anonymous=False, name="王某某", phone="13800000001")
    operations.accept(county.discipline, complaint, at=clock.utc_now())
    operations.start_investigation(county.discipline, complaint, at=clock.utc_now())
    operations.record_outcome(county.discipline, complaint, "case_filed", "已立案。", at=clock.utc_now())
    operations.conclude(county.discipline, complaint, "已处理。", at=clock.utc_now())
    db.session.commit()
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == complaint.number)).all()
    assert len(entries) == 5
    assert {entry.visible_to for entry in entries} == {"discipline"}
    assert db.session.scalars(select(Message)).all() == []
    assert complaint.region_code == VILLAGE


def test_logs_say_nothing_of_what_was_written(
    app: Flask, county: County, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    client = signed_in(app, county.discipline)
    complaint, code = submit(category="fraud", anonymous=False, name="王某某", phone="13800000001", text="SEALEDWORD")
    db.session.commit()
    client.get(f"/staff/complaints/{complaint.number}")
    client.post(f"/staff/complaints/{complaint.number}/reporter", data={"reason": "SEALEDWORD"})
    outcome = {"text": "SEALEDWORD", "choice": "case_filed"}
    client.post(f"/staff/complaints/{complaint.number}/record_outcome", data=outcome)
    client.post(f"/staff/complaints/{complaint.number}/conclude", data={"text": "SEALEDWORD"})
    said = caplog.text + "".join(capfd.readouterr())
    for secret in ("SEALEDWORD", "王某某", "13800000001", code):
        assert secret not in said
