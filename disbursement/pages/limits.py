"""The page on which finance sets how long each step may take."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.database import db
from core.errors import UserError
from core.web import current_principal, flash_error
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.words import LIMITS


@blueprint.get("/limits")
def limits() -> ResponseReturnValue:
    """The limit of each step, and who set it so."""
    principal = current_principal()
    principal.require(rules.SEE_ROLLS)
    return render_template(
        "disbursement/limits.html",
        limits=queries.step_limits(),
        history=queries.limit_history(),
        may_choose=principal.may(rules.CHOOSE_CHECKS),
        rules=rules,
        LIMITS=LIMITS,
    )


@blueprint.post("/limits/<step>")
def choose_limit(step: str) -> ResponseReturnValue:
    """Finance sets another limit."""
    principal = current_principal()
    principal.require(rules.CHOOSE_CHECKS)
    try:
        operations.choose_limit(principal, step, request.form.get("days", ""), request.form.get("reason", ""), at=g.now)
    except UserError as error:
        flash_error(error)
    else:
        db.session.commit()
        flash(gettext("时限已调整，从现在起按新的设定提醒。"), "success")
    return redirect(url_for("disbursement.limits"))
