"""The pages of the bank's answers."""

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages, uploads
from core.database import db
from core.errors import UserError
from core.form_fields import choices
from core.web import current_principal, flash_error, press
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.forms import ResultUploadForm
from disbursement.listings import DISCREPANCY_LIST, RESULTS
from disbursement.pages.profiles import title_of
from disbursement.uploads import RESULT_UPLOAD
from disbursement.whom import whom_of
from disbursement.words import (
    DISCREPANCIES,
    NOTES,
    OUTCOMES,
)

MOST_DISCREPANCIES = 200
"""A result file shows so many; all of them are in the list of discrepancies."""


@blueprint.route("/results", methods=["GET", "POST"])
def results() -> ResponseReturnValue:
    """The bank's answers so far."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    may_bring = principal.may(rules.IMPORT_RESULT)
    buttons = [(gettext("上传回盘文件"), url_for("disbursement.new_result"))] if may_bring else []
    buttons.append((gettext("回盘差异"), url_for("disbursement.discrepancies")))
    buttons.append((gettext("银行没有答复"), url_for("disbursement.unanswered")))
    buttons.append((gettext("改记"), url_for("disbursement.rebookings")))
    buttons.append((gettext("银行文件格式"), url_for("disbursement.profiles")))
    return listing_pages.serve(RESULTS, queries.visible_results(principal), buttons=buttons)


@blueprint.route("/results/new", methods=["GET", "POST"])
def new_result() -> ResponseReturnValue:
    """Take the bank's answer in; it is checked first and recorded when confirmed."""
    principal = current_principal()
    principal.require(rules.IMPORT_RESULT)
    form = ResultUploadForm(batch=request.args.get("batch", ""))
    form.profile.choices = choices({name: title_of(profile) for name, profile in queries.current_profiles().items()})
    waiting = {
        str(found.id): f"{found.programme.name} {found.period}" for found in queries.batches_awaiting_results(principal)
    }
    form.batch.choices = choices({"": gettext("自动识别")} | waiting)
    if form.validate_on_submit():
        parameters = {"profile": form.profile.data, "batch": form.batch.data}
        try:
            upload = uploads.receive(
                principal, RESULT_UPLOAD, form.file.data.read(), form.file.data.filename or "", parameters, at=g.now
            )
        except UserError as error:
            flash_error(error)
        else:
            db.session.commit()
            return redirect(url_for("staff.upload", upload_id=upload.id))
    return render_template("disbursement/new_result.html", form=form)


@blueprint.get("/results/<int:result_id>")
def result(result_id: int) -> ResponseReturnValue:
    """What a result file said, and what did not fit the book."""
    principal = current_principal()
    found = queries.get_result(principal, result_id)
    listed = queries.discrepancies_of(found, MOST_DISCREPANCIES + 1)
    discrepancies = listed[:MOST_DISCREPANCIES]
    tries = queries.tries_of(discrepancies)
    return render_template(
        "disbursement/result.html",
        result=found,
        format_title=_format_title(found.profile),
        batches=queries.batches_answered_by(found),
        discrepancies=discrepancies,
        has_more=len(listed) > len(discrepancies),
        tries=tries,
        whom=whom_of(principal, [tried.payment_id for tried in tries.values()]),
        late=queries.late_answers_of(found),
        rebookable=queries.rebookable_of(found),
        disputes=queries.disputes_of(found),
        rules=rules,
        DISCREPANCIES=DISCREPANCIES,
        OUTCOMES=OUTCOMES,
    )


def _format_title(name: str) -> str:
    """What the format of a file is called; its name where it is no longer kept."""
    if name in NOTES:
        return str(NOTES[name])
    profile = queries.current_profiles().get(name)
    return title_of(profile) if profile else name


@blueprint.route("/discrepancies", methods=["GET", "POST"])
def discrepancies() -> ResponseReturnValue:
    """What did not fit the book, over all files."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    return listing_pages.serve(DISCREPANCY_LIST, queries.visible_discrepancies(principal))


@blueprint.post("/discrepancies/<int:discrepancy_id>/reopen")
def reopen_discrepancy(discrepancy_id: int) -> ResponseReturnValue:
    """Take a settled discrepancy up again."""
    principal = current_principal()
    found = queries.get_discrepancy(principal, discrepancy_id)
    result_id = found.result_file_id
    return press(
        lambda: operations.reopen_discrepancies(principal, [found.id], request.form.get("reason", ""), at=g.now),
        gettext("这条差异已重新列为待处理。"),
        url_for("disbursement.result", result_id=result_id),
    )


@blueprint.post("/discrepancies/<int:discrepancy_id>/settle")
def settle_discrepancy(discrepancy_id: int) -> ResponseReturnValue:
    """Write down how a discrepancy was cleared up."""
    principal = current_principal()
    found = queries.get_discrepancy(principal, discrepancy_id)
    result_id = found.result_file_id
    return press(
        lambda: operations.settle_discrepancy(principal, found, request.form.get("settlement", ""), at=g.now),
        gettext("处理结果已记录。"),
        url_for("disbursement.result", result_id=result_id),
    )
