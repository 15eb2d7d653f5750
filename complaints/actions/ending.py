"""Refusing a case, keeping it, closing it, and handing it to the discipline commission."""

from flask_babel import lazy_gettext

from complaints import operations, rules
from complaints.actions.sheet import Action

ENDING = (
    Action(
        "decline",
        lazy_gettext("不予受理"),
        lambda who, case, given, at: operations.decline(who, case, given.text, why=given.choice, at=at),
        lazy_gettext("已记为不予受理，反映人会看到理由。"),
        lazy_gettext("反映人会看到理由。请写明依据，并告诉他还可以找谁。"),
        lazy_gettext("理由"),
        choices=rules.DECLINE_REASONS,
        kind="outline-danger",
    ),
    Action(
        "hold",
        lazy_gettext("留存"),
        lambda who, case, given, at: operations.hold(who, case, given.text, at=at),
        lazy_gettext("已留存，保存期满也不删除，直到本单位解除。"),
        lazy_gettext("保存期满也不删除，直到本单位解除留存。例如有诉讼、复核或者巡察要用。"),
        lazy_gettext("留存理由"),
    ),
    Action(
        "lift_hold",
        lazy_gettext("解除留存"),
        lambda who, case, given, at: operations.lift_hold(who, case, given.text, at=at),
        lazy_gettext("已解除留存。保存期已满的，公告 30 天后删除。"),
        lazy_gettext("解除后，保存期已满的公告 30 天再删除，期间还可以重新留存。"),
        lazy_gettext("理由"),
    ),
    Action(
        "close",
        lazy_gettext("办结归档"),
        lambda who, case, _given, at: operations.close(who, case, at=at),
        lazy_gettext("已办结。"),
        lazy_gettext("归档后反映人不能再补充。"),
    ),
    Action(
        "refer",
        lazy_gettext("移送纪委监委"),
        lambda who, case, given, at: operations.refer_to_discipline(who, case, given.text, at=at),
        lazy_gettext("已移送。这件事从现在起只有纪委监委看得到。"),
        lazy_gettext(
            "发现优亲厚友、吃拿卡要、贪污侵占、骗套资金等问题线索时移送。移送后，包括您在内的其他人都看不到这件事，也不能撤回。"
        ),
        lazy_gettext("移送理由"),
        kind="outline-danger",
    ),
)
