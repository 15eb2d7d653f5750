"""What happens by night: what is late goes up, answered cases are filed away.

All of it is idempotent, works through the oldest first in pieces of bounded size, and catches up by itself after
missed nights, because it asks what is so and not what has happened since yesterday.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from accounts.models import Organisation
from complaints import rules
from complaints.models import Clock, Complaint, Escalation
from complaints.offices import all_offices, office_of
from complaints.rulebook import RULEBOOKS
from core import audit, workflow
from core.bulk import among
from core.calendar import end_of_day_utc, local_date
from core.database import db
from core.principal import OrganisationKind, Principal

CHUNK = 2000

Pause = Callable[[], None]


def no_pause() -> None:
    """Between pieces of work, where the caller wants nothing (an edge commits here)."""


def escalate_overdue(principal: Principal, *, at: datetime, pause: Pause = no_pause) -> dict[str, int]:
    """Tell the next office of every clock that is overdue, each level of each case once. Sealed cases never go up.

    Returns how many per level, and under ``nobody`` how many have nobody above them although they should
    (the county lacks a finance bureau and a discipline commission): they are tried again every night.
    """
    offices = {organisation.id: office_of(organisation) for organisation in db.session.scalars(select(Organisation))}
    active = all_offices()
    counts = dict.fromkeys((level.name for level in rules.LEVELS), 0) | {"nobody": 0}
    for level in rules.LEVELS:
        for rows in _pieces(_overdue(level, local_date(at))):
            placed = []
            for row in rows:
                about = offices[row.about_organisation_id] if row.about_organisation_id else None
                target = rules.escalation_target(level, offices[row.owner_id], about, row.region_code, active)
                if target is None:
                    counts["nobody"] += 1
                    continue
                placed.append(
                    {
                        "complaint_id": row.complaint_id,
                        "level": level.name,
                        "to_organisation_id": target.id,
                        "at": at,
                    }
                )
            counts[level.name] += _insert_once(placed)
            pause()
    if any(counts.values()):
        record_night(principal, "escalate", at, **counts)
    db.session.flush()
    return counts


def _overdue(level: rules.Level, today: date) -> Select[*tuple[Any, ...]]:
    """Running clocks of that level past their day whose case has not reached it; the discipline commission's own
    desk has nobody above it."""
    highest = select(Organisation.id).where(Organisation.kind == OrganisationKind.DISCIPLINE.value)
    reached = select(Escalation.id).where(Escalation.complaint_id == Clock.complaint_id, Escalation.level == level.name)
    return (
        select(
            Clock.due_on,
            Clock.id,
            Clock.complaint_id,
            Complaint.owner_id,
            Complaint.about_organisation_id,
            Complaint.region_code,
        )
        .join(Complaint, Complaint.id == Clock.complaint_id)
        .where(
            Clock.kind == level.clock.value,
            Clock.stopped_on.is_(None),
            Clock.due_on < today,
            Complaint.sealed.is_(False),
            Complaint.owner_id.not_in(highest),
            ~reached.exists(),
        )
    )


def _pieces(query: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Row[Any]]]:
    """A query over clocks in pieces, the earliest due first. Each piece is read whole before it is worked on."""
    after: tuple[date, int] | None = None
    while True:
        piece = query if after is None else query.where(tuple_(Clock.due_on, Clock.id) > after)
        rows = db.session.execute(piece.order_by(Clock.due_on, Clock.id).limit(CHUNK)).all()
        if not rows:
            return
        yield rows
        after = (rows[-1].due_on, rows[-1].id)


def _insert_once(rows: Sequence[dict[str, Any]]) -> int:
    """Enter escalations; one that is there already (another sweep was quicker) is left alone. Returns how many."""
    if not rows:
        return 0
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(Escalation)
        .on_conflict_do_nothing(index_elements=["complaint_id", "level"])
        .returning(Escalation.complaint_id)
    )
    told = db.session.scalars(statement, rows).all()
    db.session.execute(
        update(Complaint)
        .where(among(Complaint.id, told), Complaint.went_up.is_(False))
        .values(went_up=True)
        .execution_options(synchronize_session=False)
    )
    return len(told)


def close_answered(principal: Principal, *, at: datetime) -> int:
    """File away what was answered so long ago that nobody can have it reopened or reviewed, unless something unread
    came in. Sealed cases are for the discipline commission to close. Returns how many."""
    closed = 0
    for version, book in RULEBOOKS.items():
        last = end_of_day_utc(local_date(at) - timedelta(days=max(book.reopening_days, book.review_days) + 1))
        closed += workflow.move_set(
            rules.COMPLAINT_WORKFLOW,
            Complaint,
            "close",
            principal,
            Complaint.rules_version == version,
            Complaint.concluded_at < last,
            Complaint.unread.is_(False),
            Complaint.sealed.is_(False),
            closed_at=at,
        )
    if closed:
        record_night(principal, "close_answered", at, closed=closed)
    return closed


def record_night(principal: Principal, action: str, at: datetime, **counts: int) -> None:
    """The one audit entry of a night's work, with counts: for the discipline commission only, sealed cases are among
    what is counted."""
    audit.record(
        principal, f"complaint.{action}", "complaint", "", at=at, visible_to=OrganisationKind.DISCIPLINE, **counts
    )
