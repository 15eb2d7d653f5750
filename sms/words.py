"""What states, templates, errors and steps of messages are called on screens."""

from collections.abc import Mapping

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from core.status import Status

MESSAGE_STATES: Mapping[str, Status] = {
    "queued": Status(lazy_gettext("待发送")),
    "sending": Status(lazy_gettext("发送中"), "info"),
    "accepted": Status(lazy_gettext("运营商已接收"), "info"),
    "delivered": Status(lazy_gettext("已送达"), "success"),
    "undelivered": Status(lazy_gettext("未送达"), "danger"),
    "rejected": Status(lazy_gettext("运营商拒收"), "danger"),
    "unknown": Status(lazy_gettext("结果不明"), "warning"),
    "unconfirmed": Status(lazy_gettext("没有回执"), "warning"),
    "suppressed": Status(lazy_gettext("不予发送"), "danger"),
    "expired": Status(lazy_gettext("过期未发")),
}
TEMPLATE_WORDS: Mapping[str, LazyString] = {
    "payment_paid": lazy_gettext("到账通知"),
    "payment_failed": lazy_gettext("发放失败通知"),
    "payment_returned": lazy_gettext("退票通知"),
    "card_ready": lazy_gettext("社保卡办好通知"),
    "complaint_accepted": lazy_gettext("事项受理通知"),
    "complaint_answered": lazy_gettext("事项答复通知"),
    "lookup_code": lazy_gettext("查询验证码"),
    "phone_code": lazy_gettext("登记手机核对"),
    "deadline_reminder": lazy_gettext("到期提醒"),
}
TEMPLATE_STATES: Mapping[str, Status] = {
    "draft": Status(lazy_gettext("草稿")),
    "submitted": Status(lazy_gettext("等待审批"), "warning"),
    "in_use": Status(lazy_gettext("使用中"), "success"),
    "retired": Status(lazy_gettext("已停用")),
    "discarded": Status(lazy_gettext("已作废")),
}
TEMPLATE_ACTION_WORDS: Mapping[str, LazyString] = {
    "submit": lazy_gettext("提交审批"),
    "withdraw": lazy_gettext("撤回"),
    "discard": lazy_gettext("作废"),
    "approve": lazy_gettext("同意使用"),
    "send_back": lazy_gettext("退回修改"),
    "retire": lazy_gettext("停用"),
}
TEMPLATE_DONE_WORDS: Mapping[str, LazyString] = {
    "submit": lazy_gettext("已提交，等另一位同事审批。"),
    "withdraw": lazy_gettext("已撤回，可以继续修改。"),
    "discard": lazy_gettext("已作废。"),
    "approve": lazy_gettext("已同意，从现在起按这一版发送。"),
    "send_back": lazy_gettext("已退回修改。"),
    "retire": lazy_gettext("已停用，从现在起按系统自带的文字发送。"),
}
PARAMETER_WORDS: Mapping[str, LazyString] = {
    "name": lazy_gettext("姓名"),
    "period": lazy_gettext("期次（年月）"),
    "programme": lazy_gettext("补贴项目"),
    "bank": lazy_gettext("发卡银行"),
    "amount": lazy_gettext("金额（元）"),
    "card_tail": lazy_gettext("卡号后四位"),
    "reason": lazy_gettext("失败原因"),
    "advice": lazy_gettext("怎么办"),
    "number": lazy_gettext("投诉编号"),
    "due_on": lazy_gettext("期限"),
    "code": lazy_gettext("验证码"),
    "minutes": lazy_gettext("有效分钟数"),
    "title": lazy_gettext("事项名称"),
}
GATEWAY_WORDS: Mapping[str, LazyString] = {
    "simulated": lazy_gettext("模拟手机"),
    "twilio": lazy_gettext("Twilio"),
    "aliyun": lazy_gettext("阿里云"),
}
ACTION_WORDS: Mapping[str, LazyString] = {
    "resend": lazy_gettext("决定重发"),
    "confirm": lazy_gettext("确认已送达"),
    "give_up": lazy_gettext("不再发送"),
}
OUTCOME_WORDS: Mapping[str, Status] = {
    "": Status(lazy_gettext("没有记录结果"), "warning"),
    "accepted": Status(lazy_gettext("已接收"), "success"),
    "rejected": Status(lazy_gettext("被拒绝"), "danger"),
    "throttled": Status(lazy_gettext("发送过快，稍后再发"), "warning"),
    "unknown": Status(lazy_gettext("结果不明"), "warning"),
}
RECEIPT_WORDS: Mapping[str, LazyString] = {
    "applied": lazy_gettext("已采用"),
    "early": lazy_gettext("先到，等待发送记录"),
    "late": lazy_gettext("迟到，状态不变"),
    "contradicts": lazy_gettext("与已有结果矛盾，状态不变"),
    "unclaimed": lazy_gettext("找不到对应的短信"),
}
# What our own codes mean, and the provider's that an office meets most. Any other code is shown as it is.
ERROR_WORDS: Mapping[str, LazyString] = {
    "lease_expired": lazy_gettext("发送程序中途停止，没有记下结果"),
    "read_timeout": lazy_gettext("已经提交，但运营商没有及时回应"),
    "connection_lost": lazy_gettext("提交过程中连接断开"),
    "garbled": lazy_gettext("运营商的回应无法识别"),
    "no_connection": lazy_gettext("连不上运营商，短信没有发出"),
    "connect_timeout": lazy_gettext("连不上运营商，短信没有发出"),
    "certificate": lazy_gettext("运营商的安全证书验证不通过，短信没有发出"),
    "not_mobile": lazy_gettext("不是手机号码，收不到短信。请核对登记的电话"),
    "template": lazy_gettext("内容与模板不符，请联系系统管理员"),
    "link": lazy_gettext("内容里有网址，短信不允许"),
    "id_number": lazy_gettext("内容里有证件号码，短信不允许"),
    "card_number": lazy_gettext("内容里有完整卡号，短信不允许"),
    "phone": lazy_gettext("内容里有电话号码，短信不允许"),
    "phone_full": lazy_gettext("这部手机今天收到的短信已到上限，明天再发"),
    "wrong_number": lazy_gettext("这部手机的主人说不是本人，没有再发"),
    "no_template": lazy_gettext("这个模板还没有在运营商报备或者没有设置编号，设置以后再发"),
    "parameter_length": lazy_gettext("有的内容为空或超过 35 个字，运营商的模板不允许"),
    "isv.BUSINESS_LIMIT_CONTROL": lazy_gettext("发给这个号码太频繁，稍后再发"),
    "isv.AMOUNT_NOT_ENOUGH": lazy_gettext("短信账户余额不足，充值以后再发"),
    "isv.MOBILE_NUMBER_ILLEGAL": lazy_gettext("手机号码无效，请核对登记的电话"),
    "isv.SMS_TEMPLATE_ILLEGAL": lazy_gettext("运营商没有这个模板，请检查模板编号"),
    "isv.SMS_SIGNATURE_ILLEGAL": lazy_gettext("运营商没有这个签名，请检查短信签名"),
    "isv.BLACK_KEY_CONTROL_LIMIT": lazy_gettext("内容里有运营商禁用的词"),
    "already_left": lazy_gettext("前一次其实已经发出，不再重发"),
    "overtaken": lazy_gettext("已过有效期，不再需要"),
    "20003": lazy_gettext("账号或密钥不正确，请检查短信设置"),
    "20429": lazy_gettext("提交过快，稍后再发"),
    "21211": lazy_gettext("手机号码无效，请核对登记的电话"),
    "21408": lazy_gettext("账号没有开通向该地区发送的权限"),
    "21610": lazy_gettext("对方已退订"),
    "21614": lazy_gettext("不是手机号码，请核对登记的电话"),
    "30003": lazy_gettext("手机关机或不在服务区"),
    "30004": lazy_gettext("被对方或运营商拦截"),
    "30005": lazy_gettext("空号或停机，请核对登记的电话"),
    "30006": lazy_gettext("座机或无法到达的运营商"),
    "30007": lazy_gettext("被运营商过滤"),
    "30008": lazy_gettext("运营商没有说明原因"),
}


def error_words(code: str) -> str:
    """What an error code means; the code itself where nobody has said."""
    return str(ERROR_WORDS.get(code, code))
