"""Whose phone it is: a code to the phone on record, and the numbers that were reported as wrong."""

from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages, workflow
from core.database import db
from core.errors import PermissionDenied, UserError
from core.plain_text import plain_without_spaces
from core.web import current_principal, press
from registry import operations, queries, rules
from registry.door import blueprint
from registry.forms import SettleNumberForm
from registry.listings import WRONG_NUMBERS
from registry.words import REPORT_ACTIONS, REPORT_CHANNELS, REPORT_STATES


def _act(beneficiary_id: int, act: Callable[[], object], done: str) -> ResponseReturnValue:
    """Carry out something about a person's phone, and back to his page."""
    queries.beneficiary(current_principal(), beneficiary_id)
    return press(act, done, url_for("registry.beneficiary", beneficiary_id=beneficiary_id))


@blueprint.post("/beneficiaries/<int:beneficiary_id>/phone/code")
def send_phone_code(beneficiary_id: int) -> ResponseReturnValue:
    """Send a code to the phone on record."""
    return _act(
        beneficiary_id,
        lambda: operations.send_phone_code(current_principal(), beneficiary_id, at=g.now),
        gettext("验证码正在发往登记的手机，10 分钟内有效。请让本人读出，填在“手机号码”一栏。"),
    )


@blueprint.post("/beneficiaries/<int:beneficiary_id>/phone/confirm")
def confirm_phone(beneficiary_id: int) -> ResponseReturnValue:
    """The code that the owner of the phone has read out."""
    code = plain_without_spaces(request.form.get("code", ""))
    right = operations.confirm_phone(current_principal(), beneficiary_id, code, at=g.now)
    # A wrong one is a try, too.
    db.session.commit()
    if right:
        flash(gettext("号码已核实。"), "success")
    else:
        flash(gettext("验证码不对，或者已经过期。请再问一遍；试过几次还不对的，请重新发送。"), "warning")
    return redirect(url_for("registry.beneficiary", beneficiary_id=beneficiary_id))


@blueprint.post("/beneficiaries/<int:beneficiary_id>/phone/wrong")
def report_wrong_number(beneficiary_id: int) -> ResponseReturnValue:
    """An official has found that the number is not his."""
    reason = request.form.get("reason", "")
    return _act(
        beneficiary_id,
        lambda: operations.report_wrong_number(current_principal(), beneficiary_id, reason, at=g.now),
        gettext("已登记。处理以前，不再向这个号码发这个人的短信。"),
    )


@blueprint.route("/wrong-numbers", methods=["GET", "POST"])
def wrong_numbers() -> ResponseReturnValue:
    """The reports in one's regions."""
    principal = current_principal()
    principal.require(rules.SEE_BENEFICIARIES)
    return listing_pages.serve(
        WRONG_NUMBERS,
        queries.wrong_numbers(principal),
        intro=gettext(
            "被报错的号码，处理以前不再发本人的补贴通知和查询验证码；运营商退回空号的照发，请核对。"
            "请问清楚以后换成新号码、去掉，或者注明号码正确。"
        ),
    )


@blueprint.route("/wrong-numbers/<int:report_id>", methods=["GET", "POST"])
def wrong_number(report_id: int) -> ResponseReturnValue:
    """One report, and how the township settles it."""
    principal, form = current_principal(), SettleNumberForm()
    report = queries.wrong_number(principal, report_id)
    if request.method == "POST":
        principal.require(rules.MANAGE_PEOPLE)
    if form.validate_on_submit():
        try:
            operations.settle_wrong_number(
                principal, report_id, form.action.data, form.phone.data or "", form.reason.data, at=g.now
            )
        except PermissionDenied:
            raise
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
            report = queries.wrong_number(principal, report_id)
        else:
            db.session.commit()
            flash(gettext("已处理。"), "success")
            return redirect(url_for("registry.wrong_numbers", state="open"))
    return render_template(
        "registry/wrong_number.html",
        report=report,
        person=report.beneficiary,
        form=form,
        may_settle=report.state == "open" and principal.may(rules.MANAGE_PEOPLE),
        sharing=queries.sharing_phone(principal, report.beneficiary),
        steps=workflow.history(rules.WRONG_NUMBER_WORKFLOW, report.id),
        REPORT_STATES=REPORT_STATES,
        REPORT_ACTIONS=REPORT_ACTIONS,
        REPORT_CHANNELS=REPORT_CHANNELS,
    )
