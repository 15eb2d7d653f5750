"""Verbs of this room: statements come in and are matched, differences are settled, the month is signed and closed."""

from reconciliation.operations.carried import settle_carried, undo_settled_carried
from reconciliation.operations.matching import reconcile
from reconciliation.operations.months import (
    ask_reopen,
    close_month,
    month_named,
    refuse_reopen,
    reopen_month,
    sign_month,
    withdraw_signature,
)
from reconciliation.operations.resolutions import resolve_differences, undo_resolutions
from reconciliation.operations.statements import StatementSummary, import_statement, preview_statement

__all__ = [
    "StatementSummary",
    "ask_reopen",
    "close_month",
    "import_statement",
    "month_named",
    "preview_statement",
    "reconcile",
    "refuse_reopen",
    "reopen_month",
    "resolve_differences",
    "settle_carried",
    "sign_month",
    "undo_resolutions",
    "undo_settled_carried",
    "withdraw_signature",
]
