"""Asks the provider about messages of which nobody here knows whether they left. It sends nothing."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from core.database import db, only_reads
from core.principal import Principal
from core.workflow import move_set
from sms.gateways.base import Gateway, LookupFailed, Report, Sent
from sms.models import Message, SendAttempt
from sms.outbox import SECRET_TEMPLATES, Clock, Office, in_state
from sms.receipts import record_receipts
from sms.rendering import ForbiddenContent
from sms.rules import LOOK_UP_EVERY, LOOK_UP_FOR, SMS_WORKFLOW
from sms.templates import TemplateError

AT_ONCE = 20


def look_up_lost(principal: Principal, gateway: Gateway, office: Office, *, now: Clock) -> int:
    """Ask about the messages of unknown fate that are due; returns how many the provider knew. Commits in steps, so
    that the database is let go during each call. Stops at the first call that fails."""
    with only_reads(False):
        at = now()
        _drop_outdated_codes(principal, at)
        lost = _due(gateway, office, at)
        db.session.commit()
        found = 0
        for sent in lost:
            try:
                report = gateway.fetch_status(sent)
            except LookupFailed:
                break
            found += _note(principal, gateway, sent, report, now())
            db.session.commit()
        return found


def _drop_outdated_codes(principal: Principal, at: datetime) -> None:
    """A code is of no use to anybody once it has expired, whether it arrived or not: nothing is left to decide."""
    outdated: tuple[ColumnElement[bool], ...] = (Message.template.in_(SECRET_TEMPLATES), Message.expires_at <= at)
    ids = db.session.scalars(select(Message.id).where(in_state("unknown"), *outdated)).all()
    if ids:
        where = Message.id.in_(ids)
        move_set(SMS_WORKFLOW, Message, "give_up", principal, where, error_code="overtaken", finished_at=at)


def _due(gateway: Gateway, office: Office, at: datetime) -> Sequence[Sent]:
    """The messages to ask about now. Asked by itself for two days; after that when an official wants it."""
    started = select(func.max(SendAttempt.started_at)).where(SendAttempt.message_id == Message.id).scalar_subquery()
    recently = (Message.looked_up_at < at - LOOK_UP_EVERY) & (started > at - LOOK_UP_FOR)
    rows = db.session.execute(
        select(Message, started)
        .where(
            in_state("unknown"),
            Message.gateway == gateway.name,
            Message.template.not_in(SECRET_TEMPLATES),
            or_(Message.looked_up_at.is_(None), recently),
        )
        .order_by(Message.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True, of=Message)
    ).all()
    known = _known_ids([message.phone for message, _ in rows], at)
    lost = []
    for message, since in rows:
        message.looked_up_at = at
        try:
            text = office.text_of(message.template, message.parameters, message.language, message.template_version)
        except (TemplateError, ForbiddenContent):
            # The template has changed since: what was sent cannot be told any more, and a person decides.
            continue
        reference = f"{message.id}-{message.attempts}"
        lost.append(Sent(reference, message.phone, text, since, frozenset(known[message.phone])))
    return lost


def _known_ids(phones: Sequence[str], at: datetime) -> defaultdict[str, set[str]]:
    """The provider's ids that already belong to messages to these phones: none of those is the lost one."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    rows = db.session.execute(
        select(Message.phone, Message.provider_id).where(
            Message.phone_index.in_(phones),
            Message.provider_id.is_not(None),
            Message.created_at > at - 10 * LOOK_UP_FOR,
        )
    )
    for phone, provider_id in rows:
        found[phone].add(str(provider_id))
    return found


def _note(principal: Principal, gateway: Gateway, sent: Sent, report: Report | None, at: datetime) -> int:
    if report is None:
        return 0
    record_receipts(principal, gateway.name, [report], at=at)
    return 1
