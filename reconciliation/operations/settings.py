"""Finance sets how much one official settles alone, and the first month that is reconciled."""

from datetime import datetime

from sqlalchemy import func, select

from core import audit
from core.database import db
from core.errors import Conflict
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.models import ClosedMonth
from disbursement.operations import hold_months
from reconciliation import queries
from reconciliation.models import ReconciliationSetting
from reconciliation.rules import CHOOSE_SETTINGS, Setting, checked_setting


def choose_setting(principal: Principal, name: str, text: str, reason: str, *, at: datetime) -> ReconciliationSetting:
    """Set one of them (rules.Setting), as somebody wrote it, from now on. Raises UserError for what it cannot be and
    without a reason, Conflict where it is so already, and for a first month after one that is closed: the months
    between would never be looked at."""
    principal.require(CHOOSE_SETTINGS)
    value, why = checked_setting(name, text), checked_reason(reason)
    if queries.settings()[name] == value:
        raise Conflict("这一项已经是这样设定的。请刷新页面后再看。")
    if name == Setting.FIRST_MONTH:
        hold_months()
        closed = db.session.scalar(select(func.min(ClosedMonth.month)))
        if closed is not None and value > closed:
            raise Conflict("%(closed)s 已经关账，起始月份不能比它晚：中间的月份就没有人对账了。", closed=closed)
    made = ReconciliationSetting(
        name=name,
        value=value,
        reason=why,
        chosen_at=at,
        chosen_by=principal.recorded_name,
        official_id=principal.official_id,
    )
    db.session.add(made)
    audit.record(principal, "reconciliation.choose_setting", "setting", name, at=at, value=value)
    db.session.flush()
    return made
