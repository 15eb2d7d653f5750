"""What states, outcomes and discrepancies are called on screens."""

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from core.msgid import N_
from core.screens import county_date
from core.status import Status
from disbursement.failure_reasons import is_known
from disbursement.models import Roll
from disbursement.rules import Hold, HoldReason
from disbursement.rules.reach import NO_PHONE, NOT_MADE, REFUSED, NextStep
from sms.words import MESSAGE_STATES

ROLL_STATES = {
    "draft": Status(_l("草稿")),
    "submitted": Status(_l("待乡镇审核"), "info"),
    "township_approved": Status(_l("待公示"), "info"),
    "publicised": Status(_l("待主管部门审核"), "info"),
    "department_approved": Status(_l("审核通过"), "success"),
}
# While the publicity keeps the department from approving it.
HELD_ROLLS = {
    HoldReason.NOT_HANGING: Status(_l("待张贴"), "warning"),
    HoldReason.HANGING: Status(_l("公示中"), "info"),
    HoldReason.OBJECTIONS: Status(_l("异议待答复"), "warning"),
}
HELD_TASKS = {
    HoldReason.NOT_HANGING: _l("还没有全部张贴，不能审批"),
    HoldReason.HANGING: _l("公示中，还不能审批"),
    HoldReason.OBJECTIONS: _l("有异议没有答复，不能审批"),
}
# Who holds up a roll.
ROLL_WAITS_FOR = {
    "draft": _l("乡镇经办人提交"),
    "submitted": _l("乡镇审核人审核"),
    "township_approved": _l("乡镇公示"),
    "publicised": _l("主管部门审核"),
    "department_approved": _l("无"),
}
# What has a limit of days.
LIMITS = {state: words for state, words in ROLL_WAITS_FOR.items() if state != "department_approved"} | {
    "unclear": _l("银行说清结果不明的代发"),
    "unanswered": _l("银行答复已经送出的代发"),
}
# Who can strike a line of a roll now, and what has to happen first.
WHO_STRIKES = {
    "draft": _l("由乡镇经办人剔除"),
    "submitted": _l("由乡镇审核人剔除"),
    "township_approved": _l("等待公示：公示期满后由主管部门剔除，或者现在退回修改"),
    "publicised": _l("公示期满后由主管部门审核人剔除，或者现在退回修改"),
    "department_approved": _l("已经审核通过：财政确认以前，主管部门先撤回审批再剔除；确认以后，先核实有没有重复发放"),
}
ROLL_ACTIONS = {
    "submit": _l("提交"),
    "approve_township": _l("乡镇审核通过"),
    "publicise": _l("张榜公示"),
    "publicise_again": _l("重新公示"),
    "approve_department": _l("主管部门审核通过"),
    "send_back": _l("退回修改"),
    "withdraw_submission": _l("撤回提交"),
    "withdraw_township": _l("撤回乡镇审核"),
    "withdraw_department": _l("撤回主管部门审批"),
}
BATCH_STATES = {
    "open": Status(_l("收集花名册")),
    "finance_confirmed": Status(_l("财政已确认"), "info"),
    "sent": Status(_l("已送银行"), "info"),
    "results_in": Status(_l("回盘完成"), "success"),
    "closed": Status(_l("已办结"), "success"),
}
SPELLING_SOURCES = {
    "result": Status(_l("银行回盘里看到")),
    "person": Status(_l("人工登记"), "info"),
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
    "begin_offline": _l("开始线下发放"),
    "recall_offline": _l("签领表已全部撤销"),
    "complete": _l("回盘完成"),
    "close": _l("办结"),
    "reopen": _l("重新办理"),
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
    "returned": Status(_l("已退回，未入账"), "danger"),
    "credited": Status(_l("已退回并入账")),
    "paid_offline": Status(_l("已线下发放"), "success"),
}
OUTCOMES = {
    "open": Status(_l("等待银行结果"), "info"),
    "paid": Status(_l("成功"), "success"),
    "failed": Status(_l("失败"), "danger"),
    "unclear": Status(_l("不明"), "warning"),
    "returned": Status(_l("到账后退票"), "danger"),
}
# What somebody is told of a payment, and what became of the message about it.
NEWS = {"paid": PAYMENT_STATES["paid"], "failed": PAYMENT_STATES["failed"], "returned": OUTCOMES["returned"]}
STANDINGS = {
    **MESSAGE_STATES,
    NO_PHONE: Status(_l("没有手机号码"), "danger"),
    REFUSED: Status(_l("本人退订，不再发")),
    NOT_MADE: Status(_l("当时没有手机号码，没有发"), "warning"),
}
NEXT_STEPS = {
    NextStep.REGISTER_PHONE: _l("上门告知，请本人登记手机号码"),
    NextStep.CORRECT_PHONE: _l("上门告知，核对并改正登记的手机号码"),
    NextStep.CALL_NEW_PHONE: _l("打现在登记的手机告知，打不通的上门"),
    NextStep.CALL: _l("打电话告知，打不通的上门"),
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
    "closed_month": N_("日期在已经关账的月份"),
}
DISCREPANCIES = {kind: _l(sentence) for kind, sentence in DISCREPANCY_SENTENCES.items()}
# What stands among the bank's answers and is no file of the bank's.
NOTES = {
    "late": _l("补记：日期在已关账的月份，或者属于另一个批次"),
    "rebooked": _l("改记为已到账"),
    "no_answer": _l("银行没有答复，认定失败"),
}
CORRECTION_KINDS = {
    "card": _l("换卡号"),
    "name": _l("改户名"),
    "card_and_name": _l("换卡号、改户名"),
    "payee": _l("换收款人"),
    "at_bank": _l("已在银行办好"),
}
RETURN_STATES = {
    "proposed": Status(_l("待财政审批"), "info"),
    "approved": Status(_l("已批准，等待入账"), "warning"),
    "credited": Status(_l("已入账"), "success"),
    "withdrawn": Status(_l("已撤回")),
}
RETURN_ACTIONS = {
    "propose": _l("提出退回"),
    "approve": _l("批准退回"),
    "credit": _l("登记入账"),
    "reverse": _l("冲正"),
    "withdraw": _l("撤回"),
}
REBOOKING_STATES = {
    "proposed": Status(_l("待审批"), "warning"),
    "approved": Status(_l("已改记"), "success"),
    "refused": Status(_l("没有同意"), "danger"),
    "withdrawn": Status(_l("已撤回")),
}
REBOOKING_KINDS = {
    "paid": _l("改记为已到账"),
    "never_paid": _l("改记为没有付出"),
    "no_answer": _l("没有答复，认定失败"),
    "still_failed": _l("银行收回已付的说法，维持失败"),
}
REBOOKING_TASKS = {
    "paid": _l("审批改记为已到账"),
    "never_paid": _l("审批改记为没有付出"),
    "no_answer": _l("审批银行没有答复的认定"),
    "still_failed": _l("审批维持失败"),
}
REBOOKING_ACTIONS = {
    "propose": _l("提出改记"),
    "approve": _l("批准改记"),
    "refuse": _l("不同意改记"),
    "withdraw": _l("撤回"),
}
FAILURE_ENDINGS = {
    "": Status(_l("还没有办完"), "warning"),
    "paid": Status(_l("重发到账"), "success"),
    "failed_again": Status(_l("重发又失败"), "danger"),
    "returned_to_plan": Status(_l("已退回财政")),
    "paid_after_all": Status(_l("银行证实当时已付"), "success"),
}
# Whose step it is in the failure cycle.
CYCLE_OWNERS = {
    "failed": _l("乡镇改正"),
    "returned": _l("乡镇改正"),
    "corrected": _l("主管部门推送"),
    "resubmitted": _l("财政生成重发文件"),
    "sent": _l("银行重发"),
    "unclear": _l("银行核实"),
}
# The counts of the cycle report, in its order.
CYCLE_COUNTS = {
    "number": _l("失败笔数"),
    "corrected_in_time": _l("按期改正"),
    "corrected_late": _l("逾期改正"),
    "correct_overdue": _l("逾期未改正"),
    "resubmitted_in_time": _l("按期推送"),
    "resubmitted_late": _l("逾期推送"),
    "resubmit_overdue": _l("逾期未推送"),
    "reissued_in_time": _l("按期重发"),
    "reissued_late": _l("逾期重发"),
    "reissue_overdue": _l("逾期未重发"),
    "paid": _l("重发到账"),
    "failed_again": _l("重发又失败"),
    "returned": _l("退回财政"),
    "paid_after_all": _l("证实当时已付"),
    "open": _l("还没有办完"),
}
SEVERITIES = {
    "error": Status(_l("必须解决"), "danger"),
    "warning": Status(_l("提示"), "warning"),
}
CHECKS = {
    "twice_in_batch": _l("同一批次里重复"),
    "twice_overlapping": _l("同一项目相同月份重复"),
    "incompatible": _l("同时享受不相容的补贴"),
    "take_higher": _l("两项补贴只能发较高的一项"),
    "take_difference": _l("两项补贴只能补差额"),
    "dead_before": _l("发放月份以前已经死亡"),
    "dead_within": _l("发放月份里死亡"),
    "moved": _l("已经迁出"),
    "merged": _l("证件号码属于已合并的重复档案"),
    "name_differs": _l("姓名与档案不符"),
    "shared_card": _l("一张卡上有几个人"),
    "card_holder": _l("持卡人不是本人，也没有登记收款人"),
    "payee_differs": _l("领款人不是登记的收款人"),
    "official_named": _l("与经办花名册的干部同名"),
    "amount": _l("金额与标准不符"),
    "not_valid": _l("项目在这一期没有生效"),
    "partly_valid": _l("项目只在部分月份生效"),
    "beyond_plan": _l("超过项目资金计划"),
}


def roll_status(roll: Roll, hold: Hold | None) -> Status:
    """Where a roll stands; ``hold`` is what its approval waits for."""
    return HELD_ROLLS[hold.reason] if hold is not None else ROLL_STATES[roll.state]


def roll_waits_for(roll: Roll, hold: Hold | None) -> str:
    """Whom or what a roll waits for."""
    if hold is None:
        return str(ROLL_WAITS_FOR[roll.state])
    return held_words(hold)


def held_words(hold: Hold) -> str:
    """What keeps a roll from being approved, in short."""
    if hold.reason == HoldReason.NOT_HANGING:
        return str(gettext("乡镇登记张贴或重新公示"))
    if hold.reason == HoldReason.HANGING:
        return str(gettext("公示到 %(day)s", day=county_date(hold.until)))
    return str(
        ngettext(
            "%(count)s 条异议没有答复（%(offices)s）",
            "%(count)s 条异议没有答复（%(offices)s）",
            hold.number,
            count=hold.number,
            offices=hold.offices,
        )
    )


def reason_words(reason: str) -> str:
    """A reason in the language of the reader where it is one of those; in the bank's own words where it is not."""
    return str(gettext(reason)) if is_known(reason) else reason
