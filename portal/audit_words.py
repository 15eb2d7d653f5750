"""What the audit log says of the public door, in words."""

from flask_babel import lazy_gettext

from core.audit.words import counted, words

words(
    "portal",
    actions={
        "portal.assist_lookup": lazy_gettext("在窗口代为查询"),
        "portal.count_figures": lazy_gettext("统计了公开的数字"),
        "portal.request_lookup_code": lazy_gettext("群众申请了查询验证码"),
        "portal.use_lookup_code": lazy_gettext("群众使用了查询验证码"),
    },
    subjects={
        "lookup": lazy_gettext("查询"),
        "lookup_code": lazy_gettext("查询验证码"),
    },
)
counted(
    {
        "paid": lazy_gettext("到账的数字"),
        "paid_withheld": lazy_gettext("因人少不公布的到账数字"),
        "failed": lazy_gettext("发放失败的数字"),
        "failed_withheld": lazy_gettext("因人少不公布的发放失败数字"),
        "complaints": lazy_gettext("投诉的数字"),
        "complaints_withheld": lazy_gettext("因人少不公布的投诉数字"),
    }
)
