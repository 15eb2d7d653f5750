"""Background work of the ground floor."""

from datetime import datetime

from core import audit
from core.heartbeats import SCHEDULER, beat
from core.jobs import periodic


@periodic("seal_audit", minute="*/5")
def seal_audit(at: datetime) -> None:
    """Seal what the audit log has gained: until then an entry is not protected."""
    audit.seal(at=at)


@periodic("heartbeat", minute="*")
def heartbeat(at: datetime) -> None:
    """Say that the timetable is kept."""
    beat(SCHEDULER, at)
