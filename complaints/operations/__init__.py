"""Verbs that change complaints: handing in and coming back, handling, and what happens by night."""

from complaints.operations.coming_back import ask_review, rate, reopen, settle
from complaints.operations.erasing import announce_deletions, erase_due
from complaints.operations.extending import ask_extension, decide_extension
from complaints.operations.handling import (
    accept,
    add_note,
    ask_reporter,
    close,
    conclude,
    decline,
    mark_read,
    redirect,
    refer_to_discipline,
    start_investigation,
)
from complaints.operations.identifying import issue_receipt_code, reveal_reporter
from complaints.operations.intake import (
    Submission,
    add_from_reporter,
    entered_before,
    submit_complaint,
)
from complaints.operations.linking import link, unlink
from complaints.operations.nightly import close_answered, escalate_overdue
from complaints.operations.outcomes import record_outcome
from complaints.operations.recomputing import recompute_due_dates
from complaints.operations.retaining import hold, lift_hold, set_period

__all__ = [
    "Submission",
    "accept",
    "add_from_reporter",
    "add_note",
    "announce_deletions",
    "ask_extension",
    "ask_reporter",
    "ask_review",
    "close",
    "close_answered",
    "conclude",
    "decide_extension",
    "decline",
    "entered_before",
    "erase_due",
    "escalate_overdue",
    "hold",
    "issue_receipt_code",
    "lift_hold",
    "link",
    "mark_read",
    "rate",
    "recompute_due_dates",
    "record_outcome",
    "redirect",
    "refer_to_discipline",
    "reopen",
    "reveal_reporter",
    "set_period",
    "settle",
    "start_investigation",
    "submit_complaint",
    "unlink",
]
