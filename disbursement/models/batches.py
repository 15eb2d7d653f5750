"""Batches and their rolls."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id
from core.money import Fen
from programmes.models import Programme
from registry.models import Region


class Batch(Base):
    """One programme and one period (YYYYMM)."""

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("programme_id", "period"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Id, ForeignKey("programmes.id"))
    period: Mapped[str] = mapped_column(String(6))
    year: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")
    # By this day what can no longer be paid is to be returned (B7); None until the rule gives a day.
    return_due_on: Mapped[date | None] = mapped_column(index=True)
    created_at: Mapped[datetime]

    programme: Mapped[Programme] = relationship()
    rolls: Mapped[list["Roll"]] = relationship(back_populates="batch")


class Roll(Base):
    """A township's list within a batch."""

    __tablename__ = "rolls"
    __table_args__ = (UniqueConstraint("batch_id", "township_code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int] = mapped_column(Id, ForeignKey("batches.id"))
    township_code: Mapped[str] = mapped_column(String(15), ForeignKey("regions.code"), index=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    upload_id: Mapped[int | None] = mapped_column(Id, ForeignKey("uploads.id"))
    line_count: Mapped[int] = mapped_column(default=0)
    total_fen: Mapped[Fen]
    # The last day on which its lists hang (B8); None before they do, and while one of them does not.
    publicity_until: Mapped[date | None]
    created_at: Mapped[datetime]

    batch: Mapped[Batch] = relationship(back_populates="rolls")
    township: Mapped[Region] = relationship()
