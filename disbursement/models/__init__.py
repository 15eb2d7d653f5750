"""Batches, rolls, payments, attempts and the bank's files."""

from disbursement.models.bank_files import Discrepancy, OfferFile, ResultFile
from disbursement.models.batches import Batch, Roll
from disbursement.models.checks import CheckSeverity, RollFinding, StepLimit
from disbursement.models.payments import HAS_DUE_DATE, OPEN_OUTCOMES, Attempt, Payment

__all__ = [
    "HAS_DUE_DATE",
    "OPEN_OUTCOMES",
    "Attempt",
    "Batch",
    "CheckSeverity",
    "Discrepancy",
    "OfferFile",
    "Payment",
    "ResultFile",
    "Roll",
    "RollFinding",
    "StepLimit",
]
