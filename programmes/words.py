"""How channels, sources and rules are said on screens."""

from flask_babel import lazy_gettext

from core.status import Status
from programmes.rules import Channel, Handling, Source

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
