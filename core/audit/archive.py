"""Archives: sealed entries older than half a year, written to compressed files in the order of the chain.

Each step can be cut off and run again: a file gets its name only when it is whole and on the disk; it is read back
before it is recorded; links and entries of one file are removed in one transaction, only after the file was read once
more. A file written again is the same to the byte.
"""

import gzip
import hashlib
import json
import os
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import Result, delete, exists, func, or_, select

from core.audit.chain import SEAL_CHUNK, AuditArchive, AuditSeal, Place, archives, chained, content_of
from core.audit.entries import AuditEntry, record
from core.calendar import SHANGHAI, local_date
from core.database import db, only_reads
from core.errors import UserError
from core.months import months_before
from core.msgid import N_
from core.principal import Principal

FORMAT = "yikatong-audit-1"
MOST_LINKS = 200_000
"""So many links stand in one file, and are removed in one transaction."""
LEAST_MONTHS = 6
"""网络安全法 §21: logs are kept for at least six months; here they stay in the database for so long."""
_CONTENT = (
    "id", "at", "actor_kind", "actor_name", "official_id", "organisation_id", "action", "subject_kind", "subject_id",
    "details", "visible_to",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """A file of the archive as it stands on the disk."""

    first_sequence: int
    before: Place
    after: Place
    sha256: str
    earliest_at: datetime
    latest_at: datetime


Pause = Callable[[str], None]


def _nothing(_step: str) -> None:
    """Between two steps: what tests kill the process in."""


def latest_day(at: datetime) -> datetime:
    """The instant before which entries may be archived on this day."""
    return datetime.combine(months_before(local_date(at), LEAST_MONTHS), datetime.min.time(), SHANGHAI)


def archive(
    principal: Principal,
    before: datetime,
    folder: Path,
    *,
    remove: bool,
    at: datetime,
    pause: Pause = _nothing,
) -> tuple[list[AuditArchive], int]:
    """Write what happened and was sealed before this instant into files of this folder, and with ``remove`` take it out
    of the database. Commits for itself after each file. Returns the archives made, and how many entries were removed.

    Raises UserError for anything younger than six months, for a chain that does not hold, and for a file that is
    missing or is not what was recorded.
    """
    if before > latest_day(at):
        raise UserError(N_("六个月以内的审计记录不能归档（网络安全法第二十一条）。请把日期改早。"))
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for known in archives():
        _make_good(known, folder, pause)
    while (found := _next_piece(before)) is not None:
        made.append(_archive_piece(principal, *found, folder, at=at, pause=pause))
    removed = _remove(principal, folder, before, at=at, pause=pause) if remove else 0
    return made, removed


def _next_piece(before: datetime) -> tuple[Place, int] | None:
    """Where the next file begins, and the last link that belongs into it."""
    with only_reads():
        known = archives()
        start = Place(known[-1].last_sequence, known[-1].hash_after) if known else Place()
        young = db.session.scalar(
            select(func.min(AuditSeal.sequence))
            .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
            .where(AuditSeal.sequence > start.sequence)
            .where(or_(AuditEntry.at >= before, AuditSeal.sealed_at >= before))
        )
        end = db.session.scalar(select(func.max(AuditSeal.sequence))) or 0
        db.session.rollback()
    last = min(young - 1 if young else end, start.sequence + MOST_LINKS)
    return (start, last) if last > start.sequence else None


def _archive_piece(
    principal: Principal, start: Place, last: int, folder: Path, *, at: datetime, pause: Pause
) -> AuditArchive:
    path = folder / name_of(start.sequence + 1, last)
    _write(path, start, last, pause)
    pause("written")
    found = read_back(path)
    if (found.before, found.after.sequence) != (start, last) or found.first_sequence != start.sequence + 1:
        raise UserError(N_("%(name)s 读回来与封存链对不上，没有登记。请检查磁盘后重试。"), name=path.name)
    pause("read back")
    made = AuditArchive(
        first_sequence=found.first_sequence,
        last_sequence=last,
        hash_before=found.before.head,
        hash_after=found.after.head,
        file_name=path.name,
        file_sha256=found.sha256,
        earliest_at=found.earliest_at,
        latest_at=found.latest_at,
        archived_at=at,
    )
    db.session.add(made)
    record(principal, "audit.archive", "audit_archive", path.name, at=at, file_sha256=found.sha256[:16])
    db.session.commit()
    pause("recorded")
    return made


def name_of(first: int, last: int) -> str:
    """The name of the file that holds these links."""
    return f"audit-{first:012d}-{last:012d}.jsonl.gz"


def _links(start: Place, last: int) -> Result[Any]:
    return db.session.execute(
        select(AuditSeal.sequence, AuditSeal.chain_hash, AuditSeal.sealed_at, *AuditEntry.__table__.c)
        .join(AuditEntry, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.sequence > start.sequence, AuditSeal.sequence <= last)
        .order_by(AuditSeal.sequence)
        .execution_options(yield_per=SEAL_CHUNK)
    )


def _write(path: Path, start: Place, last: int, pause: Pause) -> None:
    """Write the file under another name, and give it its own when it is on the disk. Raises UserError where the chain
    does not hold: an archive must not make a break look whole."""
    unfinished = path.with_suffix(".unfinished")
    # Entries name cases that only the discipline commission may know of.
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as raw:
        # No name and no time inside: what is written again is the same to the byte.
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed:
            packed.write(_line({"format": FORMAT, "first_sequence": start.sequence + 1, "hash_before": start.head}))
            place = start
            with only_reads(), closing(_links(start, last)) as links:
                for link in links:
                    content = content_of(link)
                    place = Place(place.sequence + 1, chained(content, place.head))
                    if (place.sequence, place.head) != (link.sequence, link.chain_hash):
                        raise UserError(N_("封存链不完整，不能归档。请先运行 flask audit verify。"))
                    named = dict(zip(_CONTENT, content, strict=True))
                    sealed_at = link.sealed_at.astimezone(UTC).isoformat()
                    packed.write(
                        _line({"sequence": place.sequence, "hash": place.head, "sealed_at": sealed_at, "entry": named})
                    )
            db.session.rollback()
            packed.write(_line({"last_sequence": place.sequence, "hash_after": place.head}))
        raw.flush()
        os.fsync(raw.fileno())
    pause("unfinished")
    unfinished.replace(path)
    with suppress(OSError):  # not every file system has folders that can be written through
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _line(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


class _Digesting:
    """A file that is read, and its SHA-256 on the way."""

    def __init__(self, raw: BinaryIO) -> None:
        self.raw, self.sha256 = raw, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.raw.read(size)
        self.sha256.update(piece)
        return piece


def read_back(path: Path) -> Written:
    """Read a file of the archive and compute its chain anew, line by line. Raises UserError where it is missing, cannot
    be read, or its links do not follow from one another."""
    spoilt = UserError(N_("%(name)s 不见了，或者内容已经损坏、被改动。请从备份恢复这个文件。"), name=path.name)
    try:
        with path.open("rb") as raw:
            digesting = _Digesting(raw)
            with gzip.GzipFile(mode="rb", fileobj=cast("Any", digesting)) as packed:
                found = _read_lines(packed)
            while digesting.read(65_536):
                pass
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise spoilt from error
    if found is None:
        raise spoilt
    before, after, earliest, latest = found
    return Written(before.sequence + 1, before, after, digesting.sha256.hexdigest(), earliest, latest)


def _read_lines(packed: Any) -> tuple[Place, Place, datetime, datetime] | None:
    head = json.loads(packed.readline())
    before = place = Place(head["first_sequence"] - 1, head["hash_before"])
    earliest, latest = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
    if head["format"] != FORMAT:
        return None
    for line in packed:
        told = json.loads(line)
        if "last_sequence" in told:
            whole = (told["last_sequence"], told["hash_after"]) == (place.sequence, place.head) and not packed.read(1)
            return (before, place, earliest, latest) if whole and place.sequence > before.sequence else None
        place = Place(place.sequence + 1, chained([told["entry"][name] for name in _CONTENT], place.head))
        if (place.sequence, place.head) != (told["sequence"], told["hash"]):
            return None
        at = datetime.fromisoformat(told["entry"]["at"])
        earliest, latest = min(earliest, at), max(latest, at)
    return None


def checked(known: AuditArchive, folder: Path) -> None:
    """Raise UserError unless the file of this archive is in the folder, and is what was recorded."""
    found = read_back(folder / known.file_name)
    recorded = (known.file_sha256, Place(known.first_sequence - 1, known.hash_before))
    if (found.sha256, found.before) != recorded or found.after != Place(known.last_sequence, known.hash_after):
        raise UserError(N_("%(name)s 与登记的不符。请从备份恢复这个文件。"), name=known.file_name)


def is_removed(known: AuditArchive) -> bool:
    """Whether the links of this archive have gone from the database."""
    return not db.session.scalar(
        select(exists().where(AuditSeal.sequence.between(known.first_sequence, known.last_sequence)))
    )


def _make_good(known: AuditArchive, folder: Path, pause: Pause) -> None:
    """Write a recorded file again that got lost while its links are still there."""
    if (folder / known.file_name).exists() or is_removed(known):
        return
    _write(folder / known.file_name, Place(known.first_sequence - 1, known.hash_before), known.last_sequence, pause)
    checked(known, folder)


def _remove(principal: Principal, folder: Path, before: datetime, *, at: datetime, pause: Pause) -> int:
    """Take what was archived out of the database, file by file, each after it was read once more."""
    removed = 0
    for known in archives():
        if is_removed(known) or known.latest_at >= before:
            continue
        checked(known, folder)
        pause("checked")
        last, first = known.last_sequence, known.first_sequence
        ids = select(AuditSeal.entry_id).where(AuditSeal.sequence.between(first, last))
        # The entries first: the database finds by their seals that they are archived.
        for statement in (
            delete(AuditEntry).where(AuditEntry.id.in_(ids)),
            delete(AuditSeal).where(AuditSeal.sequence.between(first, last)),
        ):
            db.session.execute(statement.execution_options(synchronize_session=False))
        removed += last - first + 1
        record(principal, "audit.remove_archived", "audit_archive", known.file_name, at=at)
        pause("removing")
        db.session.commit()
        pause("removed")
    return removed


def verify_files(folder: Path) -> int:
    """Read every recorded archive back from this folder, in the order of the chain; returns how many links they hold.
    Raises UserError with the first file that is missing or not what was recorded."""
    count = 0
    for known in archives():
        checked(known, folder)
        count += known.last_sequence - known.first_sequence + 1
    return count
