"""How long the tables of messages are kept."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from core import retention
from core.bulk import among
from core.database import db
from core.msgid import N_
from core.retention import PIECE, Rule, forget, note_deleted
from core.sweeps import Pause, nightly
from core.workflow import WorkflowStep
from sms.models import HandsetMessage, InboundMessage, Message, PhoneDay, SendAttempt
from sms.rules import SMS_WORKFLOW
from sms.templates import TEMPLATES

CODES = "sms.forget_codes"
CODES_KEPT_FOR = timedelta(days=30)
_MAY_STILL_LEAVE = ("queued", "sending", "unknown")
_UNSEEN: dict[str, Any] = {"synchronize_session": False}


@nightly(CODES)
def forget_codes(at: datetime, pause: Pause) -> Mapping[str, int]:
    """Delete the messages that brought a code more than thirty days ago, with their sends: they say no more than that
    this phone looked something up. What they cost stands in the counts of the days."""
    secret = sorted(template.name for template in TEMPLATES.values() if template.secret)
    # A code's subject is of a kind with the template's own name: the unique index finds these few among all messages.
    over = (
        select(Message.id)
        .where(
            Message.subject_kind.in_(secret),
            Message.template.in_(secret),
            Message.created_at < at - CODES_KEPT_FOR,
            Message.state.not_in(_MAY_STILL_LEAVE),
        )
        .limit(PIECE)
        .with_for_update()
    )
    deleted = 0
    while ids := db.session.scalars(over).all():
        for statement in (
            delete(SendAttempt).where(among(SendAttempt.message_id, ids)),
            delete(WorkflowStep).where(
                WorkflowStep.subject_kind == SMS_WORKFLOW.name, among(WorkflowStep.subject_id, ids)
            ),
            delete(Message).where(among(Message.id, ids)),
        ):
            db.session.execute(statement.execution_options(**_UNSEEN))
        db.session.expire_all()
        deleted += len(ids)
        pause()
    note_deleted({"messages": deleted}, at)
    return {"messages": deleted}


_PROOF = N_("告知群众的凭据，与发放记录一样久（会计档案管理办法：30 年）；投诉的短信在投诉删除时去掉号码")

retention.declare(
    Rule(
        "sms",
        ("messages", "send_attempts"),
        N_("发出的短信和每次发送"),
        N_("验证码 30 天，每夜删除；其余与发放记录一样久，不由程序删除"),
        N_("写下之日"),
        _PROOF,
        CODES,
    ),
    Rule(
        "sms",
        ("receipts",),
        N_("运营商的回执，没有号码和内容"),
        N_("与短信一样久"),
        N_("收到之日"),
        N_("与运营商结算和核对；没有个人信息"),
    ),
    Rule(
        "sms",
        ("inbound_messages",),
        N_("群众发来的短信"),
        N_("180 天，每夜删除"),
        N_("收到之日"),
        N_("网络安全法第二十一条：日志至少留六个月；以后没有需要（个人信息保护法第十九条）"),
        forget(InboundMessage, InboundMessage.__table__.c.received_at, timedelta(days=180)),
    ),
    Rule(
        "sms",
        ("handset_messages",),
        N_("演示用的模拟手机上的短信"),
        N_("30 天，每夜删除"),
        N_("收到之日"),
        N_("只为演示"),
        forget(HandsetMessage, HandsetMessage.__table__.c.delivered_at, timedelta(days=30)),
    ),
    Rule(
        "sms",
        ("phone_days",),
        N_("一个号码一天收到几条短信，只有摘要"),
        N_("3 天，每夜删除"),
        N_("当天"),
        N_("个人信息保护法第十九条：不超过实现目的所必要的最短时间"),
        forget(PhoneDay, PhoneDay.__table__.c.day, timedelta(days=3)),
    ),
    Rule(
        "sms",
        ("sms_refusals",),
        N_("退订通知短信的号码，只有摘要"),
        N_("直到本人重新订阅"),
        N_("退订之日"),
        N_("不记住就会再打扰他"),
    ),
    Rule(
        "sms",
        ("gateway_health", "sms_days", "template_registrations", "template_versions"),
        N_("通道状态、每天的条数、短信模板"),
        N_("长期保存"),
        N_("记录之日"),
        N_("费用核算和模板审批的依据；没有个人信息"),
    ),
)
