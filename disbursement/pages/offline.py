"""The page on which payments outside the platform are recorded."""

import io

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.clock import local_date
from core.database import db
from core.downloads import as_download
from core.errors import UserError
from core.web import current_principal, press
from disbursement import operations, queries, rules
from disbursement.door import blueprint
from disbursement.forms import OfflineReceiptForm


@blueprint.route("/rolls/<int:roll_id>/receipts", methods=["GET", "POST"])
def receipts(roll_id: int) -> ResponseReturnValue:
    """The receipts of a roll of an offline programme, and a form for a further one."""
    principal = current_principal()
    roll = queries.get_roll(principal, roll_id)
    form = OfflineReceiptForm(paid_on=local_date(g.now))
    if request.method == "POST":
        principal.require(rules.PAY_OFFLINE)
    if form.validate_on_submit():
        stored = form.sheet.data
        try:
            operations.pay_offline(
                principal,
                roll,
                None,
                number=form.number.data or "",
                paid_on=form.paid_on.data,
                payer=form.payer.data or "",
                sheet=(stored.filename or "", stored.read()) if stored else None,
                at=g.now,
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("线下发放已登记。"), "success")
            return redirect(url_for("disbursement.receipts", roll_id=roll_id))
    return render_template(
        "disbursement/receipts.html",
        roll=roll,
        receipts=queries.receipts_of(roll),
        form=form if principal.may(rules.PAY_OFFLINE) else None,
        rules=rules,
    )


@blueprint.post("/receipts/<int:receipt_id>/cancel")
def cancel_receipt(receipt_id: int) -> ResponseReturnValue:
    """Take back what was entered by mistake."""
    principal = current_principal()
    principal.require(rules.PAY_OFFLINE)
    receipt = queries.get_receipt(principal, receipt_id)
    roll_id = receipt.roll_id
    return press(
        lambda: operations.cancel_receipt(principal, receipt, request.form.get("reason", ""), at=g.now),
        gettext("已撤销，这些人员回到等待发放。"),
        url_for("disbursement.receipts", roll_id=roll_id),
    )


@blueprint.post("/receipts/<int:receipt_id>/sheet")
def download_sheet(receipt_id: int) -> ResponseReturnValue:
    """The signed sheet. Every download is on record."""
    principal = current_principal()
    name, content = operations.read_sheet(principal, queries.get_receipt(principal, receipt_id), at=g.now)
    db.session.commit()
    return as_download(io.BytesIO(content), name)
