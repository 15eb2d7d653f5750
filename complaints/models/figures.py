"""The county's figures as they were drawn up, once for each period, in the night after its end."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id


class DrawnPeriod(Base):
    """The figures of a period (2026-10, 2026-Q4, 2026), never changed: two drawings of different days would show, by
    what lies between them, the one case that was answered. ``numbers`` and ``villages`` (of a year) are figures, packed
    as complaints.drawn_figures says; ``hidden`` are those that are withheld from whoever sees no case. ``half_days``,
    ``most_days``: in how many working days half, and nine of ten, of the answers came."""

    __tablename__ = "complaint_drawn_periods"

    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    drawn_at: Mapped[datetime]
    numbers: Mapped[Any] = mapped_column(JSON)
    villages: Mapped[Any] = mapped_column(JSON)
    hidden: Mapped[Any] = mapped_column(JSON)
    half_days: Mapped[int | None]
    most_days: Mapped[int | None]


class DrawnForOfficial(Base):
    """What is withheld of a drawn period from one official who saw cases of his own when it was drawn up."""

    __tablename__ = "complaint_drawn_for_officials"

    period: Mapped[str] = mapped_column(String(10), ForeignKey("complaint_drawn_periods.period"), primary_key=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"), primary_key=True)
    hidden: Mapped[Any] = mapped_column(JSON)
