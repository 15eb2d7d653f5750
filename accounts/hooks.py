"""What rooms above this one do when an official leaves: they register it here, and this room knows none of them."""

from collections.abc import Callable
from datetime import datetime

from core.principal import Principal

GiveUp = Callable[[Principal, int, datetime], int]
"""Leaves the open work of the official of that id to his colleagues. Who says so, and when; returns how much it was."""

OPEN_WORK: list[GiveUp] = []


def open_work(give_up: GiveUp) -> GiveUp:
    """Register what a room does with the open work of somebody who leaves."""
    OPEN_WORK.append(give_up)
    return give_up
