"""The page of a payment."""

from flask import render_template
from flask.typing import ResponseReturnValue

from core.web import current_principal
from disbursement import queries
from disbursement.door import blueprint
from disbursement.failure_reasons import explain
from disbursement.whom import whom
from disbursement.words import CORRECTION_KINDS, OUTCOMES, PAYMENT_STATES, RETURN_STATES
from registry.rules import SEE_BENEFICIARIES


@blueprint.get("/payments/<int:payment_id>")
def payment(payment_id: int) -> ResponseReturnValue:
    """One payment with all its tries, and what a failure means."""
    principal = current_principal()
    found = queries.get_payment(principal, payment_id)
    attempts = queries.attempts_of(found)
    return render_template(
        "disbursement/payment.html",
        payment=found,
        whom=whom(found),
        attempts=attempts,
        order=queries.order_holding(principal, found),
        reached_by=queries.corrections_reaching(found),
        in_cycle=bool(queries.failures_of(found)),
        sees_person=principal.may(SEE_BENEFICIARIES),
        # What nobody collected goes back without a try: no bank has refused it.
        failure=explain(found.failure_reason) if attempts and found.state in ("failed", "returned") else None,
        PAYMENT_STATES=PAYMENT_STATES,
        OUTCOMES=OUTCOMES,
        CORRECTION_KINDS=CORRECTION_KINDS,
        RETURN_STATES=RETURN_STATES,
    )
