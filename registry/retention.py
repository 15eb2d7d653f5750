"""How long the tables of people are kept."""

from core import retention
from core.msgid import N_
from core.retention import Rule

_AS_LONG_AS_PAID = N_("最后一笔发放所在的会计年度终了起 30 年；期满由人鉴定后删除")
_YEAR_END = N_("会计年度终了后的第一天")

retention.declare(
    Rule(
        "registry",
        ("beneficiaries", "cards", "payees"),
        N_("受益人、社保卡、收款人"),
        _AS_LONG_AS_PAID,
        _YEAR_END,
        N_("会计档案管理办法：会计凭证 30 年，付给谁要查得到；已故、迁出的不再使用，只留存"),
    ),
    Rule(
        "registry",
        ("card_changes", "phone_changes", "status_changes", "doubles", "wrong_numbers"),
        N_("换卡、换号码、在世状态、合并登记、号码报错的记录"),
        _AS_LONG_AS_PAID,
        _YEAR_END,
        N_("钱为什么付到那张卡的证据（会计档案管理办法：30 年）"),
    ),
    Rule(
        "registry",
        ("card_gaps", "card_gap_notes", "card_requests", "card_request_lines"),
        N_("未办卡台账和批量办卡"),
        _AS_LONG_AS_PAID,
        _YEAR_END,
        N_("为什么没有按期发放的证据（会计档案管理办法：30 年）"),
    ),
    Rule(
        "registry",
        ("phone_codes",),
        N_("核对手机的验证码，只有摘要"),
        N_("失效后半小时内删除"),
        N_("失效之时"),
        N_("个人信息保护法第十九条：不超过实现目的所必要的最短时间"),
        "forget_phone_codes",
    ),
    Rule(
        "registry",
        ("regions",),
        N_("行政区划"),
        N_("长期保存"),
        N_("录入之日"),
        N_("公开信息，没有个人信息"),
    ),
)
