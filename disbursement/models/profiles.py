"""How the banks write their files, and how they spell people."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id
from registry.models import Card

IS_CURRENT = "state = 'approved'"


class ProfileVersion:
    """One version of a manner of writing. A row is never changed, only proposed, approved, and superseded by the next:
    what an old version has written can be read by it for ever. ``content`` is the profile's own ``content()``."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    bank: Mapped[str] = mapped_column(default="")
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="draft")
    created_at: Mapped[datetime]
    official_id: Mapped[int | None] = mapped_column(Id)


def one_current(table: str) -> tuple[UniqueConstraint, Index]:
    """Each version once, and of each name one in use."""
    current = text(IS_CURRENT)
    index = Index(f"uq_{table}_current", "name", unique=True, sqlite_where=current, postgresql_where=current)
    return UniqueConstraint("name", "version"), index


class BankProfile(ProfileVersion, Base):
    """A bank's manner of writing offers and results."""

    __tablename__ = "bank_profiles"
    __table_args__ = one_current("bank_profiles")


class BankSpelling(Base):
    """How the bank writes the holder of a card, where that is not how we do: its character set may lack one of his.

    ``name`` is ours: a payee who is corrected is no longer the one that the bank spelled. ``source`` is result or
    person.
    """

    __tablename__ = "bank_spellings"
    __table_args__ = (UniqueConstraint("card_id", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    card_id: Mapped[int] = mapped_column(Id, ForeignKey("cards.id"))
    name: Mapped[str]
    spelling: Mapped[str]
    source: Mapped[str]
    recorded_at: Mapped[datetime]
    official_id: Mapped[int | None] = mapped_column(Id)

    card: Mapped[Card] = relationship()
