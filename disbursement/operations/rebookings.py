"""The bank proved that it had paid what the book has as failed: two officials book it as paid, exactly once. Or that it
never paid what the book has as paid: two officials book it as returned, and it is paid again."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, select, update

from core import workflow
from core.bulk import among, update_columns
from core.clock import local_date
from core.database import db
from core.errors import Conflict, UserError
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.bank_files.matching import DiscrepancyKind
from disbursement.hooks import tell_of_rebooking
from disbursement.models import Attempt, Discrepancy, Payment, Rebooking, RebookingLine, ResultFile
from disbursement.operations import results
from disbursement.operations.bank_returns import hold_batches, record_bank_return
from disbursement.operations.discrepancies import enter_settlement
from disbursement.operations.failures import end_failures
from disbursement.operations.messages import queue_result_messages
from disbursement.operations.months import closed_until, refuse_closed
from disbursement.operations.rebooking_notes import record_answer
from disbursement.operations.still_failed import confirm_still_failed
from disbursement.operations.tries import Try, held_tries, record_rebooking, write_proposal
from disbursement.operations.unanswered import declare_failed
from disbursement.rules import (
    APPROVE_REBOOKING,
    PAYMENT_WORKFLOW,
    REBOOKING_WORKFLOW,
    SETTLE_DISCREPANCY,
    RebookingKind,
    check_bank_day,
    month_of,
    refuse_denial,
    refuse_rebooking,
)
from registry.models import Card

PAID_AFTER_ALL = "paid_after_all"
NEVER_PAID = "银行没有付出"
"""The reason in the book of what the bank never paid."""


def propose_rebooking(principal: Principal, days: Mapping[int, date], reason: str, *, at: datetime) -> Rebooking:
    """Propose to book tries as paid, each on the day on which the bank says that it paid (``days``: attempt → day).
    Until another official decides, nothing of the book changes, and none of the payments is sent again or returned.

    Raises UserError without a reason or for a day that cannot be, Conflict for a try that is not failed or unclear,
    was sent again since (a double payment), stands in a return order, or is proposed already."""
    principal.require(SETTLE_DISCREPANCY)
    why = checked_reason(reason)
    wanted = sorted(days)
    if not wanted:
        raise UserError("没有选中要改记的明细。请先在前面的方框里打勾。")
    found = _held(wanted)
    for row in found:
        check_bank_day(days[row.id], local_date(row.created_at), local_date(at))
    return write_proposal(principal, RebookingKind.PAID, found, days, why, at=at)


def propose_denial(principal: Principal, attempt_ids: Sequence[int], reason: str, *, at: datetime) -> Rebooking:
    """Propose to book tries as never paid. Money goes out a second time by it, and nothing but the bank's word stands
    for the first not having gone: until another official decides, nothing of the book changes.

    Raises UserError without a reason, Conflict for a try that is not paid, or is proposed already."""
    principal.require(SETTLE_DISCREPANCY)
    why = checked_reason(reason)
    wanted = sorted(set(attempt_ids))
    if not wanted:
        raise UserError("没有选中要改记的明细。请先在前面的方框里打勾。")
    found = _held_as_paid(wanted)
    days = {row.id: row.bank_date or local_date(at) for row in found}
    return write_proposal(principal, RebookingKind.NEVER_PAID, found, days, why, at=at)


def _held(attempt_ids: Sequence[int]) -> Sequence[Try]:
    """These tries, their payments held until the transaction ends. Raises Conflict for the first that cannot be
    rebooked as paid."""
    found = held_tries(attempt_ids)
    later = _later(found)
    for row in found:
        refuse_rebooking(row.reference, row.outcome, later.get(row.id, ()), is_in_order=row.is_in_order)
    return found


def _held_as_paid(attempt_ids: Sequence[int]) -> Sequence[Try]:
    """The same for tries that are to be rebooked as never paid."""
    found = held_tries(attempt_ids)
    for row in found:
        refuse_denial(row.reference, row.outcome, is_rebooked=row.is_rebooked)
    return found


def _later(found: Sequence[Try]) -> dict[int, list[str]]:
    """The outcomes of the later tries of each try's payment."""
    tried = {row.payment_id: (row.id, row.number) for row in found}
    rows = db.session.execute(
        select(Attempt.payment_id, Attempt.number, Attempt.outcome).where(among(Attempt.payment_id, sorted(tried)))
    )
    later: dict[int, list[str]] = {}
    for payment_id, number, outcome in rows:
        attempt_id, own = tried[payment_id]
        if number > own:
            later.setdefault(attempt_id, []).append(outcome)
    return later


def approve_rebooking(principal: Principal, rebooking: Rebooking, *, at: datetime) -> None:
    """Another official of finance approves: the tries and their payments are paid, as a result file would have made
    them, their failures have ended, and the people are told. Each has the bank's day in the book; where the month of
    that day is closed, today's. What was never paid is returned as of today, as if the bank had sent it back. Of
    what stands as failed, the bank's other word is settled, and nothing else changes.

    Raises PermissionDenied for whoever proposed it, Conflict where somebody was quicker, or something stands in the way
    by now (then nothing has changed)."""
    principal.require(APPROVE_REBOOKING)
    why = _reason_of(rebooking)
    workflow.move(REBOOKING_WORKFLOW, rebooking, "approve", principal, at=at)
    results.one_at_a_time()
    lines = _lines(rebooking)
    attempts = [line.attempt_id for line in lines]
    if rebooking.kind == RebookingKind.STILL_FAILED:
        confirm_still_failed(principal, rebooking, lines, why, at)
        record_rebooking(principal, "approve", rebooking, at)
        db.session.expire_all()
        return
    if rebooking.kind == RebookingKind.NO_ANSWER:
        record_rebooking(principal, "approve", rebooking, at, messages=declare_failed(principal, rebooking, lines, at))
        db.session.expire_all()
        return
    # First of all: what they hold is held before payments by everybody.
    tell_of_rebooking(principal, attempts, RebookingKind(rebooking.kind), why, at)
    if rebooking.kind == RebookingKind.NEVER_PAID:
        _return(principal, rebooking, lines, at)
        return
    _held(attempts)
    today = local_date(at)
    closed = closed_until()
    booked = [line.bank_day if month_of(line.bank_day) > closed else today for line in lines]
    for day in set(booked):
        refuse_closed(day)
    stored = record_answer(principal, rebooking, paid_count=rebooking.line_count, at=at)
    _book(principal, rebooking, lines, booked, stored)
    end_failures([line.payment_id for line in lines], PAID_AFTER_ALL, today)
    messages = queue_result_messages(stored.id, at=at)
    results.complete_batches(principal, stored, at)
    _settle(principal, attempts, why, at)
    record_rebooking(principal, "approve", rebooking, at, messages=messages)
    db.session.expire_all()


def _return(principal: Principal, rebooking: Rebooking, lines: Sequence[RebookingLine], at: datetime) -> None:
    attempts = [line.attempt_id for line in lines]
    hold_batches(attempts)
    _held_as_paid(attempts)
    today = local_date(at)
    update_columns(RebookingLine, "id", {"id": [line.id for line in lines], "booked_on": today})
    record_bank_return(principal, attempts, today, at=at, reason=NEVER_PAID)
    record_rebooking(principal, "approve", rebooking, at)
    db.session.expire_all()


def _reason_of(rebooking: Rebooking) -> str:
    """What whoever proposed it wrote."""
    steps = workflow.history(REBOOKING_WORKFLOW, rebooking.id)
    return next((step.reason for step in reversed(steps) if step.action == "propose"), "")


def _lines(rebooking: Rebooking) -> Sequence[RebookingLine]:
    return db.session.scalars(
        select(RebookingLine)
        .where(RebookingLine.rebooking_id == rebooking.id, RebookingLine.released_at.is_(None))
        .order_by(RebookingLine.attempt_id)
    ).all()


def _book(
    principal: Principal,
    rebooking: Rebooking,
    lines: Sequence[RebookingLine],
    booked: Sequence[date],
    stored: ResultFile,
) -> None:
    """The tries, their payments, and the lines' own record of the day."""
    update_columns(RebookingLine, "id", {"id": [line.id for line in lines], "booked_on": list(booked)})
    columns = {
        "id": [line.attempt_id for line in lines],
        "outcome": "paid",
        "failure_reason": "",
        "bank_date": list(booked),
        "result_file_id": stored.id,
        "result_line": list(range(1, len(lines) + 1)),
    }
    update_columns(Attempt, "id", columns)
    # The money is on the card to which it was sent, whatever was corrected since.
    card = select(Card.id).where(Card.number_index == Attempt.card_index).scalar_subquery()
    moved = workflow.move_set(
        PAYMENT_WORKFLOW,
        Payment,
        "book_paid",
        principal,
        Attempt.payment_id == Payment.id,
        Attempt.result_file_id == stored.id,
        paid_on=Attempt.bank_date,
        failure_reason="",
        due_on=None,
        card_id=func.coalesce(card, Payment.card_id),
        payee_name=Attempt.payee_name,
    )
    if moved != rebooking.line_count:
        raise Conflict("有的明细状态刚才变了，没有改记。请刷新页面后再看。")
    db.session.expire_all()


def _settle(principal: Principal, attempts: Sequence[int], why: str, at: datetime) -> None:
    """Where the bank said so in a result file, that contradiction is settled."""
    ids = db.session.scalars(
        select(Discrepancy.id).where(
            among(Discrepancy.attempt_id, attempts),
            Discrepancy.kind == DiscrepancyKind.CONTRADICTS_FINAL.value,
            Discrepancy.bank_outcome == "paid",
            Discrepancy.settled_at.is_(None),
        )
    ).all()
    if ids:
        enter_settlement(principal, ids, why, at=at)


def refuse_proposed_rebooking(principal: Principal, rebooking: Rebooking, reason: str, *, at: datetime) -> None:
    """Another official does not agree; the book stays as it is. Raises UserError without a reason, PermissionDenied for
    whoever proposed it."""
    principal.require(APPROVE_REBOOKING)
    _end(principal, rebooking, "refuse", reason, at)


def withdraw_rebooking(principal: Principal, rebooking: Rebooking, reason: str, *, at: datetime) -> None:
    """Take a proposal back before it is decided. Raises UserError without a reason, Conflict once it is."""
    principal.require(SETTLE_DISCREPANCY)
    _end(principal, rebooking, "withdraw", reason, at)


def _end(principal: Principal, rebooking: Rebooking, action: str, reason: str, at: datetime) -> None:
    why = checked_reason(reason)
    workflow.move(REBOOKING_WORKFLOW, rebooking, action, principal, at=at, reason=why)
    db.session.execute(
        update(RebookingLine)
        .where(RebookingLine.rebooking_id == rebooking.id)
        .values(released_at=at)
        .execution_options(synchronize_session=False)
    )
    record_rebooking(principal, action, rebooking, at, reason=why)
