"""The blueprint of this room, and its places in the navigation."""

from flask_babel import lazy_gettext

from core.board import board_provider
from core.navigation import NavigationEntry, Section, navigation
from core.web import staff_blueprint
from programmes import board, rules

blueprint = staff_blueprint("programmes", __name__, "programmes")

navigation(
    NavigationEntry(lazy_gettext("补贴项目清单"), "programmes.programmes", Section.PLANS, order=30, icon="programme"),
    NavigationEntry(
        lazy_gettext("纳入平台"), "programmes.inclusion", Section.PLANS, rules.SEE_INCLUSION, order=31, icon="programme"
    ),
    NavigationEntry(
        lazy_gettext("项目资金计划"),
        "programmes.fund_lines",
        Section.PLANS,
        rules.SEE_FUND_PLAN,
        order=32,
        icon="money",
    ),
    NavigationEntry(lazy_gettext("不相容规则"), "programmes.rules_list", Section.PLANS, order=33, icon="programme"),
)
board_provider(board.items)
