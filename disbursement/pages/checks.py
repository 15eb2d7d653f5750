"""The pages of the checks before approval: what they found in a roll, and how grave each kind is."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.web import current_principal, flash_error
from core.working_days import load_calendar
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.listings.findings import findings_listing
from disbursement.rules import checks
from disbursement.rules.checks import CheckKind, Severity
from disbursement.words import CHECKS, SEVERITIES, roll_status, roll_waits_for


@blueprint.route("/rolls/<int:roll_id>/findings", methods=["GET", "POST"])
def findings(roll_id: int) -> ResponseReturnValue:
    """What the checks have found in a roll, line by line."""
    principal = current_principal()
    roll = queries.get_roll(principal, roll_id)
    return listing_pages.serve(
        findings_listing(roll),
        queries.findings_of_roll(roll),
        "disbursement/findings.html",
        roll=roll,
        counts=queries.finding_counts(roll),
        summary=operations.count_findings(roll),
        may_check=principal.may(rules.CHECK_ROLL) and roll.state != "department_approved",
        CHECKS=CHECKS,
        SEVERITIES=SEVERITIES,
    )


@blueprint.post("/rolls/<int:roll_id>/check")
def check_roll(roll_id: int) -> ResponseReturnValue:
    """Check once more: data may have been mended elsewhere."""
    principal = current_principal()
    roll = queries.get_roll(principal, roll_id)
    try:
        found = operations.check_roll(principal, roll, at=g.now)
    except UserError as error:
        flash_error(error)
    else:
        db.session.commit()
        flash(
            gettext(
                "核查完毕：%(errors)s 个必须解决的问题，%(warnings)s 个提示。",
                errors=found.errors,
                warnings=found.warnings,
            ),
            "success",
        )
    return redirect(url_for("disbursement.findings", roll_id=roll_id))


@blueprint.get("/checks")
def check_settings() -> ResponseReturnValue:
    """How grave each kind of finding is, and who chose so."""
    principal = current_principal()
    principal.require(rules.SEE_ROLLS)
    chosen = queries.chosen_severities()
    return render_template(
        "disbursement/checks.html",
        kinds=[(kind, checks.severity_of(kind, chosen).value, kind in checks.FIXED) for kind in CheckKind],
        history=queries.severity_history(),
        may_choose=principal.may(rules.CHOOSE_CHECKS),
        CHECKS=CHECKS,
        SEVERITIES=SEVERITIES,
    )


@blueprint.post("/checks/<kind>")
def choose_severity(kind: str) -> ResponseReturnValue:
    """The finance bureau decides how grave a kind is."""
    principal = current_principal()
    principal.require(rules.CHOOSE_CHECKS)
    severity = request.form.get("severity", "")
    try:
        if kind not in set(CheckKind) or severity not in set(Severity):
            raise UserError("没有这一项核查。请刷新页面后再看。")
        operations.choose_severity(
            principal, CheckKind(kind), Severity(severity), request.form.get("reason", ""), at=g.now
        )
    except UserError as error:
        flash_error(error)
    else:
        db.session.commit()
        flash(gettext("已调整，从下一次核查起按新的设定。"), "success")
    return redirect(url_for("disbursement.check_settings"))


@blueprint.get("/progress")
def progress() -> ResponseReturnValue:
    """Where every roll of the batches under way stands, and who is holding it up."""
    principal = current_principal()
    principal.require(rules.SEE_ROLLS)
    return render_template(
        "disbursement/progress.html",
        batches=queries.batches_under_way(principal, load_calendar(), local_date(g.now)),
        states=("draft", "submitted", "township_approved", "publicised", "department_approved"),
        roll_status=roll_status,
        roll_waits_for=roll_waits_for,
    )
