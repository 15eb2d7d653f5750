"""What has been kept long enough is announced for deletion, and thirty days later deleted: by night, oldest first, in
pieces of bounded size. Both are idempotent and catch up by themselves after missed nights.

What stays of a case is a row for the figures: category, office, township, days, outcome, and nothing of a person.
Texts, answers, files, names and phones are gone, the receipt code opens nothing, the number finds nothing.

On the disk: all texts, names and files are ciphertext to begin with. SQLite overwrites what is deleted with zeros
(``secure_delete``), in the file and not before the next checkpoint in its journal; PostgreSQL leaves it in dead rows
until VACUUM comes by and the space is used again; back-ups hold it until they are themselves deleted.
"""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select, text, update

from complaints import rules
from complaints.models import (
    NOTHING_DUE,
    Clock,
    Complaint,
    ComplaintAttachment,
    ComplaintEntry,
    DraftAnswer,
    Extension,
    Hold,
    Link,
    Opening,
    Rating,
    Recusal,
    RoutingObjection,
    Takeover,
)
from complaints.operations.nightly import Pause, no_pause, record_night
from complaints.retained import categories, held, years_by_category
from core import audit
from core.bulk import among
from core.calendar import end_of_day_utc, local_date, start_of_day_utc
from core.database import db, rows_changed
from core.principal import OrganisationKind, Principal
from core.workflow import WorkflowStep
from disbursement.models import Batch, Payment
from registry.models import Region
from sms.operations import forget_recipients

CHUNK = 200
"""Cases in a piece: each may have 30 MB of files, and nobody else writes meanwhile on SQLite."""
ANNOUNCED = 5_000
TOLD_BY_SMS = ("complaint_accepted", "complaint_answered")
"""Kinds of subject of the messages about a case; their subjects are its entries."""

DELETED = (ComplaintAttachment, DraftAnswer, Opening, Hold, Link, RoutingObjection, Recusal)
"""Whatever a case has in these tables is deleted. Every table that refers to cases stands here, is stripped by
``_strip``, or holds nothing of a person (clocks, escalations, reviews): a test looks for one that does not."""


def _may_go() -> ColumnElement[bool]:
    """Nothing in the case waits for anybody (rules.may_be_deleted). In a state that has ended no extension and no
    answer can be decided upon any more, and no review asked for; that the years are over is for the caller."""
    return (
        # Ended cases are many, those to be deleted few, with indexes of their own; SQLite would take that of states.
        Complaint.state.concat("").in_(rules.ENDED)
        & Complaint.unread.is_(False)
        & (Complaint.queue_on == NOTHING_DUE)
        & Complaint.erased_on.is_(None)
        & ~held()
    )


def announce_deletions(principal: Principal, *, at: datetime, pause: Pause = no_pause) -> dict[str, int]:
    """Announce for deletion, thirty days from today, what will have been kept long enough by then; call it off where a
    period has been made longer. Returns how many, sealed cases left out: who reads a count must not learn of them."""
    deletion = local_date(at) + rules.NOTICE
    years = years_by_category()
    counts = {"announced": 0, "called_off": 0}
    hidden = 0
    for sealed in (False, True):
        for code in categories():
            ended = end_of_day_utc(rules.ended_by(deletion, years[rules.SEALED_ROOM if sealed else code]))
            mine = (Complaint.category == code) & Complaint.sealed.is_(sealed)
            off = _call_off(mine & (Complaint.closed_at >= ended))
            found = 0
            while piece := _announce_piece(mine & (Complaint.closed_at < ended), deletion):
                found += piece
                pause()
            if sealed:
                hidden += found + off
            else:
                counts["announced"] += found
                counts["called_off"] += off
    if any(counts.values()) or hidden:
        record_night(principal, "announce_deletions", at, **counts, sealed=hidden)
    db.session.flush()
    return counts


def _call_off(where: ColumnElement[bool]) -> int:
    return rows_changed(
        db.session.execute(
            update(Complaint)
            .where(where, Complaint.erase_on.is_not(None), Complaint.erased_on.is_(None))
            .values(erase_on=None)
            .execution_options(synchronize_session=False)
        )
    )


def _announce_piece(where: ColumnElement[bool], deletion: date) -> int:
    oldest = (
        select(Complaint.id)
        .where(where, Complaint.erase_on.is_(None), Complaint.closed_at.is_not(None), _may_go())
        .order_by(Complaint.closed_at, Complaint.id)
        .limit(ANNOUNCED)
    )
    return rows_changed(
        db.session.execute(
            update(Complaint)
            .where(among(Complaint.id, db.session.scalars(oldest)), Complaint.erase_on.is_(None))
            .values(erase_on=deletion)
            .execution_options(synchronize_session=False)
        )
    )


def erase_due(principal: Principal, *, at: datetime, pause: Pause = no_pause) -> dict[str, int]:
    """Delete what was announced for today or before and is still kept by nobody; each case leaves one line in the audit
    log with its number, for the discipline commission only, and the night one with its counts.

    Returns how many, sealed cases left out. To be called after ``announce_deletions``, which calls off what a longer
    period keeps.
    """
    today = local_date(at)
    open_count, sealed_count = 0, 0
    while piece := _due_piece(today):
        _erase(principal, piece, today, at)
        sealed_count += sum(row.sealed for row in piece)
        open_count += sum(not row.sealed for row in piece)
        pause()
    if open_count or sealed_count:
        record_night(principal, "erase_due", at, erased=open_count, sealed=sealed_count)
    db.session.flush()
    return {"erased": open_count}


def _due_piece(today: date) -> Sequence[Row[int, str, date, bool]]:
    """The next cases to delete, held against whoever would keep one in this moment."""
    return db.session.execute(
        select(Complaint.id, Complaint.number, Complaint.received_on, Complaint.sealed)
        .where(Complaint.erase_on.is_not(None), Complaint.erase_on <= today, _may_go())
        .order_by(Complaint.erase_on, Complaint.id)
        .limit(CHUNK)
        .with_for_update()
    ).all()


def _erase(principal: Principal, piece: Sequence[Row[int, str, date, bool]], today: date, at: datetime) -> None:
    ids = [row.id for row in piece]
    if db.engine.dialect.name == "sqlite":
        # For this connection from now on: what is deleted is overwritten, not merely given free.
        db.session.execute(text("PRAGMA secure_delete = ON"))
    entries = db.session.scalars(select(ComplaintEntry.id).where(among(ComplaintEntry.complaint_id, ids))).all()
    forget_recipients(TOLD_BY_SMS, entries)
    for model in DELETED:
        db.session.execute(delete(model).where(among(model.complaint_id, ids)).execution_options(**_UNSEEN))
    # Those that led others leave no trace in them either.
    db.session.execute(delete(Link).where(among(Link.leading_id, ids)).execution_options(**_UNSEEN))
    db.session.execute(
        update(Link).where(among(Link.formerly_id, ids)).values(formerly_id=None).execution_options(**_UNSEEN)
    )
    counted = ComplaintEntry.kind.in_(rules.COUNTED_ENTRIES)
    db.session.execute(
        delete(ComplaintEntry).where(among(ComplaintEntry.complaint_id, ids), ~counted).execution_options(**_UNSEEN)
    )
    db.session.execute(
        delete(WorkflowStep)
        .where(WorkflowStep.subject_kind == rules.COMPLAINT_WORKFLOW.name, among(WorkflowStep.subject_id, ids))
        .execution_options(**_UNSEEN)
    )
    _strip(ids, today)
    # Values of their own for each: nothing finds the case any more, and no two husks are alike.
    fresh = [
        {
            "id": row.id,
            "number": f"e{secrets.token_hex(9)}",
            "receipt_index": secrets.token_bytes(32),
            "received_at": start_of_day_utc(row.received_on),
        }
        for row in piece
    ]
    db.session.execute(update(Complaint), fresh)
    for row in piece:
        audit.record(
            principal, "complaint.erase", "complaint", row.number, at=at, visible_to=OrganisationKind.DISCIPLINE
        )
    db.session.flush()
    db.session.expire_all()


_UNSEEN: dict[str, Any] = {"synchronize_session": False}


def _strip(ids: Sequence[int], today: date) -> None:
    """Take everything of a person out of the rows that stay for the figures. The case keeps the programme of the
    payment that it was about, its township, and the office complained of, which must not find it in its figures."""
    township = func.substr(Complaint.region_code, 1, 9).concat("000")
    programme = (
        select(Batch.programme_id)
        .join(Payment, Payment.batch_id == Batch.id)
        .where(Payment.id == Complaint.payment_id)
        .scalar_subquery()
    )
    place = select(Region.code).where(Region.code == township).scalar_subquery()
    clocks = select(Clock.id).where(among(Clock.complaint_id, ids))
    for statement in (
        update(ComplaintEntry)
        .where(among(ComplaintEntry.complaint_id, ids))
        .values(text="", author="", official_id=None, form_index=None),
        update(Rating).where(among(Rating.complaint_id, ids)).values(words=""),
        update(Extension).where(Extension.clock_id.in_(clocks)).values(reason="", asked_by=None, decided_by=None),
        update(Takeover).where(among(Takeover.complaint_id, ids)).values(official_id=None),
        update(Complaint)
        .where(among(Complaint.id, ids))
        .values(
            text="",
            answer=None,
            reporter_name=None,
            reporter_phone=None,
            handler_id=None,
            entered_by=None,
            programme_id=func.coalesce(Complaint.programme_id, programme),
            payment_id=None,
            publicity_list_id=None,
            publicity_line=None,
            region_code=func.coalesce(place, Complaint.region_code),
            erased_on=today,
        ),
    ):
        db.session.execute(statement.execution_options(**_UNSEEN))
