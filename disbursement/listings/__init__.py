"""The lists of this room."""

from disbursement.listings.bank_files import RESULTS
from disbursement.listings.batches import BATCHES, ROLLS
from disbursement.listings.discrepancies import DISCREPANCY_LIST
from disbursement.listings.payments import FAILURES, PAYMENTS

__all__ = [
    "BATCHES",
    "DISCREPANCY_LIST",
    "FAILURES",
    "PAYMENTS",
    "RESULTS",
    "ROLLS",
]
