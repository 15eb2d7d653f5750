"""The dispatcher: from the outbox to the provider, each message once.

It commits for itself, in steps: a message is *sending* in the database, with a numbered attempt, before the provider is
called, and the database is let go during the call. What a crash leaves in *sending* becomes *unknown* when its lease
has run out, and is never sent again by a machine.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime

from sqlalchemy import or_, select, update

from core import audit
from core.database import db, only_reads
from core.principal import Principal
from sms import receipts
from sms.ceilings import Ceilings
from sms.claiming import Batch, claim
from sms.gateways.base import Gateway, OutboundSms, Rejected, Result, Unknown
from sms.models import Message, SendAttempt
from sms.outbox import Clock, Office, Outbox, in_state
from sms.recording import record, went_well
from sms.rules import LEASE, Window

logger = logging.getLogger(__name__)

EXPIRY_CHUNK = 5000
# A worker that was stopped in mid-run (a sleeping machine) must not call with a lease that others may have ended.
_LATEST_CALL = LEASE / 2
_BREATH = 0.02
"""Seconds between two looks at a pace that allows nothing in this moment."""


def dispatch(principal: Principal, gateway: Gateway, office: Office, *, now: Clock) -> Counter[str]:
    """Send what is due until nothing is due or the gateway is in trouble. ``now`` is the edge's clock.

    Returns how many messages were accepted, rejected, requeued, unknown, suppressed, expired. Commits in steps.
    """
    with only_reads(False):
        run = _Run(principal, gateway, office, now)
        run.tidy()
        run.drain()
        if run.outbox.counts:
            audit.record(principal, "sms.dispatch", "messages", gateway.name, at=now(), counts=dict(run.outbox.counts))
        db.session.commit()
    return run.outbox.counts


def expire(principal: Principal, *, at: datetime) -> Counter[str]:
    """Where nothing is sent: lay aside what is not worth sending any more; returns how many. Commits."""
    with only_reads(False):
        outbox = Outbox(principal, "", Office("", None))
        _expire(outbox, at)
        db.session.commit()
    return outbox.counts


def _expire(outbox: Outbox, at: datetime) -> None:
    due = select(Message.id).where(in_state("queued"), Message.expires_at <= at).limit(EXPIRY_CHUNK)
    ids = db.session.scalars(due.with_for_update(skip_locked=True)).all()
    if ids:
        outbox.move("expire", Message.id.in_(ids), finished_at=at)
        outbox.forget_secrets(ids)


class _Run:
    """One run of the dispatcher."""

    def __init__(self, principal: Principal, gateway: Gateway, office: Office, now: Clock) -> None:
        self.principal = principal
        self.gateway = gateway
        self.office = office
        self.now = now
        self.outbox = Outbox(principal, gateway.name, office)
        self.ceilings = Ceilings(gateway.name, office.limits)
        # A spare message for each lane, so that none is idle while the last results are being written.
        self.window = Window(2 * gateway.lanes)

    def tidy(self) -> None:
        """What no call is needed for: calls that nobody will report on, messages past their time, early receipts."""
        at = self.now()
        self._lose_sight(at)
        _expire(self.outbox, at)
        receipts.apply_early(self.principal, self.gateway.name, at=at)
        db.session.commit()

    def _lose_sight(self, at: datetime) -> None:
        # A lease that ends far ahead is no living worker's: the clock has jumped back since.
        over = or_(Message.lease_until < at, Message.lease_until > at + 2 * LEASE)
        due = select(Message.id).where(in_state("sending"), over).limit(EXPIRY_CHUNK)
        ids = db.session.scalars(due.with_for_update(skip_locked=True)).all()
        if not ids:
            return
        db.session.execute(
            update(SendAttempt)
            .where(SendAttempt.message_id.in_(ids), SendAttempt.outcome == "")
            .values(outcome="unknown", detail="lease_expired")
            .execution_options(synchronize_session=False)
        )
        self.outbox.move("lose_sight", Message.id.in_(ids), error_code="lease_expired", lease_until=None)
        self.outbox.forget_secrets(ids)

    def drain(self) -> None:
        """Claim, call, record until nothing is due. Each step's results and the next claim are one transaction."""
        pool = ThreadPoolExecutor(self.gateway.lanes, thread_name_prefix="sms")
        flying: dict[Future[Result], OutboundSms] = {}
        done: list[tuple[OutboundSms, Result]] = []
        try:
            while True:
                batch = self._step(done, self.window.size - len(flying))
                for outbound in batch.outbound:
                    latest = time.monotonic() + _LATEST_CALL.total_seconds()
                    flying[pool.submit(_call, self.gateway, outbound, latest)] = outbound
                done = []
                if not flying and not batch.examined and not batch.waits:
                    return
                if not flying and batch.waits:
                    time.sleep(_BREATH)
                if flying:
                    finished, _ = wait(flying, return_when=FIRST_COMPLETED)
                    done = [(flying.pop(future), future.result()) for future in finished]
        finally:
            pool.shutdown(cancel_futures=True)

    def _step(self, done: Sequence[tuple[OutboundSms, Result]], room: int) -> Batch:
        at = self.now()
        held = self.ceilings.hold(at)
        for _, result in done:
            self.window.note(well=went_well(result))
        if done:
            record(self.outbox, done, held, at)
        room = min(room, self.window.size)
        batch = claim(self.outbox, held, room, at) if room > 0 and not self.window.is_shut else Batch()
        db.session.commit()
        return batch


def _call(gateway: Gateway, outbound: OutboundSms, latest: float) -> Result:
    """One call, in a thread of its own and without the database."""
    if time.monotonic() > latest:
        return Rejected("too_late", permanent=False)
    try:
        return gateway.send(outbound)
    except Exception as error:  # noqa: BLE001 — a gateway's fault must not lose sight of the message: unknown it is
        # Only the kind of fault: its text may hold the phone.
        logger.error("gateway failed", extra={"gateway": gateway.name, "fault": type(error).__name__})
        return Unknown(type(error).__name__)
