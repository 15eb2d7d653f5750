"""Statements and their lines, the differences of a month, its signatures."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from accounts.models import Organisation
from core.database import Base, BlindIndex, EncryptedText, Id
from core.money import Fen
from disbursement.models import Attempt, ProfileVersion, one_current


class Month(Base):
    """A month (YYYY-MM) on its way to being closed."""

    __tablename__ = "reconciliation_months"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month: Mapped[str] = mapped_column(String(7), unique=True)
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime]
    matched_at: Mapped[datetime | None]


COUNTS = "replaced_at IS NULL"


class Statement(Base):
    """A bank's statement of one account and month, kept as it came. One that a later one replaced counts no more."""

    __tablename__ = "statements"
    __table_args__ = (
        Index(
            "uq_statements_account_month",
            "month_id",
            "account_index",
            unique=True,
            sqlite_where=text(COUNTS),
            postgresql_where=text(COUNTS),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month_id: Mapped[int] = mapped_column(Id, ForeignKey("reconciliation_months.id"))
    file_id: Mapped[int] = mapped_column(Id, ForeignKey("stored_files.id"), index=True)
    profile: Mapped[str]
    profile_version: Mapped[int] = mapped_column(default=0)
    account: Mapped[str] = mapped_column(EncryptedText("card"))
    account_index: Mapped[bytes] = mapped_column(BlindIndex("card"))
    account_tail: Mapped[str] = mapped_column(String(4))
    opening_fen: Mapped[Fen]
    closing_fen: Mapped[Fen]
    line_count: Mapped[int]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    replaced_at: Mapped[datetime | None]

    month: Mapped[Month] = relationship()


HAS_PAIR = "pair_line_id IS NOT NULL"
STANDS_OUT = "kind NOT IN ('', 'matched')"


class StatementLine(Base):
    """One line. ``kind`` is a LineClass, empty until it is matched; ``attempt_id`` and ``pair_line_id`` are what it is
    about. Debits and credits are positive fen; one of the two is 0."""

    __tablename__ = "statement_lines"
    __table_args__ = (
        UniqueConstraint("statement_id", "number"),
        # Only what stands out is ever looked for by its card. All others are many, and come in no order of cards.
        Index(
            "ix_statement_lines_card", "card_index", sqlite_where=text(STANDS_OUT), postgresql_where=text(STANDS_OUT)
        ),
        Index("ix_statement_lines_kind", "statement_id", "kind"),
        # Whether an attempt is answered is asked for every attempt of a month: the index tells without the row.
        Index("ix_statement_lines_attempt", "attempt_id", "kind", "statement_id"),
        # Few lines have a pair.
        Index("ix_statement_lines_pair", "pair_line_id", sqlite_where=text(HAS_PAIR), postgresql_where=text(HAS_PAIR)),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    statement_id: Mapped[int] = mapped_column(Id, ForeignKey("statements.id"))
    number: Mapped[int]
    day: Mapped[date]
    debit_fen: Mapped[Fen]
    credit_fen: Mapped[Fen]
    balance_fen: Mapped[Fen]
    name: Mapped[str] = mapped_column(EncryptedText("name"))
    card: Mapped[str] = mapped_column(EncryptedText("card"))
    card_index: Mapped[bytes | None] = mapped_column(BlindIndex("card"))
    card_tail: Mapped[str] = mapped_column(String(4))
    summary: Mapped[str]
    serial: Mapped[str]
    reference: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="")
    attempt_id: Mapped[int | None] = mapped_column(Id, ForeignKey("attempts.id"))
    pair_line_id: Mapped[int | None] = mapped_column(Id)

    statement: Mapped[Statement] = relationship()
    attempt: Mapped[Attempt | None] = relationship()


class Difference(Base):
    """What does not agree in a month, until somebody has said how it is settled. ``line_id`` is empty where the bank
    has no line, ``attempt_id`` where the book has no payment."""

    __tablename__ = "differences"
    __table_args__ = (
        UniqueConstraint("month_id", "kind", "line_id", "attempt_id"),
        Index("ix_differences_open", "month_id", "resolved_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month_id: Mapped[int] = mapped_column(Id, ForeignKey("reconciliation_months.id"))
    kind: Mapped[str]
    line_id: Mapped[int | None] = mapped_column(Id, ForeignKey("statement_lines.id"))
    attempt_id: Mapped[int | None] = mapped_column(Id, ForeignKey("attempts.id"))
    bank_fen: Mapped[Fen | None]
    book_fen: Mapped[Fen | None]
    found_at: Mapped[datetime]
    resolution: Mapped[str] = mapped_column(default="")
    reason: Mapped[str | None] = mapped_column(EncryptedText("reason"))
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str] = mapped_column(default="")
    official_id: Mapped[int | None] = mapped_column(Id)

    month: Mapped[Month] = relationship()
    line: Mapped[StatementLine | None] = relationship()
    attempt: Mapped[Attempt | None] = relationship()
    # Filled by queries that show differences: the reference of the try by which it was paid again, and the number of
    # the rebooking that waits for its approval.
    paid_again: Mapped[str | None] = query_expression()
    rebooking_id: Mapped[int | None] = query_expression()


class CarriedSettlement(Base):
    """How a difference that was carried over from an earlier month ended, said in a later, open one. The month that
    found it stands as it was signed."""

    __tablename__ = "carried_settlements"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    difference_id: Mapped[int] = mapped_column(Id, ForeignKey("differences.id"), unique=True)
    month_id: Mapped[int] = mapped_column(Id, ForeignKey("reconciliation_months.id"), index=True)
    resolution: Mapped[str]
    reason: Mapped[str] = mapped_column(EncryptedText("reason"))
    settled_at: Mapped[datetime]
    settled_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)

    difference: Mapped[Difference] = relationship()


class MonthRefusal(Base):
    """An office does not sign a month, and says why. It stands against the figures that ``figures`` stands for, until
    something in the month changes or somebody answers it. ``answer`` is empty where a change did."""

    __tablename__ = "month_refusals"
    __table_args__ = (Index("ix_month_refusals_month", "month_id", "answered_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month_id: Mapped[int] = mapped_column(Id, ForeignKey("reconciliation_months.id"))
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    organisation_kind: Mapped[str]
    official_id: Mapped[int] = mapped_column(Id)
    refused_by: Mapped[str]
    refused_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(EncryptedText("reason"))
    figures: Mapped[str] = mapped_column(String(64))
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(default="")
    answer: Mapped[str | None] = mapped_column(EncryptedText("reason"))

    organisation: Mapped[Organisation] = relationship()


class MonthSignature(Base):
    """An office has signed a month: the figures that ``figures`` stands for. Whatever changes in the month takes its
    signatures away; what changes in the book below leaves them standing for other figures, and they count no more."""

    __tablename__ = "month_signatures"
    __table_args__ = (UniqueConstraint("month_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month_id: Mapped[int] = mapped_column(Id, ForeignKey("reconciliation_months.id"))
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    organisation_kind: Mapped[str]
    official_id: Mapped[int] = mapped_column(Id)
    signed_by: Mapped[str]
    signed_at: Mapped[datetime]
    figures: Mapped[str] = mapped_column(String(64))

    organisation: Mapped[Organisation] = relationship()


class StatementProfileVersion(ProfileVersion, Base):
    """A bank's manner of writing statements."""

    __tablename__ = "statement_profiles"
    __table_args__ = one_current("statement_profiles")
