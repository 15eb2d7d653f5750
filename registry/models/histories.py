"""What a person's record was before: cards, phones, status; and who receives his money for him."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, BlindIndex, EncryptedText, Id
from core.uploads import StoredFile
from registry.models.people import Beneficiary, Card

STANDING = "ended_at IS NULL"


class CardChange(Base):
    """A card took another's place. ``source`` says what brought it: a roll, a bank, a correction, a merge.
    ``number_confirmed``: its last digit does not fit, and an official has confirmed that it is so written."""

    __tablename__ = "card_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"), index=True)
    before_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cards.id"))
    after_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cards.id"))
    source: Mapped[str]
    number_confirmed: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None] = mapped_column(EncryptedText("reason"))
    actor_name: Mapped[str] = mapped_column(default="")
    official_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]

    before: Mapped[Card | None] = relationship(foreign_keys=[before_id])
    after: Mapped[Card | None] = relationship(foreign_keys=[after_id])


class PhoneChange(Base):
    """A phone took another's place: the last four digits of both."""

    __tablename__ = "phone_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"), index=True)
    before_tail: Mapped[str] = mapped_column(String(4), default="")
    after_tail: Mapped[str] = mapped_column(String(4), default="")
    source: Mapped[str]
    reason: Mapped[str | None] = mapped_column(EncryptedText("reason"))
    actor_name: Mapped[str] = mapped_column(default="")
    official_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]


class StatusChange(Base):
    """A person was found to be dead, moved away, or living after all. ``event_on`` is its day, ``at`` the
    instant of the entry. The ``before`` pair is what stood there until then, so that an undo restores it."""

    __tablename__ = "status_changes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"), index=True)
    before: Mapped[str]
    before_on: Mapped[date | None]
    before_source: Mapped[str] = mapped_column(default="")
    after: Mapped[str]
    event_on: Mapped[date | None]
    source: Mapped[str]
    reason: Mapped[str | None] = mapped_column(EncryptedText("reason"))
    actor_name: Mapped[str] = mapped_column(default="")
    official_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]


class Payee(Base):
    """Who receives a person's money for him, why, on which evidence, from when until when.

    ``relation`` is a code of rules.PayeeRelation; ``payee_id`` names the payee's own record where he has one. By
    ``id_number_index`` (the hashed ID number) he finds what he receives, and to ``phone`` goes his code for that.
    """

    __tablename__ = "payees"
    __table_args__ = (
        Index(
            "uq_payees_one_standing",
            "beneficiary_id",
            unique=True,
            sqlite_where=text(STANDING),
            postgresql_where=text(STANDING),
        ),
        Index("ix_payees_beneficiary", "beneficiary_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    name: Mapped[str]
    relation: Mapped[str]
    payee_id: Mapped[int | None] = mapped_column(Id, ForeignKey("beneficiaries.id"), index=True)
    id_number_index: Mapped[bytes | None] = mapped_column(BlindIndex("id_number"), index=True)
    phone: Mapped[str | None] = mapped_column(EncryptedText("phone"))
    reason: Mapped[str] = mapped_column(EncryptedText("reason"))
    document: Mapped[str] = mapped_column(EncryptedText("reason"), default="")
    evidence_id: Mapped[int | None] = mapped_column(Id, ForeignKey("stored_files.id"))
    evidence_name: Mapped[str] = mapped_column(EncryptedText("filename"), default="")
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    set_by: Mapped[str]
    set_by_id: Mapped[int | None] = mapped_column(Id)
    set_at: Mapped[datetime]
    ended_by: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(EncryptedText("reason"))

    payee: Mapped[Beneficiary | None] = relationship(foreign_keys=[payee_id])
    evidence: Mapped[StoredFile | None] = relationship()
