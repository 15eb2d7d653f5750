"""Decisions about rolls, batches and payments: who may do what, the states, the failure cycle, the balance.

Pure: no database, no clock; dates come in as arguments.
"""

from disbursement.rules.balance import PLACE_OF, Balance, balance_of, place_of, refuse_overdraft
from disbursement.rules.failure_cycle import FailureCycle, failure_cycle
from disbursement.rules.periods import check_period
from disbursement.rules.rights import (
    APPROVE_PROFILE,
    APPROVE_ROLL_DEPARTMENT,
    APPROVE_ROLL_TOWNSHIP,
    CONFIRM_BATCH,
    EDIT_PROFILE,
    EXPORT_OFFER,
    IMPORT_RESULT,
    PREPARE_ROLL,
    READ,
    SEE_BALANCE,
    SEE_RESULTS,
    SEE_ROLLS,
    SEND_BACK_ROLL,
    SETTLE_DISCREPANCY,
    sees_roll,
)
from disbursement.rules.states import (
    BATCH_WORKFLOW,
    DISCREPANCY_WORKFLOW,
    PAYMENT_WORKFLOW,
    PROFILE_WORKFLOW,
    ROLL_WORKFLOW,
)

__all__ = [
    "APPROVE_PROFILE",
    "APPROVE_ROLL_DEPARTMENT",
    "APPROVE_ROLL_TOWNSHIP",
    "BATCH_WORKFLOW",
    "CONFIRM_BATCH",
    "DISCREPANCY_WORKFLOW",
    "EDIT_PROFILE",
    "EXPORT_OFFER",
    "IMPORT_RESULT",
    "PAYMENT_WORKFLOW",
    "PLACE_OF",
    "PREPARE_ROLL",
    "PROFILE_WORKFLOW",
    "READ",
    "ROLL_WORKFLOW",
    "SEE_BALANCE",
    "SEE_RESULTS",
    "SEE_ROLLS",
    "SEND_BACK_ROLL",
    "SETTLE_DISCREPANCY",
    "Balance",
    "FailureCycle",
    "balance_of",
    "check_period",
    "failure_cycle",
    "place_of",
    "refuse_overdraft",
    "sees_roll",
]
