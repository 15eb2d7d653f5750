"""The blueprint of the public door, and what all its pages share."""

from flask import Response

from core.web import public_blueprint

blueprint = public_blueprint("portal", __name__)


@blueprint.after_request
def keep_out_of_search_engines(response: Response) -> Response:
    """Lists and results are for people who come for them (policy §3)."""
    response.headers.setdefault("X-Robots-Tag", "noindex, noarchive")
    return response
