"""How states and levels of the registry are said on screens."""

from flask_babel import lazy_gettext

from core.status import Status
from registry.rules import Level, PersonalField

LEVELS = {
    Level.COUNTY.value: lazy_gettext("县"),
    Level.TOWNSHIP.value: lazy_gettext("乡镇（街道）"),
    Level.VILLAGE.value: lazy_gettext("村（社区）"),
    Level.GROUP.value: lazy_gettext("社（组）"),
}
PERSON_STATES = {
    "living": Status(lazy_gettext("在世"), "success"),
    "deceased": Status(lazy_gettext("已故"), "neutral"),
}
CARD_STATES = {
    "card": Status(lazy_gettext("有卡"), "success"),
    "gap": Status(lazy_gettext("未登记卡"), "warning"),
}
GAP_STATES = {
    "open": Status(lazy_gettext("未办卡"), "warning"),
    "closed": Status(lazy_gettext("已有卡"), "success"),
}
PERSONAL_FIELDS = {
    PersonalField.ID_NUMBER: lazy_gettext("证件号码"),
    PersonalField.PHONE: lazy_gettext("手机号码"),
    PersonalField.CARD: lazy_gettext("社保卡（账户）号码"),
}
PHONE_SOURCES = {"roll": lazy_gettext("花名册"), "": lazy_gettext("未注明")}
