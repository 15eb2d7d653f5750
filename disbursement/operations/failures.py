"""The failure cycle's records, kept by the operations that make a payment fail, go out again, arrive or go back."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, exists, func, insert, literal, select, update

from core.bulk import among
from core.clock import local_date
from core.database import db
from disbursement.models import Attempt, Batch, Failure, Payment
from disbursement.rules import failure_cycle, return_due
from programmes.rules import frequency_of
from registry.models import Card

_FAILURES: Any = Failure.__table__
ENDINGS = {"paid": "paid", "failed": "failed_again"}


def open_failure(column: Any) -> Any:
    """A column of a payment's open failure, as a value for an update of payments."""
    return select(column).where(Failure.payment_id == Payment.id, Failure.ended_on.is_(None)).scalar_subquery()


def record_failures(*attempts: ColumnElement[bool], kind: str, at: datetime) -> None:
    """Open a failure for each of the attempts that meet the conditions, in the cycle of this day (B6)."""
    today = local_date(at)
    cycle = failure_cycle(today)
    values = {
        "attempt_id": Attempt.id,
        "payment_id": Attempt.payment_id,
        "kind": literal(kind, String),
        "month": literal(cycle.month, String),
        "reason": Attempt.failure_reason,
        "bank_name": _bank_name(),
        "recorded_on": literal(today, Date),
        "correct_by": literal(cycle.correct_by, Date),
        "resubmit_by": literal(cycle.resubmit_by, Date),
        "reissue_by": literal(cycle.reissue_by, Date),
        "ending": literal("", String),
    }
    found = select(*values.values()).where(*attempts).order_by(Attempt.id)
    db.session.execute(insert(_FAILURES).from_select(list(values), found))


def _bank_name() -> Any:
    named = select(Card.bank_name).where(Card.number_index == Attempt.card_index).scalar_subquery()
    return func.coalesce(named, "")


def end_answered(result_file_id: int, *, at: datetime) -> None:
    """A bank's answer to another try ends the failure before it: paid at last, or failed again."""
    for outcome, ending in ENDINGS.items():
        answered = exists().where(
            Attempt.payment_id == Failure.payment_id,
            Attempt.number > 1,
            Attempt.result_file_id == result_file_id,
            Attempt.outcome == outcome,
        )
        _set(Failure.ended_on.is_(None), answered, ended_on=local_date(at), ending=ending)


def note_failures(payment_ids: Iterable[int], **values: Any) -> None:
    """Write into the open failures of these payments, such as the day on which a step was done."""
    _set(Failure.ended_on.is_(None), among(Failure.payment_id, list(payment_ids)), **values)


def note_reissued(payments: Select[int], *, at: datetime) -> None:
    """What a select of payments yields goes out again today."""
    _set(Failure.ended_on.is_(None), Failure.payment_id.in_(payments), reissued_on=local_date(at))


def end_failures(payment_ids: Iterable[int], ending: str, on: date) -> None:
    """End the open failures of these payments in another way than by the bank's answer."""
    note_failures(payment_ids, ended_on=on, ending=ending)


def reopen_failures(payment_ids: Iterable[int], ending: str) -> None:
    """Take such an end back: it is the newest failure of each payment that goes on."""
    newer = _FAILURES.alias()
    newest = ~exists().where(newer.c.payment_id == Failure.payment_id, newer.c.id > Failure.id)
    _set(newest, Failure.ending == ending, among(Failure.payment_id, list(payment_ids)), ended_on=None, ending="")


def _set(*where: ColumnElement[bool], **values: Any) -> None:
    db.session.execute(update(Failure).where(*where).values(**values).execution_options(synchronize_session=False))
    for entity in list(db.session.identity_map.values()):
        if isinstance(entity, Failure):
            db.session.expire(entity)


def set_return_due(batches: Iterable[Batch], *, at: datetime) -> None:
    """Give batches the day by which what cannot be paid of them is to be returned (B7), once: a later answer of the
    bank does not move it."""
    for batch in batches:
        if batch.return_due_on is None:
            issued_on = local_date(at) if batch.state == "results_in" else None
            batch.return_due_on = return_due(frequency_of(batch.programme.frequency), batch.period, issued_on)
    db.session.flush()
