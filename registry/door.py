"""The blueprint of this room, and its places in the navigation."""

from flask_babel import lazy_gettext

from core.board import board_provider
from core.navigation import NavigationEntry, Section, navigation
from core.web import staff_blueprint
from registry import board, rules

blueprint = staff_blueprint("registry", __name__, "registry")
_REGISTRY = Section.REGISTRY
navigation(
    NavigationEntry(
        lazy_gettext("受益人名册"),
        "registry.beneficiaries",
        _REGISTRY,
        rules.SEE_BENEFICIARIES,
        order=40,
        icon="people",
    ),
    NavigationEntry(
        lazy_gettext("疑似重复登记"), "registry.doubles", _REGISTRY, rules.PROPOSE_MERGE, order=41, icon="people"
    ),
    NavigationEntry(
        lazy_gettext("未办卡台账"), "registry.card_gaps", _REGISTRY, rules.SEE_BENEFICIARIES, order=42, icon="people"
    ),
    NavigationEntry(
        lazy_gettext("批量办卡"),
        "registry.card_requests",
        _REGISTRY,
        (rules.REQUEST_CARDS, rules.ANSWER_CARDS),
        order=43,
        icon="upload",
    ),
    NavigationEntry(
        lazy_gettext("办卡和短信覆盖"),
        "registry.coverage",
        _REGISTRY,
        rules.SEE_BENEFICIARIES,
        order=44,
        icon="balance",
    ),
    NavigationEntry(
        lazy_gettext("号码报错"), "registry.wrong_numbers", _REGISTRY, rules.SEE_BENEFICIARIES, order=46, icon="sms"
    ),
    NavigationEntry(lazy_gettext("行政区划"), "registry.regions", _REGISTRY, None, order=45, icon="region"),
)
board_provider(board.items)
