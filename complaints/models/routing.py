"""The county's routing in versions, each with its rules."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Official, Organisation
from core.database import Base, Id
from programmes.models import Programme
from registry.models import Region

_ONE_AT_A_TIME = "state IN ('draft', 'proposed', 'approved')"


class RoutingVersion(Base):
    """One version of the county's routing. ``otherwise``: the kind of office with which a case starts that no rule
    matches. Who proposed and decided, when and why, is in its workflow steps. At most one is being written, one waits
    and one is in force; without one in force the rulebook's own routing is."""

    __tablename__ = "complaint_routing_versions"
    __table_args__ = (
        Index(
            "uq_complaint_routing_versions_state",
            "state",
            unique=True,
            sqlite_where=text(_ONE_AT_A_TIME),
            postgresql_where=text(_ONE_AT_A_TIME),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="draft")
    otherwise: Mapped[str]
    # The version in force when this one was begun: what it is compared with. 0: the rulebook's own.
    based_on: Mapped[int]
    written_by: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    written_at: Mapped[datetime]

    writer: Mapped[Official] = relationship()


class RoutingEntry(Base):
    """A rule of a version, in the order of ``position``. What is blank matches everything. ``start`` is the kind of
    office with which the case starts, that of the organisation where one is named."""

    __tablename__ = "complaint_routing_rules"
    __table_args__ = (Index("ix_complaint_routing_rules_version", "version_id", "position"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    version_id: Mapped[int] = mapped_column(Id, ForeignKey("complaint_routing_versions.id"))
    position: Mapped[int]
    matter: Mapped[str | None]
    category: Mapped[str | None]
    programme_id: Mapped[int | None] = mapped_column(Id, ForeignKey("programmes.id"))
    region_code: Mapped[str | None] = mapped_column(String(15), ForeignKey("regions.code"))
    about_kind: Mapped[str | None]
    start: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(Id, ForeignKey("organisations.id"))

    programme: Mapped[Programme | None] = relationship()
    region: Mapped[Region | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
