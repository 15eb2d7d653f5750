"""Keeping somebody out of a case, and bringing him back."""

from flask_babel import lazy_gettext

from complaints import operations
from complaints.actions.sheet import Action

RECUSING = (
    Action(
        "recuse",
        lazy_gettext("本人回避"),
        lambda who, case, given, at: operations.recuse(who, case, None, given.text, at=at),
        lazy_gettext("已回避。这件事您不再看得到。"),
        lazy_gettext(
            "与这件事有利害关系的应当回避。回避后您不再看得到它，也不能自己撤回；本单位没有别人能办理的，转到上一级单位。"
        ),
        lazy_gettext("回避的理由（同事看得到，反映人看不到）"),
    ),
    Action(
        "recuse_other",
        lazy_gettext("要求同事回避"),
        lambda who, case, given, at: operations.recuse(who, case, given.number(given.official_id), given.text, at=at),
        lazy_gettext("已记为回避，这件事对他不再存在。"),
        lazy_gettext("回避的人不再看得到这件事，不再经办。本单位没有别人能办理的，转到上一级单位。"),
        lazy_gettext("要求回避的理由（反映人看不到）"),
        asks="official_id",
    ),
    Action(
        "lift",
        lazy_gettext("解除回避"),
        lambda who, case, given, at: operations.lift_recusal(
            who, case, given.number(given.official_id), given.text, at=at
        ),
        lazy_gettext("已解除回避。"),
        lazy_gettext("解除后他重新看得到这件事，可以办理。"),
        lazy_gettext("解除的理由"),
        asks="official_id",
    ),
)
