"""Programmes, incompatible pairs, and fund lines."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, EncryptedText, Id
from core.money import Fen
from core.uploads import StoredFile


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
    # Whether the department's approval of a roll waits for the end of its publicity (B8); who chose it is in
    # PublicityWaitChoice.
    waits_for_publicity: Mapped[bool] = mapped_column(default=True)
    policy_basis: Mapped[str] = mapped_column(default="")
    level_of_funds: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    # Whether the members of a household may be paid to one card (B10).
    shared_cards: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]

    fund_lines: Mapped[list["FundLine"]] = relationship(back_populates="programme")
    standards: Mapped[list["ProgrammeStandard"]] = relationship(order_by="ProgrammeStandard.id")


class ProgrammeStandard(Base):
    """What a programme pays, from one day to another (both included; None: open). Standards change by document and are
    never edited: a new one begins where the last one ends.

    ``per`` is a StandardUnit; ``monthly``: the amount is for one month, so that a quarter pays three times as much.
    ``replaced_until`` is until when the standard before this one was to be valid (None: open), so that a withdrawal
    gives that back.
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
    replaced_until: Mapped[date | None]
    basis: Mapped[str] = mapped_column(default="")
    recorded_at: Mapped[datetime]


class PublicityWaitChoice(Base):
    """The finance bureau's choice whether the approvals of a programme wait for the end of the publicity. Never edited:
    the newest row of a programme is what stands in it."""

    __tablename__ = "publicity_wait_choices"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Id, ForeignKey("programmes.id"), index=True)
    waits: Mapped[bool]
    reason: Mapped[str]
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)


class IncompatibilityRule(Base):
    """Two programmes that one person may or may not hold together (B10). The codes stand in alphabetical order.

    A rule that changes gets a further row that begins where the last one ends, so that a past month is still checked by
    what was valid then; ``replaced_until`` is until when the row before was to be valid (None: open).
    """

    __tablename__ = "incompatibility_rules"
    __table_args__ = (UniqueConstraint("first_code", "second_code", "valid_from"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    first_code: Mapped[str]
    second_code: Mapped[str]
    handling: Mapped[str]
    scope: Mapped[str] = mapped_column(default="person")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    replaced_until: Mapped[date | None]
    basis: Mapped[str]
    recorded_at: Mapped[datetime | None]


class FundLine(Base):
    """One line of a fund plan (B4). Amendments are new lines; a line is never edited. ``official_id``: who entered it;
    None for a command's lines, and older ones."""

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
    official_id: Mapped[int | None] = mapped_column(Id)

    programme: Mapped[Programme] = relationship(back_populates="fund_lines")


# While a case runs, a programme has no second one.
RUNNING = "settled_on IS NULL"


class InclusionCase(Base):
    """Whether a programme comes onto the platform (B2): proposed, the four offices heard, decided, answered, set up.

    ``settled_on`` is the day on which the case came to its end, None while it runs.
    """

    __tablename__ = "inclusion_cases"
    __table_args__ = (
        Index(
            "uq_inclusion_cases_running",
            "programme_id",
            unique=True,
            sqlite_where=text(RUNNING),
            postgresql_where=text(RUNNING),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Id, ForeignKey("programmes.id"))
    state: Mapped[str] = mapped_column(default="submitted")
    proposal: Mapped[str]
    grounds: Mapped[str]
    document_number: Mapped[str]
    submitted_on: Mapped[date]
    opinions_due_on: Mapped[date]
    decision: Mapped[str] = mapped_column(default="")
    decision_document: Mapped[str] = mapped_column(default="")
    decided_on: Mapped[date | None]
    reply_document: Mapped[str] = mapped_column(default="")
    replied_on: Mapped[date | None]
    set_up_code: Mapped[str] = mapped_column(default="")
    set_up_on: Mapped[date | None]
    settled_on: Mapped[date | None]

    programme: Mapped[Programme] = relationship()
    opinions: Mapped[list["InclusionOpinion"]] = relationship(order_by="InclusionOpinion.id")


class InclusionOpinion(Base):
    """What one of the four offices says about a case, by itself or by its letter."""

    __tablename__ = "inclusion_opinions"
    __table_args__ = (UniqueConstraint("case_id", "office"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(Id, ForeignKey("inclusion_cases.id"))
    office: Mapped[str]
    agrees: Mapped[bool]
    opinion: Mapped[str]
    document_number: Mapped[str]
    given_on: Mapped[date]
    entered_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("stored_files.id"))
    filename: Mapped[str | None] = mapped_column(EncryptedText("filename"))

    file: Mapped[StoredFile | None] = relationship()


class OfflineFiling(Base):
    """The rules by which an offline programme handles and supervises its money, filed with one office (B3)."""

    __tablename__ = "offline_filings"
    __table_args__ = (UniqueConstraint("programme_id", "office"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    programme_id: Mapped[int] = mapped_column(Id, ForeignKey("programmes.id"))
    office: Mapped[str]
    management_document: Mapped[str]
    supervision_document: Mapped[str]
    filed_on: Mapped[date]
    filed_by: Mapped[str]
    file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("stored_files.id"))
    filename: Mapped[str | None] = mapped_column(EncryptedText("filename"))
    received_on: Mapped[date | None]
    received_by: Mapped[str] = mapped_column(default="")

    programme: Mapped[Programme] = relationship()
    file: Mapped[StoredFile | None] = relationship()
