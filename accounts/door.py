"""The blueprint of this room, and its places in the navigation."""

from flask_babel import lazy_gettext

from accounts import rules
from core.navigation import NavigationEntry, Section, navigation
from core.web import staff_blueprint

blueprint = staff_blueprint("accounts", __name__, "")
navigation(
    NavigationEntry(
        lazy_gettext("经办人员"),
        "accounts.officials",
        Section.ADMINISTRATION,
        rules.MANAGE_OFFICIALS,
        order=10,
        icon="people",
    ),
    NavigationEntry(
        lazy_gettext("单位"),
        "accounts.organisations",
        Section.ADMINISTRATION,
        rules.MANAGE_OFFICIALS,
        order=20,
        icon="office",
    ),
    NavigationEntry(
        lazy_gettext("谁能做什么"), "accounts.rights", Section.ADMINISTRATION, rules.SEE_RIGHTS, order=30, icon="key"
    ),
    NavigationEntry(
        lazy_gettext("信息保存多久"),
        "accounts.retention_rules",
        Section.ADMINISTRATION,
        rules.SEE_RIGHTS,
        order=31,
        icon="page",
    ),
    NavigationEntry(
        lazy_gettext("审计日志"), "accounts.audit_log", Section.ADMINISTRATION, rules.READ_AUDIT, order=40, icon="audit"
    ),
)
