"""The programmes of rolls and batches."""

from sqlalchemy import select

from core.database import db
from programmes.models import Programme


def programme_named(code_or_name: str) -> Programme | None:
    """A programme by its code, else by its name."""
    found = db.session.scalars(select(Programme).where(Programme.code == code_or_name)).first()
    return found or db.session.scalars(select(Programme).where(Programme.name == code_or_name)).first()
