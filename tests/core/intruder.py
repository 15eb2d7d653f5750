"""What somebody does first who has all rights in the database: takes away what guards it."""

from sqlalchemy import text

from core.database import db


def without_guards() -> None:
    """Until this transaction ends no trigger refuses anything."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for name in db.session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        db.session.execute(text(f"DROP TRIGGER {name}"))
