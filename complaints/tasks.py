"""What the night does in this room."""

from collections.abc import Mapping
from datetime import datetime

from complaints import operations
from core.principal import system
from core.sweeps import Pause, nightly


@nightly("complaints.due_dates")
def due_dates(at: datetime, pause: Pause) -> Mapping[str, int]:
    """Due days follow the published calendar, before anything is called late."""
    return {"changed": operations.recompute_due_dates(system("nightly sweep"), at=at, pause=pause)}


@nightly("complaints.escalate")
def escalate(at: datetime, pause: Pause) -> Mapping[str, int]:
    """What is late goes up."""
    return operations.escalate_overdue(system("nightly sweep"), at=at, pause=pause)


@nightly("complaints.close")
def close(at: datetime, _pause: Pause) -> Mapping[str, int]:
    """Answered cases that nobody can reopen any more are filed away."""
    return {"closed": operations.close_answered(system("nightly sweep"), at=at)}


@nightly("complaints.retention")
def retention(at: datetime, pause: Pause) -> Mapping[str, int]:
    """What has been kept long enough is announced for deletion; what was announced thirty days ago is deleted."""
    night = system("nightly sweep")
    announced = operations.announce_deletions(night, at=at, pause=pause)
    return announced | operations.erase_due(night, at=at, pause=pause)


@nightly("complaints.figures")
def figures(at: datetime, pause: Pause) -> Mapping[str, int]:
    """The county's figures of what is over stand from now on."""
    return operations.draw_up_figures(system("nightly sweep"), at=at, pause=pause)
