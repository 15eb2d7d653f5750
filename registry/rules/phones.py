"""The life of a report that a number on record is not the person's, and how often codes go to one phone. Pure."""

from datetime import timedelta
from enum import StrEnum

from core.states import Transition, Workflow, declare
from registry.rules.rights import MANAGE_PEOPLE

WRONG_NUMBER_WORKFLOW = declare(
    Workflow(
        "wrong_number",
        "open",
        (
            Transition("open", "replace", "replaced", by=MANAGE_PEOPLE),
            Transition("open", "remove", "removed", by=MANAGE_PEOPLE),
            Transition("open", "keep", "kept", by=MANAGE_PEOPLE),
            # A roll, a correction or an official has brought another number meanwhile.
            Transition("open", "overtake", "overtaken"),
        ),
    )
)
WRONG_STATES = ("replaced", "removed")
"""The township has found that the number is not the person's: no roll brings it back."""


class ReportChannel(StrEnum):
    """How it came out that a number may be wrong."""

    SMS = "sms"
    OFFICIAL = "official"
    RETURNED = "returned"


STOPPING = (ReportChannel.SMS.value, ReportChannel.OFFICIAL.value)
"""Somebody has said so: until it is settled, nothing about the person goes to that phone. A provider that finds a
number empty may have met a phone that was switched off for a while, and gives reason to ask, no more."""

PHONE_CODE_LIFE = timedelta(minutes=10)
MOST_PHONE_CODES = 5
"""In a day to one phone, whoever asked: a phone that rings all day is an attack on its owner."""
RETURNED_WITHIN = timedelta(days=30)
"""How far back numbers are looked at that a provider found empty."""
