"""Verbs of this room, from the township's roll to the bank's answer."""

from disbursement.operations.batches import close_batch, confirm_batch, withdraw_confirmation
from disbursement.operations.checks import (
    FindingCount,
    FindingsStand,
    check_roll,
    choose_severity,
    explain_findings,
)
from disbursement.operations.lines import restore_payments, strike_payments
from disbursement.operations.offers import export_offer, read_offer
from disbursement.operations.results import ResultSummary, import_result, preview_result, settle_discrepancy
from disbursement.operations.rolls import (
    RollEntry,
    approve_roll_department,
    approve_roll_township,
    import_roll,
    record_publicity,
    send_back_roll,
    submit_roll,
    withdraw_department_approval,
    withdraw_submission,
    withdraw_township_approval,
)

__all__ = [
    "FindingCount",
    "FindingsStand",
    "ResultSummary",
    "RollEntry",
    "approve_roll_department",
    "approve_roll_township",
    "check_roll",
    "choose_severity",
    "close_batch",
    "confirm_batch",
    "explain_findings",
    "export_offer",
    "import_result",
    "import_roll",
    "preview_result",
    "read_offer",
    "record_publicity",
    "restore_payments",
    "send_back_roll",
    "settle_discrepancy",
    "strike_payments",
    "submit_roll",
    "withdraw_confirmation",
    "withdraw_department_approval",
    "withdraw_submission",
    "withdraw_township_approval",
]
