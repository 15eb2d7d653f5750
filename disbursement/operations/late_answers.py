"""Answers that were held back, because the month of their day was closed or the file was brought for another batch:
finance books them, with a reason. Where the month is open by then, on the bank's own day; else today."""

import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from core import audit
from core.bulk import among, update_columns
from core.bulk_actions import BulkOutcome
from core.clock import local_date
from core.database import db
from core.errors import Conflict, UserError
from core.money import Fen
from core.principal import Principal
from core.reasons import checked_reason
from core.uploads import store_file
from disbursement.bank_files.matching import BOOKABLE, UNANSWERED
from disbursement.models import Attempt, Discrepancy, ResultFile
from disbursement.operations import results
from disbursement.operations.failures import end_answered, record_failures
from disbursement.operations.messages import queue_result_messages
from disbursement.operations.months import closed_until, refuse_closed
from disbursement.rules import SETTLE_DISCREPANCY, believed_day, month_of

LATE = "late"


def book_late_answers(principal: Principal, ids: Sequence[int], reason: str, *, at: datetime) -> BulkOutcome:
    """Record what the bank said about attempts in months that were closed when its file came, or of another batch than
    the one it was brought for. Each has the bank's own day where its month is open, else today's: a closed month stays
    as it was signed, and the payment is answered all the same. What stands for it among the bank's answers is a note of
    its own.

    Raises UserError without a reason or for another kind of discrepancy, Conflict where one is settled, an attempt has
    another answer, or this month is closed too."""
    principal.require(SETTLE_DISCREPANCY)
    why = checked_reason(reason)
    results.one_at_a_time()
    found = _claimed(principal, ids, why, at)
    closed, today = closed_until(), local_date(at)
    days = [day if month_of(day) > closed else today for day in _believed_days(found, today)]
    for day in set(days):
        refuse_closed(day)
    stored = _note(principal, found, at)
    _answer(found, days, stored)
    results.move_payments(principal, stored, at)
    end_answered(stored.id, at=at)
    record_failures(Attempt.result_file_id == stored.id, Attempt.outcome == "failed", kind="failed", at=at)
    messages = queue_result_messages(stored.id, at=at)
    results.complete_batches(principal, stored, at)
    audit.record(
        principal,
        "discrepancy.book_late",
        "discrepancy",
        found[0].id,
        at=at,
        count=len(found),
        booked_on=sorted({day.isoformat() for day in days}),
        reason=why,
        messages=messages,
    )
    db.session.flush()
    return BulkOutcome(len(found))


def book_late_answer(principal: Principal, discrepancy: Discrepancy, reason: str, *, at: datetime) -> None:
    """The same for one of them."""
    book_late_answers(principal, [discrepancy.id], reason, at=at)


def _claimed(principal: Principal, ids: Sequence[int], why: str, at: datetime) -> Sequence[Discrepancy]:
    """Settle them, unless somebody was quicker."""
    wanted = sorted(set(ids))
    held = select(Discrepancy).where(among(Discrepancy.id, wanted)).order_by(Discrepancy.id).with_for_update()
    found = db.session.scalars(held.execution_options(populate_existing=True)).all()
    if not found or any(one.kind not in BOOKABLE or one.attempt_id is None for one in found):
        raise UserError("只有日期在已关账月份、或者属于另一个批次的回盘结果才能这样补记。")
    if len(found) != len(wanted) or any(one.settled_at is not None for one in found):
        raise Conflict("这条差异刚才已经处理过了。请刷新页面后再看。")
    if len({one.attempt_id for one in found}) != len(found):
        raise UserError("有的明细在几个回盘文件里都等着补记。请打开各个回盘文件，逐个补记。")
    for one in found:
        one.settled_at, one.settled_by, one.settlement = at, principal.official_id, why
    db.session.flush()
    return found


def _believed_days(found: Sequence[Discrepancy], today: date) -> list[date]:
    """The day of each answer, as an import would have taken it."""
    attempts = [one.attempt_id for one in found if one.attempt_id is not None]
    sent = dict(db.session.execute(select(Attempt.id, Attempt.created_at).where(among(Attempt.id, attempts))).all())
    # Each of these has an attempt: they were found by it.
    return [believed_day(one.bank_date, local_date(sent[one.attempt_id]), today) for one in found]  # type: ignore[index]


def _note(principal: Principal, found: Sequence[Discrepancy], at: datetime) -> ResultFile:
    """A document that says where the answers are from; what follows from an answer follows from its file."""
    told = [
        {"discrepancy": one.id, "file": one.result_file_id, "line": one.line, "outcome": one.bank_outcome}
        for one in found
    ]
    outcomes = [one.bank_outcome for one in found]
    stored = ResultFile(
        file_id=store_file(json.dumps(told).encode(), at=at).id,
        profile=LATE,
        line_count=len(found),
        total_fen=Fen(sum(one.bank_fen or 0 for one in found)),
        paid_count=outcomes.count("paid"),
        failed_count=outcomes.count("failed"),
        unclear_count=outcomes.count("unclear"),
        imported_at=at,
        official_id=principal.official_id,
    )
    db.session.add(stored)
    db.session.flush()
    return stored


def _answer(found: Sequence[Discrepancy], days: Sequence[date], stored: ResultFile) -> None:
    attempts = [one.attempt_id for one in found if one.attempt_id is not None]
    waiting = select(Attempt.id).where(among(Attempt.id, attempts), Attempt.outcome.in_(sorted(UNANSWERED)))
    if len(db.session.scalars(waiting.order_by(Attempt.id).with_for_update()).all()) != len(attempts):
        raise Conflict("这一笔刚才已经有了别的结果，没有补记。请刷新页面后再看。")
    columns = {
        "id": attempts,
        "outcome": [one.bank_outcome for one in found],
        "failure_reason": [one.bank_reason for one in found],
        "bank_date": list(days),
        "result_file_id": stored.id,
        "result_line": list(range(1, len(found) + 1)),
    }
    update_columns(Attempt, "id", columns)
    db.session.expire_all()
