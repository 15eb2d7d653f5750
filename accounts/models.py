"""Organisations and their officials."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, Id


class Organisation(Base):
    """An office: of which kind, for which region, under which other office."""

    __tablename__ = "organisations"
    __table_args__ = (UniqueConstraint("kind", "name", "region_code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    region_code: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("organisations.id"))
    active: Mapped[bool] = mapped_column(default=True)

    parent: Mapped["Organisation | None"] = relationship(remote_side=[id])


class Official(Base):
    """A person who signs in at the staff door. ``session_epoch`` rises when all sessions must end."""

    __tablename__ = "officials"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"), index=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    roles: Mapped[list["OfficialRole"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class OfficialRole(Base):
    """One role that an official holds."""

    __tablename__ = "official_roles"

    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
