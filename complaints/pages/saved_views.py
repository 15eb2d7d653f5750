"""Saving and removing views of the queue."""

from flask import flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from complaints import saved_views
from complaints.door import blueprint
from core import web
from core.database import db
from core.errors import NotVisible, UserError


@blueprint.post("/views")
def save_view() -> ResponseReturnValue:
    """Keep the filters of the list at hand under a name, and go back to it."""
    page = request.form.get("page", "")
    if page not in saved_views.PAGES:
        raise NotVisible
    try:
        address = saved_views.save_view(
            web.current_principal(), page, request.form.get("name", ""), request.form.get("query", ""), at=g.now
        )
    except UserError as error:
        web.flash_error(error)
        return redirect(url_for(page), 303)
    db.session.commit()
    flash(gettext("已保存。"), "success")
    return redirect(address, 303)


@blueprint.post("/views/<int:view_id>/remove")
def remove_view(view_id: int) -> ResponseReturnValue:
    """Remove one of one's own views."""
    saved_views.remove_view(web.current_principal(), view_id, at=g.now)
    db.session.commit()
    flash(gettext("已删除。"), "success")
    return redirect(url_for("complaints.desk"), 303)
