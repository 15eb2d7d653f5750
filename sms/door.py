"""The staff blueprint of this room, and its places in the navigation."""

from dataclasses import dataclass

from flask_babel import lazy_gettext

from core.navigation import NavigationEntry, Section, navigation
from core.principal import Principal
from core.web import staff_blueprint
from sms import rules
from sms.handset import handset_is_open

blueprint = staff_blueprint("sms", __name__, "sms")


@dataclass(frozen=True)
class HandsetEntry(NavigationEntry):
    """The handset is in the navigation only where there is one."""

    def is_for(self, principal: Principal) -> bool:
        """Whether this principal may use the page."""
        return handset_is_open() and super().is_for(principal)


navigation(
    NavigationEntry(
        lazy_gettext("短信记录"), "sms.messages", Section.PEOPLE, right=rules.SEE_MESSAGES, order=30, icon="sms"
    ),
    NavigationEntry(
        lazy_gettext("短信模板"), "sms.templates_list", Section.PEOPLE, right=rules.SEE_MESSAGES, order=31, icon="sms"
    ),
    NavigationEntry(
        lazy_gettext("短信费用"), "sms.costs", Section.PEOPLE, right=rules.SEE_COSTS, order=33, icon="balance"
    ),
    HandsetEntry(
        lazy_gettext("模拟手机"), "sms.handset", Section.PEOPLE, right=rules.SEE_HANDSET, order=32, icon="sms"
    ),
)
