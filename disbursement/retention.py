"""How long the tables of payments are kept."""

from core import retention
from core.msgid import N_
from core.retention import Rule

_THIRTY_YEARS = N_("30 年；期满由人鉴定后删除")
_YEAR_END = N_("会计年度终了后的第一天")
_VOUCHERS = N_("会计档案管理办法：会计凭证及附件 30 年")

retention.declare(
    Rule(
        "disbursement",
        ("batches", "rolls", "payments", "attempts", "offline_receipts", "offline_receipt_lines"),
        N_("批次、花名册、发放明细、代发记录、签领表"),
        _THIRTY_YEARS,
        _YEAR_END,
        _VOUCHERS,
    ),
    Rule(
        "disbursement",
        ("offer_files", "result_files", "discrepancies"),
        N_("代发文件、回盘文件、对不上的行"),
        _THIRTY_YEARS,
        _YEAR_END,
        _VOUCHERS,
    ),
    Rule(
        "disbursement",
        (
            *("failures", "corrections", "corrected_along", "correction_evidence", "rebookings", "rebooking_lines"),
            *("return_orders", "return_lines", "return_reversals"),
        ),
        N_("发放失败、改正和证明材料、改记、退回"),
        _THIRTY_YEARS,
        _YEAR_END,
        _VOUCHERS,
    ),
    Rule(
        "disbursement",
        ("roll_findings",),
        N_("发放前核查的提示和说明"),
        _THIRTY_YEARS,
        _YEAR_END,
        N_("审批的依据，会计凭证的一部分（会计档案管理办法：30 年）"),
    ),
    Rule(
        "disbursement",
        ("bank_spellings",),
        N_("银行怎样写一个人的户名"),
        N_("卡在用期间；换了卡或户名的由人删除"),
        N_("登记之日"),
        N_("没有它银行会拒付"),
    ),
    Rule(
        "disbursement",
        ("bank_profiles", "check_severities", "closed_months", "step_limits"),
        N_("银行文件格式、核查设定、办理时限、关账的月份"),
        N_("长期保存"),
        N_("设定之日"),
        N_("以前的文件要一直读得懂；没有个人信息"),
    ),
)
