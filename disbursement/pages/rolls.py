"""The pages of rolls: brought, submitted, approved, sent back."""

from collections.abc import Callable

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages, uploads, workflow
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.form_fields import choices, open_choices
from core.web import current_principal, flash_error, press
from disbursement import hooks, operations, queries, rules
from disbursement.door import blueprint
from disbursement.forms import RollUploadForm
from disbursement.listings.roll_lines import ROLLS_WITH_ACTIONS, payments_listing
from disbursement.models import Payment, Roll
from disbursement.uploads import ROLL_UPLOAD
from disbursement.words import (
    ROLL_ACTIONS,
    ROLL_STATES,
    held_words,
    roll_status,
)


@blueprint.route("/rolls", methods=["GET", "POST"])
def rolls() -> ResponseReturnValue:
    """All rolls in view."""
    principal = current_principal()
    buttons = [(gettext("上传花名册"), url_for("disbursement.new_roll"))] if principal.may(rules.PREPARE_ROLL) else []
    return listing_pages.serve(ROLLS_WITH_ACTIONS, queries.listed_rolls(principal), buttons=buttons)


@blueprint.route("/rolls/new", methods=["GET", "POST"])
def new_roll() -> ResponseReturnValue:
    """Take a township's file in; it is checked first and saved when confirmed."""
    principal = current_principal()
    principal.require(rules.PREPARE_ROLL)
    form = RollUploadForm()
    form.programme.choices = open_choices({found.code: found.name for found in queries.rollable_programmes()})
    townships = {found.code: found.name for found in queries.townships(principal)}
    form.township.choices = choices(townships) if len(townships) == 1 else open_choices(townships)
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
    hold = queries.publicity_holds(principal, [found], local_date(g.now)).get(found.id)
    return listing_pages.serve(
        payments_listing(found),
        queries.visible_payments(principal).where(Payment.roll_id == found.id),
        "disbursement/roll.html",
        roll=found,
        hold=hold,
        held_words=held_words,
        status=roll_status(found, hold),
        sections=hooks.ROLL_SECTIONS.found_for(principal, found),
        findings=operations.count_findings(found),
        steps=workflow.history(rules.ROLL_WORKFLOW, found.id),
        rules=rules,
        ROLL_STATES=ROLL_STATES,
        ROLL_ACTIONS=ROLL_ACTIONS,
    )


def _act_on_roll(roll_id: int, act: Callable[[Roll], object], done: str) -> ResponseReturnValue:
    found = queries.get_roll(current_principal(), roll_id)
    return press(
        lambda: act(found),
        done,
        url_for("disbursement.roll", roll_id=roll_id),
    )


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


def _withdrawal(roll_id: int, act: Callable[[Roll, str], object], done: str) -> ResponseReturnValue:
    reason = request.form.get("reason", "")
    return _act_on_roll(roll_id, lambda found: act(found, reason), done)


@blueprint.post("/rolls/<int:roll_id>/withdraw-submission")
def withdraw_submission(roll_id: int) -> ResponseReturnValue:
    """The township takes its submission back."""
    principal = current_principal()
    return _withdrawal(
        roll_id,
        lambda found, reason: operations.withdraw_submission(principal, found, reason, at=g.now),
        gettext("已撤回，花名册回到草稿。"),
    )


@blueprint.post("/rolls/<int:roll_id>/withdraw-township")
def withdraw_township_approval(roll_id: int) -> ResponseReturnValue:
    """The township takes its approval back."""
    principal = current_principal()
    return _withdrawal(
        roll_id,
        lambda found, reason: operations.withdraw_township_approval(principal, found, reason, at=g.now),
        gettext("乡镇审核已撤回。"),
    )


@blueprint.post("/rolls/<int:roll_id>/withdraw-department")
def withdraw_department_approval(roll_id: int) -> ResponseReturnValue:
    """The department takes its approval back."""
    principal = current_principal()
    return _withdrawal(
        roll_id,
        lambda found, reason: operations.withdraw_department_approval(principal, found, reason, at=g.now),
        gettext("审批已撤回。"),
    )
