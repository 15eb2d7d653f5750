"""Files that officials bring: checked first, saved when confirmed, whole or not at all, seen by their office only."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from core import audit, jobs, principal, uploads, workflow
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.jobs import BackgroundJob, Progress
from core.principal import NOBODY, OrganisationKind, Permission, Principal, Role, system
from core.uploads import UPLOAD_WORKFLOW, FileProblem, Incoming, Report, StoredFile, Upload, UploadKind
from tests import factories
from tests.core.together import together

AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
# Jobs that run at once go by the real clock; this is after any of their rests.
MUCH_LATER = datetime(2100, 1, 1, tzinfo=UTC)
RIGHT = Permission("test.upload", frozenset({(OrganisationKind.TOWNSHIP, Role.PREPARER)}))
CONTENT = "甲\n乙\n坏\n".encode()
Work = Callable[[Principal, Incoming, datetime, Progress], Any]


def saved_lines() -> int:
    """How many lines the save has put into the database."""
    found = db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "test.line"))
    return found or 0


def check(_principal: Principal, incoming: Incoming, at: datetime, progress: Progress) -> Report:
    lines = incoming.content.decode().splitlines()
    progress(len(lines), len(lines))
    # A check that writes in passing is at fault; nothing of it may stay.
    audit.record(system("test"), "test.line", "line", "of the check", at=at)
    db.session.flush()
    bad = [FileProblem(None, row, "bad_line") for row, line in enumerate(lines, start=1) if line == "坏"]
    return Report(good=len(lines) - len(bad), total_fen=0, problems=bad)


def save(_principal: Principal, incoming: Incoming, at: datetime, _progress: Progress) -> str:
    for row, line in enumerate(incoming.content.decode().splitlines(), start=1):
        if line != "坏":
            audit.record(system("test"), "test.line", "line", row, at=at)
            db.session.flush()
    return f"/staff/lines/{incoming.upload_id}"


def kind(check: Work = check, save: Work = save) -> UploadKind:
    return uploads.register_kind(UploadKind("test.upload", "行", RIGHT, check, save))


def fails(error: Exception) -> Work:
    """A save that has written a line when it goes wrong."""

    def work(_principal: Principal, _incoming: Incoming, at: datetime, _progress: Progress) -> None:
        audit.record(system("test"), "test.line", "line", 1, at=at)
        db.session.flush()
        raise error

    return work


@pytest.fixture(autouse=True)
def only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_kinds", dict(uploads._kinds))


@pytest.fixture
def official(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Principal:
    """A preparer of a township, as the background jobs know him too."""
    signed_in = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000")
    db.session.commit()
    monkeypatch.setattr(principal, "_loaders", [lambda _official_id: signed_in])
    return signed_in


def bring(official: Principal, kind: UploadKind, content: bytes = CONTENT, **parameters: Any) -> int:
    """Receive and check a file; the upload's number."""
    number = uploads.receive(official, kind, content, "花名册.csv", parameters, at=AT).id
    db.session.commit()
    return number


def upload(number: int) -> Upload:
    return db.session.get_one(Upload, number, populate_existing=True)


def confirm(official: Principal, number: int) -> None:
    uploads.confirm(official, uploads.visible_upload(official, number), at=AT)
    db.session.commit()


def test_a_file_is_checked_shown_confirmed_and_saved(official: Principal) -> None:
    number = bring(official, kind())
    shown = uploads.visible_upload(official, number)
    assert shown.state == "checked"
    assert shown.report is not None
    assert (shown.report["good"], shown.report["problems"]) == (2, [{"sheet": None, "row": 3, "problem": "bad_line"}])
    confirm(official, number)
    kept = upload(number)
    assert (kept.state, kept.result_url, kept.failure) == ("saved", f"/staff/lines/{number}", "")
    assert kept.saved_at is not None
    assert saved_lines() == 2
    assert [step.action for step in workflow.history(UPLOAD_WORKFLOW, number)] == ["check", "confirm", "save"]


def test_a_check_writes_nothing_but_its_report(official: Principal) -> None:
    bring(official, kind())
    assert saved_lines() == 0
    assert set(db.session.scalars(select(AuditEntry.action))) == {"upload.receive"}


def test_name_and_content_are_not_readable_in_the_tables(official: Principal) -> None:
    bring(official, kind())
    for column, table in (("content", "stored_files"), ("filename", "uploads")):
        raw = bytes(db.session.execute(text(f"SELECT {column} FROM {table}")).scalar_one())  # our own names
        assert "甲".encode() not in raw
        assert "花名册".encode() not in raw


def test_a_file_that_the_check_refuses_says_why(official: Principal) -> None:
    number = bring(official, kind(check=fails(UserError("第 %(row)s 行读不懂。", row=1))))
    assert (upload(number).state, upload(number).failure, upload(number).report) == ("refused", "第 1 行读不懂。", None)
    assert saved_lines() == 0


def test_a_save_that_is_refused_in_the_middle_saves_nothing(official: Principal) -> None:
    number = bring(official, kind(save=fails(UserError("花名册已经提交。"))))
    confirm(official, number)
    assert (upload(number).state, upload(number).failure) == ("refused", "花名册已经提交。")
    assert saved_lines() == 0


@pytest.mark.parametrize("step", ["check", "save"])
def test_a_fault_is_tried_again_and_then_said_without_quoting_anybody(official: Principal, step: str) -> None:
    broken = fails(ValueError("513426199509167030"))
    number = bring(official, kind(check=broken) if step == "check" else kind(save=broken))
    if step == "save":
        confirm(official, number)
    assert upload(number).state == ("received" if step == "check" else "saving")
    db.session.rollback()
    for minutes in range(1, 4):
        jobs.run_due(at=MUCH_LATER + timedelta(minutes=5 * minutes))
    assert (upload(number).state, upload(number).failure) == ("refused", jobs.UNFINISHED)
    assert db.session.get_one(BackgroundJob, upload(number).job_id).failure == "ValueError"
    assert saved_lines() == 0


def test_a_fault_that_passes_costs_nothing(official: Principal) -> None:
    tries: list[int] = []

    def at_the_second_try(*arguments: Any) -> str:
        tries.append(1)
        address = save(*arguments)
        if len(tries) == 1:
            raise RuntimeError
        return address

    number = bring(official, kind(save=at_the_second_try))
    confirm(official, number)
    assert saved_lines() == 0
    db.session.rollback()
    jobs.run_due(at=MUCH_LATER)
    assert (upload(number).state, saved_lines()) == ("saved", 2)


def test_an_official_who_may_no_longer_do_it_is_told(official: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_official_id: int) -> Principal:
        raise PermissionDenied("账号已停用。")

    monkeypatch.setattr(principal, "_loaders", [gone])
    number = bring(official, kind())
    assert (upload(number).state, upload(number).failure) == ("refused", "账号已停用。")


def test_a_file_without_a_good_line_cannot_be_saved(official: Principal) -> None:
    number = bring(official, kind(), "坏\n".encode())
    with pytest.raises(UserError):
        confirm(official, number)
    assert upload(number).state == "checked"


def test_an_empty_file_is_refused(official: Principal) -> None:
    with pytest.raises(UserError):
        uploads.receive(official, kind(), b"", "a.csv", {}, at=AT)
    with pytest.raises(UserError):
        uploads.import_at_once(official, kind(), b"", "a.csv", {}, at=AT, dry_run=False)


def test_a_discarded_file_is_not_saved_any_more(official: Principal) -> None:
    number = bring(official, kind())
    uploads.discard(official, upload(number), at=AT)
    db.session.commit()
    with pytest.raises(Conflict):
        confirm(official, number)
    assert saved_lines() == 0


def test_two_who_confirm_at_once_save_once(app: Flask, official: Principal) -> None:
    number = bring(official, kind())
    results = together(app, lambda: confirm(official, number), lambda: confirm(official, number))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]
    assert (upload(number).state, saved_lines()) == ("saved", 2)


def test_confirming_and_discarding_at_once_does_one_of_them(app: Flask, official: Principal) -> None:
    number = bring(official, kind())

    def discard() -> None:
        uploads.discard(official, uploads.visible_upload(official, number), at=AT)

    results = together(app, lambda: confirm(official, number), discard)
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]
    assert (upload(number).state, saved_lines()) in {("saved", 2), ("discarded", 0)}


def test_the_same_bytes_are_kept_once(official: Principal) -> None:
    first, second = bring(official, kind()), bring(official, kind())
    assert first != second
    assert upload(first).file_id == upload(second).file_id
    bring(official, kind(), CONTENT + b"\n")
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 2


def test_the_same_bytes_brought_at_one_moment_are_kept_once(app: Flask, official: Principal) -> None:
    made = kind()
    numbers = together(app, *[lambda: bring(official, made)] * 3)
    assert len(set(numbers)) == 3
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 1


def test_bytes_that_were_exchanged_in_the_table_are_not_saved(official: Principal) -> None:
    number, other = bring(official, kind()), bring(official, kind(), "丙\n".encode())
    files = select(StoredFile.content).where(StoredFile.id == upload(other).file_id).scalar_subquery()
    db.session.execute(update(StoredFile).where(StoredFile.id == upload(number).file_id).values(content=files))
    db.session.commit()
    with pytest.raises(ValueError):
        uploads.incoming_of(upload(number))


def test_another_office_does_not_see_an_upload_even_of_the_same_bytes(official: Principal) -> None:
    number = bring(official, kind())
    stranger = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426102000")
    colleague = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000")
    viewer = replace(colleague, roles=frozenset({Role.VIEWER}))
    own = bring(stranger, kind())
    assert uploads.visible_upload(colleague, number).id == number
    assert uploads.visible_upload(stranger, own).id == own
    for who in (stranger, NOBODY, system("test")):
        with pytest.raises(NotVisible):
            uploads.visible_upload(who, number)
    with pytest.raises(NotVisible):
        uploads.visible_upload(official, 10**9)
    with pytest.raises(PermissionDenied):
        uploads.visible_upload(viewer, number)
    for verb in (uploads.confirm, uploads.discard):
        with pytest.raises(NotVisible):
            verb(stranger, upload(number), at=AT)
        with pytest.raises(PermissionDenied):
            verb(viewer, upload(number), at=AT)
    assert upload(number).state == "checked"


def test_who_lacks_the_right_brings_nothing(official: Principal) -> None:
    with pytest.raises(PermissionDenied):
        bring(replace(official, roles=frozenset({Role.VIEWER})), kind())
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_a_command_imports_in_one_go(official: Principal) -> None:
    report = uploads.import_at_once(official, kind(), CONTENT, "a.csv", {}, at=AT, dry_run=False)
    db.session.commit()
    assert (report.good, saved_lines()) == (2, 2)
    made = db.session.scalars(select(Upload)).one()
    assert (made.state, made.result_url) == ("saved", f"/staff/lines/{made.id}")
    assert db.session.scalars(select(AuditEntry.action).where(AuditEntry.action == "upload.import")).one()


def test_a_dry_run_saves_nothing_even_if_committed(official: Principal) -> None:
    report = uploads.import_at_once(official, kind(), CONTENT, "a.csv", {}, at=AT, dry_run=True)
    db.session.commit()
    assert report.good == 2
    assert saved_lines() == 0
    for model in (AuditEntry, Upload, StoredFile):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_a_command_that_fails_in_the_middle_saves_nothing(official: Principal) -> None:
    with pytest.raises(UserError):
        uploads.import_at_once(official, kind(save=fails(UserError("不行。"))), CONTENT, "a", {}, at=AT, dry_run=False)
    db.session.rollback()
    assert saved_lines() == 0
    assert db.session.scalar(select(func.count()).select_from(Upload)) == 0
