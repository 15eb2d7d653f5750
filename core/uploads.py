"""Files that officials bring: kept as they came (encrypted, by SHA-256), checked first, saved only when confirmed.

A room registers what it can read as an UploadKind. The check writes nothing but its report; the save reads the same
bytes again, whole or not at all. Between the two the registry may have changed: the save checks for itself.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import audit, jobs, workflow
from core.database import Base, EncryptedBytes, EncryptedText, Id, db, only_reads
from core.errors import NotVisible, UserError
from core.jobs import Progress
from core.principal import Permission, Principal, principal_of, system
from core.states import Transition, Workflow, declare

UPLOAD_WORKFLOW = declare(
    Workflow(
        "upload",
        "received",
        (
            Transition("received", "check", "checked"),
            Transition("received", "refuse", "refused"),
            Transition("checked", "confirm", "saving"),
            Transition("checked", "discard", "discarded"),
            Transition("saving", "save", "saved"),
            Transition("saving", "refuse", "refused"),
        ),
    )
)


class StoredFile(Base):
    """A file as it came. The same bytes are kept once."""

    __tablename__ = "stored_files"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(EncryptedBytes("stored_file"), deferred=True)
    stored_at: Mapped[datetime]


class Upload(Base):
    """One file brought by one official for one purpose, with what the check found in it."""

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_kind_created", "kind", "created_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    file_id: Mapped[int] = mapped_column(Id, ForeignKey("stored_files.id"))
    filename: Mapped[str] = mapped_column(EncryptedText("filename"))
    parameters: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="received")
    # Deferred: the report of a long file is long, and lists and progress do not need it.
    report: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    failure: Mapped[str] = mapped_column(default="")
    result_url: Mapped[str] = mapped_column(default="")
    job_id: Mapped[int | None] = mapped_column(Id)
    official_id: Mapped[int | None] = mapped_column(Id)
    organisation_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]

    file: Mapped[StoredFile] = relationship()


@dataclass(frozen=True)
class FileProblem:
    """One thing wrong in a file: where, and which problem code. ``sheet`` is None for text files."""

    sheet: str | None
    row: int
    problem: str

    def as_json(self) -> dict[str, Any]:
        """The form in which reports and commands show it."""
        return {"sheet": self.sheet, "row": self.row, "problem": self.problem}


@dataclass(frozen=True)
class Report:
    """What a check found. ``columns`` says which header was taken for what; ``notes`` are sentences for the reader;
    ``preview`` holds the first lines with personal data already masked. ``sums``: what the file comes to, by kind of
    line (title, a message id; count; fen). ``listed``: lines to be looked at one by one before anything is saved, by
    the titles of their columns (message ids), under ``listed_title``."""

    good: int
    total_fen: int
    problems: list[FileProblem] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    preview: list[dict[str, Any]] = field(default_factory=list)
    sums: list[dict[str, Any]] = field(default_factory=list)
    listed: list[dict[str, Any]] = field(default_factory=list)
    listed_title: str = ""

    def as_json(self) -> dict[str, Any]:
        """All of it, for the table and for ``--json``."""
        return {
            "good": self.good,
            "total_fen": self.total_fen,
            "problems": [problem.as_json() for problem in self.problems],
            "columns": self.columns,
            "notes": self.notes,
            "preview": self.preview,
            "sums": self.sums,
            "listed": self.listed,
            "listed_title": self.listed_title,
        }


@dataclass(frozen=True)
class Incoming:
    """What a check or a save works on: the bytes, the name they came under, and the form's parameters."""

    content: bytes
    filename: str
    parameters: Mapping[str, Any]
    upload_id: int | None = None


Check = Callable[[Principal, Incoming, datetime, Progress], Report]
Save = Callable[[Principal, Incoming, datetime, Progress], str]


@dataclass(frozen=True)
class UploadKind:
    """What a room can take in. ``save`` does its work in the open transaction and returns the address of the result.

    ``sentences`` gives the words for each problem code (message ids).
    """

    name: str
    title: str
    right: Permission
    check: Check
    save: Save
    sentences: Mapping[str, str] = field(default_factory=dict)


_kinds: dict[str, UploadKind] = {}


def register_kind(kind: UploadKind) -> UploadKind:
    """Enter a kind of upload (a room's module does this once, when it is imported)."""
    _kinds[kind.name] = kind
    return kind


def kind_of(name: str) -> UploadKind:
    """The registered kind of that name. Raises KeyError for a name nobody registered."""
    return _kinds[name]


def kinds_for(principal: Principal) -> list[UploadKind]:
    """The kinds of upload that this principal may bring."""
    return [kind for kind in _kinds.values() if principal.may(kind.right)]


def visible_uploads(principal: Principal) -> Select[Upload]:
    """The uploads of the principal's organisation, of the kinds that he may bring."""
    names = [kind.name for kind in kinds_for(principal)] if principal.is_official else []
    return select(Upload).where(Upload.organisation_id == principal.organisation_id, Upload.kind.in_(names))


def store_file(content: bytes, *, at: datetime) -> StoredFile:
    """Keep the bytes as they came; the same bytes again give the file that is already there."""
    digest = hashlib.sha256(content).hexdigest()
    same_bytes = select(StoredFile).where(StoredFile.sha256 == digest)
    known = db.session.scalar(same_bytes)
    if known is not None:
        return known
    stored = StoredFile(sha256=digest, size=len(content), content=content, stored_at=at)
    try:
        with db.session.begin_nested():
            db.session.add(stored)
    except IntegrityError:
        # Somebody brought the same bytes in this very moment; his are in by now.
        return db.session.scalars(same_bytes).one()
    return stored


def receive(
    principal: Principal,
    kind: UploadKind,
    content: bytes,
    filename: str,
    parameters: Mapping[str, Any],
    *,
    at: datetime,
) -> Upload:
    """Take a file in and have it checked in the background. Raises PermissionDenied without the kind's right, UserError
    for an empty file."""
    principal.require(kind.right)
    if not content:
        raise UserError("文件是空的。请检查后重新选择文件。")
    upload = Upload(
        kind=kind.name,
        file_id=store_file(content, at=at).id,
        filename=filename[:200],
        parameters=dict(parameters),
        official_id=principal.official_id,
        organisation_id=principal.organisation_id,
        created_at=at,
    )
    db.session.add(upload)
    db.session.flush()
    upload.job_id = jobs.enqueue("uploads.check", {"upload_id": upload.id}, principal, at=at).id
    audit.record(principal, "upload.receive", "upload", upload.id, at=at, kind=kind.name, size=len(content))
    db.session.flush()
    return upload


def visible_upload(principal: Principal, upload_id: int) -> Upload:
    """The upload, for officials of the organisation that brought it. Raises NotVisible for everybody else, and
    PermissionDenied for a colleague without the kind's right."""
    upload = db.session.get(Upload, upload_id)
    if upload is None or not principal.is_official:
        raise NotVisible
    _refuse_other_organisation(principal, upload)
    principal.require(kind_of(upload.kind).right)
    return upload


def _refuse_other_organisation(principal: Principal, upload: Upload) -> None:
    if principal.is_official and upload.organisation_id != principal.organisation_id:
        raise NotVisible


def confirm(principal: Principal, upload: Upload, *, at: datetime) -> None:
    """Have a checked upload saved in the background. Raises UserError where it holds no good line, Conflict where
    somebody confirmed it before, NotVisible for another organisation's."""
    _refuse_other_organisation(principal, upload)
    principal.require(kind_of(upload.kind).right)
    if not upload.report or not upload.report.get("good"):
        raise UserError("文件里没有一行可以保存。请改正后重新上传。")
    workflow.move(UPLOAD_WORKFLOW, upload, "confirm", principal, at=at)
    upload.job_id = jobs.enqueue("uploads.save", {"upload_id": upload.id}, principal, at=at).id
    audit.record(principal, "upload.confirm", "upload", upload.id, at=at, kind=upload.kind)
    db.session.flush()


def discard(principal: Principal, upload: Upload, *, at: datetime) -> None:
    """Leave a checked upload aside; nothing of it was saved. Raises Conflict where it is confirmed already, NotVisible
    for another organisation's."""
    _refuse_other_organisation(principal, upload)
    principal.require(kind_of(upload.kind).right)
    workflow.move(UPLOAD_WORKFLOW, upload, "discard", principal, at=at)
    audit.record(principal, "upload.discard", "upload", upload.id, at=at, kind=upload.kind)


def incoming_of(upload: Upload) -> Incoming:
    """The upload as its kind's check and save want it. Raises ValueError where the stored bytes are not those that were
    brought (the table was tampered with)."""
    content = upload.file.content
    if hashlib.sha256(content).hexdigest() != upload.file.sha256:
        raise ValueError("a stored file is not what was brought")
    return Incoming(content, upload.filename, upload.parameters, upload.id)


def _left_undone(payload: Mapping[str, Any], at: datetime, sentence: str) -> None:
    """The check or the save was given up: the upload says so instead of waiting for ever."""
    upload = db.session.get_one(Upload, payload["upload_id"])
    upload.failure = sentence
    workflow.move(UPLOAD_WORKFLOW, upload, "refuse", system("uploads"), at=at)


@jobs.background("uploads.check", when_failed=_left_undone)
def _check(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
    report, failure = None, ""
    with only_reads():
        # Reading a long file must not hold the write lock.
        upload = db.session.get_one(Upload, payload["upload_id"])
        principal, kind = principal_of(upload.official_id), kind_of(upload.kind)
        try:
            report = kind.check(principal, incoming_of(upload), at, progress)
        except UserError as error:
            failure = str(error)
        db.session.rollback()
    upload = db.session.get_one(Upload, payload["upload_id"])
    upload.report = report.as_json() if report else None
    upload.failure = failure
    workflow.move(UPLOAD_WORKFLOW, upload, "refuse" if failure else "check", principal, at=at)


@jobs.background("uploads.save", when_failed=_left_undone)
def _save(payload: Mapping[str, Any], at: datetime, progress: Progress) -> None:
    upload = db.session.get_one(Upload, payload["upload_id"])
    principal, kind = principal_of(upload.official_id), kind_of(upload.kind)
    try:
        result_url = kind.save(principal, incoming_of(upload), at, progress)
    except UserError as error:
        db.session.rollback()
        upload = db.session.get_one(Upload, payload["upload_id"])
        upload.failure = str(error)
        workflow.move(UPLOAD_WORKFLOW, upload, "refuse", principal, at=at)
        return
    upload.result_url, upload.saved_at = result_url, at
    workflow.move(UPLOAD_WORKFLOW, upload, "save", principal, at=at)


def import_at_once(
    principal: Principal,
    kind: UploadKind,
    content: bytes,
    filename: str,
    parameters: Mapping[str, Any],
    *,
    at: datetime,
    dry_run: bool,
) -> Report:
    """Check and save in one go, for commands. A dry run saves nothing. Raises UserError for a file that cannot be read
    or that holds no good line; the caller rolls back then."""
    principal.require(kind.right)
    if not content:
        raise UserError("文件是空的。请检查后重新选择文件。")
    with db.session.begin_nested() as checking:
        report = kind.check(principal, Incoming(content, filename, parameters), at, _silent)
        # Whatever a check may have written in passing.
        checking.rollback()
    if dry_run:
        return report
    if not report.good:
        raise UserError("文件里没有一行可以保存。请改正后重新导入。")
    upload = Upload(
        kind=kind.name,
        file_id=store_file(content, at=at).id,
        filename=filename[:200],
        parameters=dict(parameters),
        report=report.as_json(),
        official_id=principal.official_id,
        organisation_id=principal.organisation_id,
        created_at=at,
        saved_at=at,
    )
    db.session.add(upload)
    db.session.flush()
    workflow.move(UPLOAD_WORKFLOW, upload, "check", principal, at=at)
    workflow.move(UPLOAD_WORKFLOW, upload, "confirm", principal, at=at)
    upload.result_url = kind.save(principal, Incoming(content, filename, parameters, upload.id), at, _silent)
    workflow.move(UPLOAD_WORKFLOW, upload, "save", principal, at=at)
    audit.record(principal, "upload.import", "upload", upload.id, at=at, kind=kind.name, good=report.good)
    db.session.flush()
    return report


def _silent(_done: int, _total: int) -> None:
    """Progress that nobody watches."""
