"""The pages of regions."""

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from core import listing_pages
from core.file_forms import FileForm, columns_of, take_in
from core.web import current_principal
from registry import queries, rules
from registry.door import blueprint
from registry.listings import REGIONS
from registry.region_files import REGION_FORM, REGIONS_UPLOAD


@blueprint.route("/regions", methods=["GET", "POST"])
@blueprint.route("/regions/<code>", methods=["GET", "POST"])
def regions(code: str | None = None) -> ResponseReturnValue:
    """The regions below one (from the county down), or those that a search finds anywhere below it."""
    above = queries.region(code) if code else None
    searching = bool(request.args.get("q") or request.args.get("level"))
    found = queries.regions_within(code) if searching else queries.regions_below(code)
    return listing_pages.serve(
        REGIONS,
        found,
        "registry/regions.html",
        lineage=queries.lineage(code) if code else [],
        heading=above.path if above else gettext("行政区划"),
        may_import=current_principal().may(rules.IMPORT_REGIONS),
    )


@blueprint.route("/regions/import", methods=["GET", "POST"])
def import_regions() -> ResponseReturnValue:
    """Bring a file of regions."""
    return take_in(
        REGIONS_UPLOAD,
        FileForm(),
        {},
        title=gettext("上传区划表"),
        intro=gettext("新代码会新增，名称变了的会改名，文件里没有的会保留。同一个文件再传一次，什么都不会变。"),
        crumbs=[(gettext("行政区划"), url_for("registry.regions")), (gettext("上传区划表"), None)],
        columns=columns_of(REGION_FORM),
    )
