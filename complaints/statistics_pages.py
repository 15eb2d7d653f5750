"""The figures of this room."""

from datetime import date

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue

from complaints import queries, rules
from complaints.models import Complaint
from complaints.offices import all_offices
from complaints.views import blueprint, tabs
from complaints.words import category_choices
from core import clock, web


@blueprint.get("/statistics")
def statistics() -> ResponseReturnValue:
    """Figures that do not flatter, of what came in within a year."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    today = clock.local_date(g.now)
    wanted = request.args.get("year", "")
    year = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) == 4 else today.year
    if not 2000 <= year <= today.year:
        abort(404)
    first, last = date(year, 1, 1), date(year, 12, 31)
    offices = {found.id: found.name for found in all_offices()}
    return render_template(
        "complaints/statistics.html",
        year=year,
        by_category=queries.figures(principal, first, last, today, Complaint.category),
        by_office=queries.figures(principal, first, last, today, queries.FIRST_OFFICE),
        categories=category_choices(),
        offices=offices,
        tabs=tabs(),
    )
