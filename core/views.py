"""Health, numbers, the language switch, and the to-do board. The pages of uploads stand in core.upload_views,
those of the calendar in core.calendar_pages."""

from flask import Blueprint, Flask, Response, abort, current_app, g, make_response, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy import text

from core import board as to_do
from core import calendar_pages, clock, metrics, upload_views, web
from core.database import db
from core.navigation import NavigationEntry, Section, navigation

blueprint = Blueprint("core", __name__)
staff = web.staff_blueprint("staff", __name__, "")
upload_views.add_routes(staff)
calendar_pages.add_routes(staff)

navigation(NavigationEntry(lazy_gettext("待办"), "staff.board", Section.WORK, order=0, icon="board"))


@blueprint.record_once
def _count_answers(state: BlueprintSetupState) -> None:
    assert isinstance(state.app, Flask)
    metrics.install(state.app)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response("ok", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The process answers and reaches its database."""
    db.session.execute(text("SELECT 1"))
    return Response("ready", mimetype="text/plain")


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Numbers for monitoring, where the staff door is open: the public door shows nobody how busy the house is."""
    if "staff" not in web.settings().doors:
        abort(404)
    return Response(metrics.exposition(current_app), content_type=metrics.CONTENT_TYPE)


@blueprint.get("/language/<code>")
def language(code: str) -> ResponseReturnValue:
    """Keep the chosen language for a year and go back to where the reader was."""
    return _keep(web.LANGUAGE_COOKIE, code if code in web.offered_languages() else None)


@blueprint.get("/type-size/<size>")
def type_size(size: str) -> ResponseReturnValue:
    """Keep the chosen size of type for a year and go back to where the reader was."""
    return _keep(web.TYPE_SIZE_COOKIE, size if size in web.TYPE_SIZES else None)


def _keep(cookie: str, choice: str | None) -> Response:
    response = make_response(redirect(web.local_target(request.args.get("next"), "/")))
    if choice is not None:
        web.keep(response, cookie, choice)
    return response


@staff.get("/")
def board() -> ResponseReturnValue:
    """The to-do board: the first screen of every official. ``room`` narrows it to one room's items."""
    today = clock.local_date(g.now)
    items = to_do.items_for(web.current_principal(), today)
    rooms = sorted({item.room for item in items})
    room = request.args.get("room", "")
    shown = [item for item in items if item.room == room] if room in rooms else items
    return render_template(
        "staff/board.html",
        groups=to_do.grouped(shown, today),
        how_many=to_do.how_many,
        everything=to_do.grouped(items, today),
        rooms=rooms,
        room=room if room in rooms else "",
    )
