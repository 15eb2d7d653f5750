"""Who must keep out: officials' standing interests, and recusals from single cases."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Official, Organisation
from core.database import Base, EncryptedText, Id
from registry.models import Region

HOLDS = "ended_at IS NULL"


class Interest(Base):
    """Why an official keeps out of every case about an organisation, or of every case of a place: exactly one of the
    two. It holds from the moment it is entered until somebody ends it, and stays on record; ``since`` and ``until`` are
    the days that people know it by."""

    __tablename__ = "complaint_interests"
    __table_args__ = (
        Index("ix_complaint_interests_official", "official_id", sqlite_where=text(HOLDS), postgresql_where=text(HOLDS)),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    organisation_id: Mapped[int | None] = mapped_column(Id, ForeignKey("organisations.id"))
    region_code: Mapped[str | None] = mapped_column(String(15), ForeignKey("regions.code"))
    reason: Mapped[str] = mapped_column(EncryptedText("complaint"))
    since: Mapped[date]
    until: Mapped[date | None]
    entered_by: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    entered_at: Mapped[datetime]
    ended_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(EncryptedText("complaint"))

    official: Mapped[Official] = relationship(foreign_keys=[official_id])
    organisation: Mapped[Organisation | None] = relationship()
    region: Mapped[Region | None] = relationship()
    enterer: Mapped[Official] = relationship(foreign_keys=[entered_by])
    ender: Mapped[Official | None] = relationship(foreign_keys=[ended_by])


class Recusal(Base):
    """An official keeps out of one case (信访工作条例 §28), by his own word or another's. One that was lifted stays."""

    __tablename__ = "complaint_recusals"
    __table_args__ = (
        Index(
            "uq_complaint_recusals_holding",
            "official_id",
            "complaint_id",
            unique=True,
            sqlite_where=text(HOLDS),
            postgresql_where=text(HOLDS),
        ),
        Index("ix_complaint_recusals_complaint", "complaint_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    reason: Mapped[str] = mapped_column(EncryptedText("complaint"))
    decided_by: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    at: Mapped[datetime]
    ended_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(EncryptedText("complaint"))

    official: Mapped[Official] = relationship(foreign_keys=[official_id])
