"""The card-gap ledger (B5): who has no card, and the files by which a bank issues cards in bulk."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organisation
from core.database import Base, EncryptedText, Id
from core.uploads import StoredFile
from registry.models.people import Beneficiary, Card, Region

OPEN_GAP = "closed_on IS NULL"
OPEN_LINE = "outcome = 'open'"


class CardGap(Base):
    """未办卡台账: somebody on a roll who has no card yet, per programme, until one is issued (B5).

    ``materials_due_on`` and ``card_due_on`` are set when the gap opens (rules.gap_dates); ``due_on`` is that of the
    present step, None once it is closed. ``reason`` and ``measure`` are codes of rules.GapReason and rules.Measure.
    """

    __tablename__ = "card_gaps"
    __table_args__ = (
        UniqueConstraint("beneficiary_id", "programme_code"),
        Index("ix_card_gaps_due", "due_on", "state", sqlite_where=text(OPEN_GAP), postgresql_where=text(OPEN_GAP)),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    programme_code: Mapped[str]
    region_code: Mapped[str] = mapped_column(String(15), ForeignKey("regions.code"), index=True)
    state: Mapped[str] = mapped_column(default="open")
    reason: Mapped[str] = mapped_column(default="")
    measure: Mapped[str] = mapped_column(default="")
    responsible_id: Mapped[int | None] = mapped_column(Id, ForeignKey("organisations.id"))
    opened_on: Mapped[date]
    materials_due_on: Mapped[date | None]
    card_due_on: Mapped[date | None]
    due_on: Mapped[date | None]
    materials_on: Mapped[date | None]
    submitted_on: Mapped[date | None]
    issued_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    # What the bank said when it issued no card.
    refusal: Mapped[str] = mapped_column(default="")

    beneficiary: Mapped[Beneficiary] = relationship()
    region: Mapped[Region] = relationship()
    responsible: Mapped[Organisation | None] = relationship()


class CardRequest(Base):
    """A file by which a bank is asked to issue cards in bulk. ``line_count`` is its control total: the people in it.

    ``file_id`` is empty only until the transaction that makes the file ends.
    """

    __tablename__ = "card_requests"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    bank_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"), index=True)
    region_code: Mapped[str] = mapped_column(String(15), ForeignKey("regions.code"))
    state: Mapped[str] = mapped_column(default="submitted")
    line_count: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("stored_files.id"))
    created_at: Mapped[datetime]
    official_id: Mapped[int | None] = mapped_column(Id)

    bank: Mapped[Organisation] = relationship()
    region: Mapped[Region] = relationship()
    file: Mapped[StoredFile | None] = relationship()


class CardRequestLine(Base):
    """One person in a request. ``reference`` is what the bank sees and writes back; nobody stands in two open ones."""

    __tablename__ = "card_request_lines"
    __table_args__ = (
        UniqueConstraint("request_id", "line_number"),
        Index(
            "uq_card_request_lines_one_open",
            "beneficiary_id",
            unique=True,
            sqlite_where=text(OPEN_LINE),
            postgresql_where=text(OPEN_LINE),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    request_id: Mapped[int] = mapped_column(Id, ForeignKey("card_requests.id"))
    line_number: Mapped[int]
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    outcome: Mapped[str] = mapped_column(default="open")
    refusal: Mapped[str] = mapped_column(default="")
    card_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cards.id"))
    issued_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]

    request: Mapped[CardRequest] = relationship()
    beneficiary: Mapped[Beneficiary] = relationship()
    card: Mapped[Card | None] = relationship()


class GapNote(Base):
    """What was decided about one gap, by whom, when and why: a reason, a measure, an office, a step."""

    __tablename__ = "card_gap_notes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gap_id: Mapped[int] = mapped_column(Id, ForeignKey("card_gaps.id"), index=True)
    action: Mapped[str]
    reason: Mapped[str] = mapped_column(EncryptedText("reason"), default="")
    actor_name: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]
