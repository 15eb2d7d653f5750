"""Due days follow the calendar: a year that is published, whichever comes first, or a day that is changed afterwards.

Whether the calendar has changed is seen by its fingerprint, so that a night on which it has not costs nothing, however
many cases are open. Clocks are looked at by kind, start and limit: of a million there are a few thousand such groups.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from complaints import rules
from complaints.models import NOTHING_DUE, Clock, Complaint, ComplaintEntry, FollowedCalendar
from complaints.operations.nightly import Pause, no_pause, record_night
from core.bulk import among
from core.calendar import local_date
from core.database import db
from core.principal import Principal
from core.working_days import load_calendar

CHUNK = 5000
Group = Row[str, date, int, date, bool]
_GROUP = (Clock.kind, Clock.started_on, Clock.limit_days, Clock.due_on, Clock.provisional)


def recompute_due_dates(principal: Principal, *, at: datetime, pause: Pause = no_pause) -> int:
    """Compute the due days of running clocks again, from their unmoved start, where the calendar has changed since they
    were last found right; a day that changes is noted in the case, with the one before, and shown to the reporter. No
    stopped clock moves. Returns how many due days changed.

    A calendar counts as followed once a whole pass has found nothing to change: what came in, counted by the days of
    before, while the first pass was at work is found by the next night's. A death in between loses nothing.
    """
    calendar, today = load_calendar(), local_date(at)
    if db.session.scalar(select(FollowedCalendar.fingerprint)) == calendar.fingerprint:
        return 0
    found_right, changed = True, 0
    for group in _groups():
        computed, provisional = rules.due_date(group.started_on, group.limit_days, True, calendar)
        due_on = rules.moved_due(group.due_on, computed, today, calendar)
        if (due_on, provisional) == (group.due_on, group.provisional):
            continue
        found_right = False
        for piece in _pieces(group):
            changed += _move(principal, group, piece, (due_on, provisional), at=at)
            pause()
    if changed:
        record_night(principal, "recompute_due_dates", at, changed=changed)
    if found_right:
        _note_followed(calendar.fingerprint, at)
    db.session.flush()
    return changed


def _groups() -> Sequence[Group]:
    """The running clocks that count working days, by all that their due day depends on; the earliest due first."""
    running = select(*_GROUP).where(Clock.stopped_on.is_(None), Clock.working_days)
    ordered = running.group_by(*_GROUP).order_by(Clock.due_on, Clock.kind, Clock.started_on)
    return db.session.execute(ordered).all()


def _pieces(group: Group) -> Iterator[Sequence[Row[int, int]]]:
    """The clocks of a group, in pieces of bounded size. Each is read whole before it is worked on."""
    values = dict(zip(_GROUP, group, strict=True))
    mine = [column == value for column, value in values.items()]
    wanted = select(Clock.id, Clock.complaint_id).where(*mine, Clock.stopped_on.is_(None), Clock.working_days)
    last = 0
    while piece := db.session.execute(wanted.where(Clock.id > last).order_by(Clock.id).limit(CHUNK)).all():
        yield piece
        last = piece[-1].id


def _move(
    principal: Principal, group: Group, piece: Sequence[Row[int, int]], to: tuple[date, bool], *, at: datetime
) -> int:
    """Give these clocks of a group their new day, and say whether it is provisional. Returns how many days changed."""
    due_on, provisional = to
    # One that was stopped or extended meanwhile is left alone: whoever did that has counted by the new calendar.
    cases = db.session.scalars(
        update(Clock)
        .where(among(Clock.id, [row.id for row in piece]), Clock.stopped_on.is_(None), Clock.due_on == group.due_on)
        .values(due_on=due_on, provisional=provisional)
        .returning(Clock.complaint_id)
        .execution_options(synchronize_session=False)
    ).all()
    if not cases or due_on == group.due_on:
        return 0
    _set_queue(cases)
    # For the page to put into words, in the language of its reader (words.entry_text).
    told = {"kind": "due_changed", "text": f"{group.kind} {group.due_on} {due_on}"}
    entry = told | {"author": principal.name, "public": True, "at": at}
    db.session.execute(insert(ComplaintEntry), [entry | {"complaint_id": found} for found in cases])
    return len(cases)


def _set_queue(cases: Sequence[int]) -> None:
    """Keep the due day that the queue is sorted by."""
    running = (
        select(func.coalesce(func.min(Clock.due_on), NOTHING_DUE))
        .where(Clock.complaint_id == Complaint.id, Clock.stopped_on.is_(None))
        .scalar_subquery()
    )
    db.session.execute(
        update(Complaint)
        .where(among(Complaint.id, cases))
        .values(queue_on=running)
        .execution_options(synchronize_session=False)
    )


def _note_followed(fingerprint: str, at: datetime) -> None:
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    values = {"fingerprint": fingerprint, "at": at}
    db.session.execute(
        dialect.insert(FollowedCalendar)
        .values(id=1, **values)
        .on_conflict_do_update(index_elements=["id"], set_=values)
    )
