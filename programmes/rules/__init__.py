"""Who may do what with programmes and fund plans, their kinds, standards and ways, and what can be wrong with lines.

Pure: no database, no clock; dates come in as arguments.
"""

from programmes.rules.frequency import MONTHS_OF, Frequency, frequency_of, months_covered
from programmes.rules.inclusion import (
    CONFIRM_DECISION,
    CONSULTED_OFFICES,
    FILE_MEASURES,
    FILING_OFFICES,
    GIVE_OPINION,
    INCLUSION_WORKFLOW,
    OPEN_STATES,
    OPINION_DAYS,
    PROPOSE_DECISION,
    RECEIVE_FILING,
    RECORD_SET_UP,
    SEE_INCLUSION,
    SUBMIT_INCLUSION,
    desk_of,
    is_settled,
    missing_filings,
    missing_opinions,
)
from programmes.rules.kinds import MOST_PUBLICITY_DAYS, PUBLICITY_DAYS, Channel, Handling, Scope, Source
from programmes.rules.problems import SENTENCES, LineProblem
from programmes.rules.rights import DECIDE_INCLUSION, EDIT_PROGRAMME, IMPORT_CATALOGUE, IMPORT_FUND_PLAN, SEE_FUND_PLAN
from programmes.rules.sensitivity import is_sensitive
from programmes.rules.standard_texts import read_standard, text_contradicts
from programmes.rules.standards import Standard, StandardUnit, expected_fen, standard_on
from programmes.rules.versions import end_before, is_later, months_in_force

__all__ = [
    "CONFIRM_DECISION",
    "CONSULTED_OFFICES",
    "DECIDE_INCLUSION",
    "EDIT_PROGRAMME",
    "FILE_MEASURES",
    "FILING_OFFICES",
    "GIVE_OPINION",
    "IMPORT_CATALOGUE",
    "IMPORT_FUND_PLAN",
    "INCLUSION_WORKFLOW",
    "MONTHS_OF",
    "MOST_PUBLICITY_DAYS",
    "OPEN_STATES",
    "OPINION_DAYS",
    "PROPOSE_DECISION",
    "PUBLICITY_DAYS",
    "RECEIVE_FILING",
    "RECORD_SET_UP",
    "SEE_FUND_PLAN",
    "SEE_INCLUSION",
    "SENTENCES",
    "SUBMIT_INCLUSION",
    "Channel",
    "Frequency",
    "Handling",
    "LineProblem",
    "Scope",
    "Source",
    "Standard",
    "StandardUnit",
    "desk_of",
    "end_before",
    "expected_fen",
    "frequency_of",
    "is_later",
    "is_sensitive",
    "is_settled",
    "missing_filings",
    "missing_opinions",
    "months_covered",
    "months_in_force",
    "read_standard",
    "standard_on",
    "text_contradicts",
]
