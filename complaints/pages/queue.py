"""The lists of cases: the queue, what is supervised, the sealed room."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from complaints import queries, rules
from complaints.assignment import with_assignment
from complaints.door import blueprint, tabs
from complaints.listings import ALL, CONFIDENTIAL, DESK, EXTENSIONS, MISROUTED, SEALED, SUPERVISED
from complaints.saved_views import views_of
from core import listing_pages, web


@blueprint.route("/", methods=["GET", "POST"])
def desk() -> ResponseReturnValue:
    """What lies on the own desk, by due day."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    buttons = []
    if principal.may(rules.ENTER_COMPLAINTS):
        buttons.append((gettext("登记来电来信来访"), url_for("complaints.enter")))
    return _listed(with_assignment(DESK, principal), queries.desk(principal), buttons=buttons)


@blueprint.route("/supervised", methods=["GET", "POST"])
def supervised() -> ResponseReturnValue:
    """What has gone up to this office because it was late."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    return _listed(SUPERVISED, queries.supervised_cases(principal))


@blueprint.route("/misrouted", methods=["GET", "POST"])
def misrouted() -> ResponseReturnValue:
    """What other offices say is not for them, for this office to decide."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    return _listed(MISROUTED, queries.misrouted_cases(principal))


@blueprint.route("/extensions", methods=["GET", "POST"])
def extensions() -> ResponseReturnValue:
    """Requests for more days of offices below that have nobody else to grant them, for this office to decide."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    return _listed(EXTENSIONS, queries.extension_cases(principal))


@blueprint.route("/all", methods=["GET", "POST"])
def everything() -> ResponseReturnValue:
    """Every case that this office has or supervises, ended ones included."""
    principal = web.current_principal()
    principal.require(rules.READ_COMPLAINTS)
    return _listed(ALL, queries.cases(principal), parts=queries.case_parts(principal))


@blueprint.route("/sealed", methods=["GET", "POST"])
def sealed_room() -> ResponseReturnValue:
    """The discipline commission's own room; for everybody else there is no such page."""
    principal = web.current_principal()
    cases = queries.sealed_cases(principal)
    return listing_pages.serve(
        with_assignment(SEALED, principal),
        cases,
        parts=queries.case_parts(principal, sealed=True),
        intro=gettext("只有纪委监委能看到本页和其中的事项。"),
        buttons=[
            (gettext("统计"), url_for("complaints.sealed_statistics")),
            (gettext("到期删除"), url_for("complaints.sealed_retention")),
        ],
    )


@blueprint.route("/confidential", methods=["GET", "POST"])
def confidential() -> ResponseReturnValue:
    """Cases on any desk whose reporter only the discipline commission knows; for everybody else no such page."""
    return _listed(CONFIDENTIAL, queries.confidential_cases(web.current_principal()))


def _listed(listing: Any, statement: Any, **more: Any) -> ResponseReturnValue:
    saved = views_of(web.current_principal(), str(request.endpoint))
    return listing_pages.serve(listing, statement, "complaints/queue.html", tabs=tabs(), saved=saved, **more)
