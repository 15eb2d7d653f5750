"""The pages of rebookings: what the bank proved to have paid, proposed by one official and decided by another."""

from collections.abc import Callable
from datetime import date

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages, workflow
from core.database import db
from core.errors import UserError
from core.web import current_principal, flash_error, press
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.listings import REBOOKING_LINES, REBOOKINGS
from disbursement.models import Discrepancy, Rebooking
from disbursement.words import REBOOKING_ACTIONS, REBOOKING_KINDS, REBOOKING_STATES


@blueprint.route("/rebookings", methods=["GET", "POST"])
def rebookings() -> ResponseReturnValue:
    """All of them, the newest first."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    return listing_pages.serve(
        REBOOKINGS,
        queries.visible_rebookings(principal),
        intro=gettext(
            "账上记为失败或不明、银行证实当时已付的，改记为已到账；账上记为已到账、银行证实没有付出的，改记为已退回；"
            "银行一直没有答复、来函确认没有付出的，认定失败；银行说过已付、又来函收回的，维持失败。"
            "由一人提出、财政局另一人批准。"
        ),
        buttons=[(gettext("银行回盘"), url_for("disbursement.results"))],
    )


@blueprint.route("/rebookings/<int:rebooking_id>", methods=["GET", "POST"])
def rebooking(rebooking_id: int) -> ResponseReturnValue:
    """One of them, with its tries, its history, and what can be done with it."""
    principal = current_principal()
    found = queries.get_rebooking(principal, rebooking_id)
    steps = workflow.history(rules.REBOOKING_WORKFLOW, found.id)
    return listing_pages.serve(
        REBOOKING_LINES,
        queries.rebooking_lines(found),
        "disbursement/rebooking.html",
        rebooking=found,
        steps=steps,
        proposed_it=any(step.action == "propose" and step.official_id == principal.official_id for step in steps),
        rules=rules,
        REBOOKING_KINDS=REBOOKING_KINDS,
        REBOOKING_STATES=REBOOKING_STATES,
        REBOOKING_ACTIONS=REBOOKING_ACTIONS,
    )


def _act(rebooking_id: int, act: Callable[[Rebooking], object], done: str) -> ResponseReturnValue:
    found = queries.get_rebooking(current_principal(), rebooking_id)
    return press(
        lambda: act(found),
        done,
        url_for("disbursement.rebooking", rebooking_id=rebooking_id),
    )


@blueprint.post("/rebookings/<int:rebooking_id>/approve")
def approve_rebooking(rebooking_id: int) -> ResponseReturnValue:
    """Another official of finance approves."""
    principal = current_principal()
    return _act(
        rebooking_id,
        lambda found: operations.approve_rebooking(principal, found, at=g.now),
        gettext("已批准。"),
    )


@blueprint.post("/rebookings/<int:rebooking_id>/refuse")
def refuse_rebooking(rebooking_id: int) -> ResponseReturnValue:
    """Another official of finance does not agree."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        rebooking_id,
        lambda found: operations.refuse_proposed_rebooking(principal, found, reason, at=g.now),
        gettext("没有同意，账上不变。"),
    )


@blueprint.post("/rebookings/<int:rebooking_id>/withdraw")
def withdraw_rebooking(rebooking_id: int) -> ResponseReturnValue:
    """It is taken back before it is decided."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act(
        rebooking_id,
        lambda found: operations.withdraw_rebooking(principal, found, reason, at=g.now),
        gettext("已撤回，账上不变。"),
    )


@blueprint.post("/discrepancies/<int:discrepancy_id>/rebook")
def propose_rebooking(discrepancy_id: int) -> ResponseReturnValue:
    """Propose it for a try of which a result file says, against the book, that it was paid."""
    principal = current_principal()
    found = queries.get_discrepancy(principal, discrepancy_id)
    result_id = found.result_file_id
    try:
        made = operations.propose_rebooking(
            principal, {_attempt_of(found): _day()}, request.form.get("reason", ""), at=g.now
        )
    except UserError as error:
        db.session.rollback()
        flash_error(error)
        return redirect(url_for("disbursement.result", result_id=result_id))
    db.session.commit()
    flash(gettext("已提出改记，由财政局另一位同事审批。"), "success")
    return redirect(url_for("disbursement.rebooking", rebooking_id=made.id))


def _attempt_of(found: Discrepancy) -> int:
    """Raises UserError for a discrepancy about something else."""
    is_about_this = found.kind == "contradicts_final" and found.bank_outcome == "paid" and found.settled_at is None
    if not is_about_this or found.attempt_id is None:
        raise UserError("只有银行说已付、与账上相矛盾、还没有处理的差异才能这样改记。")
    return found.attempt_id


def _day() -> date:
    try:
        return date.fromisoformat(request.form.get("bank_day", ""))
    except ValueError:
        raise UserError("请填写银行确认的到账日期。") from None
