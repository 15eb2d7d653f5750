"""The pages of the re-issue files: one a month, made, downloaded, or taken back."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.clock import local_date
from core.database import db
from core.errors import UserError
from core.web import current_principal, flash_error, press
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.listings import REISSUES


@blueprint.route("/reissues", methods=["GET", "POST"])
def reissues() -> ResponseReturnValue:
    """The re-issue files so far, and what the next one would hold."""
    principal = current_principal()
    principal.require(rules.SEE_RESULTS)
    month = rules.month_of(local_date(g.now))
    return listing_pages.serve(
        REISSUES,
        queries.visible_reissues(principal),
        "disbursement/reissues.html",
        month=month,
        made=queries.reissue_of(principal, month),
        waiting=queries.reissue_count(principal) if principal.may(rules.MAKE_REISSUE) else None,
    )


@blueprint.post("/reissues/new")
def make_reissue() -> ResponseReturnValue:
    """Make this month's file."""
    principal = current_principal()
    principal.require(rules.MAKE_REISSUE)
    try:
        offer = operations.make_reissue(principal, at=g.now)
    except UserError as error:
        flash_error(error)
        return redirect(url_for("disbursement.reissues"))
    db.session.commit()
    flash(gettext("重发文件已生成，请下载后送银行。第一次下载以前可以撤回。"), "success")
    return redirect(url_for("disbursement.reissue", offer_id=offer.id))


@blueprint.get("/reissues/<int:offer_id>")
def reissue(offer_id: int) -> ResponseReturnValue:
    """One re-issue file: its totals, its batches, and what can be done with it."""
    found = queries.get_reissue(current_principal(), offer_id)
    return render_template(
        "disbursement/reissue.html",
        offer=found,
        batches=queries.batches_of_offer(found),
        results=queries.results_of_offer(found),
        rules=rules,
    )


@blueprint.post("/reissues/<int:offer_id>/download")
def download_reissue(offer_id: int) -> ResponseReturnValue:
    """The file as the bank gets it. Every download is on record: it names people and cards."""
    principal = current_principal()
    offer = queries.get_reissue(principal, offer_id)
    try:
        content = operations.read_reissue(principal, offer, at=g.now)
    except UserError as error:
        flash_error(error)
        return redirect(url_for("disbursement.reissue", offer_id=offer_id))
    name = f"reissue-{offer.cycle_month}-{offer.id}.txt"
    db.session.commit()
    response = Response(content, mimetype="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@blueprint.post("/reissues/<int:offer_id>/withdraw")
def withdraw_reissue(offer_id: int) -> ResponseReturnValue:
    """Take a file back that has not left the house."""
    principal = current_principal()
    offer = queries.get_reissue(principal, offer_id)
    return press(
        lambda: operations.withdraw_reissue(principal, offer, request.form.get("reason", ""), at=g.now),
        gettext("重发文件已撤回，明细回到“等待重发”。"),
        url_for("disbursement.reissues"),
    )
