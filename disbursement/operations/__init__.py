"""Verbs of this room, from the township's roll to the bank's answer."""

from disbursement.operations.bank_returns import record_bank_return
from disbursement.operations.batches import close_batch, confirm_batch, withdraw_confirmation
from disbursement.operations.checks import (
    UNDER_REVIEW,
    FindingCount,
    FindingsStand,
    check_roll,
    choose_severity,
    count_findings,
    explain_findings,
)
from disbursement.operations.corrections import CorrectionRequest, correct_payments, read_evidence_file, undo_correction
from disbursement.operations.discrepancies import reopen_discrepancies, settle_discrepancies, settle_discrepancy
from disbursement.operations.late_answers import book_late_answer, book_late_answers
from disbursement.operations.limits import choose_limit
from disbursement.operations.lines import restore_payments, strike_payments
from disbursement.operations.months import close_month, closed_until, hold_months, refuse_closed, reopen_month
from disbursement.operations.offers import cancel_offer, export_offer, read_offer, redirects_of
from disbursement.operations.offline import cancel_receipt, pay_offline, read_sheet
from disbursement.operations.profiles import approve_profile, propose_profile, refuse_taken_name, reject_profile
from disbursement.operations.publicity import hold_roll, record_publicity, set_publicity_until
from disbursement.operations.rebookings import (
    approve_rebooking,
    propose_denial,
    propose_rebooking,
    refuse_proposed_rebooking,
    withdraw_rebooking,
)
from disbursement.operations.reissue import make_reissue, read_reissue, withdraw_reissue
from disbursement.operations.resubmission import resubmit, withdraw_resubmission
from disbursement.operations.results import ResultSummary, import_result, preview_result
from disbursement.operations.returns import (
    approve_return,
    credit_return,
    propose_return,
    reverse_credit,
    withdraw_return,
)
from disbursement.operations.rolls import (
    RollEntry,
    approve_roll_department,
    approve_roll_township,
    import_roll,
    send_back_roll,
    submit_roll,
    withdraw_department_approval,
    withdraw_submission,
    withdraw_township_approval,
)
from disbursement.operations.spellings import enter_spelling, remove_spellings, set_spelling
from disbursement.operations.still_failed import propose_still_failed
from disbursement.operations.unanswered import propose_no_answer, read_letter

__all__ = [
    "UNDER_REVIEW",
    "CorrectionRequest",
    "FindingCount",
    "FindingsStand",
    "ResultSummary",
    "RollEntry",
    "approve_profile",
    "approve_rebooking",
    "approve_return",
    "approve_roll_department",
    "approve_roll_township",
    "book_late_answer",
    "book_late_answers",
    "cancel_offer",
    "cancel_receipt",
    "check_roll",
    "choose_limit",
    "choose_severity",
    "close_batch",
    "close_month",
    "closed_until",
    "confirm_batch",
    "correct_payments",
    "count_findings",
    "credit_return",
    "enter_spelling",
    "explain_findings",
    "export_offer",
    "hold_months",
    "hold_roll",
    "import_result",
    "import_roll",
    "make_reissue",
    "pay_offline",
    "preview_result",
    "propose_denial",
    "propose_no_answer",
    "propose_profile",
    "propose_rebooking",
    "propose_return",
    "propose_still_failed",
    "read_evidence_file",
    "read_letter",
    "read_offer",
    "read_reissue",
    "read_sheet",
    "record_bank_return",
    "record_publicity",
    "redirects_of",
    "refuse_closed",
    "refuse_proposed_rebooking",
    "refuse_taken_name",
    "reject_profile",
    "remove_spellings",
    "reopen_discrepancies",
    "reopen_month",
    "restore_payments",
    "resubmit",
    "reverse_credit",
    "send_back_roll",
    "set_publicity_until",
    "set_spelling",
    "settle_discrepancies",
    "settle_discrepancy",
    "strike_payments",
    "submit_roll",
    "undo_correction",
    "withdraw_confirmation",
    "withdraw_department_approval",
    "withdraw_rebooking",
    "withdraw_reissue",
    "withdraw_resubmission",
    "withdraw_return",
    "withdraw_submission",
    "withdraw_township_approval",
]
