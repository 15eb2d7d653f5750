"""How long the tables of the public door are kept."""

from datetime import timedelta

from core import retention
from core.msgid import N_
from core.retention import Rule, forget
from portal.models import AssistedLookup

retention.declare(
    Rule(
        "portal",
        ("lookup_codes",),
        N_("查询验证码，只有摘要"),
        N_("失效后半小时内删除"),
        N_("失效之时"),
        N_("个人信息保护法第十九条：不超过实现目的所必要的最短时间"),
        "forget_lookup_codes",
    ),
    Rule(
        "portal",
        ("assisted_lookups",),
        N_("窗口代查：谁在什么时候查、备注（加密），不记查的是谁"),
        N_("3 年，每夜删除"),
        N_("查询之日"),
        N_("监督有没有随意代查；网络安全法第二十一条要求至少六个月"),
        forget(AssistedLookup, AssistedLookup.__table__.c.at, timedelta(days=3 * 365)),
    ),
    Rule(
        "portal",
        ("counted_until", "month_figures", "public_figures"),
        N_("公开统计的合计数"),
        N_("长期保存"),
        N_("统计之日"),
        N_("只有合计，少数已遮盖"),
    ),
)
