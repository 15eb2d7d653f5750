"""Whether a phone on record is the person's: codes that were sent to it, and reports that it is not."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base, BlindIndex, EncryptedText, Id
from registry.models.people import Beneficiary

OPEN_REPORT = "state = 'open'"


class PhoneCode(Base):
    """A code that an official had sent to the phone of a person, to be read out to him. It is kept only as a keyed
    hash, and it is good for the number that it was sent to alone."""

    __tablename__ = "phone_codes"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"), index=True)
    phone_index: Mapped[bytes] = mapped_column(BlindIndex("phone"))
    code_index: Mapped[bytes | None] = mapped_column(BlindIndex("phone_code"))
    tries: Mapped[int] = mapped_column(default=0)
    official_id: Mapped[int | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class WrongNumber(Base):
    """Somebody says that a number on record is not this person's. ``channel`` is one of rules.ReportChannel,
    ``phone_tail`` the last four digits of the number; a number that somebody else has entered since is not meant."""

    __tablename__ = "wrong_numbers"
    __table_args__ = (
        Index(
            "uq_wrong_numbers_one_open",
            "beneficiary_id",
            unique=True,
            sqlite_where=text(OPEN_REPORT),
            postgresql_where=text(OPEN_REPORT),
        ),
        Index("ix_wrong_numbers_person", "beneficiary_id", "phone_index"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    beneficiary_id: Mapped[int] = mapped_column(Id, ForeignKey("beneficiaries.id"))
    phone_index: Mapped[bytes] = mapped_column(BlindIndex("phone"))
    phone_tail: Mapped[str] = mapped_column(String(4))
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    reason: Mapped[str | None] = mapped_column(EncryptedText("reason"))
    actor_name: Mapped[str] = mapped_column(default="")
    official_id: Mapped[int | None] = mapped_column(Id)
    reported_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    beneficiary: Mapped[Beneficiary] = relationship()
