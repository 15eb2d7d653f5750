"""Verbs of this room, from the township's roll to the bank's answer."""

from disbursement.operations.batches import close_batch, confirm_batch, withdraw_confirmation
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
)

__all__ = [
    "ResultSummary",
    "RollEntry",
    "approve_roll_department",
    "approve_roll_township",
    "close_batch",
    "confirm_batch",
    "export_offer",
    "import_result",
    "import_roll",
    "preview_result",
    "read_offer",
    "record_publicity",
    "send_back_roll",
    "settle_discrepancy",
    "submit_roll",
    "withdraw_confirmation",
]
