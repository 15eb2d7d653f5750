"""Verbs of this room: statements come in and are matched, differences are settled, the month is signed and closed."""

from reconciliation.operations.carried import settle_carried, undo_settled_carried
from reconciliation.operations.matching import reconcile
from reconciliation.operations.months import (
    answer_refusal,
    ask_reopen,
    close_month,
    month_named,
    refuse_reopen,
    refuse_to_sign,
    reopen_month,
    sign_month,
    withdraw_signature,
)
from reconciliation.operations.profiles import (
    approve_statement_profile,
    propose_statement_profile,
    reject_statement_profile,
)
from reconciliation.operations.resolutions import resolve_differences, undo_resolutions
from reconciliation.operations.settings import choose_setting
from reconciliation.operations.settlements import confirm_settlement, refuse_settlement, withdraw_settlement
from reconciliation.operations.statements import StatementSummary, import_statement, preview_statement

__all__ = [
    "StatementSummary",
    "answer_refusal",
    "approve_statement_profile",
    "ask_reopen",
    "choose_setting",
    "close_month",
    "confirm_settlement",
    "import_statement",
    "month_named",
    "preview_statement",
    "propose_statement_profile",
    "reconcile",
    "refuse_reopen",
    "refuse_settlement",
    "refuse_to_sign",
    "reject_statement_profile",
    "reopen_month",
    "resolve_differences",
    "settle_carried",
    "sign_month",
    "undo_resolutions",
    "undo_settled_carried",
    "withdraw_settlement",
    "withdraw_signature",
]
