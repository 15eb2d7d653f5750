"""The tries that a rebooking is about, held while it is written; and its proposal, the same for every kind."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, insert, select
from sqlalchemy.exc import IntegrityError

from core import audit, workflow
from core.bulk import among
from core.database import db
from core.errors import Conflict
from core.evidence import BroughtEvidence
from core.money import Fen
from core.principal import Principal
from disbursement.models import Attempt, Payment, Rebooking, RebookingLine, ReturnLine
from disbursement.operations.evidence import keep_evidence
from disbursement.rules import REBOOKING_WORKFLOW, RebookingKind


class Try(NamedTuple):
    """A try as the book has it, and what stands in the way."""

    id: int
    payment_id: int
    number: int
    reference: str
    outcome: str
    failure_reason: str
    bank_date: date | None
    amount_fen: Fen
    created_at: datetime
    state: str
    is_in_order: bool
    is_rebooked: bool


def held_tries(attempt_ids: Sequence[int]) -> Sequence[Try]:
    """These tries, their payments held until the transaction ends. Raises Conflict where one is not there, or two are
    of one payment."""
    db.session.flush()
    inside = select(Attempt.payment_id).where(among(Attempt.id, attempt_ids))
    db.session.execute(select(Payment.id).where(Payment.id.in_(inside)).order_by(Payment.id).with_for_update())
    in_order = exists().where(ReturnLine.payment_id == Attempt.payment_id, ReturnLine.released_at.is_(None))
    rebooked = exists().where(
        RebookingLine.attempt_id == Attempt.id,
        RebookingLine.released_at.is_(None),
        RebookingLine.booked_on.is_not(None),
    )
    rows = db.session.execute(
        select(
            Attempt.id,
            Attempt.payment_id,
            Attempt.number,
            Attempt.reference,
            Attempt.outcome,
            Attempt.failure_reason,
            Attempt.bank_date,
            Attempt.amount_fen,
            Attempt.created_at,
            Payment.state,
            in_order.label("is_in_order"),
            rebooked.label("is_rebooked"),
        )
        .join(Payment, Payment.id == Attempt.payment_id)
        .where(among(Attempt.id, attempt_ids))
        .order_by(Attempt.id)
    )
    found = [Try._make(row) for row in rows]
    if len(found) != len(attempt_ids) or len({row.payment_id for row in found}) != len(found):
        raise Conflict("有的明细重复或者已经没有了，没有办理。请刷新页面后再看。")
    return found


def write_proposal(
    principal: Principal,
    kind: RebookingKind,
    found: Sequence[Try],
    days: Mapping[int, date],
    why: str,
    *,
    at: datetime,
    letter: BroughtEvidence | None = None,
) -> Rebooking:
    """Enter what one official proposes of these tries, each with the bank's day (``days``) and with what the book has
    of it; another decides. Raises Conflict where somebody has proposed one of them in this very moment."""
    rebooking = Rebooking(
        kind=kind.value,
        line_count=len(found),
        total_fen=Fen(sum(row.amount_fen for row in found)),
        created_at=at,
        official_id=principal.official_id,
        evidence_id=keep_evidence(letter, at).id if letter else None,
    )
    db.session.add(rebooking)
    db.session.flush()
    _write_lines(rebooking, found, days)
    workflow.move(REBOOKING_WORKFLOW, rebooking, "propose", principal, at=at, reason=why)
    record_rebooking(principal, "propose", rebooking, at, reason=why)
    return rebooking


def record_rebooking(principal: Principal, action: str, rebooking: Rebooking, at: datetime, **details: Any) -> None:
    """One step of a rebooking in the audit log, with its kind, its tries and their fen."""
    audit.record(
        principal,
        f"rebooking.{action}",
        "rebooking",
        rebooking.id,
        at=at,
        kind=rebooking.kind,
        lines=rebooking.line_count,
        total_fen=int(rebooking.total_fen),
        **details,
    )
    db.session.flush()


def _write_lines(rebooking: Rebooking, found: Sequence[Try], days: Mapping[int, date]) -> None:
    rows = [
        {
            "rebooking_id": rebooking.id,
            "attempt_id": row.id,
            "payment_id": row.payment_id,
            "amount_fen": row.amount_fen,
            "bank_day": days[row.id],
            "was_outcome": row.outcome,
            "was_reason": row.failure_reason,
            "was_bank_date": row.bank_date,
            "was_state": row.state,
        }
        for row in found
    ]
    try:
        with db.session.begin_nested():
            db.session.execute(insert(RebookingLine), rows)
    except IntegrityError as error:
        raise Conflict("有的明细刚才已经提出改记，等待审批。请刷新页面后再看。") from error
