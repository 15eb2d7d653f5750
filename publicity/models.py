"""Publicity lists, masked when written; where they were posted; and the QR codes of regions."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, EncryptedText, Id
from core.money import Fen
from core.uploads import StoredFile
from disbursement.models import Roll
from registry.models import Region


class PublicityList(Base):
    """One list at one level, open to the public from ``opens_on`` to ``closes_on`` (both days included). ``kind``:
    ``before`` the payment it says who is to be paid, ``after`` it who was.

    A roll that is publicised anew has a further ``round``; the lists of the one before are withdrawn.
    ``withdrawn_by`` is empty where a further round replaced the list, and names the official who took down a wrong one,
    with his reason. ``posted_on`` is the day on which it was put up at its place, as an official confirmed at
    ``posted_at``; ``photo`` shows the board, where one was brought for this very list.
    """

    __tablename__ = "publicity_lists"
    __table_args__ = (
        UniqueConstraint("roll_id", "region_code", "kind", "round"),
        Index("ix_publicity_lists_open", "region_code", "closes_on"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    roll_id: Mapped[int] = mapped_column(Id, ForeignKey("rolls.id"))
    region_code: Mapped[str] = mapped_column(String(15), ForeignKey("regions.code"))
    level: Mapped[str]
    kind: Mapped[str] = mapped_column(default="before")
    round: Mapped[int] = mapped_column(default=1)
    title: Mapped[str]
    basis: Mapped[str] = mapped_column(default="")
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    online: Mapped[bool] = mapped_column(default=True)
    line_count: Mapped[int]
    total_fen: Mapped[Fen]
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(default="")
    withdraw_reason: Mapped[str | None] = mapped_column(EncryptedText("reason"))
    posted_on: Mapped[date | None]
    posted_at: Mapped[datetime | None]
    posted_by: Mapped[str] = mapped_column(default="")
    photo_id: Mapped[int | None] = mapped_column(Id, ForeignKey("stored_files.id"))

    photo: Mapped[StoredFile | None] = relationship()
    region: Mapped[Region] = relationship()
    roll: Mapped[Roll] = relationship()


class PublicityLine(Base):
    """A line as the public sees it: a number to speak about, a masked name, group, quantity, amount. Nothing else."""

    __tablename__ = "publicity_lines"

    list_id: Mapped[int] = mapped_column(Id, ForeignKey("publicity_lists.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    masked_name: Mapped[str]
    group_name: Mapped[str]
    quantity: Mapped[str]
    amount_fen: Mapped[Fen]


class QrCode(Base):
    """A printed code: it names a region and no person, stays valid for years, and can be revoked."""

    __tablename__ = "qr_codes"
    __table_args__ = (
        Index(
            "uq_qr_codes_one_good",
            "region_code",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region_code: Mapped[str] = mapped_column(String(15), ForeignKey("regions.code"), index=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    region: Mapped[Region] = relationship()
