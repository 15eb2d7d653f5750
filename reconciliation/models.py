"""Statements and their lines, the differences of a month, its signatures."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from accounts.models import Organisation
from core.database import Base, BlindIndex, EncryptedText, Id
from core.money import Fen
from disbursement.models import Attempt, ProfileVersion, one_current


class Month(Base):
    """A month (YYYY-MM) on its way to being closed. ``unclear``: how many payments the bank had not cleared up when it
    was closed, ``carried``: how many differences of earlier months were outstanding then; None while it is open, and of
    months that were closed before these were kept."""

    __tablename__ = "reconciliation_months"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month: Mapped[str] = mapped_column(String(7), unique=True)
    state: Mapped[str] = mapped_column(default="open")
    created_at: Mapped[datetime]
    matched_at: Mapped[datetime | None]
    unclear: Mapped[int | None]
    carried: Mapped[int | None]


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


HAS_RETURN = "return_order_id IS NOT NULL"
HAS_PAIR = "pair_line_id IS NOT NULL"
STANDS_OUT = "kind NOT IN ('', 'matched')"


class StatementLine(Base):
    """One line. ``kind`` is a LineClass, empty until it is matched; ``attempt_id``, ``return_order_id`` and
    ``pair_line_id`` are what it is about. Debits and credits are positive fen; one of the two is 0."""

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
        Index(
            "ix_statement_lines_return",
            "return_order_id",
            sqlite_where=text(HAS_RETURN),
            postgresql_where=text(HAS_RETURN),
        ),
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
    return_order_id: Mapped[int | None] = mapped_column(Id)

    statement: Mapped[Statement] = relationship()
    attempt: Mapped[Attempt | None] = relationship()


class Difference(Base):
    """What does not agree in a month, until somebody has said how it is settled. ``line_id`` is empty where the bank
    has no line, ``attempt_id`` where the book has no payment; ``return_order_id`` is a credited return that has no
    line. ``confirmed_by`` is the second official, where one was needed."""

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
    confirmed_by: Mapped[str] = mapped_column(default="")
    return_order_id: Mapped[int | None] = mapped_column(Id, ForeignKey("return_orders.id"), index=True)

    month: Mapped[Month] = relationship()
    line: Mapped[StatementLine | None] = relationship()
    attempt: Mapped[Attempt | None] = relationship()
    # Filled by queries that show differences: the reference of the try by which it was paid again, and the numbers of
    # the rebooking that waits for its approval and of the settlement that waits for its second official.
    paid_again: Mapped[str | None] = query_expression()
    rebooking_id: Mapped[int | None] = query_expression()
    settlement_id: Mapped[int | None] = query_expression()

    @property
    def comes_in(self) -> bool:
        """Whether its line is money that came in."""
        return self.line is not None and bool(self.line.credit_fen)

    @property
    def is_whole(self) -> bool:
        """Whether the statement and the book name the same sum."""
        return self.bank_fen == self.book_fen

    @property
    def fen(self) -> int:
        """What it is about; what only one of the two sides has is that side's."""
        return int(self.bank_fen or 0) if self.book_fen is None else int(self.book_fen)


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
    confirmed_by: Mapped[str] = mapped_column(default="")

    difference: Mapped[Difference] = relationship()


class CarriedAtClosing(Base):
    """A difference of an earlier month that was outstanding when a month was closed: what was signed is what is printed
    later, though it has ended since."""

    __tablename__ = "carried_at_closing"

    month_id: Mapped[int] = mapped_column(Id, ForeignKey("reconciliation_months.id"), primary_key=True)
    difference_id: Mapped[int] = mapped_column(Id, ForeignKey("differences.id"), primary_key=True)


UNDECIDED = "ended_at IS NULL"


class SettlementProposal(Base):
    """What one official says of many differences, or of large ones, and another has to confirm; until then they are
    open. ``resolution`` is a Resolution's value; ``is_carried``: they are of earlier months, and end in ``month``."""

    __tablename__ = "settlement_proposals"
    __table_args__ = (Index("ix_settlement_proposals_month", "month_id", "state"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month_id: Mapped[int] = mapped_column(Id, ForeignKey("reconciliation_months.id"))
    state: Mapped[str] = mapped_column(default="drafted")
    resolution: Mapped[str]
    is_carried: Mapped[bool]
    reason: Mapped[str] = mapped_column(EncryptedText("reason"))
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")

    month: Mapped[Month] = relationship()


class SettlementLine(Base):
    """A difference of a proposal. ``ended_at`` is set where the proposal was decided: the difference is free for
    another."""

    __tablename__ = "settlement_lines"
    __table_args__ = (
        Index("ix_settlement_lines_difference", "difference_id"),
        Index(
            "uq_settlement_lines_one_undecided",
            "difference_id",
            unique=True,
            sqlite_where=text(UNDECIDED),
            postgresql_where=text(UNDECIDED),
        ),
    )

    proposal_id: Mapped[int] = mapped_column(Id, ForeignKey("settlement_proposals.id"), primary_key=True)
    difference_id: Mapped[int] = mapped_column(Id, ForeignKey("differences.id"), primary_key=True)
    ended_at: Mapped[datetime | None]

    proposal: Mapped[SettlementProposal] = relationship()


class ReconciliationSetting(Base):
    """Finance's choice of a Setting, kept as rules.DEFAULTS tells. Never edited: the newest row of each counts."""

    __tablename__ = "reconciliation_settings"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    value: Mapped[str]
    reason: Mapped[str]
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)


class MonthRefusal(Base):
    """An office does not sign a month, and says why. It stands until somebody answers it, the office itself included;
    where something in the month has changed since (``changed_at``), the office is asked again. Refusals of earlier days
    ended with a change: they have no ``answer``."""

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
    changed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(default="")
    answer: Mapped[str | None] = mapped_column(EncryptedText("reason"))

    month: Mapped[Month] = relationship()
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
