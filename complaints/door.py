"""The blueprint of this room, its places in the navigation, and the tabs over its lists."""

from flask import url_for
from flask_babel import gettext, lazy_gettext

from complaints import rules
from core import web
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
