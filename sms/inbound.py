"""What phones send to the county. This room knows the words; what they do is registered by the rooms above."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from core import audit
from core.calendar import local_date, start_of_day_utc
from core.database import db
from core.plain_text import plain
from core.principal import Principal
from core.web import settings
from sms.gateways.base import InboundSms
from sms.models import InboundMessage
from sms.rendering import signature_of


@dataclass(frozen=True)
class Said:
    """What a handler gets: who sent it, and what stood after the word."""

    phone: str = field(repr=False)
    text: str = field(repr=False)
    at: datetime


InboundHandler = Callable[[Said], str]
_words: dict[str, InboundHandler] = {}
_other_ways: set[str] = set()


def inbound_word(word: str, *other_ways: str) -> Callable[[InboundHandler], InboundHandler]:
    """Register what a word does (decorator), and other ways to say it, which the line of help leaves out. The handler
    works in the open transaction and returns the answer, "" for none; it gets the mobile number as the network gave it,
    which a sender can forge: it proves little."""

    def register(handler: InboundHandler) -> InboundHandler:
        _words.update(dict.fromkeys((word, *other_ways), handler))
        _other_ways.update(other_ways)
        return handler

    return register


def word_of(text: str) -> str:
    """The registered word that a text begins with, the longest one; "" for none."""
    said = plain(text)
    return max((word for word in _words if said.startswith(word)), key=len, default="")


def receive_inbound(principal: Principal, gateway: str, inbound: InboundSms, *, at: datetime) -> str:
    """Keep an inbound message and do what its word says; returns the answer, signature included, "" for none.

    The same message a second time does nothing. One without a known word gets a line of help, once a day.
    """
    word = word_of(inbound.text)
    helped = _was_helped_today(inbound.phone, at)
    inbound_id = _keep(gateway, inbound, word, at)
    if inbound_id is None:
        return ""
    if word:
        answer = _words[word](Said(inbound.phone, plain(inbound.text).removeprefix(word).strip(), at))
    else:
        answer = "" if helped else help_line()
    audit.record(principal, "sms.inbound", "inbound_message", inbound_id, at=at, word=word)
    return f"【{signature_of(settings().county_name)}】{answer}" if answer else ""


def help_line() -> str:
    """What is said to whoever writes something else."""
    hotline = settings().hotline
    if not _words:
        return f"本号码不受理短信回复，咨询请拨打{hotline}。"
    words = "、".join(f"“{word}”" for word in sorted(_words.keys() - _other_ways))
    return f"可回复{words}，其他咨询请拨打{hotline}。"


def _was_helped_today(phone: str, at: datetime) -> bool:
    midnight = start_of_day_utc(local_date(at))
    unclear = (InboundMessage.phone_index == phone, InboundMessage.word == "", InboundMessage.received_at >= midnight)
    return db.session.scalar(select(InboundMessage.id).where(*unclear).limit(1)) is not None


def _keep(gateway: str, inbound: InboundSms, word: str, at: datetime) -> int | None:
    insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    table: Any = InboundMessage.__table__
    row = {
        "gateway": gateway,
        "provider_id": inbound.provider_id,
        "phone": inbound.phone,
        "phone_index": inbound.phone,
        "text": inbound.text,
        "word": word,
        "received_at": at,
    }
    kept: int | None = db.session.scalar(insert(table).values(row).on_conflict_do_nothing().returning(table.c.id))
    return kept
