"""The pages about offices."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from accounts import operations, queries, rules, sign_in
from accounts.door import blueprint
from accounts.forms import OrganisationForm
from accounts.listings import ORGANISATIONS
from core import listing_pages, web
from core.database import db
from core.errors import UserError
from core.principal import OrganisationKind


@blueprint.route("/organisations", methods=["GET", "POST"])
def organisations() -> ResponseReturnValue:
    """The offices whose officials one manages."""
    return listing_pages.serve(
        ORGANISATIONS,
        queries.organisations(web.current_principal()),
        buttons=[(gettext("新增单位"), url_for("accounts.add_organisation"))],
    )


@blueprint.route("/organisations/new", methods=["GET", "POST"])
@sign_in.asks_again
def add_organisation() -> ResponseReturnValue:
    """Enter an office."""
    principal = web.current_principal()
    principal.require(rules.MANAGE_OFFICIALS)
    form = OrganisationForm()
    if form.validate_on_submit():
        kind = OrganisationKind(form.kind.data)
        try:
            operations.add_organisation(principal, kind, form.name.data or "", form.region_code.data or "", at=g.now)
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence))
        else:
            db.session.commit()
            flash(gettext("单位已新增。现在可以为它新增经办人员。"), "success")
            return redirect(url_for("accounts.organisations"))
    return render_template("accounts/add_organisation.html", form=form)
