"""The pages of batches: where each stands, and what can be done with it."""

from collections.abc import Callable

from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages, workflow
from core.bulk import among
from core.clock import local_date
from core.database import db
from core.web import current_principal, press
from disbursement import operations, queries, rules
from disbursement.balances import funding_of
from disbursement.door import blueprint
from disbursement.listings import BATCHES
from disbursement.models import Batch, Payment
from disbursement.pages.profiles import title_of
from disbursement.whom import WITH_WHOM, whom, whom_of
from disbursement.words import (
    BATCH_ACTIONS,
    BATCH_STATES,
    CHECKS,
    PAYMENT_STATES,
    SEVERITIES,
    roll_status,
    roll_waits_for,
)

MOST_NAMES = 200
"""As many names are shown before an offer file is made; all are counted."""


@blueprint.route("/batches", methods=["GET", "POST"])
def batches() -> ResponseReturnValue:
    """All batches in view."""
    principal = current_principal()
    buttons = [(gettext("上传花名册"), url_for("disbursement.new_roll"))] if principal.may(rules.PREPARE_ROLL) else []
    return listing_pages.serve(BATCHES, queries.listed_batches(principal), buttons=buttons)


@blueprint.get("/batches/<int:batch_id>")
def batch(batch_id: int) -> ResponseReturnValue:
    """Where a batch stands, roll by roll, and what can be done with it."""
    principal = current_principal()
    found = queries.get_batch(principal, batch_id)
    rolls = queries.rolls_of(principal, found)
    holds = queries.publicity_holds(principal, rolls, local_date(g.now))
    collects = found.state == "open" and principal.may(rules.SEE_BALANCE)
    return render_template(
        "disbursement/batch.html",
        batch=found,
        rolls=[
            (roll, roll_status(roll, holds.get(roll.id)), roll_waits_for(roll, holds.get(roll.id))) for roll in rolls
        ],
        funding=funding_of(found) if collects else None,
        missing=queries.missing_townships(principal, found) if collects else None,
        sums=queries.sums_by_state(principal, found),
        titles={name: title_of(one) for name, one in queries.current_profiles().items()},
        offers=queries.offers_of(found) if principal.may(rules.EXPORT_OFFER) else [],
        results=queries.results_of(found) if principal.may(rules.SEE_RESULTS) else [],
        steps=workflow.history(rules.BATCH_WORKFLOW, found.id),
        rules=rules,
        BATCH_STATES=BATCH_STATES,
        BATCH_ACTIONS=BATCH_ACTIONS,
        PAYMENT_STATES=PAYMENT_STATES,
    )


def _act_on_batch(batch_id: int, act: Callable[[Batch], object], done: str) -> ResponseReturnValue:
    found = queries.get_batch(current_principal(), batch_id)
    return press(
        lambda: act(found),
        done,
        url_for("disbursement.batch", batch_id=batch_id),
    )


@blueprint.post("/batches/<int:batch_id>/confirm")
def confirm_batch(batch_id: int) -> ResponseReturnValue:
    """Finance reserves the money."""
    principal, reason = current_principal(), request.form.get("reason", "")
    return _act_on_batch(
        batch_id,
        lambda found: operations.confirm_batch(principal, found, at=g.now, reason=reason),
        gettext("批次已确认，资金已预留。现在可以生成代发文件。"),
    )


@blueprint.get("/batches/<int:batch_id>/since-approval")
def since_approval(batch_id: int) -> ResponseReturnValue:
    """What the checks find that no approval has seen: before finance confirms."""
    principal = current_principal()
    found = queries.get_batch(principal, batch_id)
    principal.require(rules.SEE_BALANCE)
    new = queries.new_findings(found)
    shown = new[:MOST_NAMES]
    about = {one.found.payment_id for one in shown if one.found.payment_id is not None}
    payments = queries.visible_payments(principal).where(among(Payment.id, about)).options(*WITH_WHOM)
    return render_template(
        "disbursement/since_approval.html",
        batch=found,
        new=shown,
        count=len(new),
        payments={payment.id: payment for payment in db.session.scalars(payments)},
        whom=whom,
        CHECKS=CHECKS,
        SEVERITIES=SEVERITIES,
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


@blueprint.get("/batches/<int:batch_id>/offer")
def offer(batch_id: int) -> ResponseReturnValue:
    """What the offer file would hold, and which names it would change: to be looked at before it is made."""
    principal = current_principal()
    found = queries.get_batch(principal, batch_id)
    principal.require(rules.EXPORT_OFFER)
    profiles = queries.current_profiles()
    profile = profiles.get(request.args.get("profile", "")) or queries.profile_for(found)
    preview = queries.offer_preview(found, profile)
    redirected = queries.redirected(found)
    shown = [*preview.losing, *preview.respelled][:MOST_NAMES]
    return render_template(
        "disbursement/offer.html",
        batch=found,
        preview=preview,
        shown=shown,
        redirected=redirected,
        whom=whom_of(principal, {name.payment_id for name in shown} | {one.payment_id for one in redirected}),
        redirects=operations.redirects_of(redirected),
        profile=profile,
        profiles={name: title_of(one) for name, one in profiles.items()},
        rules=rules,
        MOST_NAMES=MOST_NAMES,
    )


@blueprint.post("/batches/<int:batch_id>/offer")
def export_offer(batch_id: int) -> ResponseReturnValue:
    """Make the offer file of what waits."""
    principal = current_principal()
    wanted = request.form.get("profile", "")
    seen = request.form.get("redirects_seen", "")

    def export(found: Batch) -> None:
        profile = queries.profile_named(wanted) if wanted else queries.profile_for(found)
        operations.export_offer(principal, found, at=g.now, profile=profile, redirects_seen=seen)

    return _act_on_batch(batch_id, export, gettext("代发文件已生成，请下载后送银行。"))


@blueprint.post("/offers/<int:offer_id>/cancel")
def cancel_offer(offer_id: int) -> ResponseReturnValue:
    """Take back an offer file that has not left the house."""
    principal = current_principal()
    made = queries.get_offer(principal, offer_id)
    reason = request.form.get("reason", "")
    return _act_on_batch(
        made.batch.id,
        lambda _found: operations.cancel_offer(principal, made, reason, at=g.now),
        gettext("代发文件已作废，其中的明细回到生成以前的状态。"),
    )


@blueprint.post("/payments/<int:payment_id>/spelling")
def set_spelling(payment_id: int) -> ResponseReturnValue:
    """Note how the bank spells a payee."""
    principal = current_principal()
    payment = queries.get_payment(principal, payment_id)
    batch_id = payment.batch_id
    return press(
        lambda: operations.set_spelling(principal, payment, request.form.get("spelling", ""), at=g.now),
        gettext("银行的写法已登记。"),
        url_for("disbursement.offer", batch_id=batch_id, profile=request.form.get("profile") or None),
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
    profile = queries.profile_of_version(offer.profile, offer.profile_version) or queries.profile_for(offer.batch)
    name = profile.file_name_for(offer.batch.programme.code, offer.batch.period, offer.id)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
