"""What may be read of batches, rolls, payments and bank files, always through the principal.

A township sees its own rolls, a department those of its programmes, finance, audit and discipline all of the county.
The bank sees batches that finance has confirmed, and its files; never a roll or a person.
"""

from disbursement.queries.bank_files import (
    batches_answered_by,
    discrepancies_of,
    get_discrepancy,
    get_offer,
    get_result,
    offers_of,
    results_of,
    visible_discrepancies,
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
from disbursement.queries.offers import offer_preview
from disbursement.queries.payments import PaymentOfPerson, attempts_of, get_payment, payments_of, visible_payments
from disbursement.queries.profiles import (
    current_profiles,
    get_version,
    profile_for,
    profile_in,
    profile_named,
    profile_of_version,
    visible_versions,
)
from disbursement.queries.programmes import programme_named
from disbursement.queries.rolls import get_roll, rolls_of, townships, visible_rolls

__all__ = [
    "CONFIRMED_STATES",
    "BatchRow",
    "PaymentOfPerson",
    "StateSum",
    "attempts_of",
    "batches_answered_by",
    "batches_awaiting_results",
    "current_profiles",
    "discrepancies_of",
    "get_batch",
    "get_discrepancy",
    "get_offer",
    "get_payment",
    "get_result",
    "get_roll",
    "get_version",
    "offer_preview",
    "offers_of",
    "own_department",
    "payments_of",
    "platform_programmes",
    "profile_for",
    "profile_in",
    "profile_named",
    "profile_of_version",
    "programme_named",
    "results_of",
    "rolls_of",
    "sums_by_state",
    "townships",
    "visible_batches",
    "visible_discrepancies",
    "visible_payments",
    "visible_results",
    "visible_rolls",
    "visible_versions",
]
