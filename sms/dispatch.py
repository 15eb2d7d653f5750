"""The dispatcher: from the outbox to the provider, each message once.

It commits for itself, in steps: a message is *sending* in the database, with a numbered attempt, before the provider is
called, and the database is let go during the call. What a crash leaves in *sending* becomes *unknown* when its lease
has run out, and is never sent again by a machine.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, case, insert, literal, select, tuple_, update

from core import audit
from core.calendar import local_date, start_of_day_utc
from core.database import UtcDateTime, db, only_reads
from core.identity import is_mobile
from core.principal import Principal
from core.sms_settings import SmsLimits
from core.workflow import move_set
from sms import receipts
from sms.ceilings import Allowance, Ceilings, Held
from sms.gateways.base import Accepted, Gateway, OutboundSms, Rejected, Result, Throttled, Unknown
from sms.models import Message, SendAttempt
from sms.rules import LEASE, POLL_AFTER, SMS_WORKFLOW, QuietHours, Window, next_allowed, retry_at
from sms.templates import (
    CODE,
    NOTICE,
    PRIORITIES,
    TEMPLATES,
    ForbiddenContent,
    TemplateError,
    render,
    segments,
    template_named,
    written_values,
)

logger = logging.getLogger(__name__)

EXPIRY_CHUNK = 5000
SECRET_TEMPLATES = [template.name for template in TEMPLATES.values() if template.secret]
# A worker that was stopped in mid-run (a sleeping machine) must not call with a lease that others may have ended.
_LATEST_CALL = LEASE / 2
_BREATH = 0.02
"""Seconds between two looks at a pace that allows nothing in this moment."""
GENEROUS = SmsLimits(10_000_000, 10_000_000, 10_000_000, 1, 10_000, 10_000_000)
"""No limit that anything meets."""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Office:
    """What the dispatcher needs to know of the county: the signature of its messages, its quiet hours, and how many it
    sends at most."""

    signature: str
    quiet: QuietHours | None
    limits: SmsLimits = GENEROUS

    def text_of(self, template: str, parameters: Mapping[str, Any], language: str) -> str:
        """The finished text of a message. Raises TemplateError, ForbiddenContent."""
        return render(template_named(template), parameters, signature=self.signature, language=language)


@dataclass
class Batch:
    """What one claim found: messages to send now, and how many rows were looked at. ``waits``: the pace allows none in
    this moment."""

    outbound: list[OutboundSms] = field(default_factory=list)
    examined: int = 0
    waits: bool = False


def in_state(state: str) -> ColumnElement[bool]:
    """The condition on the state with the value written out: only so do the partial indexes serve it."""
    return Message.state == literal(state, literal_execute=True)


def dispatch(principal: Principal, gateway: Gateway, office: Office, *, now: Clock) -> Counter[str]:
    """Send what is due until nothing is due or the gateway is in trouble. ``now`` is the edge's clock.

    Returns how many messages were accepted, rejected, requeued, unknown, suppressed, expired. Commits in steps.
    """
    with only_reads(False):
        run = _Run(principal, gateway, office, now)
        run.tidy()
        run.drain()
        if run.counts:
            audit.record(principal, "sms.dispatch", "messages", gateway.name, at=now(), counts=dict(run.counts))
        db.session.commit()
    return run.counts


class _Run:
    """One run of the dispatcher."""

    def __init__(self, principal: Principal, gateway: Gateway, office: Office, now: Clock) -> None:
        self.principal = principal
        self.gateway = gateway
        self.office = office
        self.now = now
        self.counts: Counter[str] = Counter()
        self.ceilings = Ceilings(gateway.name, office.limits)
        # A spare message for each lane, so that none is idle while the last results are being written.
        self.window = Window(2 * gateway.lanes)

    def tidy(self) -> None:
        """What no call is needed for: calls that nobody will report on, messages past their time, early receipts."""
        at = self.now()
        self._lose_sight(at)
        self._expire(at)
        receipts.apply_early(self.principal, self.gateway.name, at=at)
        db.session.commit()

    def _lose_sight(self, at: datetime) -> None:
        due = select(Message.id).where(in_state("sending"), Message.lease_until < at).limit(EXPIRY_CHUNK)
        ids = db.session.scalars(due.with_for_update(skip_locked=True)).all()
        if not ids:
            return
        db.session.execute(
            update(SendAttempt)
            .where(SendAttempt.message_id.in_(ids), SendAttempt.outcome == "")
            .values(outcome="unknown", detail="lease_expired")
            .execution_options(synchronize_session=False)
        )
        self._move("lose_sight", Message.id.in_(ids), error_code="lease_expired", lease_until=None)
        self._forget_secrets(ids)

    def _expire(self, at: datetime) -> None:
        due = select(Message.id).where(in_state("queued"), Message.expires_at <= at).limit(EXPIRY_CHUNK)
        ids = db.session.scalars(due.with_for_update(skip_locked=True)).all()
        if ids:
            self._move("expire", Message.id.in_(ids), finished_at=at)
            self._forget_secrets(ids)

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
            self.window.note(well=_went_well(result))
        if done:
            self._record(done, held, at)
        room = min(room, self.window.size)
        batch = self._claim(held, room, at) if room > 0 and not self.window.is_shut else Batch()
        db.session.commit()
        return batch

    # --- claiming ---

    def _claim(self, held: Held, room: int, at: datetime) -> Batch:
        """Take up to ``room`` due messages, the most urgent and oldest first, and mark them *sending*."""
        allowed = held.allow(room, at)
        if not allowed.messages:
            return Batch(waits=allowed.waits)
        rows = self._look(allowed, at)
        written, refused = _write_all(rows, self.office)
        fitting = _fitting(written, allowed.segments)
        full = held.full_phones({row.id: row.phone_index for row in rows if row.id in fitting}, at)
        outbound = [
            OutboundSms(
                row.id,
                row.attempts + 1,
                row.phone,
                written[row.id].text,
                row.expires_at - at,
                row.priority,
                row.template,
                written[row.id].values,
            )
            for row in rows
            if row.id in fitting - full
        ]
        pieces = {one.message_id: segments(one.text) for one in outbound}
        self._suppress(refused, at)
        self._put_off(sorted(full), at)
        held.spend(sum(pieces.values()), sum(one.priority == CODE for one in outbound), len(outbound), at)
        self._mark_sending(outbound, pieces, at)
        # What does not fit into the rest of the day is not looked at again in this run.
        return Batch(outbound, examined=len(refused) + len(fitting))

    def _look(self, allowed: Allowance, at: datetime) -> list[Any]:
        """The rows of the most urgent and oldest due messages, as many as are allowed."""
        rows: list[Any] = []
        quiet = self.office.quiet is not None and self.office.quiet.covers(at)
        for priority in (CODE,) if quiet else PRIORITIES:
            here = allowed.messages - len(rows)
            if priority == CODE:
                here = min(here, allowed.codes)
            if here > 0:
                rows += db.session.execute(self._due(priority, at).limit(here)).all()
        return rows

    def _put_off(self, ids: Sequence[int], at: datetime) -> None:
        """Their phone has had its number of the day: they wait for tomorrow, as long as they are worth it."""
        if not ids:
            return
        tomorrow = start_of_day_utc(local_date(at) + timedelta(days=1))
        due = next_allowed(tomorrow, self.office.quiet, NOTICE)
        db.session.execute(
            update(Message)
            .where(Message.id.in_(ids))
            .values(not_before=due, error_code="phone_full")
            .execution_options(synchronize_session=False)
        )

    def _due(self, priority: int, at: datetime) -> Any:
        return (
            select(
                Message.id,
                Message.template,
                Message.parameters,
                Message.language,
                Message.phone,
                Message.phone_index,
                Message.attempts,
                Message.priority,
                Message.expires_at,
            )
            .where(
                in_state("queued"),
                Message.priority == priority,
                Message.not_before <= at,
                Message.expires_at > at,
            )
            .order_by(Message.not_before, Message.id)
            .with_for_update(skip_locked=True)
        )

    def _suppress(self, refused: Mapping[int, str], at: datetime) -> None:
        if not refused:
            return
        if "template" in refused.values():
            logger.error("messages do not fit their template", extra={"count": len(refused)})
        codes = case(refused, value=Message.id)
        self._move("suppress", Message.id.in_(list(refused)), error_code=codes, finished_at=at)
        self._forget_secrets(list(refused))

    def _mark_sending(self, outbound: Sequence[OutboundSms], pieces: Mapping[int, int], at: datetime) -> None:
        if not outbound:
            return
        move_set(
            SMS_WORKFLOW,
            Message,
            "send",
            self.principal,
            Message.id.in_(list(pieces)),
            lease_until=at + LEASE,
            attempts=Message.attempts + 1,
            gateway=self.gateway.name,
            segments=case(pieces, value=Message.id),
            error_code="",
        )
        db.session.execute(
            insert(SendAttempt),
            [
                {"message_id": one.message_id, "number": one.number, "gateway": self.gateway.name, "started_at": at}
                for one in outbound
            ],
        )

    # --- recording ---

    def _record(self, done: Sequence[tuple[OutboundSms, Result]], held: Held, at: datetime) -> None:
        held.note(((_went_well(result), getattr(result, "code", "")) for _, result in done), at)
        stayed = [one for one, result in done if isinstance(result, Rejected | Throttled)]
        held.give_back(sum(segments(one.text) for one in stayed), sum(one.priority == CODE for one in stayed))
        accepted = {one: result for one, result in done if isinstance(result, Accepted)}
        if accepted:
            self._accept(accepted, at)
        rejected = {one: r.code for one, r in done if isinstance(r, Rejected) and r.permanent}
        if rejected:
            self._move("reject", *_these(rejected), error_code=_codes(rejected), finished_at=at, lease_until=None)
        again = {one: r for one, r in done if isinstance(r, Throttled) or (isinstance(r, Rejected) and not r.permanent)}
        if again:
            self._requeue(again, at)
        unknown = {one: r.code for one, r in done if isinstance(r, Unknown)}
        if unknown:
            self._move("lose_sight", *_these(unknown), error_code=_codes(unknown), lease_until=None)
        self._forget_secrets([one.message_id for one, _ in done if one not in again])
        self._note_attempts(done)

    def _accept(self, accepted: Mapping[OutboundSms, Accepted], at: datetime) -> None:
        ids = case({one.message_id: result.provider_id for one, result in accepted.items()}, value=Message.id)
        self._move(
            "accept",
            *_these(accepted),
            provider_id=ids,
            sent_at=at,
            poll_at=at + POLL_AFTER,
            lease_until=None,
            error_code="",
        )
        receipts.apply_early(self.principal, self.gateway.name, [r.provider_id for r in accepted.values()], at=at)

    def _requeue(self, again: Mapping[OutboundSms, Throttled | Rejected], at: datetime) -> None:
        due = {}
        for one, result in again.items():
            wish = result.retry_after if isinstance(result, Throttled) else None
            due[one.message_id] = next_allowed(retry_at(at, one.number, wish), self.office.quiet, one.priority)
        times = case({k: literal(v, UtcDateTime()) for k, v in due.items()}, value=Message.id)
        codes = _codes({one: result.code for one, result in again.items()})
        self._move("requeue", *_these(again), not_before=times, error_code=codes, lease_until=None)

    def _note_attempts(self, done: Sequence[tuple[OutboundSms, Result]]) -> None:
        table: Any = SendAttempt.__table__
        db.session.execute(
            update(table)
            .where(table.c.message_id == bindparam("b_message"), table.c.number == bindparam("b_number"))
            .values(outcome=bindparam("b_outcome"), detail=bindparam("b_detail")),
            [
                {
                    "b_message": one.message_id,
                    "b_number": one.number,
                    "b_outcome": type(result).__name__.lower(),
                    "b_detail": result.provider_id if isinstance(result, Accepted) else result.code,
                }
                for one, result in done
            ],
        )

    def _move(self, action: str, *where: ColumnElement[bool], **values: Any) -> None:
        moved = move_set(SMS_WORKFLOW, Message, action, self.principal, *where, **values)
        if moved:
            self.counts[_COUNTED[action]] += moved

    def _forget_secrets(self, ids: Sequence[int]) -> None:
        """A code that was handed over, or is too old to be, is nobody's business any more."""
        if not ids:
            return
        db.session.execute(
            update(Message)
            .where(Message.id.in_(ids), Message.template.in_(SECRET_TEMPLATES), Message.state != "queued")
            .values(parameters={})
            .execution_options(synchronize_session=False)
        )


class _Written(NamedTuple):
    text: str
    values: dict[str, str]


def _write_all(rows: Sequence[Any], office: Office) -> tuple[dict[int, _Written], dict[int, str]]:
    """The finished texts by message, and why the others cannot be sent."""
    written: dict[int, _Written] = {}
    refused: dict[int, str] = {}
    for row in rows:
        if not is_mobile(row.phone):
            refused[row.id] = "not_mobile"
            continue
        try:
            values = written_values(template_named(row.template), row.parameters, row.language)
            written[row.id] = _Written(office.text_of(row.template, row.parameters, row.language), values)
        except (TemplateError, ForbiddenContent) as error:
            refused[row.id] = error.code if isinstance(error, ForbiddenContent) else "template"
    return written, refused


def _fitting(written: Mapping[int, _Written], left: int) -> set[int]:
    """The messages whose pieces fit into what is left of the day, in their order."""
    found = set()
    for message_id, one in written.items():
        left -= segments(one.text)
        if left < 0:
            break
        found.add(message_id)
    return found


_COUNTED = {
    "accept": "accepted",
    "reject": "rejected",
    "requeue": "requeued",
    "lose_sight": "unknown",
    "suppress": "suppressed",
    "expire": "expired",
}


def _went_well(result: Result) -> bool:
    """Whether the gateway itself is in order: a number that it refuses for good is the number's fault."""
    return isinstance(result, Accepted) or (isinstance(result, Rejected) and result.permanent)


def _these(messages: Mapping[OutboundSms, Any]) -> tuple[ColumnElement[bool], ...]:
    """These messages, as long as the attempt that was made is still their latest."""
    pairs = [(one.message_id, one.number) for one in messages]
    return (tuple_(Message.id, Message.attempts).in_(pairs),)


def _codes(codes: Mapping[OutboundSms, str]) -> ColumnElement[str]:
    return case({one.message_id: code for one, code in codes.items()}, value=Message.id)


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
