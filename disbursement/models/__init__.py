"""Batches, rolls, payments, attempts and the bank's files."""

from disbursement.models.bank_files import Discrepancy, OfferFile, ResultFile
from disbursement.models.batches import Batch, Roll
from disbursement.models.payments import HAS_DUE_DATE, OPEN_OUTCOMES, Attempt, Payment
from disbursement.models.profiles import BankProfile, BankSpelling

__all__ = [
    "HAS_DUE_DATE",
    "OPEN_OUTCOMES",
    "Attempt",
    "BankProfile",
    "BankSpelling",
    "Batch",
    "Discrepancy",
    "OfferFile",
    "Payment",
    "ResultFile",
    "Roll",
]
