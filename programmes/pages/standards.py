"""What changes a programme's standards."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.database import db
from core.errors import UserError
from core.web import current_principal, flash_error
from programmes import operations, queries, rules
from programmes.door import blueprint
from programmes.forms import StandardForm
from programmes.pages.catalogue import programme_page
from programmes.rules import StandardUnit


@blueprint.post("/catalogue/<int:programme_id>/standards")
def add_standard(programme_id: int) -> ResponseReturnValue:
    """A new standard from a day on."""
    principal = current_principal()
    principal.require(rules.CHANGE_SETTINGS)
    shown = queries.programme(principal, programme_id)
    form = StandardForm()
    if not form.validate_on_submit():
        return programme_page(shown, None, standard_form=form)
    try:
        operations.add_standard(
            principal,
            programme_id,
            amount_fen=form.amount.fen,
            per=StandardUnit(form.per.data),
            monthly=bool(form.monthly.data),
            valid_from=form.valid_from.data,
            basis=form.basis.data or "",
            at=g.now,
        )
    except UserError as error:
        flash_error(error)
    else:
        db.session.commit()
        flash(gettext("新标准已登记，从那一天起的花名册按它核对。"), "success")
    return redirect(url_for("programmes.programme", programme_id=programme_id))


@blueprint.post("/standards/<int:standard_id>/withdraw")
def withdraw_standard(standard_id: int) -> ResponseReturnValue:
    """Take back the last one."""
    principal = current_principal()
    try:
        programme_id = operations.withdraw_standard(principal, standard_id, request.form.get("reason", ""), at=g.now)
    except UserError as error:
        flash_error(error)
        return redirect(url_for("programmes.programmes"))
    db.session.commit()
    flash(gettext("已撤销，前一条标准恢复执行。"), "success")
    return redirect(url_for("programmes.programme", programme_id=programme_id))
