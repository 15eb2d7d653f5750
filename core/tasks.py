"""Background work of the ground floor."""

from datetime import datetime

from core import audit, own_retention
from core.audit import verification
from core.heartbeats import SCHEDULER, SEALER, beat
from core.jobs import periodic

REGISTERED = own_retention.__name__
"""Imported for the rules and the sweeps that it registers."""


@periodic("seal_audit", minute="*/5")
def seal_audit(at: datetime) -> None:
    """Seal what the audit log has gained: until then an entry is not protected."""
    audit.seal(at=at)
    beat(SEALER, at)


@periodic("verify_audit", hour="2", minute="40")
def verify_audit(at: datetime) -> None:
    """Every night: compare the whole chain with the entries, and keep the verdict."""
    verification.run(at=at)


@periodic("go_on_verifying_audit", minute="50")
def go_on_verifying_audit(at: datetime) -> None:
    """Go on with what a stopped worker has left unfinished."""
    if verification.latest(verification.State.RUNNING) is not None:
        verification.run(at=at)


@periodic("heartbeat", minute="*")
def heartbeat(at: datetime) -> None:
    """Say that the timetable is kept."""
    beat(SCHEDULER, at)
