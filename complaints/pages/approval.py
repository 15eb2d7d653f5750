"""The page on which an office sets whether its answers need a second person."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from complaints import rules
from complaints.door import blueprint, tabs
from complaints.operations.approving import set_approval, settings_of
from core import web
from core.database import db
from core.errors import UserError


@blueprint.route("/approval", methods=["GET", "POST"])
def approval() -> ResponseReturnValue:
    """What is set for the own office, by whom, when and why; an approver changes it."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    if request.method == "POST":
        # The form is shown to nobody else: there is no page to tell him on that he may not.
        principal.require(rules.APPROVE_ANSWER)
        try:
            required = request.form.get("required") == "1"
            set_approval(principal, required, request.form.get("reason", ""), at=g.now)
        except UserError as error:
            web.flash_error(error)
        else:
            db.session.commit()
            flash(gettext("已保存，从现在起按这样办理。"), "success")
        return redirect(url_for("complaints.approval"), 303)
    settings = settings_of(principal.organisation_id)
    return render_template(
        "complaints/approval.html",
        changes=settings,
        required=bool(settings and settings[0].required),
        may_set=principal.may(rules.APPROVE_ANSWER),
        tabs=tabs(),
    )
