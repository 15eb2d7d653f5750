"""How channels, sources and rules are said on screens."""

from flask_babel import gettext, lazy_gettext

from core.money import format_yuan
from core.msgid import N_
from core.principal import OrganisationKind
from core.status import Status
from programmes.rules import Channel, Handling, Scope, Source, Standard, StandardUnit

CHANNELS = {
    Channel.UNDECIDED.value: Status(lazy_gettext("待定"), "warning"),
    Channel.PLATFORM.value: Status(lazy_gettext("一卡通平台"), "success"),
    Channel.OFFLINE.value: Status(lazy_gettext("线下"), "info"),
}
SOURCES = {
    Source.CARRIED_OVER.value: lazy_gettext("上年结转"),
    Source.CURRENT_YEAR.value: lazy_gettext("当年下达"),
}
HANDLINGS = {
    Handling.FORBIDDEN: Status(lazy_gettext("不得同时享受"), "danger"),
    Handling.TAKE_HIGHER: Status(lazy_gettext("只发较高的一项"), "warning"),
    Handling.TAKE_DIFFERENCE: Status(lazy_gettext("只补差额"), "warning"),
    Handling.ALLOWED: Status(lazy_gettext("可以同时享受"), "success"),
}
SENSITIVITY = {"yes": lazy_gettext("只显示姓氏"), "no": lazy_gettext("一般")}
SHARED_CARDS = {"yes": lazy_gettext("可以"), "no": lazy_gettext("不可以")}
SCOPES = {Scope.PERSON.value: lazy_gettext("同一个人"), Scope.HOUSEHOLD.value: lazy_gettext("同一户")}
STANDARD_UNITS = {
    StandardUnit.PERSON.value: lazy_gettext("人"),
    StandardUnit.HOUSEHOLD.value: lazy_gettext("户"),
    StandardUnit.AREA.value: lazy_gettext("亩"),
}
# As policy lists write it: what is kept is the county's own word.
FREQUENCIES = {
    "按月": lazy_gettext("按月"),
    "季度": lazy_gettext("季度"),
    "半年": lazy_gettext("半年"),
    "年度": lazy_gettext("按年"),
    "一次性": lazy_gettext("一次性"),
}
# How they write the same for short.
_SHORT = {"月": "按月", "每月": "按月", "季": "季度", "每季度": "季度", "年": "年度", "每年": "年度"}
OFFICES = {
    OrganisationKind.FINANCE: lazy_gettext("县财政局"),
    OrganisationKind.DISCIPLINE: lazy_gettext("县纪委监委"),
    OrganisationKind.HUMAN_RESOURCES: lazy_gettext("县人社局"),
    OrganisationKind.AUDIT: lazy_gettext("县审计局"),
    OrganisationKind.DEPARTMENT: lazy_gettext("主管部门"),
    OrganisationKind.PREFECTURE_FINANCE: lazy_gettext("州财政局"),
}
INCLUSION_STATES = {
    "submitted": Status(lazy_gettext("正在征求意见"), "info"),
    "consulted": Status(lazy_gettext("意见已齐，待拟定"), "info"),
    "proposed": Status(lazy_gettext("已拟定，待审定"), "info"),
    "decided": Status(lazy_gettext("已审定，待回复部门"), "info"),
    "replied": Status(lazy_gettext("已回复部门"), "info"),
    "set_up": Status(lazy_gettext("州财政局已设立"), "success"),
    "withdrawn": Status(lazy_gettext("已撤回")),
}
INCLUSION_ACTIONS = {
    "consult": lazy_gettext("征求意见结束"),
    "propose": lazy_gettext("拟定决定"),
    "send_back": lazy_gettext("退回重拟"),
    "decide": lazy_gettext("审定"),
    "reply": lazy_gettext("回复主管部门"),
    "set_up": lazy_gettext("登记平台设立"),
    "withdraw": lazy_gettext("撤回"),
}


def standard_words(standard: Standard) -> str:
    """A standard in a few words: 90.00 元/人·月."""
    told = {"amount": format_yuan(standard.amount_fen), "unit": STANDARD_UNITS[standard.per]}
    sentence = N_("%(amount)s 元/%(unit)s·月") if standard.monthly else N_("%(amount)s 元/%(unit)s")
    return str(gettext(sentence, **told))


def frequency_words(frequency: str) -> str:
    """How often a programme pays, in the language of the reader where it is one of the usual words."""
    return str(FREQUENCIES.get(_SHORT.get(frequency, frequency), frequency))
