"""What levels and states of lists are called on screens."""

from flask_babel import lazy_gettext

from core.status import Status
from publicity import rules

LEVEL_WORDS = {
    rules.TOWNSHIP: lazy_gettext("乡镇"),
    rules.VILLAGE: lazy_gettext("村"),
    rules.GROUP: lazy_gettext("社"),
}
KIND_WORDS = {
    rules.BEFORE: lazy_gettext("发放前"),
    rules.AFTER: lazy_gettext("发放结果"),
}
LIST_STATES = {
    rules.NOT_POSTED: Status(lazy_gettext("待张贴"), "warning"),
    rules.OPEN: Status(lazy_gettext("公示中"), "success"),
    rules.PAPER_ONLY: Status(lazy_gettext("只贴纸质"), "warning"),
    rules.CLOSED: Status(lazy_gettext("公示期满")),
    rules.WITHDRAWN: Status(lazy_gettext("已撤下")),
}
