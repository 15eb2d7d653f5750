"""A bank file says of a failed try that it was paid, and the bank takes that back in a letter: two officials let it
stand as failed. Nothing else lets the payment be sent again, or returned: the word of one would have it paid twice."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, select

from core.bulk import among, update_columns
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.evidence import BroughtEvidence
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.models import Discrepancy, Rebooking, RebookingLine
from disbursement.operations.discrepancies import enter_settlement
from disbursement.operations.tries import Try, held_tries, write_proposal
from disbursement.queries.bank_files import frees_money
from disbursement.rules import SETTLE_DISCREPANCY, RebookingKind, check_letter_day, refuse_still_failed


def propose_still_failed(
    principal: Principal,
    attempt_ids: Sequence[int],
    letter: BroughtEvidence | None,
    letter_on: date | None,
    reason: str,
    *,
    at: datetime,
) -> Rebooking:
    """Propose that tries stand as failed of which a bank file says that they were paid. ``letter``: the bank's word, of
    the day ``letter_on``, that they were not and will not be. Until another official decides, nothing changes.

    Raises UserError without a reason or a letter, or for a day that cannot be; Conflict for a try of which no open line
    says so, or that is proposed already."""
    principal.require(SETTLE_DISCREPANCY)
    why = checked_reason(reason)
    wanted = sorted(set(attempt_ids))
    if letter is None:
        raise UserError("请上传银行确认没有付出、也不会再付的函件。")
    found = _held(wanted)
    day = check_letter_day(letter_on, min(local_date(row.created_at) for row in found), local_date(at))
    days = dict.fromkeys(wanted, day)
    return write_proposal(principal, RebookingKind.STILL_FAILED, found, days, why, at=at, letter=letter)


def confirm_still_failed(
    principal: Principal, rebooking: Rebooking, lines: Sequence[RebookingLine], why: str, at: datetime
) -> None:
    """Settle the words that the letter takes back (a part of ``approve_rebooking``, which has asked for the right).
    What the bank has said after the proposal was not before the two who decide: it stays open, and the payment with
    it. The tries are free again: where the bank proves later that it paid after all, that is booked as well."""
    attempts = [line.attempt_id for line in lines]
    _held(attempts)
    words = _words(attempts).where(Discrepancy.found_at <= rebooking.created_at)
    enter_settlement(principal, db.session.scalars(words).all(), why, at=at)
    ids = [line.id for line in lines]
    update_columns(RebookingLine, "id", {"id": ids, "booked_on": local_date(at), "released_at": at})


def _held(attempt_ids: Sequence[int]) -> Sequence[Try]:
    """These tries, their payments held until the transaction ends. Raises Conflict for the first that is not both:
    failed in the book, and paid in the bank's words."""
    found = held_tries(attempt_ids)
    disputed = set(db.session.scalars(_words(attempt_ids).with_only_columns(Discrepancy.attempt_id)))
    for row in found:
        refuse_still_failed(row.reference, row.outcome, says_paid=row.id in disputed)
    return found


def _words(attempt_ids: Sequence[int]) -> Select[int]:
    """The open lines of bank files that say of these failed tries that they were paid."""
    return select(Discrepancy.id).where(
        among(Discrepancy.attempt_id, attempt_ids), Discrepancy.settled_at.is_(None), frees_money()
    )
