"""What can be wrong with sending messages, for ``flask doctor``."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from core.database import db
from core.doctor import Finding, Health, check
from core.settings import Settings
from sms.models import GatewayHealth, Message
from sms.outbox import in_state

LATE = timedelta(minutes=30)
"""After so long a message that is due and not sent is somebody's business."""


@check
def sending(settings: Settings, at: datetime) -> Iterable[Finding]:
    """Whether messages leave."""
    if settings.sms_gateway == "none":
        yield Finding("短信", Health.DOUBTFUL, "还没有开通短信：群众收不到到账通知。开通见 docs/sms.md。")
        return
    shut = db.session.scalars(select(GatewayHealth.gateway).where(GatewayHealth.shut_until.is_not(None))).all()
    if shut:
        names = "、".join(shut)
        yield Finding(
            "短信", Health.BAD, f"网关 {names} 连续出错，已暂停发送：请看短信记录里的原因（账户余额、密钥）。"
        )
    first = db.session.scalar(
        select(func.min(Message.not_before)).where(in_state("queued"), Message.not_before <= at - LATE)
    )
    if first is not None:
        minutes = int((at - first).total_seconds() // 60)
        yield Finding("短信", Health.BAD, f"有短信到时没有发出，已等 {minutes} 分钟：请看短信记录里的原因。")
    elif not shut:
        yield Finding("短信", Health.GOOD, "短信按时发出。")
