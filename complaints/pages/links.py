"""Linking cases of one matter, and undoing it."""

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from complaints import operations, queries
from complaints.door import blueprint
from core import web
from core.database import db


@blueprint.post("/<string(length=12):number>/links")
def link(number: str) -> ResponseReturnValue:
    """Link the case with the one whose number was typed or chosen."""
    principal = web.current_principal()
    complaint = queries.complaint_by_number(principal, number)
    page = url_for("complaints.case", number=number)
    other = request.form.get("other", "")
    try:
        return web.press(
            lambda: operations.link(principal, complaint, other, at=g.now),
            gettext("已并案。各自的期限、答复和查询码都不变。"),
            page,
        )
    except IntegrityError:
        db.session.rollback()
        return redirect(page)


@blueprint.post("/<string(length=12):number>/links/<string(length=12):other>/end")
def unlink(number: str, other: str) -> ResponseReturnValue:
    """Undo the link between the two."""
    principal = web.current_principal()
    complaint = queries.complaint_by_number(principal, number)
    return web.press(
        lambda: operations.unlink(principal, complaint, other, at=g.now),
        gettext("已撤销并案，两件分别办理。"),
        url_for("complaints.case", number=number),
    )
