"""Taking messages out of the outbox: the most urgent and oldest that may go now, each with its finished text."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import literal, select, update

from core.bulk import among, given_rows, insert_selected
from core.calendar import local_date, start_of_day_utc
from core.database import UtcDateTime, db
from core.identity import is_mobile
from core.workflow import move_set
from sms.ceilings import Allowance, Held
from sms.gateways.base import OutboundSms
from sms.models import Message, SendAttempt
from sms.outbox import Office, Outbox, in_state
from sms.rendering import ForbiddenContent, composed, segments, written_values
from sms.rules import LEASE, SMS_WORKFLOW, next_allowed
from sms.templates import CODE, NOTICE, PRIORITIES, TemplateError, template_named

logger = logging.getLogger(__name__)


@dataclass
class Batch:
    """What one claim found: messages to send now, and how many rows were looked at. ``waits``: the pace allows none in
    this moment."""

    outbound: list[OutboundSms] = field(default_factory=list)
    examined: int = 0
    waits: bool = False


class _Written(NamedTuple):
    text: str
    pieces: int
    values: dict[str, str]
    version: int
    provider_template: str


@dataclass
class Found:
    """Due messages, locked and looked at, in their order: those with a finished text, and why the others cannot be
    sent. ``waits`` as in Batch."""

    rows: Sequence[Any] = ()
    written: Mapping[int, _Written] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    waits: bool = False


def look(outbox: Outbox, held: Held, room: int, at: datetime) -> Found:
    """Up to ``room`` due messages, the most urgent and oldest first. Nothing is changed or counted yet."""
    allowed = held.allow(room, at)
    if not allowed.messages:
        return Found(waits=allowed.waits)
    rows: list[Any] = []
    quiet = outbox.office.quiet is not None and outbox.office.quiet.covers(at)
    for priority in (CODE,) if quiet else PRIORITIES:
        here = allowed.messages - len(rows)
        if priority == CODE:
            here = min(here, allowed.codes)
        if here > 0:
            rows += db.session.execute(_due(priority, at).limit(here)).all()
    return Found(rows, *_write_all(rows, outbox.office, outbox.gateway))


def claim(outbox: Outbox, held: Held, found: Found, at: datetime) -> Batch:
    """Mark of these messages *sending* what may still go: another worker may have used the room meanwhile."""
    if not found.rows:
        return Batch(waits=found.waits)
    allowed = held.allow(len(found.rows), at)
    fitting = _fitting(found, allowed)
    full = held.full_phones({row.id: row.phone_index for row in found.rows if row.id in fitting}, at)
    outbound = [
        OutboundSms(
            row.id,
            row.attempts + 1,
            row.phone,
            found.written[row.id].text,
            row.expires_at - at,
            row.priority,
            row.template,
            found.written[row.id].values,
            found.written[row.id].version,
            found.written[row.id].provider_template,
            held.day.day,
        )
        for row in found.rows
        if row.id in fitting - full
    ]
    pieces = [found.written[one.message_id].pieces for one in outbound]
    _suppress(outbox, found.refused, at)
    _put_off(outbox, sorted(full), at)
    held.spend(sum(pieces), sum(one.priority == CODE for one in outbound), len(outbound), at)
    _mark_sending(outbox, outbound, pieces, at)
    # What does not fit into the rest of the day is not looked at again in this run.
    return Batch(outbound, examined=len(found.refused) + len(fitting), waits=allowed.waits)


def _due(priority: int, at: datetime) -> Any:
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


def _write_all(rows: Sequence[Any], office: Office, gateway: str) -> tuple[dict[int, _Written], dict[int, str]]:
    """The finished texts by message, and why the others cannot be sent."""
    written: dict[int, _Written] = {}
    refused: dict[int, str] = {}
    for row in rows:
        if not is_mobile(row.phone):
            refused[row.id] = "not_mobile"
            continue
        try:
            written[row.id] = _write(row, office, gateway)
        except (TemplateError, ForbiddenContent) as error:
            refused[row.id] = error.code if isinstance(error, ForbiddenContent) else "template"
    return written, refused


def _write(row: Any, office: Office, gateway: str) -> _Written:
    """By the version that is in use now, and as this gateway knows that. Raises TemplateError, ForbiddenContent."""
    template = template_named(row.template)
    if {parameter.name for parameter in template.parameters} != row.parameters.keys():
        raise TemplateError(f"{template.name} has wrong parameters")
    wording = office.wordings.current(template)
    values = written_values(template, row.parameters, row.language)
    text = composed(wording.in_language(row.language), values, office.signature)
    known = office.wordings.registration(row.template, wording.number, gateway)
    given = known.values(values) if known else values
    return _Written(text, segments(text), given, wording.number, known.code if known else "")


def _fitting(found: Found, allowed: Allowance) -> set[int]:
    """The messages that fit into what is left of the day and of the pace, in their order."""
    fitting: set[int] = set()
    messages, pieces, codes = allowed.messages, allowed.segments, allowed.codes
    for row in found.rows:
        if row.id not in found.written:
            continue
        messages, pieces = messages - 1, pieces - found.written[row.id].pieces
        codes -= row.priority == CODE
        if min(messages, pieces, codes) < 0:
            break
        fitting.add(row.id)
    return fitting


def _put_off(outbox: Outbox, ids: Sequence[int], at: datetime) -> None:
    """Their phone has had its number of the day: they wait for tomorrow, as long as they are worth it."""
    if not ids:
        return
    tomorrow = start_of_day_utc(local_date(at) + timedelta(days=1))
    due = next_allowed(tomorrow, outbox.office.quiet, NOTICE)
    db.session.execute(
        update(Message)
        .where(Message.id.in_(ids))
        .values(not_before=due, error_code="phone_full")
        .execution_options(synchronize_session=False)
    )


def _suppress(outbox: Outbox, refused: Mapping[int, str], at: datetime) -> None:
    if not refused:
        return
    if "template" in refused.values():
        logger.error("messages do not fit their template", extra={"count": len(refused)})
    told = given_rows([{"id": message_id, "code": code} for message_id, code in refused.items()])
    outbox.move("suppress", Message.id == told.c.id, error_code=told.c.code, finished_at=at)
    outbox.forget_secrets(list(refused))


def _mark_sending(outbox: Outbox, outbound: Sequence[OutboundSms], pieces: Sequence[int], at: datetime) -> None:
    if not outbound:
        return
    told = given_rows(
        [
            {"id": one.message_id, "segments": number, "version": one.version}
            for one, number in zip(outbound, pieces, strict=True)
        ]
    )
    move_set(
        SMS_WORKFLOW,
        Message,
        "send",
        outbox.principal,
        Message.id == told.c.id,
        lease_until=at + LEASE,
        attempts=Message.attempts + 1,
        gateway=outbox.gateway,
        segments=told.c.segments,
        template_version=told.c.version,
        error_code="",
    )
    begun = select(
        Message.id, Message.attempts, literal(outbox.gateway), literal(at, UtcDateTime()), literal(""), literal("")
    )
    names = ("message_id", "number", "gateway", "started_at", "outcome", "detail")
    insert_selected(SendAttempt, names, begun.where(among(Message.id, [one.message_id for one in outbound])))
