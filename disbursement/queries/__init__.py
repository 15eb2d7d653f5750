"""What may be read of batches, rolls, payments and bank files, always through the principal.

A township sees its own rolls, a department those of its programmes, finance, audit and discipline all of the county.
The bank sees batches that finance has confirmed, and its files; never a roll or a person.
"""

from disbursement.queries.bank_files import (
    discrepancies_of,
    get_discrepancy,
    get_offer,
    get_result,
    offers_of,
    results_of,
    visible_results,
)
from disbursement.queries.batches import (
    CONFIRMED_STATES,
    BatchRow,
    StateSum,
    batches_awaiting_results,
    get_batch,
    own_department,
    platform_programmes,
    sums_by_state,
    visible_batches,
)
from disbursement.queries.failures import (
    batches_of_offer,
    correctable,
    corrections_of,
    count_correctable,
    failures_of,
    get_correction,
    get_evidence,
    get_reissue,
    next_failure,
    payments_in_cycle,
    reissue_count,
    siblings_of,
    unclear_attempts,
    unclear_before,
    visible_reissues,
)
from disbursement.queries.payments import PaymentOfPerson, attempts_of, get_payment, payments_of, visible_payments
from disbursement.queries.programmes import programme_named
from disbursement.queries.returns import (
    get_return,
    owed_returns,
    payments_of_return,
    returnable_payments,
    visible_returns,
)
from disbursement.queries.rolls import get_roll, rolls_of, townships, visible_rolls

__all__ = [
    "CONFIRMED_STATES",
    "BatchRow",
    "PaymentOfPerson",
    "StateSum",
    "attempts_of",
    "batches_awaiting_results",
    "batches_of_offer",
    "correctable",
    "corrections_of",
    "count_correctable",
    "discrepancies_of",
    "failures_of",
    "get_batch",
    "get_correction",
    "get_discrepancy",
    "get_evidence",
    "get_offer",
    "get_payment",
    "get_reissue",
    "get_result",
    "get_return",
    "get_roll",
    "next_failure",
    "offers_of",
    "owed_returns",
    "own_department",
    "payments_in_cycle",
    "payments_of",
    "payments_of_return",
    "platform_programmes",
    "programme_named",
    "reissue_count",
    "results_of",
    "returnable_payments",
    "rolls_of",
    "siblings_of",
    "sums_by_state",
    "townships",
    "unclear_attempts",
    "unclear_before",
    "visible_batches",
    "visible_payments",
    "visible_reissues",
    "visible_results",
    "visible_returns",
    "visible_rolls",
]
