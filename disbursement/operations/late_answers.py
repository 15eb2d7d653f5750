"""An answer that came when the month of its day was closed: finance books it in the open month, with a reason."""

import json
from datetime import datetime

from sqlalchemy import select, update

from core import audit
from core.clock import local_date
from core.database import db
from core.errors import Conflict, UserError
from core.money import Fen
from core.principal import Principal
from core.reasons import checked_reason
from core.uploads import store_file
from disbursement.bank_files.matching import UNANSWERED, DiscrepancyKind
from disbursement.models import Attempt, Discrepancy, ResultFile
from disbursement.operations import results
from disbursement.operations.failures import end_answered, record_failures
from disbursement.operations.messages import queue_result_messages
from disbursement.operations.months import refuse_closed
from disbursement.rules import SETTLE_DISCREPANCY

LATE = "late"


def book_late_answer(principal: Principal, discrepancy: Discrepancy, reason: str, *, at: datetime) -> ResultFile:
    """Record what the bank said about an attempt in a month that was closed by then, with today's date: the closed
    month stays as it was signed, and the payment is answered all the same. Returns the note that stands for it among
    the bank's answers.

    Raises UserError without a reason or for another kind of discrepancy, Conflict where it is settled, the attempt has
    another answer, or this month is closed too."""
    principal.require(SETTLE_DISCREPANCY)
    why = checked_reason(reason)
    if discrepancy.kind != DiscrepancyKind.CLOSED_MONTH or discrepancy.attempt_id is None:
        raise UserError("只有日期在已关账月份的回盘结果才能这样补记。")
    today = local_date(at)
    refuse_closed(today)
    _claim(discrepancy, principal, why, at)
    stored = _note(principal, discrepancy, at)
    _answer(discrepancy, stored)
    results._move_payments(principal, stored, at)
    end_answered(stored.id, at=at)
    record_failures(Attempt.result_file_id == stored.id, Attempt.outcome == "failed", kind="failed", at=at)
    messages = queue_result_messages(stored.id, at=at)
    results._complete_batches(principal, stored, at)
    audit.record(
        principal,
        "discrepancy.book_late",
        "discrepancy",
        discrepancy.id,
        at=at,
        outcome=discrepancy.bank_outcome,
        booked_on=today.isoformat(),
        reason=why,
        messages=messages,
    )
    db.session.flush()
    return stored


def _claim(discrepancy: Discrepancy, principal: Principal, why: str, at: datetime) -> None:
    """Settle it, unless somebody was quicker."""
    claimed = db.session.execute(
        update(Discrepancy)
        .where(Discrepancy.id == discrepancy.id, Discrepancy.settled_at.is_(None))
        .values(settled_at=at, settled_by=principal.official_id, settlement=why)
        .execution_options(synchronize_session=False)
    )
    if int(claimed.rowcount) != 1:  # type: ignore[attr-defined]
        raise Conflict("这条差异刚才已经处理过了。请刷新页面后再看。")
    db.session.refresh(discrepancy)


def _note(principal: Principal, discrepancy: Discrepancy, at: datetime) -> ResultFile:
    """A document of one line that says where the answer is from; what follows from an answer follows from its file."""
    told = {"discrepancy": discrepancy.id, "file": discrepancy.result_file_id, "line": discrepancy.line}
    outcome = discrepancy.bank_outcome
    stored = ResultFile(
        file_id=store_file(json.dumps(told | {"outcome": outcome}).encode(), at=at).id,
        profile=LATE,
        line_count=1,
        total_fen=Fen(discrepancy.bank_fen or 0),
        paid_count=int(outcome == "paid"),
        failed_count=int(outcome == "failed"),
        unclear_count=int(outcome == "unclear"),
        imported_at=at,
        official_id=principal.official_id,
    )
    db.session.add(stored)
    db.session.flush()
    return stored


def _answer(discrepancy: Discrepancy, stored: ResultFile) -> None:
    answered = db.session.execute(
        update(Attempt)
        .where(Attempt.id == discrepancy.attempt_id, Attempt.outcome.in_(sorted(UNANSWERED)))
        .values(
            outcome=discrepancy.bank_outcome,
            failure_reason=discrepancy.bank_reason,
            bank_date=local_date(stored.imported_at),
            result_file_id=stored.id,
            result_line=1,
        )
        .execution_options(synchronize_session=False)
    )
    if int(answered.rowcount) != 1:  # type: ignore[attr-defined]
        raise Conflict("这一笔刚才已经有了别的结果，没有补记。请刷新页面后再看。")
    for attempt in db.session.scalars(select(Attempt).where(Attempt.id == discrepancy.attempt_id)):
        db.session.expire(attempt)
