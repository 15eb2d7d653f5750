"""Verbs that change the catalogue, its rules and standards, the fund plans, and a programme's way of paying."""

from programmes.operations.catalogue import (
    CatalogueChanges,
    ChangedProgramme,
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
    read_opinion_file,
    record_set_up,
    reply_to_department,
    send_decision_back,
    submit_inclusion,
    withdraw_inclusion,
)
from programmes.operations.incompatibility import (
    RuleTerms,
    add_rule,
    change_rule,
    end_rule,
    resume_rule,
    withdraw_rule,
)
from programmes.operations.programmes import (
    ProgrammeTerms,
    add_programme,
    changes_of,
    edit_programme,
    is_channel_fixed,
    remove_programme,
    seen,
    terms_of,
)
from programmes.operations.publicity_wait import choose_publicity_wait
from programmes.operations.standards import (
    add_standard,
    begin_standard,
    end_standard,
    resume_standard,
    withdraw_standard,
)

__all__ = [
    "CatalogueChanges",
    "ChangedProgramme",
    "ProgrammeTerms",
    "RuleTerms",
    "add_fund_line",
    "add_programme",
    "add_rule",
    "add_standard",
    "begin_standard",
    "change_rule",
    "changes_of",
    "choose_publicity_wait",
    "close_hearing",
    "compare_catalogue",
    "confirm_decision",
    "edit_programme",
    "end_rule",
    "end_standard",
    "file_measures",
    "give_opinion",
    "import_catalogue",
    "is_channel_fixed",
    "link_departments",
    "propose_decision",
    "read_filing",
    "read_opinion_file",
    "receive_filing",
    "record_fund_lines",
    "record_set_up",
    "remove_programme",
    "reply_to_department",
    "require_filings",
    "resume_rule",
    "resume_standard",
    "seen",
    "send_decision_back",
    "submit_inclusion",
    "terms_of",
    "withdraw_inclusion",
    "withdraw_rule",
    "withdraw_standard",
]
