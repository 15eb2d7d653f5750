"""Whether the department's approval of a roll waits for the end of its publicity, programme by programme (B8)."""

from datetime import datetime

from sqlalchemy import select

from core import audit
from core.database import db
from core.errors import Conflict
from core.principal import Principal
from core.reasons import checked_reason
from programmes import queries, rules
from programmes.models import Programme, PublicityWaitChoice


def choose_publicity_wait(
    principal: Principal, programme_id: int, reason: str, *, waits: bool, at: datetime
) -> PublicityWaitChoice:
    """Have the approvals of a programme wait for the end of the publicity, or not, from now on; rolls that hang already
    follow. Raises NotVisible, UserError without a reason, Conflict where it is so already."""
    principal.require(rules.EDIT_PROGRAMME)
    programme = queries.programme(principal, programme_id)
    why = checked_reason(reason)
    db.session.execute(select(Programme.id).where(Programme.id == programme_id).with_for_update())
    db.session.refresh(programme, ["waits_for_publicity"])
    if programme.waits_for_publicity == waits:
        raise Conflict("这个项目已经是这样设定的。请刷新页面后再看。")
    programme.waits_for_publicity = waits
    made = PublicityWaitChoice(
        programme_id=programme_id,
        waits=waits,
        reason=why,
        chosen_at=at,
        chosen_by=principal.recorded_name,
        official_id=principal.official_id,
    )
    db.session.add(made)
    audit.record(
        principal,
        "programmes.choose_publicity_wait",
        "programme",
        programme_id,
        at=at,
        code=programme.code,
        waits=waits,
        reason=why,
    )
    db.session.flush()
    return made
