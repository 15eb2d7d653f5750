"""The pages of payments and failures."""

from flask import render_template
from flask.typing import ResponseReturnValue

from core import listing_pages
from core.web import current_principal
from disbursement import queries, rules
from disbursement.door import blueprint
from disbursement.failure_reasons import explain
from disbursement.listings import FAILURES
from disbursement.models import Payment
from disbursement.words import (
    OUTCOMES,
    PAYMENT_STATES,
)


@blueprint.get("/payments/<int:payment_id>")
def payment(payment_id: int) -> ResponseReturnValue:
    """One payment with all its tries, and what a failure means."""
    found = queries.get_payment(current_principal(), payment_id)
    return render_template(
        "disbursement/payment.html",
        payment=found,
        attempts=queries.attempts_of(found),
        failure=explain(found.failure_reason) if found.state == "failed" else None,
        PAYMENT_STATES=PAYMENT_STATES,
        OUTCOMES=OUTCOMES,
    )


@blueprint.route("/failures", methods=["GET", "POST"])
def failures() -> ResponseReturnValue:
    """What did not arrive, by due day."""
    principal = current_principal()
    principal.require(rules.SEE_ROLLS)
    open_ones = queries.visible_payments(principal).where(
        Payment.state.in_(("failed", "unclear", "corrected", "resubmitted"))
    )
    return listing_pages.serve(FAILURES, open_ones)
