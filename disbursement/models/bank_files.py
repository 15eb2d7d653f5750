"""The files that go to the bank and come back, and what in them does not fit the book."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id
from core.money import Fen
from core.uploads import StoredFile
from disbursement.models.batches import Batch

ONE_A_CYCLE = "cycle_month IS NOT NULL AND cancelled_at IS NULL"


class OfferFile(Base):
    """A file of attempts handed to the bank, with its control totals: of one batch, or the re-issue of one month's
    failure cycle over all batches (``cycle_month``, YYYY-MM; then it has no batch).

    The file is made from its attempts in the same transaction, so ``file_id`` is empty only until that ends. From
    ``downloaded_at`` on it has left the house; before, it can be cancelled, which removes its attempts.
    """

    __tablename__ = "offer_files"
    __table_args__ = (
        Index(
            "uq_offer_files_one_a_cycle",
            "cycle_month",
            unique=True,
            sqlite_where=text(ONE_A_CYCLE),
            postgresql_where=text(ONE_A_CYCLE),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    batch_id: Mapped[int | None] = mapped_column(Id, ForeignKey("batches.id"), index=True)
    cycle_month: Mapped[str | None] = mapped_column(String(7))
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    lost_characters: Mapped[int] = mapped_column(default=0)
    # How many names stand in the file as the bank spells them.
    respelled: Mapped[int] = mapped_column(default=0)
    profile: Mapped[str] = mapped_column(default="sample")
    profile_version: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = mapped_column(Id, ForeignKey("stored_files.id"))
    created_at: Mapped[datetime]
    official_id: Mapped[int | None] = mapped_column(Id)
    downloaded_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(Id)
    cancel_reason: Mapped[str] = mapped_column(default="")

    # When it first left the house; until then it can be taken back.

    # There is none for a re-issue: whoever takes a file from get_offer has one of a batch.
    batch: Mapped[Batch] = relationship()
    file: Mapped[StoredFile | None] = relationship()


class ResultFile(Base):
    """The bank's answer, kept as it came; the same bytes a second time change nothing."""

    __tablename__ = "result_files"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    file_id: Mapped[int] = mapped_column(Id, ForeignKey("stored_files.id"), unique=True)
    profile: Mapped[str]
    profile_version: Mapped[int] = mapped_column(default=0)
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    paid_count: Mapped[int] = mapped_column(default=0)
    failed_count: Mapped[int] = mapped_column(default=0)
    unclear_count: Mapped[int] = mapped_column(default=0)
    repeated_count: Mapped[int] = mapped_column(default=0)
    imported_at: Mapped[datetime]
    official_id: Mapped[int | None] = mapped_column(Id)


class Discrepancy(Base):
    """A line of a bank file that does not fit the book, for a person to clear up. Holds no card and no name.
    ``bank_date`` is the line's own day, empty where it has none, or was set aside before that was kept."""

    __tablename__ = "discrepancies"
    __table_args__ = (
        UniqueConstraint("result_file_id", "line"),
        Index("ix_discrepancies_open", "settled_at", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    result_file_id: Mapped[int] = mapped_column(Id, ForeignKey("result_files.id"))
    line: Mapped[int]
    kind: Mapped[str]
    bank_outcome: Mapped[str] = mapped_column(default="")
    bank_reason: Mapped[str] = mapped_column(default="")
    attempt_id: Mapped[int | None] = mapped_column(Id, ForeignKey("attempts.id"))
    bank_fen: Mapped[Fen | None]
    book_fen: Mapped[Fen | None]
    bank_date: Mapped[date | None]
    found_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(Id)
    settlement: Mapped[str] = mapped_column(default="")
