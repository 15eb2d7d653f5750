"""Scans beside filings and opinions (B2, B3): known by their content, given out under their right name and type."""

import io
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import NotVisible, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from programmes import operations, queries
from programmes.models import InclusionCase, InclusionOpinion, OfflineFiling, Programme
from programmes.rules import Channel
from tests import factories
from tests.factories import AT
from tests.signing import sign_in

ROOT = "/staff/programmes"
PDF = b"%PDF-1.4\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 40


class Scan(NamedTuple):
    """A file as it is sent, and as it comes back."""

    content: bytes
    sent_as: str
    kept_as: str
    media_type: str


KINDS = [
    Scan(PDF, "办法.exe", "办法.pdf", "application/pdf"),
    Scan(PNG, "办法", "办法.png", "image/png"),
    Scan(JPEG, "../办法.pdf", "办法.jpg", "image/jpeg"),
]
WRONG = [b"", b"MZ\x90\0", b"<html><script>", b"PK\x03\x04"]

# What these tests hold is decided in Python: one database says it all.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def offline(app: Flask) -> Programme:
    made = factories.programme("CASH", "线下补贴", channel="offline")
    db.session.commit()
    return made


@pytest.fixture
def department(client: FlaskClient, offline: Programme) -> FlaskClient:
    """县民政局, signed in."""
    return sign_in(client, factories.official(Kind.DEPARTMENT, Role.PREPARER, organisation_name="县民政局"))


def file(door: FlaskClient, programme: Programme, content: bytes, name: str) -> Any:
    sent = {
        "office": "finance",
        "management_document": "东民〔2020〕9号",
        "supervision_document": "东民〔2020〕10号",
        "filed_on": AT.date().isoformat(),
        "file": (io.BytesIO(content), name),
    }
    return door.post(f"{ROOT}/catalogue/{programme.id}/filings", data=sent)


def filings() -> list[OfflineFiling]:
    db.session.expire_all()
    return list(db.session.scalars(select(OfflineFiling)))


@pytest.mark.parametrize("scan", KINDS, ids=lambda scan: scan.media_type)
def test_a_filings_scan_comes_back_as_what_it_is(department: FlaskClient, offline: Programme, scan: Scan) -> None:
    assert file(department, offline, scan.content, scan.sent_as).status_code == 302
    (filing,) = filings()
    assert filing.filename == scan.kept_as
    answer = department.post(f"{ROOT}/filings/{filing.id}/download")
    assert (answer.data, answer.mimetype) == (scan.content, scan.media_type)
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert disposition.endswith(scan.kept_as.rsplit(".", 1)[1])
    assert "programmes.read_filing" in set(db.session.scalars(select(AuditEntry.action)))


@pytest.mark.parametrize("content", WRONG)
def test_a_filings_scan_of_another_kind_is_refused(department: FlaskClient, offline: Programme, content: bytes) -> None:
    answer = file(department, offline, content, "办法.pdf")
    assert answer.status_code == 200
    assert "依据材料" in answer.text
    assert filings() == []


def test_a_scan_that_is_too_large_says_how_much_is_taken(offline: Programme) -> None:
    with pytest.raises(UserError, match="最多 20 MB"):
        operations.file_measures(
            factories.principal(Kind.FINANCE, Role.PREPARER),
            offline.id,
            Kind.DISCIPLINE,
            management_document="甲",
            supervision_document="乙",
            filed_on=AT.date(),
            scan=("甲.pdf", b"%PDF" + b"0" * (20 << 20)),
            at=AT,
        )


def test_a_scan_from_before_names_were_kept_is_named_by_its_office(offline: Programme) -> None:
    principal = factories.principal(Kind.FINANCE, Role.PREPARER)
    filing = operations.file_measures(
        factories.principal(Kind.DEPARTMENT, Role.PREPARER, organisation_name="县民政局"),
        offline.id,
        Kind.DISCIPLINE,
        management_document="甲",
        supervision_document="乙",
        filed_on=AT.date(),
        scan=("甲.pdf", PDF),
        at=AT,
    )
    filing.filename = None
    found = operations.read_filing(principal, queries.filing(principal, filing.id), at=AT)
    assert (found.filename, found.content) == ("县纪委监委.pdf", PDF)


# --- Opinions --------------------------------------------------------------------------------------


@pytest.fixture
def case(app: Flask) -> InclusionCase:
    programme = factories.programme("ALLOWANCE", "待定补贴", channel="undecided")
    made = operations.submit_inclusion(
        factories.principal(Kind.FINANCE, Role.PREPARER),
        programme.id,
        proposal=Channel.PLATFORM,
        grounds="到人到户",
        document_number="东财〔2020〕3号",
        at=AT,
    )
    made.submitted_on = AT.date()
    db.session.commit()
    return made


def speak(door: FlaskClient, case: InclusionCase, content: bytes | None, name: str = "函.pdf") -> str:
    sent: dict[str, Any] = {
        "office": "audit",
        "agrees": "yes",
        "opinion": "",
        "document_number": "东审函〔2020〕1号",
        "given_on": AT.date().isoformat(),
    }
    if content is not None:
        sent["file"] = (io.BytesIO(content), name)
    door.post(f"{ROOT}/inclusion/{case.id}/opinions", data=sent)
    return door.get(f"{ROOT}/inclusion/{case.id}").text


def opinions() -> list[InclusionOpinion]:
    db.session.expire_all()
    return list(db.session.scalars(select(InclusionOpinion)))


@pytest.mark.parametrize("scan", KINDS, ids=lambda scan: scan.media_type)
def test_an_opinions_letter_comes_back_as_what_it_is(client: FlaskClient, case: InclusionCase, scan: Scan) -> None:
    door = sign_in(client, factories.official(Kind.AUDIT, Role.PREPARER))
    assert "意见已登记" in speak(door, case, scan.content, scan.sent_as)
    (given,) = opinions()
    assert given.filename == scan.kept_as
    url = f"{ROOT}/inclusion/{case.id}/opinions/{given.id}/download"
    assert url in door.get(f"{ROOT}/inclusion/{case.id}").text
    answer = door.post(url)
    assert (answer.data, answer.mimetype) == (scan.content, scan.media_type)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "inclusion.read_opinion_file" in set(db.session.scalars(select(AuditEntry.action)))


def test_an_opinion_needs_no_letter(client: FlaskClient, case: InclusionCase) -> None:
    door = sign_in(client, factories.official(Kind.AUDIT, Role.PREPARER))
    assert "意见已登记" in speak(door, case, None)
    (given,) = opinions()
    assert (given.file_id, given.filename) == (None, None)
    assert door.post(f"{ROOT}/inclusion/{case.id}/opinions/{given.id}/download").status_code == 404


def test_a_letter_of_another_kind_is_refused_with_the_opinion(client: FlaskClient, case: InclusionCase) -> None:
    door = sign_in(client, factories.official(Kind.AUDIT, Role.PREPARER))
    assert "依据材料只收" in speak(door, case, b"<html>")
    assert opinions() == []


def test_a_letter_is_for_those_who_see_the_case(client: FlaskClient, case: InclusionCase) -> None:
    speak(sign_in(client, factories.official(Kind.AUDIT, Role.PREPARER)), case, PDF)
    (given,) = opinions()
    url = f"{ROOT}/inclusion/{case.id}/opinions/{given.id}/download"
    stranger = factories.official(Kind.DEPARTMENT, Role.PREPARER, organisation_name="县农业农村局")
    assert sign_in(client, stranger).post(url).status_code == 404
    assert sign_in(client, factories.official(Kind.TOWNSHIP, Role.PREPARER)).post(url).status_code == 404
    other = factories.programme("OTHER", "另一项补贴", channel="undecided")
    finance = factories.principal(Kind.FINANCE, Role.PREPARER)
    second = operations.submit_inclusion(
        finance, other.id, proposal=Channel.OFFLINE, grounds="甲", document_number="乙", at=AT
    )
    with pytest.raises(NotVisible):
        operations.read_opinion_file(finance, second, given.id, at=AT)


def test_a_letter_that_is_too_large_says_how_much_is_taken(case: InclusionCase) -> None:
    with pytest.raises(UserError, match="最多 10 MB"):
        operations.give_opinion(
            factories.principal(Kind.AUDIT, Role.PREPARER),
            case,
            Kind.AUDIT,
            agrees=True,
            opinion="",
            document_number="甲",
            given_on=AT.date(),
            letter=("函.pdf", b"%PDF" + b"0" * (10 << 20)),
            at=AT,
        )
