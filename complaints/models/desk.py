"""What offices keep for their work at the queue: cases taken over, objected to as misrouted or joined as one matter,
wordings, answers that wait for approval."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Official, Organisation
from core.database import Base, EncryptedText, Id

WAITS = "decided_at IS NULL"
HOLDS = "ended_at IS NULL"


class Takeover(Base):
    """A late case that its supervising office has taken over. The office that had it sees it as before."""

    __tablename__ = "complaint_takeovers"
    __table_args__ = (
        UniqueConstraint("complaint_id", "to_organisation_id"),
        Index("ix_complaint_takeovers_from", "from_organisation_id", "complaint_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    from_organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    to_organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    official_id: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    at: Mapped[datetime]


class RoutingObjection(Base):
    """An office says that a case is not for it, and whose it is instead; the office above decides (信访工作条例 §23).

    One at most waits in a case. ``outcome``: passed_on, refused, or withdrawn where something else ended it first.
    """

    __tablename__ = "complaint_routing_objections"
    __table_args__ = (
        Index(
            "uq_complaint_routing_objections_waiting",
            "complaint_id",
            unique=True,
            sqlite_where=text(HOLDS),
            postgresql_where=text(HOLDS),
        ),
        Index(
            "ix_complaint_routing_objections_deciding",
            "deciding_id",
            "complaint_id",
            sqlite_where=text(HOLDS),
            postgresql_where=text(HOLDS),
        ),
        Index("ix_complaint_routing_objections_complaint", "complaint_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    proposed_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    deciding_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    reason: Mapped[str] = mapped_column(EncryptedText("complaint"))
    at: Mapped[datetime]
    outcome: Mapped[str | None]
    ended_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(foreign_keys=[organisation_id])
    official: Mapped[Official] = relationship(foreign_keys=[official_id])
    proposed: Mapped[Organisation] = relationship(foreign_keys=[proposed_id])
    deciding: Mapped[Organisation] = relationship(foreign_keys=[deciding_id])


class Link(Base):
    """Two cases of one matter: ``complaint_id`` follows ``leading_id``, which follows none. Each keeps its own clocks,
    answer and receipt code. A link that was undone stays, with its end. ``formerly_id``: the case that it followed
    before, until ``moved_at``; who linked it and when stay as they were, for whoever may not know of that case."""

    __tablename__ = "complaint_links"
    __table_args__ = (
        Index(
            "uq_complaint_links_holding",
            "complaint_id",
            unique=True,
            sqlite_where=text(HOLDS),
            postgresql_where=text(HOLDS),
        ),
        Index("ix_complaint_links_leading", "leading_id", sqlite_where=text(HOLDS), postgresql_where=text(HOLDS)),
        Index(
            "ix_complaint_links_formerly",
            "formerly_id",
            sqlite_where=text("formerly_id IS NOT NULL"),
            postgresql_where=text("formerly_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    leading_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    at: Mapped[datetime]
    formerly_id: Mapped[int | None] = mapped_column(Id, ForeignKey("complaints.id"))
    moved_at: Mapped[datetime | None]
    moved_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    ended_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    ended_at: Mapped[datetime | None]

    official: Mapped[Official] = relationship(foreign_keys=[official_id])
    mover: Mapped[Official | None] = relationship(foreign_keys=[moved_by])
    ender: Mapped[Official | None] = relationship(foreign_keys=[ended_by])


class Wording(Base):
    """An office's own wording for a question, a refusal or an answer. A retired one is no longer offered."""

    __tablename__ = "complaint_wordings"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"), index=True)
    use: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    changed_by: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    changed_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    changer: Mapped[Official] = relationship()


class ApprovalSetting(Base):
    """Whether an office's answers need a second person, from this decision on: the latest counts. Never changed."""

    __tablename__ = "complaint_approval_settings"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"), index=True)
    required: Mapped[bool]
    reason: Mapped[str]
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    at: Mapped[datetime]

    official: Mapped[Official] = relationship()
    organisation: Mapped[Organisation] = relationship()


class DraftAnswer(Base):
    """An answer that waits for a second person's approval, or what became of it. ``approved`` is None while it waits
    and where a newer one has taken its place; one at most waits in a case. ``with_linked``: once approved, it is given
    to the linked cases as well."""

    __tablename__ = "complaint_draft_answers"
    __table_args__ = (
        Index(
            "uq_complaint_draft_answers_waiting",
            "complaint_id",
            unique=True,
            sqlite_where=text(WAITS),
            postgresql_where=text(WAITS),
        ),
        Index(
            "ix_complaint_draft_answers_office",
            "organisation_id",
            "complaint_id",
            sqlite_where=text(WAITS),
            postgresql_where=text(WAITS),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"))
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    text: Mapped[str] = mapped_column(EncryptedText("complaint"))
    with_linked: Mapped[bool] = mapped_column(default=False)
    written_by: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    written_at: Mapped[datetime]
    approved: Mapped[bool | None]
    decided_by: Mapped[int | None] = mapped_column(Id, ForeignKey("officials.id"))
    decided_at: Mapped[datetime | None]

    writer: Mapped[Official] = relationship(foreign_keys=[written_by])


class Opening(Base):
    """When an official last opened a case: colleagues at the same case are told of each other."""

    __tablename__ = "complaint_openings"

    complaint_id: Mapped[int] = mapped_column(Id, ForeignKey("complaints.id"), primary_key=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"), primary_key=True)
    at: Mapped[datetime]

    official: Mapped[Official] = relationship()


class SavedView(Base):
    """The filters of a list that an official keeps under a name, as the query of its address."""

    __tablename__ = "complaint_saved_views"
    __table_args__ = (UniqueConstraint("official_id", "page", "name"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
