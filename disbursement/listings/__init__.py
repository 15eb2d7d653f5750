"""The lists of this room."""

from disbursement.listings.bank_files import RESULTS
from disbursement.listings.batches import BATCHES, ROLLS
from disbursement.listings.discrepancies import DISCREPANCY_LIST
from disbursement.listings.failures import FAILURES, REISSUES
from disbursement.listings.payments import PAYMENTS
from disbursement.listings.reach import TOLD, UNREACHED
from disbursement.listings.rebookings import REBOOKING_LINES, REBOOKINGS
from disbursement.listings.returns import RETURN_PAYMENTS, RETURNABLE, RETURNS
from disbursement.listings.spellings import SPELLINGS
from disbursement.listings.unanswered import UNANSWERED, UNCLEAR

__all__ = [
    "BATCHES",
    "DISCREPANCY_LIST",
    "FAILURES",
    "PAYMENTS",
    "REBOOKINGS",
    "REBOOKING_LINES",
    "REISSUES",
    "RESULTS",
    "RETURNABLE",
    "RETURNS",
    "RETURN_PAYMENTS",
    "ROLLS",
    "SPELLINGS",
    "TOLD",
    "UNANSWERED",
    "UNCLEAR",
    "UNREACHED",
]
