"""What can be wrong with a line of the catalogue, the incompatibility rules or a fund plan."""

from collections.abc import Mapping
from enum import StrEnum

from core.money import MoneyProblem
from core.msgid import N_


class LineProblem(StrEnum):
    """What can be wrong with a line of the catalogue, the rules or a fund plan."""

    CODE_MISSING = "programme_code_missing"
    CODE_UNREADABLE = "programme_code_unreadable"
    NAME_MISSING = "programme_name_missing"
    DEPARTMENT_MISSING = "department_missing"
    CHANNEL_UNKNOWN = "channel_unknown"
    PUBLICITY_DAYS_UNREADABLE = "publicity_days_unreadable"
    DAY_UNREADABLE = "day_unreadable"
    DAYS_REVERSED = "days_reversed"
    DUPLICATE = "programme_duplicate"
    NAME_TAKEN = "programme_name_taken"
    PROGRAMME_UNKNOWN = "programme_unknown"
    SAME_PROGRAMME = "rule_same_programme"
    HANDLING_UNKNOWN = "handling_unknown"
    RULE_DUPLICATE = "rule_duplicate"
    YEAR_UNREADABLE = "year_unreadable"
    NAME_DIFFERS = "programme_name_differs"
    DEPARTMENT_DIFFERS = "department_differs"
    DOCUMENT_MISSING = "document_missing"
    SOURCE_UNKNOWN = "source_unknown"
    AMOUNT_UNREADABLE = MoneyProblem.UNREADABLE.value
    AMOUNT_NOT_POSITIVE = MoneyProblem.NOT_POSITIVE.value
    AMOUNT_BELOW_FEN = MoneyProblem.BELOW_FEN.value
    FUND_LINE_DUPLICATE = "fund_line_duplicate"
    FUND_LINE_DIFFERS = "fund_line_differs"


SENTENCES: Mapping[str, str] = {
    LineProblem.CODE_MISSING: N_("没有项目编码。请补上。"),
    LineProblem.CODE_UNREADABLE: N_("项目编码不对：只能用英文字母、数字、下划线和短横线，最多 40 个。请核对。"),
    LineProblem.NAME_MISSING: N_("没有项目名称。请补上。"),
    LineProblem.DEPARTMENT_MISSING: N_("没有主管部门。请补上。"),
    LineProblem.CHANNEL_UNKNOWN: N_("发放方式认不出来。请填写“一卡通”或“线下”，还没有决定的留空。"),
    LineProblem.PUBLICITY_DAYS_UNREADABLE: N_("公示天数认不出来。请填写 0 到 60 之间的整数。"),
    LineProblem.DAY_UNREADABLE: N_("日期认不出来。请写成 2020-01-01 的样子，长期有效的留空。"),
    LineProblem.DAYS_REVERSED: N_("截止日期早于起始日期。请核对。"),
    LineProblem.DUPLICATE: N_("这个项目编码或名称在文件里前面已经有了。请删去多余的一行，或改正。"),
    LineProblem.NAME_TAKEN: N_("系统里已有同名的项目，但编码不同。请核对编码；确是两个项目的，请改用不同的名称。"),
    LineProblem.PROGRAMME_UNKNOWN: N_("没有这个补贴项目。请核对编码或名称；新项目请先导入政策清单。"),
    LineProblem.SAME_PROGRAMME: N_("两个补贴是同一个项目。请核对。"),
    LineProblem.HANDLING_UNKNOWN: N_("处理方式认不出来。请填写“不得同时享受”“就高”“补差额”或“可以同时享受”。"),
    LineProblem.RULE_DUPLICATE: N_("这两个补贴的规则在文件里前面已经有了。请删去多余的一行。"),
    LineProblem.YEAR_UNREADABLE: N_("年度认不出来。请填写四位数的年份，例如 2020。"),
    LineProblem.NAME_DIFFERS: N_("项目名称与这个编码的项目不符。请核对编码和名称哪一个写错了。"),
    LineProblem.DEPARTMENT_DIFFERS: N_("主管部门与政策清单里这个项目的主管部门不符。请核对。"),
    LineProblem.DOCUMENT_MISSING: N_("没有指标文号。每笔资金都要有文件依据，请补上。"),
    LineProblem.SOURCE_UNKNOWN: N_("资金性质认不出来。请填写“上年结转”或“当年下达”。"),
    LineProblem.AMOUNT_UNREADABLE: N_("金额认不出来。请只填写数字。"),
    LineProblem.AMOUNT_NOT_POSITIVE: N_("金额不是正数。调减资金请按文件另行办理。"),
    LineProblem.AMOUNT_BELOW_FEN: N_("金额不足一分的零头无法记账。请改到分。"),
    LineProblem.FUND_LINE_DUPLICATE: N_("同一项目、年度、文号、级次和性质的资金在文件里前面已经有了。请合并成一行。"),
    LineProblem.FUND_LINE_DIFFERS: N_("这笔资金已经登记过，金额不同。已登记的不能改；追加或调整请用新的文号另列一行。"),
}
