"""Asks the provider about messages that it has taken and that nobody has reported on. It sends nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from core import jobs
from core.database import db, only_reads
from core.principal import Principal
from core.workflow import move_set
from sms.gateways.base import Gateway, LookupFailed, Report, Sent
from sms.models import Message
from sms.operations import LOOK_UP
from sms.outbox import Clock, in_state
from sms.receipts import record_receipts
from sms.rules import ACCEPTED, POLL_EVERY, SMS_WORKFLOW, UNCONFIRMED_AFTER

AT_ONCE = 50
MOST = 1000
"""As many are asked about in one run; the next run goes on."""


def poll_unreported(principal: Principal, gateway: Gateway, *, now: Clock) -> int:
    """Ask about them; returns on how many the provider had something final to say. One of which nobody knows anything
    after three days is unconfirmed: neither delivered nor failed. Commits in steps, so that the database is let go
    during each call. Stops at the first call that fails."""
    told = asked = 0
    with only_reads(False):
        while asked < MOST:
            waiting = _due(gateway, now())
            db.session.commit()
            for sent in waiting:
                try:
                    report = gateway.fetch_status(sent)
                except LookupFailed:
                    return told
                told += _note(principal, gateway, sent, report, now())
                db.session.commit()
            asked += len(waiting)
            if len(waiting) < AT_ONCE:
                break
    return told


def _due(gateway: Gateway, at: datetime) -> Sequence[Sent]:
    rows = db.session.scalars(
        select(Message)
        .where(in_state("accepted"), Message.gateway == gateway.name, Message.poll_at <= at)
        .order_by(Message.poll_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    found = []
    for message in rows:
        message.poll_at = at + POLL_EVERY
        reference = f"{message.id}-{message.attempts}"
        since = message.sent_at or message.created_at
        found.append(Sent(reference, message.phone, "", since, provider_id=message.provider_id))
    return found


def _note(principal: Principal, gateway: Gateway, sent: Sent, report: Report | None, at: datetime) -> int:
    if report is not None and report.reported != ACCEPTED:
        record_receipts(principal, gateway.name, [report], at=at)
        return 1
    message_id = int(sent.reference.partition("-")[0])
    if sent.since < at - UNCONFIRMED_AFTER:
        move_set(SMS_WORKFLOW, Message, "stop_waiting", principal, Message.id == message_id, finished_at=at)
    return 0


def ask_about(gateway: str, reports: Sequence[Report], *, at: datetime) -> int:
    """Somebody says that he knows of these messages: the provider is asked at once. Returns how many are ours and
    wait."""
    ids = [report.provider_id for report in reports]
    named = (
        update(Message)
        .where(in_state("accepted"), Message.gateway == gateway, Message.provider_id.in_(ids))
        .values(poll_at=at)
        .execution_options(synchronize_session=False, preserve_rowcount=True)
    )
    count = int(getattr(db.session.execute(named), "rowcount", 0))
    if count:
        jobs.wake_after_commit(LOOK_UP)
    return count
