"""Programmes, incompatible pairs, and fund lines."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
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
    level_of_funds: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    # Whether the members of a household may be paid to one card (B10).
    shared_cards: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    fund_lines: Mapped[list["FundLine"]] = relationship(back_populates="programme")


class ProgrammeStandard(Base):
    """What a programme pays, from one day to another (both included; None: open). Standards change by document and are
    never edited: a new one begins where the last one ends.

    ``per`` is a StandardUnit; ``monthly``: the amount is for one month, so that a quarter pays three times as much.
    """

    __tablename__ = "programme_standards"
    __table_args__ = (Index("ix_programme_standards_programme", "programme_id", "valid_from"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Id, ForeignKey("programmes.id"))
    amount_fen: Mapped[Fen]
    per: Mapped[str]
    monthly: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    basis: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]


class IncompatibilityRule(Base):
    """Two programmes that one person may or may not hold together (B10). The codes stand in alphabetical order."""

    __tablename__ = "incompatibility_rules"
    __table_args__ = (UniqueConstraint("first_code", "second_code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    first_code: Mapped[str]
    second_code: Mapped[str]
    handling: Mapped[str]
    scope: Mapped[str] = mapped_column(default="person")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
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
