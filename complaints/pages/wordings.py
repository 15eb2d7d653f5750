"""The pages of an office's own wordings."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from complaints import rules
from complaints.door import blueprint, tabs
from complaints.models import Wording
from complaints.wordings import USES, keep_wording, retire_wording, wording_by_id, wordings_of
from core import web
from core.database import db
from core.errors import UserError


@blueprint.route("/wordings", methods=["GET", "POST"])
def wordings() -> ResponseReturnValue:
    """The office's wordings, and a form for a new one; what was typed is not lost where it is refused."""
    return _page(None)


@blueprint.route("/wordings/<int:wording_id>", methods=["GET", "POST"])
def wording(wording_id: int) -> ResponseReturnValue:
    """Change one wording."""
    principal = web.current_principal()
    principal.require(rules.HANDLE_COMPLAINTS)
    return _page(wording_by_id(principal, wording_id))


def _page(changed: Wording | None) -> ResponseReturnValue:
    principal = web.current_principal()
    principal.require(rules.HANDLE_COMPLAINTS)
    given = {"use": "", "title": "", "text": ""}
    if changed is not None:
        given = {"use": changed.use, "title": changed.title, "text": changed.text}
    if request.method == "POST":
        given = {name: request.form.get(name, "") for name in given}
        try:
            keep_wording(principal, **given, at=g.now, wording=changed)
        except UserError as error:
            web.flash_error(error)
        else:
            db.session.commit()
            flash(gettext("已保存。"), "success")
            return redirect(url_for("complaints.wordings"), 303)
    page = render_template(
        "complaints/wordings.html",
        wordings=wordings_of(principal),
        changed=changed,
        given=given,
        uses=USES,
        tabs=tabs(),
    )
    return page, 400 if request.method == "POST" else 200


@blueprint.post("/wordings/<int:wording_id>/retire")
def retire(wording_id: int) -> ResponseReturnValue:
    """Take a wording out of use."""
    principal = web.current_principal()
    principal.require(rules.HANDLE_COMPLAINTS)
    retire_wording(principal, wording_by_id(principal, wording_id), at=g.now)
    db.session.commit()
    flash(gettext("已停用。"), "success")
    return redirect(url_for("complaints.wordings"), 303)
