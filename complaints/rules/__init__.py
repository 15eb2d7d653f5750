"""Pure decisions about complaints: their life, who may do what, where they go, when they are due, and what is late.

No Flask, no database, no clock: dates come in as arguments.
"""

from complaints.rulebook import ClockKind
from complaints.rules.clocks import (
    STARTED_LATER,
    PlannedClock,
    clocks_at_receipt,
    due_date,
    limit_of,
    may_be_extended,
    plan_clock,
    reminded_until,
)
from complaints.rules.codes import (
    NUMBER_DIGITS,
    RECEIPT_DIGITS,
    RECEIPT_GROUP,
    RECEIPT_SHOWN_AGAIN,
    grouped_code,
    receipt_code_of,
)
from complaints.rules.levels import LEVEL_NAMES, LEVELS, SUPERVISING_KINDS, Level, escalation_target
from complaints.rules.life import (
    CHANNELS,
    CLOCK_NAMES,
    COMPLAINT_WORKFLOW,
    ENTRY_NAMES,
    FROM_REPORTER,
    OPEN,
    PUBLIC_STATES,
    RUNNING,
    SEEN_IN_CONFIDENCE,
    SELF_SERVICE,
    STATE_NAMES,
    UNANSWERED,
    WAITING,
)
from complaints.rules.rights import (
    APPROVE_ANSWER,
    ENTER_COMPLAINTS,
    GRANT_EXTENSION,
    HANDLE_COMPLAINTS,
    OWNER_KINDS,
    READ_COMPLAINTS,
    READ_SEALED,
)
from complaints.rules.routing import LINE, Case, Office, find_office, may_handle, route

__all__ = [
    "APPROVE_ANSWER",
    "CHANNELS",
    "CLOCK_NAMES",
    "COMPLAINT_WORKFLOW",
    "ENTER_COMPLAINTS",
    "ENTRY_NAMES",
    "FROM_REPORTER",
    "GRANT_EXTENSION",
    "HANDLE_COMPLAINTS",
    "LEVELS",
    "LEVEL_NAMES",
    "LINE",
    "NUMBER_DIGITS",
    "OPEN",
    "OWNER_KINDS",
    "PUBLIC_STATES",
    "READ_COMPLAINTS",
    "READ_SEALED",
    "RECEIPT_DIGITS",
    "RECEIPT_GROUP",
    "RECEIPT_SHOWN_AGAIN",
    "RUNNING",
    "SEEN_IN_CONFIDENCE",
    "SELF_SERVICE",
    "STARTED_LATER",
    "STATE_NAMES",
    "SUPERVISING_KINDS",
    "UNANSWERED",
    "WAITING",
    "Case",
    "ClockKind",
    "Level",
    "Office",
    "PlannedClock",
    "clocks_at_receipt",
    "due_date",
    "escalation_target",
    "find_office",
    "grouped_code",
    "limit_of",
    "may_be_extended",
    "may_handle",
    "plan_clock",
    "receipt_code_of",
    "reminded_until",
    "route",
]
