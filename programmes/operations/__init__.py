"""Verbs that change the catalogue, its rules and standards, the fund plans, and a programme's way of paying."""

from programmes.operations.catalogue import (
    CatalogueChanges,
    ChangedProgramme,
    change_settings,
    compare_catalogue,
    import_catalogue,
    link_departments,
)
from programmes.operations.filings import file_measures, read_filing, receive_filing, require_filings
from programmes.operations.funds import add_fund_line, record_fund_lines
from programmes.operations.inclusion import (
    close_hearing,
    confirm_decision,
    give_opinion,
    propose_decision,
    record_set_up,
    reply_to_department,
    send_decision_back,
    submit_inclusion,
    withdraw_inclusion,
)
from programmes.operations.incompatibility import end_rule, save_rule
from programmes.operations.standards import add_standard, begin_standard, withdraw_standard

__all__ = [
    "CatalogueChanges",
    "ChangedProgramme",
    "add_fund_line",
    "add_standard",
    "begin_standard",
    "change_settings",
    "close_hearing",
    "compare_catalogue",
    "confirm_decision",
    "end_rule",
    "file_measures",
    "give_opinion",
    "import_catalogue",
    "link_departments",
    "propose_decision",
    "read_filing",
    "receive_filing",
    "record_fund_lines",
    "record_set_up",
    "reply_to_department",
    "require_filings",
    "save_rule",
    "send_decision_back",
    "submit_inclusion",
    "withdraw_inclusion",
    "withdraw_standard",
]
