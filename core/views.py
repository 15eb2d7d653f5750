"""Health, the language switch, the to-do board, and the pages of uploads."""

from flask import Blueprint, Response, make_response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from core import web
from core.database import db

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
