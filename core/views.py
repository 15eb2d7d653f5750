"""Health, the language switch, the to-do board, and the pages of uploads."""

from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy import text

from core import board as to_do
from core import clock, web
from core.database import db
from core.navigation import NavigationEntry, Section, navigation

blueprint = Blueprint("core", __name__)
staff = web.staff_blueprint("staff", __name__, "")


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response("ok", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The process answers and reaches its database."""
    db.session.execute(text("SELECT 1"))
    return Response("ready", mimetype="text/plain")


@blueprint.get("/language/<code>")
def language(code: str) -> ResponseReturnValue:
    """Keep the chosen language for a year and go back to where the reader was."""
    response = make_response(redirect(web.local_target(request.args.get("next"), "/")))
    if code in web.LANGUAGES:
        response.set_cookie(web.LANGUAGE_COOKIE, code, max_age=31536000, samesite="Lax", httponly=True)
    return response


navigation(NavigationEntry(lazy_gettext("待办"), "staff.board", Section.WORK, order=0, icon="board"))


@staff.get("/")
def board() -> ResponseReturnValue:
    """The to-do board: the first screen of every official."""
    items = to_do.items_for(web.current_principal(), clock.local_date(g.now))
    return render_template("staff/board.html", items=items)
