"""Verbs that change complaints: handing in and coming back, handling, and what happens by night."""

from complaints.operations.coming_back import ask_review, rate, reopen, settle
from complaints.operations.drawing_up import draw_up_figures
from complaints.operations.erasing import announce_deletions, erase_due
from complaints.operations.extending import ask_extension, decide_extension, withdraw_extension
from complaints.operations.handling import (
    accept,
    add_note,
    ask_reporter,
    close,
    conclude,
    decline,
    mark_read,
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
from complaints.operations.objecting import object_to_routing, pass_on, redirect, refuse_objection
from complaints.operations.outcomes import record_outcome
from complaints.operations.recomputing import recompute_due_dates
from complaints.operations.recusing import lift_recusal, recuse
from complaints.operations.registering import end_interest, register_interest
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
    "draw_up_figures",
    "end_interest",
    "entered_before",
    "erase_due",
    "escalate_overdue",
    "hold",
    "issue_receipt_code",
    "lift_hold",
    "lift_recusal",
    "link",
    "mark_read",
    "object_to_routing",
    "pass_on",
    "rate",
    "recompute_due_dates",
    "record_outcome",
    "recuse",
    "redirect",
    "refer_to_discipline",
    "refuse_objection",
    "register_interest",
    "reopen",
    "reveal_reporter",
    "set_period",
    "settle",
    "start_investigation",
    "submit_complaint",
    "unlink",
    "withdraw_extension",
]
