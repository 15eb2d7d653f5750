"""How long cases are kept: what the county has set, and what somebody keeps longer."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Official, Organisation
from core.database import Base, EncryptedText, Id

STANDS = "lifted_at IS NULL"


class RetentionSetting(Base):
    """For how many years cases of a category (``sealed`` for the sealed room) are kept, from this decision on: the
    latest counts. Never changed."""

    __tablename__ = "complaint_retention_settings"
    __table_args__ = (Index("ix_complaint_retention_settings_category", "category", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    category: Mapped[str]
    years: Mapped[int]
    reason: Mapped[str]
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    at: Mapped[datetime]

    official: Mapped[Official] = relationship()


class Hold(Base):
    """A case that an office keeps beyond its years (留存), for a lawsuit say, until it lifts that; one at a time for an
    office. The reason is a person's own words about people."""

    __tablename__ = "complaint_holds"
    __table_args__ = (
        Index(
            "uq_complaint_holds_standing",
            "complaint_id",
            "organisation_id",
            unique=True,
            sqlite_where=text(STANDS),
            postgresql_where=text(STANDS),
        ),
        Index("ix_complaint_holds_complaint", "complaint_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    reason: Mapped[str] = mapped_column(EncryptedText("complaint"))
    at: Mapped[datetime]
    lifted_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    lifted_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
