"""What the registry does every night."""

from datetime import datetime

from core.principal import system
from core.sweeps import Counts, Pause, nightly
from registry import operations


@nightly("registry_doubles")
def look_for_doubles(at: datetime, _pause: Pause) -> Counts:
    """Lay down the pairs of records that may be one person and that nobody has found before."""
    return {"found": operations.find_doubles(system("sweep"), at=at)}
