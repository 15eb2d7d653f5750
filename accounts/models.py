"""Organisations, their officials, and how these come in: sessions, second factors, former passwords."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, BlindIndex, EncryptedText, Id


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
    """A person who signs in at the staff door."""

    __tablename__ = "officials"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"), index=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined")
    roles: Mapped[list["OfficialRole"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class OfficialRole(Base):
    """One role that an official holds."""

    __tablename__ = "official_roles"

    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class StaffSession(Base):
    """One sign-in at the staff door, for as long as it lasts. The cookie holds a random token, this table its keyed
    hash: who reads the database cannot come in with it. ``confirmed_at``: when the password was last given in it."""

    __tablename__ = "staff_sessions"
    __table_args__ = (Index("ix_staff_sessions_official", "official_id", "begun_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_index: Mapped[bytes] = mapped_column(BlindIndex("session"), unique=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    begun_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    confirmed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    browser: Mapped[str]
    address: Mapped[str] = mapped_column(EncryptedText("address"))


class SecondFactor(Base):
    """An official's authenticator (RFC 6238). Until ``confirmed_at`` it is only being set up. ``last_step``: the time
    step of the last code taken, which is not taken again."""

    __tablename__ = "second_factors"

    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"), primary_key=True, autoincrement=False)
    secret: Mapped[str] = mapped_column(EncryptedText("second_factor"))
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(Id, default=0)


class Passkey(Base):
    """What an official signs in with instead of password and code (WebAuthn): the public half of a key that his
    computer, phone or security key holds. ``last_used_at``: a challenge from before it is not answered twice.
    ``sign_count``: of devices that count, so that a copy of one is noticed."""

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"), index=True)
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    credential: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(Id, default=0)
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in once for a lost authenticator."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"), index=True)
    code_index: Mapped[bytes] = mapped_column(BlindIndex("recovery_code"))
    used_at: Mapped[datetime | None]


class FormerPassword(Base):
    """The hash of a password that an official had: it is not taken again."""

    __tablename__ = "former_passwords"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"), index=True)
    password_hash: Mapped[str]
    until: Mapped[datetime]
