"""How long the tables of programmes and money are kept."""

from core import retention
from core.msgid import N_
from core.retention import Rule

retention.declare(
    Rule(
        "programmes",
        (
            *("programmes", "programme_standards", "incompatibility_rules", "inclusion_cases", "inclusion_opinions"),
            *("offline_filings", "publicity_wait_choices"),
        ),
        N_("补贴项目、标准、纳入和备案的文件"),
        N_("长期保存"),
        N_("录入之日"),
        N_("发放的政策依据；没有受益人的信息"),
    ),
    Rule(
        "programmes",
        ("fund_lines",),
        N_("项目资金计划"),
        N_("30 年；期满由人鉴定后删除"),
        N_("会计年度终了后的第一天"),
        N_("会计档案管理办法：会计账簿 30 年"),
    ),
)
