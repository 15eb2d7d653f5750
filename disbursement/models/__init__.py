"""Batches, rolls, payments, attempts and the bank's files."""

from disbursement.models.bank_files import Discrepancy, OfferFile, ResultFile
from disbursement.models.batches import Batch, Roll
from disbursement.models.checks import CheckSeverity, RollFinding, StepLimit
from disbursement.models.failures import CorrectedAlong, Correction, Evidence, Failure
from disbursement.models.months import ClosedMonth
from disbursement.models.offline import OfflineReceipt, OfflineReceiptLine
from disbursement.models.payments import HAS_DUE_DATE, OPEN_OUTCOMES, Attempt, Payment
from disbursement.models.profiles import BankProfile, BankSpelling, ProfileVersion, one_current
from disbursement.models.rebookings import Rebooking, RebookingLine
from disbursement.models.returns import ReturnLine, ReturnOrder, ReturnReversal

__all__ = [
    "HAS_DUE_DATE",
    "OPEN_OUTCOMES",
    "Attempt",
    "BankProfile",
    "BankSpelling",
    "Batch",
    "CheckSeverity",
    "ClosedMonth",
    "CorrectedAlong",
    "Correction",
    "Discrepancy",
    "Evidence",
    "Failure",
    "OfferFile",
    "OfflineReceipt",
    "OfflineReceiptLine",
    "Payment",
    "ProfileVersion",
    "Rebooking",
    "RebookingLine",
    "ResultFile",
    "ReturnLine",
    "ReturnOrder",
    "ReturnReversal",
    "Roll",
    "RollFinding",
    "StepLimit",
    "one_current",
]
