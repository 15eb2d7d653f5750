"""Entering what became of calls: accepted, refused, put back, or out of sight."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, case, literal, update

from core.bulk import among, by_id
from core.database import UtcDateTime, db
from sms import receipts
from sms.ceilings import Held
from sms.gateways.base import Accepted, OutboundSms, Rejected, Result, Throttled, Unknown
from sms.models import Message, SendAttempt
from sms.outbox import SECRET_TEMPLATES, Outbox
from sms.rules import POLL_AFTER, next_allowed, retry_at
from sms.templates import CODE, segments


def record(outbox: Outbox, done: Sequence[tuple[OutboundSms, Result]], held: Held, at: datetime) -> None:
    held.note(((went_well(result), getattr(result, "code", "")) for _, result in done), at)
    stayed = [one for one, result in done if isinstance(result, Rejected | Throttled)]
    held.give_back(sum(segments(one.text) for one in stayed), sum(one.priority == CODE for one in stayed))
    accepted = {one: result for one, result in done if isinstance(result, Accepted)}
    if accepted:
        _accept(outbox, accepted, at)
    rejected = {one: r.code for one, r in done if isinstance(r, Rejected) and r.permanent}
    if rejected:
        outbox.move("reject", *_these(rejected), error_code=_codes(rejected), finished_at=at, lease_until=None)
    again = {one: r for one, r in done if isinstance(r, Throttled) or (isinstance(r, Rejected) and not r.permanent)}
    if again:
        _requeue(outbox, again, at)
    unknown = {one: r.code for one, r in done if isinstance(r, Unknown)}
    if unknown:
        outbox.move("lose_sight", *_these(unknown), error_code=_codes(unknown), lease_until=None)
    outbox.forget_secrets([one.message_id for one, _ in done if one not in again and one.template in SECRET_TEMPLATES])
    _note_attempts(done)


def _accept(outbox: Outbox, accepted: Mapping[OutboundSms, Accepted], at: datetime) -> None:
    ids = {one.message_id: result.provider_id for one, result in accepted.items()}
    outbox.move(
        "accept",
        *_these(accepted),
        provider_id=by_id(Message.id, ids, String()),
        sent_at=at,
        poll_at=at + POLL_AFTER,
        lease_until=None,
        error_code="",
    )
    receipts.apply_early(outbox.principal, outbox.gateway, [r.provider_id for r in accepted.values()], at=at)


def _requeue(outbox: Outbox, again: Mapping[OutboundSms, Throttled | Rejected], at: datetime) -> None:
    due = {}
    for one, result in again.items():
        wish = result.retry_after if isinstance(result, Throttled) else None
        due[one.message_id] = next_allowed(retry_at(at, one.number, wish), outbox.office.quiet, one.priority)
    times = case({k: literal(v, UtcDateTime()) for k, v in due.items()}, value=Message.id)
    codes = _codes({one: result.code for one, result in again.items()})
    outbox.move("requeue", *_these(again), not_before=times, error_code=codes, lease_until=None)


def _note_attempts(done: Sequence[tuple[OutboundSms, Result]]) -> None:
    numbers = {one.message_id: one.number for one, _ in done}
    outcomes = {one.message_id: type(result).__name__.lower() for one, result in done}
    details = {
        one.message_id: result.provider_id if isinstance(result, Accepted) else result.code for one, result in done
    }
    message_id = SendAttempt.message_id
    db.session.execute(
        update(SendAttempt)
        .where(among(message_id, numbers), SendAttempt.number == by_id(message_id, numbers, Integer()))
        .values(outcome=by_id(message_id, outcomes, String()), detail=by_id(message_id, details, String()))
        .execution_options(synchronize_session=False)
    )


def went_well(result: Result) -> bool:
    """Whether the gateway itself is in order: a number that it refuses for good is the number's fault."""
    if isinstance(result, Rejected):
        return result.permanent or result.spares_gateway
    return isinstance(result, Accepted)


def _these(messages: Mapping[OutboundSms, Any]) -> tuple[ColumnElement[bool], ...]:
    """These messages, as long as the attempt that was made is still their latest."""
    numbers = {one.message_id: one.number for one in messages}
    return among(Message.id, numbers), Message.attempts == by_id(Message.id, numbers, Integer())


def _codes(codes: Mapping[OutboundSms, str]) -> ColumnElement[str]:
    return by_id(Message.id, {one.message_id: code for one, code in codes.items()}, String())
