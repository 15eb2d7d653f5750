"""The outbox, the sends, the receipts, and the simulated handset."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, BlindIndex, EncryptedText, Id

EMPTY_NUMBERS = "error_code IN ('21211', '21614', '30005', '30006', 'isv.MOBILE_NUMBER_ILLEGAL')"
"""What providers report of a number that nobody has, or that is no mobile phone's."""


def _partial_index(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Message(Base):
    """A message in the outbox. It is written in the transaction that causes it, once for each cause."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "template"),
        # Partial, so that ten years of finished messages weigh on none of them.
        _partial_index("ix_messages_waiting", "priority", "not_before", "id", where="state = 'queued'"),
        _partial_index("ix_messages_sending", "lease_until", where="state = 'sending'"),
        _partial_index("ix_messages_unknown", "id", where="state = 'unknown'"),
        _partial_index("ix_messages_unreported", "gateway", "poll_at", where="state = 'accepted'"),
        _partial_index("ix_messages_empty_number", "finished_at", where=EMPTY_NUMBERS),
        _partial_index("ix_messages_provider_id", "gateway", "provider_id", where="provider_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template: Mapped[str]
    parameters: Mapped[dict[str, Any]]
    phone: Mapped[str] = mapped_column(EncryptedText("phone"))
    phone_index: Mapped[bytes] = mapped_column(BlindIndex("phone"), index=True)
    template_version: Mapped[int] = mapped_column(default=0)
    subject_kind: Mapped[str]
    subject_id: Mapped[int] = mapped_column(Id)
    region_code: Mapped[str] = mapped_column(String(15), default="")
    language: Mapped[str] = mapped_column(default="zh_CN")
    priority: Mapped[int] = mapped_column(default=5)
    state: Mapped[str] = mapped_column(default="queued")
    gateway: Mapped[str] = mapped_column(default="")
    provider_id: Mapped[str | None]
    error_code: Mapped[str] = mapped_column(default="")
    segments: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    looked_up_at: Mapped[datetime | None]
    poll_at: Mapped[datetime | None]


class GatewayHealth(Base):
    """How a gateway is doing, for all workers together: calls without success in a row, until when it is left alone,
    and the next free slot of its pace."""

    __tablename__ = "gateway_health"

    gateway: Mapped[str] = mapped_column(primary_key=True)
    troubles: Mapped[int] = mapped_column(default=0)
    shut_until: Mapped[datetime | None]
    next_slot: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")


class SmsDay(Base):
    """What left in a day of the county's clock, by gateway, counted when it is handed over: pieces, and how many codes.
    So the ceiling costs one row a step, however many messages a year has."""

    __tablename__ = "sms_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(primary_key=True)
    segments: Mapped[int] = mapped_column(default=0)
    codes: Mapped[int] = mapped_column(default=0)


class PhoneDay(Base):
    """How many messages a phone was sent in a day."""

    __tablename__ = "phone_days"

    phone_index: Mapped[bytes] = mapped_column(BlindIndex("phone"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    sent: Mapped[int] = mapped_column(default=0)


class Refusal(Base):
    """A phone that wants no notices that it may refuse."""

    __tablename__ = "sms_refusals"

    phone_index: Mapped[bytes] = mapped_column(BlindIndex("phone"), primary_key=True)
    refused_at: Mapped[datetime]


class TemplateVersion(Base):
    """A wording of a template, by the number of its version; what is in use was approved by a second person. Without
    one in use, the wording that comes with the product (number 0) is sent."""

    __tablename__ = "template_versions"
    __table_args__ = (
        UniqueConstraint("template", "number"),
        Index(
            "ix_template_versions_in_use",
            "template",
            unique=True,
            sqlite_where=text("state = 'in_use'"),
            postgresql_where=text("state = 'in_use'"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    template: Mapped[str]
    number: Mapped[int]
    chinese: Mapped[str]
    english: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="draft")
    written_at: Mapped[datetime]


class TemplateRegistration(Base):
    """Under which code a provider has approved a version of a template (number 0: the product's own wording), and what
    it calls its places, in its own order: pairs of our name and its."""

    __tablename__ = "template_registrations"

    template: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    gateway: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    places: Mapped[list[Any]]


class SendAttempt(Base):
    """One call to a gateway, committed before it is made: a crash in between leaves it without an outcome.

    ``number`` counts a message's attempts from 1: no two calls of one message can share one.
    """

    __tablename__ = "send_attempts"
    __table_args__ = (UniqueConstraint("message_id", "number"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(Id, ForeignKey("messages.id"))
    number: Mapped[int]
    gateway: Mapped[str]
    started_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(default="")
    detail: Mapped[str] = mapped_column(default="")


class Receipt(Base):
    """What a provider reported about a message, in whatever order it came; the same report is kept once.

    ``outcome`` says what became of it; an *early* one waits for the record of the send that it overtook.
    ``reference`` is the attempt that the provider was told to report on (``<message>-<number>``).
    """

    __tablename__ = "receipts"
    __table_args__ = (UniqueConstraint("gateway", "provider_id", "status"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gateway: Mapped[str]
    provider_id: Mapped[str]
    status: Mapped[str]
    reported: Mapped[str]
    error_code: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(index=True)
    reference: Mapped[str] = mapped_column(default="")


class HandsetMessage(Base):
    """What the simulated gateway delivered, for the page that shows the handset."""

    __tablename__ = "handset_messages"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    phone: Mapped[str] = mapped_column(EncryptedText("phone"))
    phone_index: Mapped[bytes] = mapped_column(BlindIndex("phone"), index=True)
    text: Mapped[str] = mapped_column(EncryptedText("sms_text"))
    provider_id: Mapped[str] = mapped_column(unique=True)
    delivered_at: Mapped[datetime]


class InboundMessage(Base):
    """What a phone sent to the county, once for each message of the provider. ``word`` is the registered word that
    it began with, "" for none."""

    __tablename__ = "inbound_messages"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_id"),
        Index("ix_inbound_messages_phone", "phone_index", "received_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    gateway: Mapped[str]
    provider_id: Mapped[str]
    phone: Mapped[str] = mapped_column(EncryptedText("phone"))
    phone_index: Mapped[bytes] = mapped_column(BlindIndex("phone"))
    text: Mapped[str] = mapped_column(EncryptedText("sms_text"))
    word: Mapped[str] = mapped_column(default="")
    received_at: Mapped[datetime]
