"""Files that were brought and never saved: refused, put aside, or left after the check. Each may hold the numbers of a
whole township, and nobody needs it any more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, select

from core.bulk import among
from core.database import db
from core.retention import note_deleted
from core.sweeps import Pause, nightly
from core.uploads import UPLOAD_WORKFLOW, StoredFile, Upload
from core.workflow import WorkflowStep

NIGHT = "core.upload_leftovers"
KEPT_FOR = timedelta(days=30)
LEFT = ("received", "checked", "refused", "discarded")
PIECE = 100
"""Uploads in a piece: each may have 50 MB, which SQLite writes over while nobody else writes."""
_UNSEEN: dict[str, Any] = {"synchronize_session": False}


@nightly(NIGHT)
def forget_leftovers(at: datetime, pause: Pause) -> Mapping[str, int]:
    """Delete what was brought more than thirty days ago and never saved, with its file where nothing else has it."""
    counts = {"uploads": 0, "stored_files": 0}
    newest = 0
    while piece := _piece(at, newest):
        newest = max(piece)
        gone = [upload for upload in piece if upload not in _referring("uploads", list(piece))]
        counts["uploads"] += len(gone)
        counts["stored_files"] += _delete(gone, {piece[upload] for upload in gone})
        pause()
    note_deleted(counts, at)
    return counts


def _piece(at: datetime, after: int) -> dict[int, int]:
    """The next leftovers with their files, held against whoever would save one in this moment."""
    found = db.session.execute(
        select(Upload.id, Upload.file_id)
        .where(Upload.created_at < at - KEPT_FOR, Upload.state.in_(LEFT), Upload.id > after)
        .order_by(Upload.id)
        .limit(PIECE)
        .with_for_update()
    )
    return dict(found.all())


def _delete(uploads: list[int], files: set[int]) -> int:
    steps = delete(WorkflowStep).where(
        WorkflowStep.subject_kind == UPLOAD_WORKFLOW.name, among(WorkflowStep.subject_id, uploads)
    )
    db.session.execute(steps.execution_options(**_UNSEEN))
    db.session.execute(delete(Upload).where(among(Upload.id, uploads)).execution_options(**_UNSEEN))
    # Held first: whoever brings the same bytes in this moment waits, and cannot refer to what is about to go.
    held = list(db.session.scalars(select(StoredFile.id).where(among(StoredFile.id, sorted(files))).with_for_update()))
    orphans = sorted(set(held) - _referring("stored_files", held))
    db.session.execute(delete(StoredFile).where(among(StoredFile.id, orphans)).execution_options(**_UNSEEN))
    db.session.expire_all()
    return len(orphans)


def _referring(target: str, ids: list[int]) -> set[int]:
    """Those of these rows to which any table refers. One statement for each reference, found in the metadata: a room
    above that keeps a file needs to tell nobody."""
    found: set[int] = set()
    tables: list[Table] = list(db.metadata.tables.values())
    for column in (column for table in tables for column in table.columns):
        if any(key.column.table.name == target for key in column.foreign_keys):
            found.update(db.session.scalars(select(column).where(among(column, ids))).all())
    return found
