"""The staff pages of disbursement: batches, rolls, bank files, failures, the balance."""

from collections.abc import Callable

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from core import listing_pages, uploads, workflow
from core.addresses import as_number
from core.board import board_provider
from core.database import db
from core.errors import UserError
from core.form_fields import choices
from core.navigation import NavigationEntry, Section, navigation
from core.web import current_principal, flash_error, staff_blueprint
from disbursement import board, operations, queries, rules
from disbursement.balances import balances
from disbursement.bank_files.profiles import PROFILES
from disbursement.failure_reasons import explain
from disbursement.forms import ResultUploadForm, RollUploadForm
from disbursement.listings import BATCHES, FAILURES, PAYMENTS, RESULTS, ROLLS
from disbursement.models import Batch, Payment, Roll
from disbursement.uploads import RESULT_UPLOAD, ROLL_UPLOAD
from disbursement.words import (
    BATCH_ACTIONS,
    BATCH_STATES,
    DISCREPANCIES,
    OUTCOMES,
    PAYMENT_STATES,
    ROLL_ACTIONS,
    ROLL_STATES,
    ROLL_WAITS_FOR,
)

blueprint = staff_blueprint("disbursement", __name__, "disbursement")
navigation(
    NavigationEntry(lazy_gettext("发放批次"), "disbursement.batches", Section.MONEY, rules.READ, 10, "money"),
    NavigationEntry(lazy_gettext("花名册"), "disbursement.rolls", Section.MONEY, rules.SEE_ROLLS, 12, "roll"),
    NavigationEntry(lazy_gettext("发放失败"), "disbursement.failures", Section.MONEY, rules.SEE_ROLLS, 14, "money"),
    NavigationEntry(lazy_gettext("银行回盘"), "disbursement.results", Section.MONEY, rules.SEE_RESULTS, 16, "upload"),
    NavigationEntry(lazy_gettext("资金余额"), "disbursement.balance", Section.MONEY, rules.SEE_BALANCE, 18, "balance"),
)
board_provider(board.items)


# --- Batches -------------------------------------------------------------------------------------


@blueprint.route("/batches", methods=["GET", "POST"])
def batches() -> ResponseReturnValue:
    """All batches in view."""
    principal = current_principal()
    buttons = [(gettext("上传花名册"), url_for("disbursement.new_roll"))] if principal.may(rules.PREPARE_ROLL) else []
    return listing_pages.serve(BATCHES, queries.visible_batches(principal), buttons=buttons)


@blueprint.get("/batches/<int:batch_id>")
def batch(batch_id: int) -> ResponseReturnValue:
    """Where a batch stands, roll by roll, and what can be done with it."""
    principal = current_principal()
    found = queries.get_batch(principal, batch_id)
    return render_template(
        "disbursement/batch.html",
        batch=found,
        rolls=queries.rolls_of(principal, found),
        sums=queries.sums_by_state(principal, found),
        offers=queries.offers_of(found) if principal.may(rules.EXPORT_OFFER) else [],
        results=queries.results_of(found) if principal.may(rules.SEE_RESULTS) else [],
        steps=workflow.history(rules.BATCH_WORKFLOW, found.id),
        rules=rules,
        BATCH_STATES=BATCH_STATES,
        BATCH_ACTIONS=BATCH_ACTIONS,
        ROLL_STATES=ROLL_STATES,
        ROLL_WAITS_FOR=ROLL_WAITS_FOR,
        PAYMENT_STATES=PAYMENT_STATES,
    )


def _act_on_batch(batch_id: int, act: Callable[[Batch], object], done: str) -> ResponseReturnValue:
    found = queries.get_batch(current_principal(), batch_id)
    try:
        act(found)
    except UserError as error:
        flash_error(error)
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(url_for("disbursement.batch", batch_id=batch_id))


@blueprint.post("/batches/<int:batch_id>/confirm")
def confirm_batch(batch_id: int) -> ResponseReturnValue:
    """Finance reserves the money."""
    principal = current_principal()
    return _act_on_batch(
        batch_id,
        lambda found: operations.confirm_batch(principal, found, at=g.now),
        gettext("批次已确认，资金已预留。现在可以生成代发文件。"),
    )


@blueprint.post("/batches/<int:batch_id>/withdraw")
def withdraw_batch(batch_id: int) -> ResponseReturnValue:
    """Finance takes the confirmation back."""
    principal = current_principal()
    reason = request.form.get("reason", "")
    return _act_on_batch(
        batch_id,
        lambda found: operations.withdraw_confirmation(principal, found, reason, at=g.now),
        gettext("确认已撤回，预留的资金已释放。"),
    )


@blueprint.post("/batches/<int:batch_id>/offer")
def export_offer(batch_id: int) -> ResponseReturnValue:
    """Make the offer file of what waits."""
    principal = current_principal()
    return _act_on_batch(
        batch_id,
        lambda found: operations.export_offer(principal, found, at=g.now),
        gettext("代发文件已生成，请下载后送银行。"),
    )


@blueprint.post("/batches/<int:batch_id>/close")
def close_batch(batch_id: int) -> ResponseReturnValue:
    """End a batch in which nothing is open."""
    principal = current_principal()
    return _act_on_batch(
        batch_id, lambda found: operations.close_batch(principal, found, at=g.now), gettext("批次已办结。")
    )


@blueprint.post("/offers/<int:offer_id>/download")
def download_offer(offer_id: int) -> ResponseReturnValue:
    """The offer file as the bank gets it. Every download is on record: it names people and cards."""
    principal = current_principal()
    offer = queries.get_offer(principal, offer_id)
    content = operations.read_offer(principal, offer, at=g.now)
    db.session.commit()
    response = Response(content, mimetype="application/octet-stream")
    name = f"{offer.batch.programme.code}-{offer.batch.period}-{offer.id}.txt"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


# --- Rolls ---------------------------------------------------------------------------------------


@blueprint.route("/rolls", methods=["GET", "POST"])
def rolls() -> ResponseReturnValue:
    """All rolls in view."""
    principal = current_principal()
    buttons = [(gettext("上传花名册"), url_for("disbursement.new_roll"))] if principal.may(rules.PREPARE_ROLL) else []
    return listing_pages.serve(ROLLS, queries.visible_rolls(principal), buttons=buttons)


@blueprint.route("/rolls/new", methods=["GET", "POST"])
def new_roll() -> ResponseReturnValue:
    """Take a township's file in; it is checked first and saved when confirmed."""
    principal = current_principal()
    principal.require(rules.PREPARE_ROLL)
    form = RollUploadForm()
    form.programme.choices = choices({found.code: found.name for found in queries.platform_programmes()})
    form.township.choices = choices({found.code: found.name for found in queries.townships(principal)})
    if form.validate_on_submit():
        parameters = {
            "programme": form.programme.data,
            "period": form.period.data,
            "township": form.township.data,
        }
        try:
            upload = uploads.receive(
                principal, ROLL_UPLOAD, form.file.data.read(), form.file.data.filename or "", parameters, at=g.now
            )
        except UserError as error:
            flash_error(error)
        else:
            db.session.commit()
            return redirect(url_for("staff.upload", upload_id=upload.id))
    return render_template("disbursement/new_roll.html", form=form)


@blueprint.route("/rolls/<int:roll_id>", methods=["GET", "POST"])
def roll(roll_id: int) -> ResponseReturnValue:
    """A roll with its people, its way through the approvals, and what can be done with it."""
    principal = current_principal()
    found = queries.get_roll(principal, roll_id)
    return listing_pages.serve(
        PAYMENTS,
        queries.visible_payments(principal).where(Payment.roll_id == found.id),
        "disbursement/roll.html",
        roll=found,
        steps=workflow.history(rules.ROLL_WORKFLOW, found.id),
        rules=rules,
        ROLL_STATES=ROLL_STATES,
        ROLL_ACTIONS=ROLL_ACTIONS,
        ROLL_WAITS_FOR=ROLL_WAITS_FOR,
    )


def _act_on_roll(roll_id: int, act: Callable[[Roll], object], done: str) -> ResponseReturnValue:
    found = queries.get_roll(current_principal(), roll_id)
    try:
        act(found)
    except UserError as error:
        flash_error(error)
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(url_for("disbursement.roll", roll_id=roll_id))


@blueprint.post("/rolls/<int:roll_id>/submit")
def submit_roll(roll_id: int) -> ResponseReturnValue:
    """Hand the draft to the township's approver."""
    principal = current_principal()
    return _act_on_roll(
        roll_id, lambda found: operations.submit_roll(principal, found, at=g.now), gettext("已提交，等待乡镇审核。")
    )


@blueprint.post("/rolls/<int:roll_id>/approve-township")
def approve_roll_township(roll_id: int) -> ResponseReturnValue:
    """The township's approval."""
    principal = current_principal()
    return _act_on_roll(
        roll_id,
        lambda found: operations.approve_roll_township(principal, found, at=g.now),
        gettext("乡镇审核已通过，接下来办理公示。"),
    )


@blueprint.post("/rolls/<int:roll_id>/approve-department")
def approve_roll_department(roll_id: int) -> ResponseReturnValue:
    """The department's approval."""
    principal = current_principal()
    return _act_on_roll(
        roll_id,
        lambda found: operations.approve_roll_department(principal, found, at=g.now),
        gettext("主管部门审核已通过，等待财政确认批次。"),
    )


@blueprint.post("/rolls/<int:roll_id>/send-back")
def send_back_roll(roll_id: int) -> ResponseReturnValue:
    """Back to the township, with a reason."""
    principal = current_principal()
    reason = request.form.get("reason", "")
    return _act_on_roll(
        roll_id,
        lambda found: operations.send_back_roll(principal, found, reason, at=g.now),
        gettext("已退回乡镇修改。"),
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


# --- Bank results --------------------------------------------------------------------------------


@blueprint.route("/results", methods=["GET", "POST"])
def results() -> ResponseReturnValue:
    """The bank's answers so far."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    may_bring = principal.may(rules.IMPORT_RESULT)
    buttons = [(gettext("上传回盘文件"), url_for("disbursement.new_result"))] if may_bring else []
    return listing_pages.serve(RESULTS, queries.visible_results(principal), buttons=buttons)


@blueprint.route("/results/new", methods=["GET", "POST"])
def new_result() -> ResponseReturnValue:
    """Take the bank's answer in; it is checked first and recorded when confirmed."""
    principal = current_principal()
    principal.require(rules.IMPORT_RESULT)
    form = ResultUploadForm(batch=request.args.get("batch", ""))
    form.profile.choices = choices({name: gettext(profile.title) for name, profile in PROFILES.items()})
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
    found = queries.get_result(current_principal(), result_id)
    return render_template(
        "disbursement/result.html",
        result=found,
        discrepancies=queries.discrepancies_of(found),
        rules=rules,
        DISCREPANCIES=DISCREPANCIES,
        OUTCOMES=OUTCOMES,
    )


@blueprint.post("/discrepancies/<int:discrepancy_id>/settle")
def settle_discrepancy(discrepancy_id: int) -> ResponseReturnValue:
    """Write down how a discrepancy was cleared up."""
    principal = current_principal()
    found = queries.get_discrepancy(principal, discrepancy_id)
    result_id = found.result_file_id
    try:
        operations.settle_discrepancy(principal, found, request.form.get("settlement", ""), at=g.now)
    except UserError as error:
        flash_error(error)
    else:
        db.session.commit()
        flash(gettext("处理结果已记录。"), "success")
    return redirect(url_for("disbursement.result", result_id=result_id))


# --- The balance ---------------------------------------------------------------------------------


@blueprint.get("/balance")
def balance() -> ResponseReturnValue:
    """Where the money of each programme is, for one year."""
    principal = current_principal()
    principal.require(rules.SEE_BALANCE)
    this_year = g.now.year
    year = request.args.get("year", this_year, type=as_number)
    return render_template(
        "disbursement/balance.html",
        year=year,
        years=range(this_year, this_year - 11, -1),
        balances=balances(year, department_id=queries.own_department(principal)),
    )
