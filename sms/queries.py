"""What a principal may see of the messages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import gettext
from sqlalchemy import ColumnElement, false, func, or_, select, text, true

from core import clock
from core.board import BoardItem, board_provider
from core.database import db, region_scope
from core.errors import NotVisible
from core.identity import normalise_phone
from core.listing import AnySelect
from core.principal import OrganisationKind, Principal, PrincipalKind
from core.workflow import WorkflowStep, history
from sms.doctor import LATE
from sms.models import EMPTY_NUMBERS, GatewayHealth, Message, Receipt, SendAttempt
from sms.outbox import in_state
from sms.rules import DECIDE_UNKNOWN, SEE_MESSAGES, SMS_WORKFLOW
from sms.templates import TEMPLATES
from sms.words import error_words

CONFIDENTIAL = [template.name for template in TEMPLATES.values() if template.confidential]
COUNTY_PREFIX_LENGTH = 6
UNKNOWN_PAGE = 50


def scope(principal: Principal) -> ColumnElement[bool]:
    """The messages that this principal may see, as a condition.

    By region; what belongs to no region (codes, reminders) is the county offices' to see. That a notice about a
    complaint was sent may tell who complained, so those are for the discipline commission only.
    """
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    if not principal.may(SEE_MESSAGES) or not principal.region_prefix:
        return false()
    region = region_scope(Message.region_code, principal.region_prefix)
    if len(principal.region_prefix) <= COUNTY_PREFIX_LENGTH:
        region = or_(region, Message.region_code == "")
    if principal.organisation_kind == OrganisationKind.DISCIPLINE:
        return region
    return region & Message.template.not_in(CONFIDENTIAL)


def messages(principal: Principal) -> AnySelect:
    """All messages in scope. Raises PermissionDenied for whoever may see none."""
    principal.require(SEE_MESSAGES)
    return select(Message).where(scope(principal))


def message(principal: Principal, message_id: int) -> Message:
    """One message in scope. Raises NotVisible."""
    found = db.session.scalar(select(Message).where(Message.id == message_id, scope(principal)))
    if found is None:
        raise NotVisible
    return found


def find_phone(principal: Principal, term: str) -> Mapping[str, str] | None:
    """The parameter that narrows the list to the phone in ``term``, by a message to it in scope; None for nobody."""
    phone = normalise_phone(term)
    if phone is None:
        return None
    newest = db.session.scalar(select(func.max(Message.id)).where(Message.phone_index == phone, scope(principal)))
    return None if newest is None else {"phone_of": str(newest)}


@dataclass(frozen=True)
class Story:
    """All that happened to one message."""

    message: Message
    attempts: Sequence[SendAttempt]
    receipts: Sequence[Receipt]
    steps: Sequence[WorkflowStep]


def story(principal: Principal, message_id: int) -> Story:
    """One message with its attempts, receipts and decisions. Raises NotVisible."""
    found = message(principal, message_id)
    attempts = db.session.scalars(
        select(SendAttempt).where(SendAttempt.message_id == found.id).order_by(SendAttempt.number)
    ).all()
    receipts = db.session.scalars(
        select(Receipt)
        .where(
            Receipt.gateway == found.gateway,
            Receipt.provider_id.in_([attempt.detail for attempt in attempts] + [found.provider_id or ""]),
        )
        .order_by(Receipt.id)
    ).all()
    return Story(found, attempts, receipts, history(SMS_WORKFLOW, found.id))


def unknown_messages(principal: Principal) -> Sequence[Message]:
    """The oldest messages in scope of which nobody knows whether they left. Raises PermissionDenied."""
    principal.require(DECIDE_UNKNOWN)
    return db.session.scalars(
        select(Message).where(in_state("unknown"), scope(principal)).order_by(Message.id).limit(UNKNOWN_PAGE)
    ).all()


def count_unknown(principal: Principal) -> int:
    """How many messages wait for a decision of this principal."""
    if not principal.may(DECIDE_UNKNOWN):
        return 0
    return (
        db.session.scalar(select(func.count()).select_from(Message).where(in_state("unknown"), scope(principal))) or 0
    )


def count_to_phone(template: str, phone: str, *, since: datetime) -> int:
    """How many messages of this template were made for a phone since then."""
    made = (Message.phone_index == phone, Message.template == template, Message.created_at > since)
    return db.session.scalar(select(func.count()).select_from(Message).where(*made)) or 0


def found_empty(since: datetime) -> AnySelect:
    """The phones (by index) that a provider has found empty since then, and when (``at``): one index holds these
    alone. Not grouped by phone: SQLite would walk all messages in the order of their phones for that."""
    reported = (text(EMPTY_NUMBERS), Message.finished_at > since)
    return select(Message.phone_index, Message.finished_at.label("at")).where(*reported)


@board_provider
def board_items(principal: Principal, today: date) -> Iterable[BoardItem]:
    """Messages whose fate a person has to decide; for the county's finance bureau, that the sending itself is in
    trouble."""
    if principal.may(DECIDE_UNKNOWN) and principal.organisation_kind == OrganisationKind.FINANCE:
        yield from _troubles(clock.utc_now())
    count = count_unknown(principal)
    if count:
        yield BoardItem(
            title=gettext("%(count)s 条短信结果不明，请决定是否重发", count=count),
            url=url_for("sms.unknown"),
            room="sms",
            count=count,
        )


def _troubles(now: datetime) -> Iterable[BoardItem]:
    for row in db.session.scalars(select(GatewayHealth).where(GatewayHealth.shut_until.is_not(None))):
        yield BoardItem(
            title=gettext("短信网关 %(gateway)s 连续出错，已暂停发送", gateway=row.gateway),
            url=url_for("sms.messages", state="queued"),
            room="sms",
            detail=error_words(row.last_error),
        )
    first = db.session.scalar(
        select(func.min(Message.not_before)).where(in_state("queued"), Message.not_before <= now - LATE)
    )
    if first is not None:
        minutes = int((now - first).total_seconds() // 60)
        yield BoardItem(
            title=gettext("有短信到时没有发出，已等 %(minutes)s 分钟", minutes=minutes),
            url=url_for("sms.messages", state="queued"),
            room="sms",
            detail=gettext("看“原因”一栏：账户余额、当天上限，或者后台没有运行。"),
        )
