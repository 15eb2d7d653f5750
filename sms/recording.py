"""Entering what became of calls: accepted, refused, put back, or out of sight."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, case, literal, update

from core.bulk import given_rows
from core.database import UtcDateTime, db
from sms import receipts
from sms.ceilings import Held
from sms.gateways.base import Accepted, OutboundSms, Rejected, Result, Throttled, Unknown
from sms.models import Message, SendAttempt
from sms.outbox import SECRET_TEMPLATES, Outbox
from sms.rendering import segments
from sms.rules import POLL_AFTER, next_allowed, retry_at
from sms.templates import CODE


def record(outbox: Outbox, done: Sequence[tuple[OutboundSms, Result]], at: datetime) -> None:
    """Move the messages to what became of their calls."""
    accepted = {one: result for one, result in done if isinstance(result, Accepted)}
    if accepted:
        _accept(outbox, accepted, at)
    rejected = {one: r.code for one, r in done if isinstance(r, Rejected) and r.permanent}
    if rejected:
        these, told = _these(rejected, rejected)
        outbox.move("reject", *these, error_code=told.c.value, finished_at=at, lease_until=None)
    again = {one: r for one, r in done if isinstance(r, Throttled) or (isinstance(r, Rejected) and not r.permanent)}
    if again:
        _requeue(outbox, again, at)
    unknown = {one: r.code for one, r in done if isinstance(r, Unknown)}
    if unknown:
        these, told = _these(unknown, unknown)
        outbox.move("lose_sight", *these, error_code=told.c.value, lease_until=None)
    outbox.forget_secrets([one.message_id for one, _ in done if one not in again and one.template in SECRET_TEMPLATES])
    _note_attempts(done)


def _accept(outbox: Outbox, accepted: Mapping[OutboundSms, Accepted], at: datetime) -> None:
    these, told = _these(accepted, {one: result.provider_id for one, result in accepted.items()})
    more = {"sent_at": at, "poll_at": at + POLL_AFTER, "lease_until": None, "error_code": ""}
    outbox.move("accept", *these, provider_id=told.c.value, **more)
    receipts.apply_early(outbox.principal, outbox.gateway, [r.provider_id for r in accepted.values()], at=at)


def _requeue(outbox: Outbox, again: Mapping[OutboundSms, Throttled | Rejected], at: datetime) -> None:
    due = {}
    for one, result in again.items():
        wish = result.retry_after if isinstance(result, Throttled) else None
        due[one.message_id] = next_allowed(retry_at(at, one.number, wish), outbox.office.quiet, one.priority)
    times = case({k: literal(v, UtcDateTime()) for k, v in due.items()}, value=Message.id)
    these, told = _these(again, {one: result.code for one, result in again.items()})
    outbox.move("requeue", *these, not_before=times, error_code=told.c.value, lease_until=None)


def _note_attempts(done: Sequence[tuple[OutboundSms, Result]]) -> None:
    told = given_rows(
        [
            {
                "message_id": one.message_id,
                "number": one.number,
                "outcome": type(result).__name__.lower(),
                "detail": result.provider_id if isinstance(result, Accepted) else result.code,
            }
            for one, result in done
        ]
    )
    db.session.execute(
        update(SendAttempt)
        .where(SendAttempt.message_id == told.c.message_id, SendAttempt.number == told.c.number)
        .values(outcome=told.c.outcome, detail=told.c.detail)
        .execution_options(synchronize_session=False)
    )


def count(held: Held, done: Sequence[tuple[OutboundSms, Result]], at: datetime) -> None:
    """Take calls into account: how the gateway is, and what did not leave."""
    held.note(((went_well(result), getattr(result, "code", "")) for _, result in done), at)
    stayed = [one for one, result in done if isinstance(result, Rejected | Throttled) and one.day == held.day.day]
    held.give_back(sum(segments(one.text) for one in stayed), sum(one.priority == CODE for one in stayed))


def went_well(result: Result) -> bool:
    """Whether the gateway itself is in order: a number that it refuses for good is the number's fault."""
    if isinstance(result, Rejected):
        return result.permanent or result.spares_gateway
    return isinstance(result, Accepted)


def _these(
    messages: Iterable[OutboundSms], values: Mapping[OutboundSms, str]
) -> tuple[tuple[ColumnElement[bool], ...], FromClause]:
    """These messages, as long as the attempt that was made is still their latest, and beside each its value."""
    told = given_rows([{"id": one.message_id, "number": one.number, "value": values[one]} for one in messages])
    return (Message.id == told.c.id, Message.attempts == told.c.number), told
