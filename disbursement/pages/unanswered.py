"""The pages of what the bank never answers: the list, and the proposal to declare it failed."""

import io

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.clock import local_date
from core.database import db
from core.downloads import as_download
from core.errors import UserError
from core.evidence import read_evidence
from core.web import current_principal
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.failure_forms import LetterForm
from disbursement.listings import UNANSWERED
from disbursement.models import Attempt
from disbursement.words import OUTCOMES


@blueprint.route("/unanswered", methods=["GET", "POST"])
def unanswered() -> ResponseReturnValue:
    """What the bank has and says nothing of: nothing of it is corrected or sent again before it is answered."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    return listing_pages.serve(
        UNANSWERED,
        queries.unanswered_attempts(principal),
        intro=gettext(
            "已经送银行、还没有结果的代发，一笔也不会重发。满 %(days)s 天没有答复、对账单上也没有扣款的，"
            "凭银行的函件由财政局两位同事认定失败，再照发放失败办理。点流水号办理。",
            days=queries.step_limits()[rules.UNANSWERED],
        ),
        buttons=[(gettext("银行回盘"), url_for("disbursement.results"))],
    )


def _others(attempt: Attempt) -> list[int]:
    """The other tries of the same file without an answer."""
    waiting = queries.unanswered_attempts(current_principal()).with_only_columns(Attempt.id, maintain_column_froms=True)
    return list(
        db.session.scalars(waiting.where(Attempt.offer_file_id == attempt.offer_file_id, Attempt.id != attempt.id))
    )


@blueprint.route("/attempts/<int:attempt_id>/no-answer", methods=["GET", "POST"])
def no_answer(attempt_id: int) -> ResponseReturnValue:
    """What stands against declaring it failed, and the proposal to do so."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    attempt = queries.get_waiting_attempt(principal, attempt_id)
    others = _others(attempt) if attempt.outcome == "open" else []
    form = LetterForm()
    if not others:
        del form.together
    if form.is_submitted():
        principal.require(rules.SETTLE_DISCREPANCY)
    if form.validate_on_submit():
        wanted = [attempt.id, *(others if others and form.together.data else ())]
        brought = form.letter.data
        try:
            letter = read_evidence(brought.filename or "", brought.read()) if brought else None
            made = operations.propose_no_answer(
                principal, wanted, letter, form.letter_on.data, form.reason.data or "", at=g.now
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
            attempt = queries.get_waiting_attempt(principal, attempt_id)
        else:
            db.session.commit()
            flash(gettext("已提出，由财政局另一位同事审批；审批以前什么也不变。"), "success")
            return redirect(url_for("disbursement.rebooking", rebooking_id=made.id))
    return render_template(
        "disbursement/no_answer.html",
        attempt=attempt,
        waited=(local_date(g.now) - local_date(attempt.created_at)).days,
        days=queries.step_limits()[rules.UNANSWERED],
        others=len(others),
        form=form if principal.may(rules.SETTLE_DISCREPANCY) else None,
        OUTCOMES=OUTCOMES,
    )


@blueprint.post("/rebookings/<int:rebooking_id>/letter")
def download_letter(rebooking_id: int) -> ResponseReturnValue:
    """The bank's letter. Every download is on record."""
    principal = current_principal()
    name, content = operations.read_letter(principal, queries.get_rebooking(principal, rebooking_id), at=g.now)
    db.session.commit()
    return as_download(io.BytesIO(content), name)
