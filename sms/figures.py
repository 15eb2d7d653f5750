"""What monitoring may know of the messages: how many wait, how long the oldest has, and how the gateways are. By state
and gateway alone; of nobody."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from core import clock, metrics
from core.clock import local_date
from core.database import db
from sms.models import GatewayHealth, Message, SmsDay
from sms.outbox import in_state

WAITING = ("queued", "sending", "unknown", "accepted")


@metrics.figure("yikatong_sms_waiting", "Messages that are not finished, by state", "state")
def waiting() -> Iterable[tuple[Sequence[str], float]]:
    """From the partial indexes, which hold these alone."""
    for state in WAITING:
        number = db.session.scalar(select(func.count()).select_from(Message).where(in_state(state)))
        yield (state,), number or 0


@metrics.figure("yikatong_sms_oldest_seconds", "How long the oldest message that is due has waited")
def oldest() -> Iterable[tuple[Sequence[str], float]]:
    """Since it was due: what waits for the morning is not late."""
    now = clock.utc_now()
    first = db.session.scalar(select(func.min(Message.not_before)).where(in_state("queued"), Message.not_before <= now))
    yield (), (now - first).total_seconds() if first is not None else 0.0


@metrics.figure("yikatong_sms_gateway_shut", "Whether a gateway is left alone after errors", "gateway")
def shut() -> Iterable[tuple[Sequence[str], float]]:
    """1 while it is shut or tried with one message."""
    for row in db.session.scalars(select(GatewayHealth)):
        yield (row.gateway,), float(row.shut_until is not None)


@metrics.figure("yikatong_sms_segments_today", "Pieces handed over today", "gateway")
def segments_today() -> Iterable[tuple[Sequence[str], float]]:
    """As they are counted against the ceiling."""
    for row in db.session.scalars(select(SmsDay).where(SmsDay.day == local_date(clock.utc_now()))):
        yield (row.gateway,), float(row.segments)
