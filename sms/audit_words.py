"""What the audit log says of messages, in words."""

from flask_babel import lazy_gettext

from core.audit.words import counted, words

words(
    "sms",
    actions={
        "sms.ask_provider": lazy_gettext("向运营商查询了短信的下落"),
        "sms.change_template": lazy_gettext("修改了短信模板草稿"),
        "sms.confirm": lazy_gettext("确认一条下落不明的短信已送达"),
        "sms.dispatch": lazy_gettext("发出了一批短信"),
        "sms.forget_registration": lazy_gettext("删除了短信模板在运营商的编号"),
        "sms.give_up": lazy_gettext("决定不再发送一条下落不明的短信"),
        "sms.inbound": lazy_gettext("收到了一条回复短信"),
        "sms.register_template": lazy_gettext("登记了短信模板在运营商的编号"),
        "sms.resend": lazy_gettext("决定重发一条下落不明的短信"),
        "sms.template_approve": lazy_gettext("批准了短信模板"),
        "sms.template_discard": lazy_gettext("作废了短信模板草稿"),
        "sms.template_retire": lazy_gettext("停用了短信模板"),
        "sms.template_send_back": lazy_gettext("退回了短信模板"),
        "sms.template_submit": lazy_gettext("提交了短信模板审批"),
        "sms.template_withdraw": lazy_gettext("撤回了短信模板审批"),
        "sms.write_template": lazy_gettext("起草了短信模板"),
    },
    subjects={
        "inbound_message": lazy_gettext("回复短信"),
        "message": lazy_gettext("短信"),
        "messages": lazy_gettext("一批短信"),
        "template": lazy_gettext("短信模板"),
        "template_version": lazy_gettext("短信模板版本"),
    },
)
counted(
    {
        "accepted": lazy_gettext("已交给运营商"),
        "rejected": lazy_gettext("运营商没有接受"),
        "requeued": lazy_gettext("重新排队"),
        "unknown": lazy_gettext("下落不明"),
        "suppressed": lazy_gettext("按设置不发"),
        "expired": lazy_gettext("过期未发"),
    }
)
