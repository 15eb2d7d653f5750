"""Figures for everybody, counted by night so that no page counts a million payments."""

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Id
from core.money import Fen


class MonthFigure(Base):
    """What was counted of one month (YYYY-MM), township, programme and outcome, small numbers too: nothing of this is
    shown as it stands. ``township_code`` is the county's for what belongs to no township; ``people`` is at least how
    many it is about."""

    __tablename__ = "month_figures"
    __table_args__ = (Index("ix_month_figures_subject_month", "subject", "month"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    subject: Mapped[str]
    month: Mapped[str] = mapped_column(String(7))
    township_code: Mapped[str] = mapped_column(String(15))
    programme_code: Mapped[str]
    outcome: Mapped[str]
    number: Mapped[int]
    people: Mapped[int]
    amount_fen: Mapped[Fen]


class PublicFigure(Base):
    """A figure that may be shown, or the fact that it is withheld (``number`` and ``amount_fen`` are None). A blank
    code, month or outcome is the sum over all."""

    __tablename__ = "public_figures"
    __table_args__ = (Index("ix_public_figures_year", "year", "township_code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    subject: Mapped[str]
    year: Mapped[int]
    township_code: Mapped[str] = mapped_column(String(15))
    programme_code: Mapped[str]
    month: Mapped[str] = mapped_column(String(7))
    outcome: Mapped[str]
    number: Mapped[int | None]
    amount_fen: Mapped[Fen | None]


class CountedUntil(Base):
    """Up to which month (YYYY-MM) a subject is counted."""

    __tablename__ = "counted_until"

    subject: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    counted_on: Mapped[date]
