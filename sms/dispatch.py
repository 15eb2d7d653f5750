"""The dispatcher: from the outbox to the provider, each message once.

It commits for itself, in steps: a message is *sending* in the database, with a numbered attempt, before the provider is
called, and the database is let go during the call. What a crash leaves in *sending* becomes *unknown* when its lease
has run out, and is never sent again by a machine.
"""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from queue import Empty, SimpleQueue

from sqlalchemy import or_, select, update

from core import audit
from core.database import db, only_reads
from core.principal import Principal
from sms import receipts
from sms.ceilings import Ceilings, Held
from sms.claiming import Batch, claim, look
from sms.gateways.base import Gateway, OutboundSms, Rejected, Result, Unknown
from sms.models import Message, SendAttempt
from sms.outbox import Clock, Office, Outbox, in_state
from sms.recording import count, record, went_well
from sms.rules import LEASE, Window

logger = logging.getLogger(__name__)

_Done = tuple[OutboundSms, Result]

EXPIRY_CHUNK = 5000
# A worker that was stopped in mid-run (a sleeping machine) must not call with a lease that others may have ended.
_LATEST_CALL = LEASE / 2
LATEST_ANSWER = LEASE.total_seconds()
"""Seconds without any call coming back, after which a run waits no longer: a provider may drip its answer for ever, and
no time-out of a client ends that."""
_TOGETHER = 0.05
"""Seconds in which calls that ended are collected for one step."""
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
        # Three spare messages for each lane: none is idle while a step is made, and steps are few.
        self.window = Window(4 * gateway.lanes)

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
        ended: SimpleQueue[_Done] = SimpleQueue()
        done: list[_Done] = []
        flying, stuck = 0, False
        try:
            while not stuck:
                batch = self._step(done, self.window.size - flying)
                latest = time.monotonic() + _LATEST_CALL.total_seconds()
                for outbound in batch.outbound:
                    pool.submit(_call, self.gateway, outbound, latest, ended)
                flying += len(batch.outbound)
                if not flying and not batch.examined and not batch.waits:
                    return
                if not flying and batch.waits:
                    time.sleep(_BREATH)
                done = _gather(ended, (flying + 1) // 2)
                flying -= len(done)
                # What is under way then is out of sight when its lease has run out.
                stuck = flying > 0 and not done
        finally:
            pool.shutdown(wait=not stuck, cancel_futures=True)

    def _step(self, done: Sequence[_Done], room: int) -> Batch:
        at = self.now()
        for _, result in done:
            self.window.note(well=went_well(result))
        if done:
            record(self.outbox, done, at)
        held = self.ceilings.look(at)
        if held.in_trouble:
            # What may be tried follows from what has just ended, and one worker after the other tries it.
            held = self._hold(done, at)
        found = look(self.outbox, held, max(min(room, self.window.size), 0), at)
        if not held.locked and (done or found.rows):
            held = self._hold(done, at)
        batch = claim(self.outbox, held, found, at)
        db.session.commit()
        return batch

    def _hold(self, done: Sequence[_Done], at: datetime) -> Held:
        held = self.ceilings.hold(at)
        count(held, done, at)
        return held


def _call(gateway: Gateway, outbound: OutboundSms, latest: float, ended: SimpleQueue[_Done]) -> None:
    """One call, in a thread of its own and without the database."""
    result: Result = Unknown("stopped")
    try:
        result = gateway.send(outbound) if time.monotonic() <= latest else Rejected("too_late", permanent=False)
    except Exception as error:  # noqa: BLE001 — a gateway's fault must not lose sight of the message: unknown it is
        # Only the kind of fault: its text may hold the phone.
        logger.error("gateway failed", extra={"gateway": gateway.name, "fault": type(error).__name__})
        result = Unknown(type(error).__name__)
    finally:
        ended.put((outbound, result))


def _gather(ended: SimpleQueue[_Done], enough: int) -> list[_Done]:
    """The calls that have ended, as soon as these are enough or the first of them has waited long enough for others:
    a step costs the same for one as for twenty. None where nothing comes back any more."""
    if not enough:
        return []
    try:
        done = [ended.get(timeout=LATEST_ANSWER)]
    except Empty:
        return []
    until = time.monotonic() + _TOGETHER
    while len(done) < enough or not ended.empty():
        try:
            done.append(ended.get(timeout=max(until - time.monotonic(), 0)))
        except Empty:
            break
    return done
