"""The publicity lists that are open: by the region at hand, or by walking down from the county."""

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from core import clock
from core.addresses import as_number
from core.database import db
from core.errors import NotVisible
from core.web import settings
from portal import list_page, queries, visits
from portal.door import blueprint
from publicity import queries as publicity
from publicity import rules


@blueprint.get("/lists")
def lists() -> ResponseReturnValue:
    """The open lists of a region and the way to its villages; without one, the townships to choose from."""
    code = request.args.get("region") or visits.region_at_hand()
    region = queries.region_named(code)
    if region is None or region.level == "county":
        return render_template(
            "portal/lists_choose.html", place="", regions=queries.children_of(settings().county_code)
        )
    below = queries.children_of(region.code) if region.level == rules.TOWNSHIP else []
    return render_template(
        "portal/lists.html",
        region=region,
        place=publicity.place_name(region),
        open_lists=publicity.open_lists(region.code, on=clock.local_date(g.now)),
        below=below,
    )


@blueprint.get("/lists/<token>")
def one_list(token: str) -> ResponseReturnValue:
    """One open list, page by page; each line has a number to speak about."""
    shown = publicity.open_list(token, on=clock.local_date(g.now))
    page = max(request.args.get("page", 1, type=as_number), 1)
    lines = publicity.lines_of(shown.id, page)
    if not lines:
        raise NotVisible
    return render_template(
        "portal/list.html",
        shown=shown,
        token=token,
        rows=list_page.rows(lines, token),
        page=page,
        has_next=page * rules.LINES_PER_PAGE < shown.line_count,
    )


@blueprint.errorhandler(publicity.ListClosed)
def closed_list(closed: publicity.ListClosed) -> ResponseReturnValue:
    """Whoever kept the address of a list learns that it has come down and where to ask; nothing of the list itself."""
    db.session.rollback()
    region = queries.region_named(closed.region_code)
    place = publicity.place_name(region) if region else ""
    return render_template("portal/list_closed.html", region=region, place=place), 410
