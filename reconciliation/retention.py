"""How long the tables of month-end are kept."""

from core import retention
from core.msgid import N_
from core.retention import Rule

_YEAR_END = N_("会计年度终了后的第一天")

retention.declare(
    Rule(
        "reconciliation",
        ("statements", "statement_lines"),
        N_("银行对账单"),
        N_("10 年；期满由人鉴定后删除"),
        _YEAR_END,
        N_("会计档案管理办法：银行对账单 10 年"),
    ),
    Rule(
        "reconciliation",
        (
            *("reconciliation_months", "month_signatures", "month_refusals", "differences", "settlement_proposals"),
            *("settlement_lines", "carried_at_closing", "carried_settlements"),
        ),
        N_("月度对账：差异、处理、签章、关账"),
        N_("10 年；期满由人鉴定后删除。改了账的另有凭证，30 年"),
        _YEAR_END,
        N_("会计档案管理办法：银行存款余额调节表 10 年"),
    ),
    Rule(
        "reconciliation",
        ("reconciliation_settings", "statement_profiles"),
        N_("对账设定、对账单格式"),
        N_("长期保存"),
        N_("设定之日"),
        N_("以前的文件要一直读得懂；没有个人信息"),
    ),
)
