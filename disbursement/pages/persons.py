"""All payments of one person."""

from flask.typing import ResponseReturnValue

from core import listing_pages
from core.web import current_principal
from disbursement import rules
from disbursement.door import blueprint
from disbursement.persons import PERSON_PAYMENTS, payments_of_person
from registry.queries import beneficiary


@blueprint.route("/people/<int:beneficiary_id>/payments", methods=["GET", "POST"])
def person_payments(beneficiary_id: int) -> ResponseReturnValue:
    """Ten years of them, in pages."""
    principal = current_principal()
    principal.require(rules.SEE_ROLLS)
    person = beneficiary(principal, beneficiary_id)
    return listing_pages.serve(
        PERSON_PAYMENTS,
        payments_of_person(principal, person.id),
        "disbursement/person_all_payments.html",
        person=person,
    )
