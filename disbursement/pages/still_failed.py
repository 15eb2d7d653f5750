"""The page on which finance lets a try stand as failed of which a bank file says that it was paid."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.database import db
from core.errors import UserError
from core.evidence import read_evidence
from core.web import current_principal
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.failure_forms import LetterForm


@blueprint.route("/discrepancies/<int:discrepancy_id>/still-failed", methods=["GET", "POST"])
def still_failed(discrepancy_id: int) -> ResponseReturnValue:
    """The two words, and the proposal that the first of them stands."""
    principal = current_principal()
    principal.require(rules.SETTLE_DISCREPANCY)
    found = queries.get_dispute(principal, discrepancy_id)
    attempt = queries.tries_of([found])[found.id]
    others = queries.disputed_with(found)
    form = LetterForm()
    if not others:
        del form.together
    if form.validate_on_submit():
        wanted = [attempt.id, *(others if others and form.together.data else ())]
        brought = form.letter.data
        try:
            letter = read_evidence(brought.filename or "", brought.read()) if brought else None
            made = operations.propose_still_failed(
                principal, wanted, letter, form.letter_on.data, form.reason.data or "", at=g.now
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("已提出，由财政局另一位同事审批；审批以前什么也不变。"), "success")
            return redirect(url_for("disbursement.rebooking", rebooking_id=made.id))
    return render_template(
        "disbursement/still_failed.html", found=found, attempt=attempt, others=len(others), form=form
    )
