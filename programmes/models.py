"""Programmes, incompatible pairs, and fund lines."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id
from core.money import Fen


class Programme(Base):
    """A subsidy. ``channel`` is undecided, platform or offline (B1)."""

    __tablename__ = "programmes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    department_name: Mapped[str]
    department_id: Mapped[int | None] = mapped_column(Id, ForeignKey("organisations.id"), index=True)
    target: Mapped[str]
    standard: Mapped[str]
    unit: Mapped[str]
    frequency: Mapped[str]
    channel: Mapped[str]
    publicity_days: Mapped[int] = mapped_column(default=7)
    sensitive: Mapped[bool] = mapped_column(default=False)
    policy_basis: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    fund_lines: Mapped[list["FundLine"]] = relationship(back_populates="programme")


class IncompatibilityRule(Base):
    """Two programmes that one person may or may not hold together (B10). The codes stand in alphabetical order."""

    __tablename__ = "incompatibility_rules"
    __table_args__ = (UniqueConstraint("first_code", "second_code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    first_code: Mapped[str]
    second_code: Mapped[str]
    handling: Mapped[str]
    basis: Mapped[str]


class FundLine(Base):
    """One line of a fund plan (B4). Amendments are new lines; a line is never edited."""

    __tablename__ = "fund_lines"
    __table_args__ = (UniqueConstraint("programme_id", "year", "document_number", "source", "level"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Id, ForeignKey("programmes.id"))
    year: Mapped[int]
    source: Mapped[str]
    level: Mapped[str]
    document_number: Mapped[str]
    amount_fen: Mapped[Fen]
    recorded_on: Mapped[date]

    programme: Mapped[Programme] = relationship(back_populates="fund_lines")
