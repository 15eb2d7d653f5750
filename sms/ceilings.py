"""What a gateway may still do now: its breaker, its pace, the day's ceiling, and what a phone may take. A row each that
all workers share; nothing is counted by walking through messages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.bulk import among
from core.clock import local_date
from core.database import db
from core.sms_settings import SmsLimits
from sms.models import GatewayHealth, Message, PhoneDay, SmsDay
from sms.rules import PROBE, Health, Pace


@dataclass(frozen=True)
class Allowance:
    """What may be claimed in this step: so many messages, pieces and codes. ``waits``: nothing yet, in a moment more
    (the pace)."""

    messages: int
    segments: int
    codes: int
    waits: bool = False


class Ceilings:
    """The limits of one gateway, for one run of the dispatcher."""

    def __init__(self, gateway: str, limits: SmsLimits) -> None:
        self.gateway = gateway
        self.limits = limits
        self.pace = Pace(limits.per_second)
        self._ready: date | None = None

    def look(self, at: datetime) -> "Held":
        """The gateway's row and the day's as they are now: whether it is worth looking for messages."""
        return self._read(at, locked=False)

    def hold(self, at: datetime) -> "Held":
        """The same rows, held until the transaction ends: workers count one after the other, so this comes last."""
        return self._read(at, locked=True)

    def _read(self, at: datetime, *, locked: bool) -> "Held":
        day = local_date(at)
        if self._ready != day:
            _insert_missing(GatewayHealth, {"gateway": self.gateway, "troubles": 0, "last_error": ""})
            _insert_missing(SmsDay, {"day": day, "gateway": self.gateway, "segments": 0, "codes": 0})
            self._ready = day
        same = SmsDay.gateway == GatewayHealth.gateway
        both = select(GatewayHealth, SmsDay).join(SmsDay, same & (SmsDay.day == day))
        both = both.where(GatewayHealth.gateway == self.gateway)
        if locked:
            both = both.with_for_update()
        health, today = db.session.execute(both.execution_options(populate_existing=True)).one()
        return Held(self, health, today, locked=locked)


class Held:
    """What one step reads and changes."""

    def __init__(self, ceilings: Ceilings, health: GatewayHealth, day: SmsDay, *, locked: bool) -> None:
        self.locked = locked
        self.limits = ceilings.limits
        self.pace = ceilings.pace
        self.health = health
        self.day = day

    @property
    def in_trouble(self) -> bool:
        """Whether the last calls failed, or the gateway is shut."""
        return bool(self.health.troubles) or self.health.shut_until is not None

    def note(self, outcomes: Iterable[tuple[bool, str]], at: datetime) -> None:
        """Take calls into account: whether each went well, and its error."""
        health = Health(self.health.troubles, self.health.shut_until)
        for well, error in outcomes:
            health = health.after(well=well, at=at)
            self.health.last_error = "" if well else error[:40]
        self.health.troubles, self.health.shut_until = health.troubles, health.shut_until

    def allow(self, wanted: int, at: datetime) -> Allowance:
        """What may be claimed of so many messages. One that tries a shut gateway keeps all others from it meanwhile."""
        room = Health(self.health.troubles, self.health.shut_until).room(wanted, at)
        segments = max(self.limits.segments_a_day - self.day.segments, 0)
        if not room or not segments:
            return Allowance(0, segments, 0)
        paced = min(room, self.pace.room(self.health.next_slot, at))
        return Allowance(paced, segments, max(self.limits.daily_codes - self.day.codes, 0), waits=paced == 0)

    def spend(self, segments: int, codes: int, messages: int, at: datetime) -> None:
        """Count what is about to be handed over."""
        self.day.segments += segments
        self.day.codes += codes
        self.health.next_slot = self.pace.taken(self.health.next_slot, at, messages)
        if messages and self.health.shut_until is not None:
            self.health.shut_until = at + PROBE

    def give_back(self, segments: int, codes: int) -> None:
        """What surely did not leave costs nothing."""
        self.day.segments = max(self.day.segments - segments, 0)
        self.day.codes = max(self.day.codes - codes, 0)

    def full_phones(self, phones: Mapping[int, bytes], at: datetime) -> set[int]:
        """Of these messages (id → keyed hash of the phone), those whose phone has had its number of the day; the others
        are counted."""
        if not phones:
            return set()
        day, most = local_date(at), self.limits.phone_a_day
        counts = _count(day, phones)
        full: set[int] = set()
        for message_id, phone in reversed(list(phones.items())):
            if counts[phone] > most:
                full.add(message_id)
                counts[phone] -= 1
        if full:
            over = update(PhoneDay).where(PhoneDay.day == day, PhoneDay.sent > most)
            db.session.execute(over.values(sent=most).execution_options(synchronize_session=False))
        return full


def _count(day: date, message_ids: Iterable[int]) -> dict[bytes, int]:
    """One more for each of these messages' phones; how many each has now. In the order of the phones, so that two
    workers never wait in a ring."""
    each = select(Message.phone_index, literal(day, Date()), func.count()).where(among(Message.id, message_ids))
    grouped = each.group_by(Message.phone_index).order_by(Message.phone_index)
    statement = _insert(PhoneDay).from_select(["phone_index", "day", "sent"], grouped)
    more = {"sent": PhoneDay.sent + statement.excluded.sent}
    counted = statement.on_conflict_do_update(index_elements=["phone_index", "day"], set_=more)
    found = db.session.execute(counted.returning(PhoneDay.phone_index, PhoneDay.sent))
    return {bytes(phone): sent for phone, sent in found}


def is_shut(gateway: str, at: datetime) -> bool:
    """Whether a gateway is left alone now."""
    row = db.session.get(GatewayHealth, gateway, populate_existing=True)
    return row is not None and Health(row.troubles, row.shut_until).room(1, at) == 0


def _insert(model: Any) -> Any:
    table = model.__table__
    return postgresql.insert(table) if db.engine.dialect.name == "postgresql" else sqlite.insert(table)


def _insert_missing(model: Any, row: Mapping[str, Any]) -> None:
    db.session.execute(_insert(model).values(**row).on_conflict_do_nothing())
