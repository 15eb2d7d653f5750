"""The staff blueprint of this room, and its lists: the queue, what is supervised, the sealed room."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from complaints import queries, rules
from complaints.assignment import with_assignment
from complaints.listings import ALL, CONFIDENTIAL, DESK, EXTENSIONS, MISROUTED, SEALED, SUPERVISED
from complaints.saved_views import views_of
from core import listing_pages, web
from core.navigation import NavigationEntry, Section, navigation
from core.principal import Principal
from core.web import staff_blueprint

blueprint = staff_blueprint("complaints", __name__, "complaints")


def _reads_figures_alone(principal: Principal) -> bool:
    """Whoever has a desk finds the figures beside it."""
    return principal.may(rules.READ_FIGURES) and not principal.may(rules.READ_COMPLAINTS)


navigation(
    NavigationEntry(
        lazy_gettext("投诉举报"), "complaints.desk", Section.PEOPLE, rules.READ_COMPLAINTS, order=20, icon="complaint"
    ),
    NavigationEntry(
        lazy_gettext("登记来电来信来访"),
        "complaints.enter",
        Section.PEOPLE,
        rules.ENTER_COMPLAINTS,
        order=21,
        icon="page",
    ),
    NavigationEntry(
        lazy_gettext("投诉举报统计"),
        "complaints.statistics",
        Section.PEOPLE,
        _reads_figures_alone,
        order=22,
        icon="page",
    ),
    NavigationEntry(
        lazy_gettext("问题线索"), "complaints.sealed_room", Section.PEOPLE, rules.READ_SEALED, order=22, icon="key"
    ),
)


def tabs() -> list[tuple[str, str]]:
    """The pages of the room beside the desk, for this principal, as (title, address)."""
    principal = web.current_principal()
    if not principal.may(rules.READ_COMPLAINTS):
        return []
    found = [(gettext("我单位待办"), url_for("complaints.desk"))]
    if principal.organisation_kind in rules.SUPERVISING_KINDS:
        found.append((gettext("督办"), url_for("complaints.supervised")))
    if principal.organisation_kind in rules.LINE[1:]:
        found.append((gettext("转办异议"), url_for("complaints.misrouted")))
        found.append((gettext("下级延期申请"), url_for("complaints.extensions")))
    if principal.may(rules.READ_SEALED):
        found.append((gettext("保密举报"), url_for("complaints.confidential")))
    found += [(gettext("全部"), url_for("complaints.everything")), (gettext("统计"), url_for("complaints.statistics"))]
    if principal.may(rules.HANDLE_COMPLAINTS):
        found.append((gettext("常用答复"), url_for("complaints.wordings")))
    found.append((gettext("答复审核"), url_for("complaints.approval")))
    found.append((gettext("分派规则"), url_for("complaints.routing")))
    found.append((gettext("到期删除"), url_for("complaints.retention")))
    found.append((gettext("利害关系"), url_for("complaints.interests")))
    return found


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


# They add their pages to the blueprint above, or what they know to the board and the pages of other rooms.
from complaints import (  # noqa: E402, F401 - for what they register
    approval_pages,
    audited,
    board,
    case_pages,
    entry_pages,
    interest_pages,
    link_pages,
    objections,
    person_records,
    persons,
    retention,
    retention_pages,
    routing_pages,
    saved_view_pages,
    statistics_pages,
    wordings,
)
