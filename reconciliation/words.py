"""What classes, settlements and months are called on screens."""

from flask_babel import lazy_gettext as _l

from core.status import Status
from reconciliation.rules import LineClass, Resolution, Setting

CLASSES = {
    LineClass.MATCHED.value: Status(_l("相符"), "success"),
    LineClass.MISSING_IN_BANK.value: Status(_l("账上已付，对账单没有"), "danger"),
    LineClass.UNKNOWN_IN_BOOK.value: Status(_l("对账单有，账上没有"), "danger"),
    LineClass.AMOUNT_DIFFERS.value: Status(_l("金额不同"), "danger"),
    LineClass.OUTCOME_DIFFERS.value: Status(_l("结果不同：账上没有付成，银行扣了款"), "danger"),
    LineClass.TWICE_IN_BANK.value: Status(_l("银行付了两次"), "danger"),
    LineClass.CORRECTED_BY_BANK.value: Status(_l("银行已自行冲正"), "success"),
    LineClass.RETURNED_AFTER_PAYMENT.value: Status(_l("付款后退票"), "warning"),
    LineClass.RETURN_CREDITED.value: Status(_l("退回入账"), "success"),
    LineClass.CREDIT_MISSING.value: Status(_l("账上已退回入账，对账单没有"), "danger"),
    LineClass.NOT_OURS.value: Status(_l("不是代发：利息、手续费、拨款"), "info"),
}
RESOLUTIONS = {
    Resolution.BANK_RETURN.value: _l("登记为退票"),
    Resolution.BANK_CORRECTS.value: _l("由银行更正"),
    Resolution.BANK_CLAIMS_BACK.value: _l("由银行追回"),
    Resolution.CONFIRMED_BY_BANK.value: _l("银行书面确认已付"),
    Resolution.BOOKED_PAID.value: _l("改记为已到账"),
    Resolution.NEVER_PAID.value: _l("银行确认没有付出"),
    Resolution.ELSEWHERE.value: _l("入了别的账户，有银行凭证"),
    Resolution.NEXT_MONTH.value: _l("转到下月核对"),
    Resolution.NOT_OURS.value: _l("不是代发业务"),
}
# How one that was carried over ended.
ENDING_WORDS = {
    Resolution.BANK_RETURN.value: _l("确认退票，登记退回"),
    Resolution.CONFIRMED_BY_BANK.value: _l("银行已办结，有书面说明"),
    Resolution.BOOKED_PAID.value: _l("改记为已到账"),
    Resolution.NEVER_PAID.value: _l("银行确认没有付出"),
    Resolution.ELSEWHERE.value: _l("入了别的账户，有银行凭证"),
    Resolution.NOT_OURS.value: _l("不是代发业务"),
}
SETTLEMENT_STATES = {
    "proposed": Status(_l("待复核"), "warning"),
    "confirmed": Status(_l("已复核"), "success"),
    "refused": Status(_l("没有同意"), "danger"),
    "withdrawn": Status(_l("已撤回")),
    "lapsed": Status(_l("差异变了，已作废")),
}
SETTLEMENT_ACTIONS = {
    "propose": _l("提出处理"),
    "confirm": _l("复核同意"),
    "refuse": _l("不同意这样处理"),
    "withdraw": _l("撤回"),
    "lapse": _l("差异变了，已作废"),
}
SETTINGS = {
    Setting.LINES.value: _l("一人一个月单独处理的差异最多几条"),
    Setting.TOGETHER.value: _l("一人一个月单独处理的差异合计最多多少元"),
    Setting.SINGLE.value: _l("一人单独处理的一条差异最多多少元"),
    Setting.FIRST_MONTH.value: _l("从哪个月开始对账"),
}
OFFICES = {"department": _l("主管部门"), "bank": _l("银行"), "finance": _l("县财政局")}
# What a list shows of a difference: whether it waits, or how it was settled.
SETTLEMENTS = {
    "open": Status(_l("待处理"), "danger"),
    "proposed": Status(_l("改记待审批"), "warning"),
    "second": Status(_l("待另一位同事复核"), "warning"),
    "none": Status(_l("不用处理")),
    **{resolution: Status(words, "success") for resolution, words in RESOLUTIONS.items()},
}
MONTH_STATES = {
    "open": Status(_l("对账中"), "info"),
    "closed": Status(_l("已关账"), "success"),
    "reopen_asked": Status(_l("申请重新开账"), "warning"),
}
MONTH_ACTIONS = {
    "close": _l("关账"),
    "ask_reopen": _l("申请重新开账"),
    "refuse_reopen": _l("不同意重新开账"),
    "reopen": _l("重新开账"),
}
STATEMENT_STATES = {"open": Status(_l("待处理"), "danger"), "resolved": Status(_l("已处理"), "success")}
