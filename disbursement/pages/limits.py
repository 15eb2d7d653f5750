"""The page on which finance sets how long each step may take."""

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.web import current_principal, press
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
    return press(
        lambda: operations.choose_limit(
            principal, step, request.form.get("days", ""), request.form.get("reason", ""), at=g.now
        ),
        gettext("时限已调整，从现在起按新的设定提醒。"),
        url_for("disbursement.limits"),
    )
