"""The phones of the demo county: what arrived on them, and what somebody writes on them to the county."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.database import db
from core.errors import NotVisible
from core.principal import Principal, system
from core.web import settings
from sms.gateways.base import InboundSms
from sms.inbound import receive_inbound
from sms.models import HandsetMessage, InboundMessage
from sms.rules import SEE_HANDSET

SIMULATED = "simulated"
RECENT_PHONES = 12
ON_HANDSET = 50


@dataclass(frozen=True)
class Bubble:
    """What stands on the screen: what arrived, or (``sent``) what was written on this phone."""

    text: str
    at: datetime
    sent: bool = False


@dataclass(frozen=True)
class Handset:
    """A phone of the demo county: the message that it was asked for by, its number, and its screen, newest first."""

    shown: int
    phone: str
    bubbles: Sequence[Bubble]


def handset_is_open() -> bool:
    """Whether there is a handset to show. It shows every text, codes included: never where real people are."""
    running = settings()
    return running.sms_gateway == "simulated" and not running.is_production


def _enter_handset(principal: Principal) -> None:
    if not handset_is_open():
        raise NotVisible
    principal.require(SEE_HANDSET)


def recent_phones(principal: Principal) -> Sequence[HandsetMessage]:
    """The last message of each of the phones that received one most recently. Raises NotVisible, PermissionDenied."""
    _enter_handset(principal)
    newest = (
        select(func.max(HandsetMessage.id).label("id"))
        .where(HandsetMessage.id > _recent_floor())
        .group_by(HandsetMessage.phone_index)
        .order_by(func.max(HandsetMessage.id).desc())
        .limit(RECENT_PHONES)
        .subquery()
    )
    return db.session.scalars(
        select(HandsetMessage).join(newest, HandsetMessage.id == newest.c.id).order_by(HandsetMessage.id.desc())
    ).all()


def _recent_floor() -> int:
    # Of a hundred thousand delivered messages only the last few hundred are looked at.
    last = db.session.scalar(select(func.max(HandsetMessage.id))) or 0
    return int(last) - 500


def handset(principal: Principal, handset_message_id: int) -> Handset:
    """The phone that received this message. Raises NotVisible, PermissionDenied."""
    phone = _phone_of(principal, handset_message_id)
    received = db.session.scalars(
        select(HandsetMessage)
        .where(HandsetMessage.phone_index == phone)
        .order_by(HandsetMessage.id.desc())
        .limit(ON_HANDSET)
    )
    said = db.session.scalars(
        select(InboundMessage)
        .where(InboundMessage.phone_index == phone, InboundMessage.gateway == SIMULATED)
        .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
        .limit(ON_HANDSET)
    )
    bubbles = [Bubble(one.text, one.delivered_at) for one in received]
    bubbles += [Bubble(one.text, one.received_at, sent=True) for one in said]
    # An answer comes in the moment of its question, and after it.
    newest_first = sorted(bubbles, key=lambda bubble: (bubble.at, not bubble.sent), reverse=True)
    return Handset(handset_message_id, phone, newest_first[:ON_HANDSET])


def _phone_of(principal: Principal, handset_message_id: int) -> str:
    _enter_handset(principal)
    shown = db.session.get(HandsetMessage, handset_message_id)
    if shown is None:
        raise NotVisible
    return shown.phone


def newest_on(principal: Principal, phone: str) -> int | None:
    """The id of the last message that a phone received, None for a phone without any. Raises NotVisible."""
    _enter_handset(principal)
    return db.session.scalar(select(func.max(HandsetMessage.id)).where(HandsetMessage.phone_index == phone))


def write_from(principal: Principal, handset_message_id: int, text: str, name: str, *, at: datetime) -> int:
    """Send a text from this phone to the county, as a villager would, and let the answer arrive; returns the id of the
    newest message on the phone. ``name`` is the form's: sent twice, it counts once. Raises NotVisible,
    PermissionDenied."""
    phone = _phone_of(principal, handset_message_id)
    said = InboundSms(f"sim-in-{name}"[:64], phone, text)
    answer = receive_inbound(system("sms"), SIMULATED, said, at=at)
    if not answer:
        return handset_message_id
    arrived = HandsetMessage(
        phone=phone, phone_index=phone, text=answer, provider_id=f"answer-{said.provider_id}", delivered_at=at
    )
    db.session.add(arrived)
    db.session.flush()
    return arrived.id
