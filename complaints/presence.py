"""Two people at one case are told of each other; what one writes over news of another is shown again, not lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from complaints.models import Complaint, ComplaintEntry, Opening
from complaints.queries import story
from core.database import db
from core.principal import Principal

OPEN_FOR = timedelta(minutes=10)
"""How long somebody counts as being at a case that he has opened."""


def note_opening(principal: Principal, complaint: Complaint, *, at: datetime) -> None:
    """Note that this official has the case open. The caller has found the case through the principal."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    values = {"complaint_id": complaint.id, "official_id": principal.official_id, "at": at}
    db.session.execute(
        dialect.insert(Opening)
        .values(values)
        .on_conflict_do_update(index_elements=["complaint_id", "official_id"], set_={"at": at})
    )


def others_at(principal: Principal, complaint: Complaint, *, at: datetime) -> Sequence[Opening]:
    """Who else has opened the case just now, the latest first. The caller has found the case through the principal."""
    return db.session.scalars(
        select(Opening)
        .where(
            Opening.complaint_id == complaint.id,
            Opening.official_id != principal.official_id,
            Opening.at > at - OPEN_FOR,
        )
        .options(joinedload(Opening.official))
        .order_by(Opening.at.desc(), Opening.official_id)
    ).all()


def news_since(principal: Principal, complaint: Complaint, seen: str) -> list[ComplaintEntry]:
    """What others have added to the story since the form was drawn that says how many entries its page showed
    (``seen``; nothing where it does not say)."""
    if not (seen.isascii() and seen.isdecimal() and len(seen) <= 9):
        return []
    later = list(story(principal, complaint))[int(seen) :]
    return [entry for entry in later if entry.official_id is None or entry.official_id != principal.official_id]
