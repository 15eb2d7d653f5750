"""Signs of life of what works in the background: without them nobody sees that it has stopped."""

from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, db

SCHEDULER = "scheduler"
"""Beats every minute, where the worker that holds the timetable is alive."""
NIGHT = "nightly_sweep"
"""Beats when a night's work has been done to its end."""
SEALER = "audit_seal"
"""Beats when what waited in the audit log has been sealed."""


class Heartbeat(Base):
    """When something in the background was last alive."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


def beat(name: str, at: datetime) -> None:
    """Note that it is alive. In the open transaction."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    statement = insert(Heartbeat).values(name=name, at=at)
    db.session.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


def last_beat(name: str) -> datetime | None:
    """When it was last alive, None for never."""
    found = db.session.get(Heartbeat, name, populate_existing=True)
    return found.at if found else None
