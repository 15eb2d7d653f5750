"""Codes that were sent to registered phones for a lookup, and lookups by officials at a counter."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Official, Organisation
from core.database import Base, BlindIndex, EncryptedText, Id


class LookupCode(Base):
    """One wish for a code. It is written whether or not somebody answers to it, so that the two take equally long;
    ``beneficiary_id`` is None where nobody does; ``payee_id`` names who receives for another and has no record of his
    own. The code itself is kept only as a keyed hash, made when it is sent.
    """

    __tablename__ = "lookup_codes"
    __table_args__ = (Index("ix_lookup_codes_newest", "person_index", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_index: Mapped[bytes] = mapped_column(BlindIndex("lookup_person"))
    beneficiary_id: Mapped[int | None] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    payee_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payees.id"))
    code_index: Mapped[bytes | None] = mapped_column(BlindIndex("lookup_code"))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AssistedLookup(Base):
    """One lookup by an official for somebody at his counter. ``asked`` is one of rules.Asked, ``outcome`` one of
    rules.OUTCOMES; ``note`` is what he wrote about it: it names people, so it stands here encrypted and not in the
    audit log, which could never forget it."""

    __tablename__ = "assisted_lookups"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    official_id: Mapped[int] = mapped_column(Id, ForeignKey("officials.id"))
    organisation_id: Mapped[int] = mapped_column(Id, ForeignKey("organisations.id"))
    asked: Mapped[str]
    outcome: Mapped[str]
    note: Mapped[str | None] = mapped_column(EncryptedText("reason"))

    official: Mapped[Official] = relationship()
    organisation: Mapped[Organisation] = relationship()
