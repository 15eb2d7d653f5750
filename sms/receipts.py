"""What providers report, brought together with what was sent, in whatever order the two come."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from core.database import db
from core.principal import Principal
from core.workflow import move_set
from sms.gateways.base import Report
from sms.models import Message, Receipt
from sms.rules import (
    ALREADY_LEFT,
    RECEIPT_EARLY,
    RECEIPT_PATIENCE,
    RECEIPT_REPEATED,
    RECEIPT_UNCLAIMED,
    SMS_WORKFLOW,
    decide_receipt,
)

# A message passes through these in this order, so that they can be made one after the other for a whole set.
_ACTIONS = ("accept", "deliver", "fail", "suppress")
CHUNK = 500


def record_receipts(principal: Principal, gateway: str, reports: Sequence[Report], *, at: datetime) -> Counter[str]:
    """Keep the reports and move the messages that they are about; returns how many had which outcome
    (applied, early, late, contradicts, repeated). The same report a second time changes nothing. Flushes."""
    outcomes: Counter[str] = Counter()
    kept = []
    for report in reports:
        if _keep(gateway, report, at):
            kept.append(report.provider_id)
        else:
            outcomes[RECEIPT_REPEATED] += 1
    return outcomes + apply_early(principal, gateway, kept, at=at)


def _keep(gateway: str, report: Report, at: datetime) -> bool:
    insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    row = {
        "gateway": gateway,
        "provider_id": report.provider_id,
        "status": report.status,
        "reported": report.reported,
        "error_code": report.error_code,
        "reference": report.reference,
        "outcome": RECEIPT_EARLY,
        "received_at": at,
    }
    statement = insert(Receipt.__table__).values(row).on_conflict_do_nothing()
    result: Any = db.session.execute(statement, execution_options={"preserve_rowcount": True})
    return bool(result.rowcount)


def apply_early(
    principal: Principal, gateway: str, provider_ids: Iterable[str] | None = None, *, at: datetime
) -> Counter[str]:
    """Apply the reports that still wait for their message: those of these ids, or the oldest of all. Returns
    how many had which outcome. One that has waited for a day without a message is laid aside as unclaimed."""
    waiting = select(Receipt).where(Receipt.gateway == gateway, Receipt.outcome == RECEIPT_EARLY)
    if provider_ids is None:
        waiting = waiting.limit(CHUNK)
    else:
        waiting = waiting.where(Receipt.provider_id.in_(list(provider_ids)))
    receipts = db.session.scalars(waiting.order_by(Receipt.id)).all()
    if not receipts:
        return Counter()
    messages = _messages_of(gateway, receipts)
    states = {message.id: message.state for message in messages.values()}
    moves: dict[str, dict[int, Receipt]] = defaultdict(dict)
    for receipt in receipts:
        message = messages.get(receipt.id)
        if message is None:
            if receipt.received_at < at - RECEIPT_PATIENCE:
                receipt.outcome = RECEIPT_UNCLAIMED
            continue
        decision = decide_receipt(states[message.id], receipt.reported)
        receipt.outcome = decision.outcome
        for action in decision.actions:
            moves[action][message.id] = receipt
            states[message.id] = _target(action)
    db.session.flush()
    for action in _ACTIONS:
        _move(action, moves[action], principal, at)
    return Counter(receipt.outcome for receipt in receipts)


def _messages_of(gateway: str, receipts: Sequence[Receipt]) -> Mapping[int, Message]:
    """The message of each receipt by the receipt's id: by the provider's id, else by the attempt that it names.

    The rows are locked: two reports of one message at once must see each other's effect.
    """
    pairs = {receipt.id: pair for receipt in receipts if (pair := _attempt_of(receipt.reference))}
    by_pair = tuple_(Message.id, Message.attempts).in_(list(set(pairs.values())))
    by_id = (Message.gateway == gateway) & Message.provider_id.in_([receipt.provider_id for receipt in receipts])
    found = db.session.scalars(
        select(Message)
        .where(or_(by_id, by_pair) if pairs else by_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    ids = {message.provider_id: message for message in found}
    attempts = {(message.id, message.attempts): message for message in found}
    matched = {}
    for receipt in receipts:
        message = ids.get(receipt.provider_id) or attempts.get(pairs.get(receipt.id, (0, 0)))
        if message is not None:
            matched[receipt.id] = message
    return matched


def _attempt_of(reference: str) -> tuple[int, int] | None:
    message_id, _, number = reference.partition("-")
    if not (message_id.isascii() and message_id.isdecimal() and number.isascii() and number.isdecimal()):
        return None
    return (int(message_id), int(number)) if len(message_id) <= 18 and len(number) <= 9 else None


def _target(action: str) -> str:
    return next(t.target for t in SMS_WORKFLOW.transitions if t.action == action)


def _move(action: str, receipts: Mapping[int, Receipt], principal: Principal, at: datetime) -> None:
    if not receipts:
        return
    values: dict[str, Any] = {"lease_until": None}
    if action == "accept":
        values["provider_id"] = case({k: r.provider_id for k, r in receipts.items()}, value=Message.id)
    else:
        codes = {k: ALREADY_LEFT if action == "suppress" else r.error_code for k, r in receipts.items()}
        values |= {"finished_at": at, "error_code": case(codes, value=Message.id)}
    move_set(SMS_WORKFLOW, Message, action, principal, Message.id.in_(list(receipts)), **values)
