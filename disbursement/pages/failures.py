"""The pages of the failure cycle: the list, and the desk at which one failure after the other is corrected."""

import io

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.database import db
from core.downloads import as_download
from core.errors import UserError
from core.evidence import read_evidence
from core.web import current_principal, press
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.failure_forms import CorrectionForm
from disbursement.failure_reasons import explain
from disbursement.listings import FAILURES, UNCLEAR
from disbursement.models import Correction, Payment
from disbursement.operations import CorrectionRequest
from disbursement.whom import whom
from disbursement.words import CORRECTION_KINDS, CYCLE_OWNERS, FAILURE_ENDINGS, PAYMENT_STATES
from registry.rules import WrongCheckDigit


@blueprint.route("/failures", methods=["GET", "POST"])
def failures() -> ResponseReturnValue:
    """What did not arrive, by due day: each office sees its own and what it can do."""
    principal = current_principal()
    principal.require(rules.SEE_ROLLS)
    return listing_pages.serve(
        FAILURES,
        queries.payments_in_cycle(principal),
        "disbursement/failures.html",
        may_correct=principal.may(rules.CORRECT_PAYMENT),
        waiting=queries.count_correctable(principal) if principal.may(rules.CORRECT_PAYMENT) else 0,
    )


@blueprint.route("/unclear", methods=["GET", "POST"])
def unclear() -> ResponseReturnValue:
    """What the bank has to clear up: nothing of it is corrected or sent again before."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    return listing_pages.serve(
        UNCLEAR,
        queries.unclear_attempts(principal),
        intro=gettext("银行说不清是否付成的代发，一笔也不会重发。请银行查清后再送一个回盘文件。"),
    )


@blueprint.get("/failures/<int:payment_id>")
def failure(payment_id: int) -> ResponseReturnValue:
    """One failure: why, what to do, who does it, and what was done so far."""
    found = queries.get_payment(current_principal(), payment_id)
    own = not found.payee_name or found.payee_name == found.name
    form = CorrectionForm(formdata=None, whose="own" if own else "other")
    return _failure_page(found, form)


def _failure_page(payment: Payment, form: CorrectionForm) -> ResponseReturnValue:
    principal = current_principal()
    corrections = queries.corrections_of(payment)
    standing = next((one for one in corrections if one.undone_at is None), None)
    return render_template(
        "disbursement/failure.html",
        payment=payment,
        whom=whom(payment),
        form=form,
        explained=explain(payment.failure_reason),
        attempts=queries.attempts_of(payment),
        failures=queries.failures_of(payment),
        corrections=corrections,
        along=queries.corrected_along(corrections),
        unsent=queries.unsent_of(payment) if payment.state in ("failed", "returned") else 0,
        siblings=queries.siblings_of(principal, payment) if payment.state in ("failed", "returned") else [],
        can_correct=principal.may(rules.CORRECT_PAYMENT) and queries.is_correctable(payment),
        can_undo=principal.may(rules.CORRECT_PAYMENT) and payment.state == "corrected" and standing is not None,
        standing=standing,
        next_id=queries.next_failure(principal, payment) if principal.may(rules.CORRECT_PAYMENT) else None,
        PAYMENT_STATES=PAYMENT_STATES,
        CYCLE_OWNERS=CYCLE_OWNERS,
        CORRECTION_KINDS=CORRECTION_KINDS,
        FAILURE_ENDINGS=FAILURE_ENDINGS,
    )


@blueprint.post("/failures/<int:payment_id>/correct")
def correct(payment_id: int) -> ResponseReturnValue:
    """The township puts a failure right, and goes on to the next."""
    principal = current_principal()
    found = queries.get_payment(principal, payment_id)
    form = CorrectionForm()
    if not form.validate_on_submit():
        return _failure_page(found, form)
    change, note = form.change(), form.note.data or ""
    try:
        next_id = queries.next_failure(principal, found)
        together = queries.siblings_of(principal, found) if form.together.data else []
        wanted = [CorrectionRequest(one.id, change, note) for one in (found, *together)]
        brought = form.evidence.data
        evidence = read_evidence(brought.filename or "", brought.read()) if brought else None
        done = operations.correct_payments(principal, wanted, at=g.now, evidence=evidence)
    except WrongCheckDigit as error:
        db.session.rollback()
        form.number_confirmed.ask(form.card, gettext(error.sentence))
        return _failure_page(queries.get_payment(principal, payment_id), form)
    except UserError as error:
        db.session.rollback()
        form.form_errors.append(gettext(error.sentence) % error.parameters)
        return _failure_page(queries.get_payment(principal, payment_id), form)
    db.session.commit()
    made = queries.corrections_of(found)[:1]
    _tell_corrected(made[0], done)
    along = sum(queries.corrected_along(made).values())
    if along:
        flash(gettext("同一人另有 %(count)s 笔已审核、还没有送银行的，也改到了这个账户。", count=along), "success")
    taken = {request.payment_id for request in wanted}
    if next_id is None or next_id in taken:
        return redirect(url_for("disbursement.failures"))
    return redirect(url_for("disbursement.failure", payment_id=next_id))


def _tell_corrected(made: Correction, count: int) -> None:
    """Say whom and which card it was about: the page has gone on to the next person by now."""
    told = {"name": made.after_name, "count": count, "before": made.before_card_tail, "after": made.after_card_tail}
    if made.before_card_id == made.after_card_id:
        done = gettext(
            "已改正%(name)s的 %(count)s 笔（卡号后四位仍是 %(after)s），等主管部门推送。推送以前可以撤回。", **told
        )
    else:
        done = gettext(
            "已改正%(name)s的 %(count)s 笔：卡号后四位由 %(before)s 改为 %(after)s，等主管部门推送。推送以前可以撤回。",
            **told,
        )
    flash(done, "success")


@blueprint.post("/corrections/<int:correction_id>/undo")
def undo_correction(correction_id: int) -> ResponseReturnValue:
    """The township takes a correction back."""
    principal = current_principal()
    found = queries.get_correction(principal, correction_id)
    payment_id = found.payment_id
    return press(
        lambda: operations.undo_correction(principal, found, request.form.get("reason", ""), at=g.now),
        gettext("改正已撤回，一切和改正以前一样。"),
        url_for("disbursement.failure", payment_id=payment_id),
    )


@blueprint.post("/evidence/<int:evidence_id>/download")
def download_evidence(evidence_id: int) -> ResponseReturnValue:
    """A document, as a download; it names people, so that every reading is on record."""
    principal = current_principal()
    found = queries.get_evidence(principal, evidence_id)
    content = operations.read_evidence_file(principal, found, at=g.now)
    name = found.filename
    db.session.commit()
    return as_download(io.BytesIO(content), name)
