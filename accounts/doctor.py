"""What can be wrong with accounts, for ``flask doctor``."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from accounts.models import Official, OfficialRole
from core.database import db
from core.doctor import Finding, Health, check
from core.principal import Role
from core.settings import Settings

UNUSED_FOR = timedelta(days=180)


@check
def accounts(settings: Settings, at: datetime) -> Iterable[Finding]:
    """Whether the right people get in, and nobody else."""
    if settings.is_production and not settings.second_factor_required:
        sentence = "没有要求动态验证码（YKT_SECOND_FACTOR=offered）：知道密码的人就能审核和付款。建议改为 required。"
        yield Finding("登录", Health.DOUBTFUL, sentence)
    administrators = db.session.scalar(
        select(func.count(func.distinct(Official.id)))
        .join(OfficialRole, OfficialRole.official_id == Official.id)
        .where(Official.active, OfficialRole.role == Role.ADMINISTRATOR.value)
    )
    if not administrators:
        yield Finding("账号", Health.BAD, "没有能管理账号的管理员：请用 flask accounts add 新增一个。")
    unused = db.session.scalar(
        select(func.count()).where(
            Official.active, func.coalesce(Official.last_sign_in_at, Official.created_at) < at - UNUSED_FOR
        )
    )
    if unused:
        sentence = f"有 {unused} 个账号半年没有登录过：请在“经办人员”里看看，离岗的停用。"
        yield Finding("账号", Health.DOUBTFUL, sentence)
    elif administrators:
        yield Finding("账号", Health.GOOD, "有管理员，账号都在用。")
