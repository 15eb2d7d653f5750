"""The filings of offline programmes."""

import io

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core.clock import local_date
from core.database import db
from core.downloads import as_download
from core.errors import UserError
from core.form_fields import choices
from core.principal import OrganisationKind
from core.web import current_principal, press
from programmes import operations, queries, rules
from programmes.door import blueprint
from programmes.forms import FilingForm
from programmes.words import OFFICES


@blueprint.route("/catalogue/<int:programme_id>/filings", methods=["GET", "POST"])
def new_filing(programme_id: int) -> ResponseReturnValue:
    """Hand the rules of an offline programme to an office."""
    principal = current_principal()
    principal.require(rules.FILE_MEASURES)
    programme = queries.own_programme(principal, programme_id)
    form = FilingForm(filed_on=local_date(g.now))
    form.office.choices = choices({office.value: OFFICES[office] for office in rules.FILING_OFFICES})
    if form.validate_on_submit():
        stored = form.file.data
        try:
            operations.file_measures(
                principal,
                programme_id,
                OrganisationKind(form.office.data),
                management_document=form.management_document.data or "",
                supervision_document=form.supervision_document.data or "",
                filed_on=form.filed_on.data,
                scan=(stored.filename or "", stored.read()) if stored else None,
                at=g.now,
            )
        except UserError as error:
            db.session.rollback()
            form.form_errors.append(gettext(error.sentence) % error.parameters)
        else:
            db.session.commit()
            flash(gettext("已报送，等待对方备案。"), "success")
            return redirect(url_for("programmes.programme", programme_id=programme_id))
    title = gettext("报送备案：%(name)s", name=programme.name)
    return render_template(
        "programmes/form.html",
        form=form,
        title=title,
        intro=gettext("县财政局和县纪委监委都备案以后，线下项目才能发放。"),
        crumbs=[
            (gettext("补贴项目清单"), url_for("programmes.programmes")),
            (programme.name, url_for("programmes.programme", programme_id=programme_id)),
            (title, None),
        ],
    )


@blueprint.post("/filings/<int:filing_id>/receive")
def receive_filing(filing_id: int) -> ResponseReturnValue:
    """Put a filing on record."""
    principal = current_principal()
    principal.require(rules.RECEIVE_FILING)
    programme_id = queries.filing(principal, filing_id).programme_id
    return press(
        lambda: operations.receive_filing(principal, filing_id, at=g.now),
        gettext("已备案。"),
        url_for("programmes.programme", programme_id=programme_id),
    )


@blueprint.post("/filings/<int:filing_id>/download")
def download_filing(filing_id: int) -> ResponseReturnValue:
    """The scan of a filing; who fetched it is on record."""
    principal = current_principal()
    found = queries.filing(principal, filing_id)
    scan = operations.read_filing(principal, found, at=g.now)
    db.session.commit()
    return as_download(io.BytesIO(scan.content), scan.filename)
