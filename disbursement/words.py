"""What states, outcomes and discrepancies are called on screens."""

from flask_babel import lazy_gettext as _l

from core.msgid import N_
from core.status import Status

ROLL_STATES = {
    "draft": Status(_l("草稿")),
    "submitted": Status(_l("待乡镇审核"), "info"),
    "township_approved": Status(_l("待公示"), "info"),
    "publicised": Status(_l("待主管部门审核"), "info"),
    "department_approved": Status(_l("审核通过"), "success"),
}
# Who holds up a roll.
ROLL_WAITS_FOR = {
    "draft": _l("乡镇经办人提交"),
    "submitted": _l("乡镇审核人审核"),
    "township_approved": _l("乡镇公示"),
    "publicised": _l("主管部门审核"),
    "department_approved": _l("无"),
}
ROLL_ACTIONS = {
    "submit": _l("提交"),
    "approve_township": _l("乡镇审核通过"),
    "publicise": _l("公示期满"),
    "approve_department": _l("主管部门审核通过"),
    "send_back": _l("退回修改"),
}
BATCH_STATES = {
    "open": Status(_l("收集花名册")),
    "finance_confirmed": Status(_l("财政已确认"), "info"),
    "sent": Status(_l("已送银行"), "info"),
    "results_in": Status(_l("回盘完成"), "success"),
    "closed": Status(_l("已办结"), "success"),
}
PROFILE_STATES = {
    "draft": Status(_l("草稿")),
    "proposed": Status(_l("待批准"), "warning"),
    "approved": Status(_l("使用中"), "success"),
    "superseded": Status(_l("已被新版本取代")),
    "rejected": Status(_l("未采用")),
    "withdrawn": Status(_l("已撤回")),
}
PROFILE_ACTIONS = {
    "propose": _l("提交"),
    "approve": _l("批准"),
    "reject": _l("不采用"),
    "withdraw": _l("被新的提交替换"),
    "supersede": _l("被新版本取代"),
}
BATCH_ACTIONS = {
    "recall": _l("作废代发文件"),
    "recall_further": _l("作废代发文件"),
    "confirm": _l("财政确认"),
    "withdraw": _l("撤回确认"),
    "send": _l("生成代发文件"),
    "complete": _l("回盘完成"),
    "close": _l("办结"),
}
PAYMENT_STATES = {
    "drafted": Status(_l("审核中")),
    "struck": Status(_l("已剔除")),
    "approved": Status(_l("审核通过，等待发放"), "info"),
    "sent": Status(_l("银行办理中"), "info"),
    "paid": Status(_l("已到账"), "success"),
    "failed": Status(_l("发放失败"), "danger"),
    "unclear": Status(_l("银行核实中"), "warning"),
    "corrected": Status(_l("信息已改正，等待重发"), "warning"),
    "resubmitted": Status(_l("等待重发"), "warning"),
    "returned": Status(_l("已退回财政"), "danger"),
    "paid_offline": Status(_l("已线下发放"), "success"),
}
OUTCOMES = {
    "open": Status(_l("等待银行结果"), "info"),
    "paid": Status(_l("成功"), "success"),
    "failed": Status(_l("失败"), "danger"),
    "unclear": Status(_l("不明"), "warning"),
}
DISCREPANCY_SENTENCES = {
    "other_batch": N_("属于另一个批次"),
    "unknown_reference": N_("账上没有这一笔"),
    "amount_differs": N_("金额与账上不同"),
    "card_differs": N_("卡号与送出的不同"),
    "name_differs": N_("户名与账上不同"),
    "contradicts_final": N_("与已登记的最终结果相矛盾"),
    "repeated_line": N_("同一笔在文件里重复"),
    "ambiguous": N_("不能确定是哪一笔"),
    "unreadable": N_("这一行读不出来"),
}
DISCREPANCIES = {kind: _l(sentence) for kind, sentence in DISCREPANCY_SENTENCES.items()}
