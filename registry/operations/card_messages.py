"""What people are told when a bank has made their cards, in the transaction that enters the bank's answer."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, case, literal, select

from core.bulk import among
from core.database import json_object
from registry.models import Beneficiary, Card, CardRequest, CardRequestLine
from registry.queries import is_reported_wrong
from sms.operations import queue_messages


def queue_ready_messages(made: CardRequest, line_ids: Sequence[int], *, at: datetime) -> int:
    """Put a message into the outbox for everybody of these lines who has a phone and whose card waits for him; returns
    how many. Whoever has another card by now has nothing to collect."""
    bank = case((Card.bank_name == "", made.bank.name), else_=Card.bank_name)
    named = {"name": Beneficiary.name, "bank": bank, "card_tail": Card.tail}
    pairs = [part for name, value in named.items() for part in (literal(name, String), value)]
    source = (
        select(
            CardRequestLine.id.label("subject_id"),
            Beneficiary.phone.label("phone"),
            Beneficiary.phone_index.label("phone_index"),
            json_object(*pairs).label("parameters"),
            Beneficiary.region_code.label("region_code"),
        )
        .join(Beneficiary, Beneficiary.id == CardRequestLine.beneficiary_id)
        .join(Card, Card.id == CardRequestLine.card_id)
        .where(
            among(CardRequestLine.id, line_ids),
            Beneficiary.card_id == CardRequestLine.card_id,
            Beneficiary.phone.is_not(None),
            ~is_reported_wrong(),
        )
    )
    return queue_messages("card_ready", source, subject_kind="card_request_line", at=at)
