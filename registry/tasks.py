"""What the registry does every night."""

from datetime import datetime

from core.jobs import periodic
from core.principal import system
from core.sweeps import Counts, Pause, nightly
from registry import by_sms, operations

REGISTERED = by_sms.__name__
"""Imported for its words, which are registered by being there."""


@nightly("registry_doubles")
def look_for_doubles(at: datetime, _pause: Pause) -> Counts:
    """Lay down the pairs of records that may be one person and that nobody has found before."""
    return {"found": operations.find_doubles(system("sweep"), at=at)}


@nightly("registry_returned_numbers")
def look_for_returned_numbers(at: datetime, _pause: Pause) -> Counts:
    """Note the numbers that providers have found empty, for the townships to ask about."""
    return {"found": operations.find_returned_numbers(system("sweep"), at=at)}


@periodic("forget_phone_codes", minute="*/30")
def forget_phone_codes(at: datetime) -> None:
    """Twice an hour: a code that is over is of no use to anybody."""
    operations.forget_phone_codes(at=at)
