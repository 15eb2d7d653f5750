"""Home, and the entry from a scanned code."""

from flask import render_template
from flask.typing import ResponseReturnValue

from core.web import settings
from portal import visits
from portal.door import blueprint
from publicity import queries as publicity


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """Four plain choices, and how to tell that this page is genuine."""
    return render_template("portal/home.html", address=settings().base_url)


@blueprint.get("/q/<token>")
def qr_entry(token: str) -> ResponseReturnValue:
    """What a scanned code leads to: the village's own entry. A forged code and a revoked one say what to do."""
    entry = publicity.qr_entry(token)
    if entry is None:
        return render_template("portal/qr_unknown.html", address=settings().base_url), 404
    if entry.revoked:
        return render_template("portal/qr_revoked.html"), 410
    visits.remember_region(entry.region.code)
    return render_template("portal/village.html", place=publicity.place_name(entry.region), address=settings().base_url)
