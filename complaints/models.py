"""Complaints, their clocks, entries, attachments and escalations."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Organisation
from core.database import Base, BlindIndex, EncryptedBytes, EncryptedText, Id


class Complaint(Base):
    """A complaint or tip-off. ``number`` is random: a gap in a sequence would betray a sealed case.

    An anonymous reporter leaves no name, phone, address or device; the receipt code exists only as a keyed hash.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        Index("ix_complaints_owner_state", "owner_id", "state"),
        Index("ix_complaints_received", "received_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    receipt_index: Mapped[bytes] = mapped_column(BlindIndex("receipt_code"), unique=True)
    category: Mapped[str]
    text: Mapped[str] = mapped_column(EncryptedText("complaint"))
    channel: Mapped[str] = mapped_column(default="web")
    state: Mapped[str] = mapped_column(default="received")
    sealed: Mapped[bool] = mapped_column(default=False)
    region_code: Mapped[str] = mapped_column(String(15), ForeignKey("regions.code"))
    about_organisation_id: Mapped[int | None] = mapped_column(Id, ForeignKey("organisations.id"))
    programme_id: Mapped[int | None] = mapped_column(Id, ForeignKey("programmes.id"))
    payment_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payments.id"), index=True)
    publicity_list_id: Mapped[int | None] = mapped_column(Id, ForeignKey("publicity_lists.id"), index=True)
    publicity_line: Mapped[int | None]
    anonymous: Mapped[bool]
    reporter_name: Mapped[str | None] = mapped_column(EncryptedText("reporter"))
    reporter_phone: Mapped[str | None] = mapped_column(EncryptedText("phone"))
    owner_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    handler_id: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    rules_version: Mapped[str]
    received_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(EncryptedText("complaint"))
    concluded_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    owner: Mapped[Organisation] = relationship(foreign_keys=[owner_id])
    about_organisation: Mapped[Organisation | None] = relationship(foreign_keys=[about_organisation_id])
    clocks: Mapped[list["Clock"]] = relationship(back_populates="complaint")


class Clock(Base):
    """One deadline of a complaint: its start never moves, its due day only by a recorded extension or a newly
    published calendar."""

    __tablename__ = "complaint_clocks"
    __table_args__ = (
        UniqueConstraint("complaint_id", "kind"),
        Index("ix_complaint_clocks_running", "stopped_on", "due_on"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    kind: Mapped[str]
    started_on: Mapped[date]
    limit_days: Mapped[int]
    working_days: Mapped[bool]
    due_on: Mapped[date]
    provisional: Mapped[bool]
    stopped_on: Mapped[date | None]

    complaint: Mapped[Complaint] = relationship(back_populates="clocks")


class ComplaintEntry(Base):
    """Something said in a case: by the reporter, by an official, or by the system. ``public``: the reporter sees it."""

    __tablename__ = "complaint_entries"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"), index=True)
    kind: Mapped[str]
    author: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    text: Mapped[str] = mapped_column(EncryptedText("complaint"))
    public: Mapped[bool]
    at: Mapped[datetime]


class ComplaintAttachment(Base):
    """A file handed in with a complaint, only ever downloaded as an attachment."""

    __tablename__ = "complaint_attachments"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"), index=True)
    filename: Mapped[str] = mapped_column(EncryptedText("filename"))
    media_type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(EncryptedBytes("attachment"), deferred=True)
    added_at: Mapped[datetime]


class Escalation(Base):
    """One level of one complaint, reached once."""

    __tablename__ = "complaint_escalations"
    __table_args__ = (UniqueConstraint("complaint_id", "level"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    level: Mapped[str]
    to_organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"), index=True)
    reason: Mapped[str]
    at: Mapped[datetime]
