"""Verbs of this room, from the township's roll to the bank's answer."""

from disbursement.operations.batches import close_batch, confirm_batch, withdraw_confirmation
from disbursement.operations.discrepancies import reopen_discrepancies, settle_discrepancies, settle_discrepancy
from disbursement.operations.offers import cancel_offer, export_offer, read_offer, set_spelling
from disbursement.operations.profiles import approve_profile, propose_profile, refuse_taken_name, reject_profile
from disbursement.operations.results import ResultSummary, import_result, preview_result
from disbursement.operations.rolls import (
    RollEntry,
    approve_roll_department,
    approve_roll_township,
    import_roll,
    record_publicity,
    send_back_roll,
    submit_roll,
)

__all__ = [
    "ResultSummary",
    "RollEntry",
    "approve_profile",
    "approve_roll_department",
    "approve_roll_township",
    "cancel_offer",
    "close_batch",
    "confirm_batch",
    "export_offer",
    "import_result",
    "import_roll",
    "preview_result",
    "propose_profile",
    "read_offer",
    "record_publicity",
    "refuse_taken_name",
    "reject_profile",
    "reopen_discrepancies",
    "send_back_roll",
    "set_spelling",
    "settle_discrepancies",
    "settle_discrepancy",
    "submit_roll",
    "withdraw_confirmation",
]
