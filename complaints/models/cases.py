"""Complaints, their clocks, extensions, entries, attachments, escalations, reviews and ratings."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Official, Organisation
from core.database import Base, BlindIndex, EncryptedBytes, EncryptedText, Id
from disbursement.models import Payment
from programmes.models import Programme
from publicity.models import PublicityList
from registry.models import Region

NOTHING_DUE = date.max
NOT_ANNOUNCED = "erase_on IS NULL AND closed_at IS NOT NULL"
TO_BE_ERASED = "erase_on IS NOT NULL AND erased_on IS NULL"
ASKED_ABOVE = "granted IS NULL AND deciding_id IS NOT NULL"
FROM_A_FORM = "form_index IS NOT NULL"


class Complaint(Base):
    """A complaint or tip-off. ``number`` is random: a gap in a sequence would betray a sealed case.

    An anonymous reporter leaves no name, phone, address or device; the receipt code exists only as a keyed hash.
    ``confidential``: name and phone are for the discipline commission only; everybody else reads it as anonymous.
    ``received_on`` is the county day on which it came in, from which its clocks count. ``queue_on`` is the earliest
    due day of its running clocks, NOTHING_DUE where none runs: the queue is sorted by it, and an index without blanks
    serves that on both databases. ``unread``: the reporter has
    added something that no official has taken note of. ``decline_reason`` is why it was not taken on, as figures count
    it. ``outcome``: with what the verification of a sealed case has ended, and ``outcome_on`` when that was recorded
    last. ``went_up``: some office was told of it because it was late. ``extension_asked``: more days for a running
    clock wait to be granted. ``erase_on`` is the day on which its content is to be deleted, once that is announced;
    ``erased_on`` when it was: such a row is left for the figures only, and no list, search or page knows it.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        # All that the queue's order, its count and its condition of who sees what need: no row is fetched to count.
        Index(
            "ix_complaints_owner_queue",
            "owner_id",
            "sealed",
            "queue_on",
            "number",
            "about_organisation_id",
            "erased_on",
        ),
        Index(
            "ix_complaints_unread",
            "owner_id",
            "sealed",
            "number",
            "about_organisation_id",
            sqlite_where=text("unread = 1"),
            postgresql_where=text("unread"),
        ),
        # What one official has in hand: his reminder on the board, and his part of the desk.
        Index("ix_complaints_handler_queue", "handler_id", "queue_on", "owner_id", "sealed", "about_organisation_id"),
        # The parts of a supervising office's lists, in their order, with all that decides whether it sees a case.
        Index(
            "ix_complaints_confidential",
            "received_at",
            "number",
            "sealed",
            "about_organisation_id",
            "erased_on",
            sqlite_where=text("confidential = 1"),
            postgresql_where=text("confidential"),
        ),
        Index(
            "ix_complaints_went_up_queue",
            "queue_on",
            "number",
            "sealed",
            "owner_id",
            "about_organisation_id",
            sqlite_where=text("went_up = 1"),
            postgresql_where=text("went_up"),
        ),
        Index(
            "ix_complaints_went_up_received",
            "received_at",
            "number",
            "sealed",
            "about_organisation_id",
            "erased_on",
            sqlite_where=text("went_up = 1"),
            postgresql_where=text("went_up"),
        ),
        Index(
            "ix_complaints_owner_received",
            "owner_id",
            "received_at",
            "number",
            "sealed",
            "about_organisation_id",
            "erased_on",
        ),
        # The night's way to what has ended long ago and is not announced yet, and to what is.
        Index(
            "ix_complaints_ended",
            "sealed",
            "category",
            "closed_at",
            "id",
            sqlite_where=text(NOT_ANNOUNCED),
            postgresql_where=text(NOT_ANNOUNCED),
        ),
        Index(
            "ix_complaints_erase_on",
            "owner_id",
            "erase_on",
            "number",
            sqlite_where=text(TO_BE_ERASED),
            postgresql_where=text(TO_BE_ERASED),
        ),
        # What has lost its handler, and what has none yet.
        Index(
            "ix_complaints_unhandled",
            "owner_id",
            "state",
            sqlite_where=text("handler_id IS NULL"),
            postgresql_where=text("handler_id IS NULL"),
        ),
        Index(
            "ix_complaints_extension_asked",
            "owner_id",
            "queue_on",
            sqlite_where=text("extension_asked = 1"),
            postgresql_where=text("extension_asked"),
        ),
        Index("ix_complaints_state_concluded", "state", "concluded_at"),
        # Whether the same matter has come in before.
        Index("ix_complaints_same_matter", "region_code", "category", "received_on"),
        # All that the figures count of a case: of a year of a million, no row with its texts is fetched.
        Index(
            "ix_complaints_figures",
            "owner_id",
            "sealed",
            "received_on",
            "id",
            "about_organisation_id",
            "category",
            "region_code",
            "channel",
            "state",
            "decline_reason",
            "reopened_at",
        ),
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
    confidential: Mapped[bool] = mapped_column(default=False)
    reporter_name: Mapped[str | None] = mapped_column(EncryptedText("reporter"))
    reporter_phone: Mapped[str | None] = mapped_column(EncryptedText("phone"))
    owner_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    handler_id: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    entered_by: Mapped[int | None] = mapped_column(Id)
    rules_version: Mapped[str]
    # The version of the county's routing by which it came to its first office; None: by the rulebook's own.
    routing_version: Mapped[int | None]
    received_on: Mapped[date]
    received_at: Mapped[datetime]
    queue_on: Mapped[date] = mapped_column(default=NOTHING_DUE)
    unread: Mapped[bool] = mapped_column(default=False)
    went_up: Mapped[bool] = mapped_column(default=False)
    # With a default of the database's own: the version before, which does not know it, may be at work still.
    extension_asked: Mapped[bool] = mapped_column(default=False, server_default=false())
    answer: Mapped[str | None] = mapped_column(EncryptedText("complaint"))
    concluded_at: Mapped[datetime | None]
    reopened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None]
    outcome: Mapped[str | None]
    outcome_on: Mapped[date | None]
    erase_on: Mapped[date | None]
    erased_on: Mapped[date | None]

    owner: Mapped[Organisation] = relationship(foreign_keys=[owner_id])
    handler: Mapped[Official | None] = relationship()
    about_organisation: Mapped[Organisation | None] = relationship(foreign_keys=[about_organisation_id])
    region: Mapped[Region] = relationship()
    programme: Mapped[Programme | None] = relationship()
    payment: Mapped[Payment | None] = relationship()
    publicity_list: Mapped[PublicityList | None] = relationship()
    clocks: Mapped[list["Clock"]] = relationship(back_populates="complaint", order_by="Clock.id")
    review: Mapped["Review | None"] = relationship()

    @property
    def due_on(self) -> date | None:
        """The earliest due day of the running clocks; None where none runs."""
        return None if self.queue_on == NOTHING_DUE else self.queue_on


class Clock(Base):
    """One deadline of a complaint: its start never moves, its due day only by a recorded extension or a newly
    published calendar."""

    __tablename__ = "complaint_clocks"
    __table_args__ = (
        UniqueConstraint("complaint_id", "kind"),
        Index(
            "ix_complaint_clocks_running",
            "kind",
            "due_on",
            "id",
            sqlite_where=text("stopped_on IS NULL"),
            postgresql_where=text("stopped_on IS NULL"),
        ),
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
    extension: Mapped["Extension | None"] = relationship(back_populates="clock")


class FollowedCalendar(Base):
    """The calendar by which the due days of all running clocks were last found right: ``fingerprint`` is that of
    core.calendar. One row at most."""

    __tablename__ = "complaint_followed_calendars"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    fingerprint: Mapped[str]
    at: Mapped[datetime]


class Extension(Base):
    """More days for one clock: asked for once with a reason, granted or refused by a second official. ``deciding_id``:
    the office above decides, because nobody else of the own one may; None: the office that has the case."""

    __tablename__ = "complaint_extensions"
    __table_args__ = (
        Index(
            "ix_complaint_extensions_deciding",
            "deciding_id",
            "clock_id",
            sqlite_where=text(ASKED_ABOVE),
            postgresql_where=text(ASKED_ABOVE),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    clock_id: Mapped[int] = mapped_column(Id, ForeignKey("complaint_clocks.id"), unique=True)
    days: Mapped[int]
    reason: Mapped[str] = mapped_column(EncryptedText("complaint"))
    asked_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    decided_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    due_before: Mapped[date]
    deciding_id: Mapped[int | None] = mapped_column(Id, ForeignKey("organisations.id"))

    clock: Mapped[Clock] = relationship(back_populates="extension")
    asker: Mapped[Official | None] = relationship(foreign_keys=[asked_by])
    deciding: Mapped[Organisation | None] = relationship()


class ComplaintEntry(Base):
    """Something said or done in a case: by the reporter, by an official, or by the system. ``public``: the reporter
    sees it. ``author`` is an official's name, for colleagues; the reporter is shown the organisation. ``form_index`` is
    the hashed name of the form it came with, the reporter's or the official's who entered the case for him
    (core.form_names): a form that is sent twice is entered once."""

    __tablename__ = "complaint_entries"
    __table_args__ = (
        Index(
            "uq_complaint_entries_form",
            "form_index",
            unique=True,
            sqlite_where=text(FROM_A_FORM),
            postgresql_where=text(FROM_A_FORM),
        ),
        Index(
            "ix_complaint_entries_settled",
            "complaint_id",
            sqlite_where=text("kind = 'settled'"),
            postgresql_where=text("kind = 'settled'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"), index=True)
    kind: Mapped[str]
    author: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    organisation_id: Mapped[int | None] = mapped_column(Id, ForeignKey("organisations.id"))
    text: Mapped[str] = mapped_column(EncryptedText("complaint"))
    public: Mapped[bool]
    form_index: Mapped[bytes | None] = mapped_column(BlindIndex("form"))
    at: Mapped[datetime]

    organisation: Mapped[Organisation | None] = relationship()


class ComplaintAttachment(Base):
    """A file handed in with a complaint, only ever downloaded as an attachment. Addressed by its ``position`` within
    the case: a running number over all cases would show a gap where a sealed one lies. ``scanned``: a virus scanner has
    looked at it and found nothing."""

    __tablename__ = "complaint_attachments"
    __table_args__ = (UniqueConstraint("complaint_id", "position"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    position: Mapped[int]
    filename: Mapped[str] = mapped_column(EncryptedText("filename"))
    media_type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(EncryptedBytes("attachment"), deferred=True)
    scanned: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]


class Escalation(Base):
    """One level of one complaint, reached once."""

    __tablename__ = "complaint_escalations"
    __table_args__ = (
        UniqueConstraint("complaint_id", "level"),
        Index("ix_complaint_escalations_to", "to_organisation_id", "complaint_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    level: Mapped[str]
    to_organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    at: Mapped[datetime]

    to_organisation: Mapped[Organisation] = relationship()


class Review(Base):
    """The one review of a case by the next office up the line: who was asked, and whose answer is reviewed."""

    __tablename__ = "complaint_reviews"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"), unique=True)
    answered_by_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"), index=True)
    office_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    asked_at: Mapped[datetime]

    answered_by: Mapped[Organisation] = relationship(foreign_keys=[answered_by_id])


class Rating(Base):
    """What the reporter thinks of one answer: one for each answer, his latest word until the case is closed."""

    __tablename__ = "complaint_ratings"
    __table_args__ = (UniqueConstraint("complaint_id", "answered_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    answered_at: Mapped[datetime]
    satisfaction: Mapped[str]
    settled: Mapped[bool]
    words: Mapped[str] = mapped_column(EncryptedText("complaint"))
    at: Mapped[datetime]
