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
            # A wrong list was taken down: the roll is hung out anew, and stays where it is.
            Transition("publicised", "publicise_again", "publicised"),
            Transition("department_approved", "publicise_again", "department_approved"),
            Transition("publicised", "approve_department", "department_approved", by=APPROVE_ROLL_DEPARTMENT),
            Transition("submitted", "send_back", "draft", by=SEND_BACK_ROLL),
            Transition("township_approved", "send_back", "draft", by=SEND_BACK_ROLL),
            Transition("publicised", "send_back", "draft", by=SEND_BACK_ROLL),
            # What has not left the office's reach is taken back by the office that did it.
            Transition("submitted", "withdraw_submission", "draft", by=PREPARE_ROLL),
            Transition("township_approved", "withdraw_township", "submitted", by=APPROVE_ROLL_TOWNSHIP),
            Transition("department_approved", "withdraw_department", "publicised", by=APPROVE_ROLL_DEPARTMENT),
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
            # The first receipt of an offline programme, which sends no file.
            Transition("finance_confirmed", "begin_offline", "results_in"),
            # Its last receipt is taken back: nothing has been handed over after all.
            Transition("results_in", "recall_offline", "finance_confirmed"),
            # Cards that were issued later, and payments that are tried again, go out in a further file.
            Transition("results_in", "send", "sent", by=EXPORT_OFFER),
            # An offer file that nobody has downloaded has not left the house, and is cancelled.
            Transition("sent", "recall", "finance_confirmed", by=EXPORT_OFFER),
            Transition("sent", "recall_further", "results_in", by=EXPORT_OFFER),
            Transition("sent", "complete", "results_in", by=IMPORT_RESULT),
            Transition("results_in", "close", "closed", by=CONFIRM_BATCH),
            # The bank returns what it had paid, or a return order is withdrawn: the batch has something to do again.
            Transition("closed", "reopen", "results_in"),
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
            Transition("approved", "take_back", "drafted"),
            Transition("drafted", "strike", "struck"),
            Transition("struck", "restore", "drafted"),
            Transition("approved", "send", "sent"),
            Transition("resubmitted", "send", "sent"),
            Transition("sent", "recall", "approved"),
            Transition("sent", "recall_again", "resubmitted"),
            Transition("approved", "pay_offline", "paid_offline"),
            # A receipt that was entered by mistake.
            Transition("paid_offline", "undo_offline", "approved"),
            Transition("sent", "record_paid", "paid"),
            Transition("unclear", "record_paid", "paid"),
            Transition("sent", "record_failed", "failed"),
            Transition("unclear", "record_failed", "failed"),
            Transition("sent", "record_unclear", "unclear"),
            Transition("failed", "correct", "corrected"),
            # What the bank itself sent back may be tried again, as long as no return order has it.
            Transition("returned", "correct", "corrected"),
            Transition("corrected", "undo_correction", "failed"),
            Transition("corrected", "undo_correction_of_returned", "returned"),
            Transition("corrected", "resubmit", "resubmitted"),
            Transition("resubmitted", "withdraw_resubmission", "corrected"),
            Transition("failed", "return", "returned"),
            Transition("corrected", "return", "returned"),
            # Nobody collects it, or there is no card to pay it to.
            Transition("approved", "return", "returned"),
            # A return order is withdrawn: everything goes back to where it was.
            Transition("returned", "restore_failed", "failed"),
            Transition("returned", "restore_corrected", "corrected"),
            Transition("returned", "restore_approved", "approved"),
            Transition("returned", "credit", "credited"),
            # The bank proved that a try had been paid after all: two officials put the book right.
            Transition("unclear", "book_paid", "paid"),
            Transition("failed", "book_paid", "paid"),
            Transition("corrected", "book_paid", "paid"),
            Transition("resubmitted", "book_paid", "paid"),
            Transition("returned", "book_paid", "paid"),
            # The voucher was wrong: the money had not come back after all.
            Transition("credited", "reverse_credit", "returned"),
            # Only a bank return after payment does this.
            Transition("paid", "return_by_bank", "returned"),
        ),
    )
)


def profile_workflow(name: str) -> Workflow:
    """The life of every version of a bank's manner of writing: one official enters it, another approves it."""
    return Workflow(
        name,
        "draft",
        (
            Transition("draft", "propose", "proposed", by=EDIT_PROFILE),
            Transition("proposed", "approve", "approved", by=APPROVE_PROFILE, other_than=("propose",)),
            Transition("proposed", "reject", "rejected", by=EDIT_PROFILE),
            Transition("proposed", "withdraw", "withdrawn", by=EDIT_PROFILE),
            Transition("approved", "supersede", "superseded", by=APPROVE_PROFILE),
        ),
    )


PROFILE_WORKFLOW = declare(profile_workflow("bank_profile"))
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
