"""What the bank never answers: two officials declare it failed, with the bank's letter, where the statements show that
no money left. The ordinary failure cycle goes on from there; a later answer of the bank becomes a discrepancy."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from core import audit
from core.bulk import among, update_columns
from core.clock import local_date
from core.database import db
from core.errors import NotVisible, UserError
from core.evidence import BroughtEvidence
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.hooks import nothing_left
from disbursement.models import Attempt, OfferFile, Rebooking, RebookingLine
from disbursement.operations import results
from disbursement.operations.failures import end_answered, record_failures
from disbursement.operations.messages import queue_result_messages
from disbursement.operations.rebooking_notes import record_answer
from disbursement.operations.tries import Try, held_tries, write_proposal
from disbursement.queries.bank_files import has_left
from disbursement.queries.progress import step_limits
from disbursement.rules import (
    SEE_RESULTS,
    SETTLE_DISCREPANCY,
    UNANSWERED,
    RebookingKind,
    check_letter_day,
    refuse_no_answer,
)

NEVER_ANSWERED = "银行没有答复，来函确认没有付出"
"""The reason in the book."""


def propose_no_answer(
    principal: Principal,
    attempt_ids: Sequence[int],
    letter: BroughtEvidence | None,
    letter_on: date | None,
    reason: str,
    *,
    at: datetime,
) -> Rebooking:
    """Propose to declare tries failed that the bank has not answered, or has left unclear. ``letter``: the bank's word
    that it did not pay and will not, of the day ``letter_on``. Until another official decides, nothing changes.

    Raises UserError without a reason or a letter, for a day that cannot be, for a try that was sent too few days ago,
    and where the statements do not show yet that no money left; Conflict for one that is answered or proposed
    already."""
    principal.require(SETTLE_DISCREPANCY)
    why, today = checked_reason(reason), local_date(at)
    wanted = sorted(set(attempt_ids))
    if not wanted:
        raise UserError("没有选中要认定的明细。请先在前面的方框里打勾。")
    if letter is None:
        raise UserError("请上传银行确认没有付出、也不会再付的函件。")
    found = _held(wanted, today)
    days = dict.fromkeys(wanted, check_letter_day(letter_on, min(local_date(row.created_at) for row in found), today))
    return write_proposal(principal, RebookingKind.NO_ANSWER, found, days, why, at=at, letter=letter)


def _held(attempt_ids: Sequence[int], today: date) -> Sequence[Try]:
    """These tries, their payments held until the transaction ends. Raises for the first that cannot be declared
    failed."""
    found = held_tries(attempt_ids)
    fetched = set(
        db.session.scalars(
            select(Attempt.id)
            .join(OfferFile, OfferFile.id == Attempt.offer_file_id)
            .where(among(Attempt.id, attempt_ids), has_left())
        )
    )
    if len(fetched) != len(found):
        raise UserError("有的代发文件还没有下载，没有送过银行。")
    silent = nothing_left({row.id: local_date(row.created_at) for row in found})
    days = step_limits()[UNANSWERED]
    for row in found:
        refuse_no_answer(
            row.reference, row.outcome, local_date(row.created_at), today, days, is_silent=row.id in silent
        )
    return found


def declare_failed(principal: Principal, rebooking: Rebooking, lines: Sequence[RebookingLine], at: datetime) -> int:
    """Book the tries of an approved proposal as failed (a part of ``approve_rebooking``, which has asked for the
    right); returns how many messages go out. The lines are free again: where the bank proves later that it paid after
    all, that is booked as well."""
    today = local_date(at)
    attempts = [line.attempt_id for line in lines]
    _held(attempts, today)
    stored = record_answer(principal, rebooking, failed_count=rebooking.line_count, at=at)
    # Without a day: nobody knows of any, and a debit of whatever day is then about it.
    columns = {
        "id": attempts,
        "outcome": "failed",
        "failure_reason": NEVER_ANSWERED,
        "result_file_id": stored.id,
        "result_line": list(range(1, len(attempts) + 1)),
    }
    update_columns(Attempt, "id", columns)
    update_columns(RebookingLine, "id", {"id": [line.id for line in lines], "booked_on": today, "released_at": at})
    db.session.expire_all()
    results.move_payments(principal, stored, at)
    end_answered(stored.id, at=at)
    record_failures(Attempt.result_file_id == stored.id, Attempt.outcome == "failed", kind="failed", at=at)
    messages = queue_result_messages(stored.id, at=at)
    results.complete_batches(principal, stored, at)
    return messages


def read_letter(principal: Principal, rebooking: Rebooking, *, at: datetime) -> tuple[str, bytes]:
    """The bank's letter and its name; every reading is on record. Raises NotVisible where there is none."""
    principal.require(SEE_RESULTS)
    if rebooking.evidence is None:
        raise NotVisible
    audit.record(principal, "rebooking.read_letter", "rebooking", rebooking.id, at=at)
    db.session.flush()
    return rebooking.evidence.filename, rebooking.evidence.file.content
