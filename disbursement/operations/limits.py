"""Finance decides how long each step may take before it stands out."""

from datetime import datetime

from core import audit
from core.database import db
from core.errors import Conflict
from core.principal import Principal
from core.reasons import checked_reason
from disbursement.models import StepLimit
from disbursement.queries.progress import step_limits
from disbursement.rules import CHOOSE_CHECKS, checked_limit


def choose_limit(principal: Principal, step: str, days: str, reason: str, *, at: datetime) -> StepLimit:
    """Set the days for a step (rules.DEFAULT_LIMITS), as somebody wrote them, from now on. Raises UserError for days
    that cannot be and without a reason, Conflict where it is so already."""
    principal.require(CHOOSE_CHECKS)
    number, why = checked_limit(step, days), checked_reason(reason)
    if step_limits()[step] == number:
        raise Conflict("这一项已经是这样设定的。请刷新页面后再看。")
    made = StepLimit(
        step=step,
        days=number,
        reason=why,
        chosen_at=at,
        chosen_by=principal.recorded_name,
        official_id=principal.official_id,
    )
    db.session.add(made)
    audit.record(principal, "limits.choose", "limit", step, at=at, days=number)
    db.session.flush()
    return made
