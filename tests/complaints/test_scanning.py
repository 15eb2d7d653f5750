"""What reporters bring is shown to the virus scanner: infected files stay outside, and silence stops nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from complaints.attachments import IncomingFile
from complaints.models import Complaint, ComplaintAttachment
from complaints.operations import add_from_reporter, scanning
from core import virus_scan
from core.database import db
from core.errors import UserError
from core.virus_scan import Address
from tests.complaints.county import AT, County, submit
from tests.complaints.test_intake import photo
from tests.complaints.test_sealed import signed_in
from tests.core.clamd import EICAR, Clamd, running
from tests.processes import free_port

PDF = IncomingFile("账本.pdf", b"%PDF-1.4\n%%EOF")
INFECTED = IncomingFile("发票.pdf", b"%PDF-1.4\n" + EICAR)


@contextmanager
def scanned_by(app: Flask, port: int) -> Iterator[None]:
    """The same house with a scanner at that port."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, clamd=Address("127.0.0.1", port))
    try:
        yield
    finally:
        app.extensions["settings"] = before


@pytest.fixture
def clamd(app: Flask) -> Iterator[Clamd]:
    with running() as server, scanned_by(app, server.port):
        yield server


def marks() -> list[bool]:
    """Which files are marked as scanned."""
    return list(db.session.scalars(select(ComplaintAttachment.scanned).order_by(ComplaintAttachment.id)))


def test_an_infected_file_is_refused_with_a_sentence_and_nothing_is_kept(county: County, clamd: Clamd) -> None:
    with pytest.raises(UserError, match=r"第 2 个附件带有病毒"):
        submit(attachments=[PDF, INFECTED])
    db.session.rollback()
    assert db.session.scalars(select(Complaint)).all() == []
    _complaint, code = submit(attachments=[PDF])
    with pytest.raises(UserError, match=r"第 1 个附件带有病毒"):
        add_from_reporter(code, "补充", [INFECTED], at=AT)
    add_from_reporter(code, "补充", [IncomingFile("现场.jpg", photo())], at=AT)
    assert marks() == [True, True]


def test_what_is_not_taken_anyway_is_no_work_for_the_scanner(county: County, clamd: Clamd) -> None:
    for files in ([PDF] * 11, [PDF, IncomingFile("x.exe", b"MZ" + b"\0" * 200)]):
        with pytest.raises(UserError):
            submit(attachments=files)
    submit()
    assert clamd.asked == []


def test_a_scanner_that_does_not_answer_refuses_nothing_and_the_official_is_told(
    app: Flask, county: County, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def impatient(address: Address, contents: list[bytes]) -> list[virus_scan.Verdict]:
        return virus_scan.scan(address, contents, seconds=0.2)

    monkeypatch.setattr(scanning, "scan", impatient)
    with running(silent=True) as silent, scanned_by(app, silent.port):
        submit(attachments=[PDF])
    with scanned_by(app, free_port()):
        complaint, _code = submit(attachments=[PDF])
    db.session.commit()
    assert marks() == [False, False]
    assert "did not answer" in caplog.text and "账本" not in caplog.text
    page = signed_in(app, county.township).get(f"/staff/complaints/{complaint.number}").text
    assert "未查病毒" in page and "杀毒软件" in page


def test_a_file_that_was_found_clean_bears_no_mark(app: Flask, county: County, clamd: Clamd) -> None:
    complaint, _code = submit(attachments=[PDF])
    db.session.commit()
    page = signed_in(app, county.township).get(f"/staff/complaints/{complaint.number}").text
    assert "账本.pdf" in page and "未查病毒" not in page


def test_a_county_without_a_scanner_marks_every_file(county: County) -> None:
    submit(attachments=[PDF])
    assert marks() == [False]
