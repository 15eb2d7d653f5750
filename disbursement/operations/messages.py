"""What people are told about their payments, queued in the transaction that changes them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, literal, select

from core.bulk import among
from core.database import json_object
from disbursement.failure_reasons import FAILURE_REASONS, UNNAMED_REASON
from disbursement.models import Attempt, Batch, Payment
from programmes.models import Programme
from registry.models import Beneficiary
from registry.queries import is_reported_wrong
from sms.operations import queue_messages

_MEANING = {reason.text: reason.meaning for reason in FAILURE_REASONS}
_NEXT_STEP = {reason.text: reason.next_step for reason in FAILURE_REASONS}


def queue_result_messages(result_file_id: int, *, at: datetime) -> int:
    """Put a message into the outbox for everybody whose payment this file turned to paid or failed and who has a
    phone; returns how many."""
    failed: dict[str, ColumnElement[str]] = {
        "reason": case(_MEANING, value=Attempt.failure_reason, else_=UNNAMED_REASON.meaning),
        "advice": case(_NEXT_STEP, value=Attempt.failure_reason, else_=UNNAMED_REASON.next_step),
    }
    queued = 0
    for outcome, template, more in (("paid", "payment_paid", {}), ("failed", "payment_failed", failed)):
        source = _source(more).where(Attempt.result_file_id == result_file_id, Attempt.outcome == outcome)
        queued += queue_messages(template, source, subject_kind="attempt", at=at)
    return queued


def queue_returned_messages(attempt_ids: Sequence[int], *, at: datetime) -> int:
    """Put a message into the outbox for everybody with a phone whose paid money the bank has sent back; returns how
    many."""
    source = _source({}).where(among(Attempt.id, attempt_ids))
    return queue_messages("payment_returned", source, subject_kind="attempt", at=at)


def _source(more: Mapping[str, ColumnElement[str]]) -> Select[Any]:
    """Everybody with a phone. Somebody whose number was reported as not his is passed over until his township has
    settled it: a stranger would read about his money."""
    named: dict[str, Any] = {
        "name": Payment.name,
        "period": Batch.period,
        "programme": Programme.name,
        "amount_fen": Attempt.amount_fen,
        "card_tail": Attempt.card_tail,
    }
    pairs = [part for name, value in (named | dict(more)).items() for part in (literal(name, String), value)]
    return (
        select(
            Attempt.id.label("subject_id"),
            Beneficiary.phone.label("phone"),
            Beneficiary.phone_index.label("phone_index"),
            json_object(*pairs).label("parameters"),
            Payment.region_code.label("region_code"),
        )
        .join(Payment, Payment.id == Attempt.payment_id)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .where(Beneficiary.phone.is_not(None), ~is_reported_wrong())
    )
