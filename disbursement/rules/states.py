"""The declared lives of rolls, batches and payments."""

from core.states import Transition, Workflow, declare
from disbursement.rules.rights import (
    APPROVE_PROFILE,
    APPROVE_ROLL_DEPARTMENT,
    APPROVE_ROLL_TOWNSHIP,
    CONFIRM_BATCH,
    EDIT_PROFILE,
    EXPORT_OFFER,
    IMPORT_RESULT,
    PREPARE_ROLL,
    SEND_BACK_ROLL,
    SETTLE_DISCREPANCY,
)

ROLL_WORKFLOW = declare(
    Workflow(
        "roll",
        "draft",
        (
            Transition("draft", "submit", "submitted", by=PREPARE_ROLL),
            Transition(
                "submitted", "approve_township", "township_approved", by=APPROVE_ROLL_TOWNSHIP, other_than=("submit",)
            ),
            # The publicity room publishes, and asks for its own right.
            Transition("township_approved", "publicise", "publicised"),
            Transition("publicised", "approve_department", "department_approved", by=APPROVE_ROLL_DEPARTMENT),
            Transition("submitted", "send_back", "draft", by=SEND_BACK_ROLL),
            Transition("township_approved", "send_back", "draft", by=SEND_BACK_ROLL),
            Transition("publicised", "send_back", "draft", by=SEND_BACK_ROLL),
        ),
    )
)
BATCH_WORKFLOW = declare(
    Workflow(
        "batch",
        "open",
        (
            Transition("open", "confirm", "finance_confirmed", by=CONFIRM_BATCH),
            Transition("finance_confirmed", "withdraw", "open", by=CONFIRM_BATCH),
            Transition("finance_confirmed", "send", "sent", by=EXPORT_OFFER),
            # Cards that were issued later, and payments that are tried again, go out in a further file.
            Transition("results_in", "send", "sent", by=EXPORT_OFFER),
            # An offer file that nobody has downloaded has not left the house, and is cancelled.
            Transition("sent", "recall", "finance_confirmed", by=EXPORT_OFFER),
            Transition("sent", "recall_further", "results_in", by=EXPORT_OFFER),
            Transition("sent", "complete", "results_in", by=IMPORT_RESULT),
            Transition("results_in", "close", "closed", by=CONFIRM_BATCH),
        ),
    )
)
# A payment moves with its roll, its batch or a bank file, whose operations have asked for the right.
PAYMENT_WORKFLOW = declare(
    Workflow(
        "payment",
        "drafted",
        (
            Transition("drafted", "approve", "approved"),
            Transition("drafted", "strike", "struck"),
            Transition("struck", "restore", "drafted"),
            Transition("approved", "send", "sent"),
            Transition("resubmitted", "send", "sent"),
            Transition("sent", "recall", "approved"),
            Transition("sent", "recall_again", "resubmitted"),
            Transition("approved", "pay_offline", "paid_offline"),
            Transition("sent", "record_paid", "paid"),
            Transition("unclear", "record_paid", "paid"),
            Transition("sent", "record_failed", "failed"),
            Transition("unclear", "record_failed", "failed"),
            Transition("sent", "record_unclear", "unclear"),
            Transition("failed", "correct", "corrected"),
            Transition("corrected", "resubmit", "resubmitted"),
            Transition("failed", "return", "returned"),
            Transition("corrected", "return", "returned"),
            # Only a bank return after payment does this.
            Transition("paid", "return_by_bank", "returned"),
        ),
    )
)
# Every version of a bank's file format: one official enters it, another approves it.
PROFILE_WORKFLOW = declare(
    Workflow(
        "bank_profile",
        "draft",
        (
            Transition("draft", "propose", "proposed", by=EDIT_PROFILE),
            Transition("proposed", "approve", "approved", by=APPROVE_PROFILE, other_than=("propose",)),
            Transition("proposed", "reject", "rejected", by=EDIT_PROFILE),
            Transition("proposed", "withdraw", "withdrawn", by=EDIT_PROFILE),
            Transition("approved", "supersede", "superseded", by=APPROVE_PROFILE),
        ),
    )
)
DISCREPANCY_WORKFLOW = declare(
    Workflow(
        "discrepancy",
        "open",
        (
            Transition("open", "settle", "settled", by=SETTLE_DISCREPANCY),
            Transition("settled", "reopen", "open", by=SETTLE_DISCREPANCY),
        ),
    )
)
