"""Sessions of the staff door, kept in the database: begun, seen, ended, listed."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from accounts import rules
from accounts.models import Official, StaffSession
from core import audit
from core.database import db, only_reads, rows_changed
from core.errors import NotVisible
from core.jobs import periodic
from core.principal import Principal

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when somebody was last here: a write for every request would cost more than it tells."""
KEPT_FOR = timedelta(days=180)
"""How long an ended session can still be listed: as long as logs must be kept at least (网络安全法 §21)."""


def begin(person: Official, browser: str, address: str, *, at: datetime) -> str:
    """Begin a session. Returns the token for the cookie, which exists nowhere else."""
    token = secrets.token_urlsafe(32)
    db.session.add(
        StaffSession(
            token_index=token,
            official_id=person.id,
            begun_at=at,
            seen_at=at,
            confirmed_at=at,
            ended_at=None,
            browser=rules.browser_name(browser),
            address=address,
        )
    )
    db.session.flush()
    return token


def running(token: str, *, at: datetime) -> StaffSession | None:
    """The session of that token, unless it was ended, has been idle too long or has lasted too long; notes that its
    official was seen. To be called before the request's own work begins: the note is a transaction of its own."""
    found = db.session.execute(
        select(StaffSession.id, StaffSession.begun_at, StaffSession.seen_at).where(
            StaffSession.token_index == token, StaffSession.ended_at.is_(None)
        )
    ).one_or_none()
    if found is None or rules.is_over(found.begun_at, found.seen_at, at):
        return None
    if at - found.seen_at >= SEEN_EVERY:
        # On SQLite this request could not write any more once another transaction has written beside it.
        db.session.rollback()
        with only_reads(False), db.engine.begin() as connection:
            connection.execute(update(StaffSession).where(StaffSession.id == found.id).values(seen_at=at))
    return db.session.get(StaffSession, found.id)


def confirm(session: StaffSession, *, at: datetime) -> None:
    """The password was given again in this session."""
    session.confirmed_at = at
    db.session.flush()


def end(principal: Principal, token: str, *, at: datetime) -> None:
    """End the session of that token: its official signs out."""
    if _end(StaffSession.token_index == token, at=at):
        audit.record(principal, "official.sign_out", "official", principal.official_id, at=at)
        db.session.flush()


def end_others(principal: Principal, present_id: int, *, at: datetime) -> int:
    """End all sessions of the principal but the present one; returns how many."""
    assert principal.official_id is not None
    ended = end_all(principal.official_id, at=at, but=present_id)
    audit.record(principal, "official.end_other_sessions", "official", principal.official_id, at=at, count=ended)
    db.session.flush()
    return ended


def end_all(official_id: int, *, at: datetime, but: int | None = None) -> int:
    """End all sessions of an official (but the one of that id): his password or his rights have changed, or he says so.
    Returns how many."""
    return _end(StaffSession.official_id == official_id, StaffSession.id.is_distinct_from(but), at=at)


def end_own(principal: Principal, session_id: int, *, at: datetime) -> None:
    """End one of the principal's own sessions. Raises NotVisible for any other."""
    if not _end(StaffSession.id == session_id, StaffSession.official_id == principal.official_id, at=at):
        raise NotVisible
    audit.record(principal, "official.end_session", "official", principal.official_id, at=at)
    db.session.flush()


def own(principal: Principal, *, at: datetime) -> Sequence[StaffSession]:
    """The principal's sessions that run, the latest seen first."""
    found = db.session.scalars(
        select(StaffSession)
        .where(StaffSession.official_id == principal.official_id, StaffSession.ended_at.is_(None))
        .order_by(StaffSession.seen_at.desc())
    )
    return [session for session in found if not rules.is_over(session.begun_at, session.seen_at, at)]


def _end(*which: ColumnElement[bool], at: datetime) -> int:
    ended = db.session.execute(
        update(StaffSession)
        .where(*which, StaffSession.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session="fetch")
    )
    return rows_changed(ended)


@periodic("purge_staff_sessions", hour="3", minute="41")
def purge(at: datetime) -> None:
    """Every night: forget the sessions that nobody has to account for any more."""
    db.session.execute(delete(StaffSession).where(StaffSession.seen_at < at - KEPT_FOR))
