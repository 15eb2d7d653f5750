"""The figures for everybody are counted by night."""

from collections.abc import Mapping
from datetime import datetime

from core.principal import system
from core.sweeps import Pause, nightly
from core.web import settings
from portal.statistics.operations import count_figures


@nightly("portal.figures")
def figures(at: datetime, pause: Pause) -> Mapping[str, int]:
    """What has become of the months that are over."""
    return count_figures(system("nightly sweep"), settings().county_code, at=at, pause=pause)
