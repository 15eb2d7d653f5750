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
from programmes.rules.rights import CHANGE_SETTINGS, DECIDE_INCLUSION, IMPORT_CATALOGUE, IMPORT_FUND_PLAN, SEE_FUND_PLAN
from programmes.rules.sensitivity import is_sensitive
from programmes.rules.standard_texts import read_standard
from programmes.rules.standards import Standard, StandardUnit, expected_fen, standard_on

__all__ = [
    "CHANGE_SETTINGS",
    "CONFIRM_DECISION",
    "CONSULTED_OFFICES",
    "DECIDE_INCLUSION",
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
    "expected_fen",
    "frequency_of",
    "is_sensitive",
    "is_settled",
    "missing_filings",
    "missing_opinions",
    "months_covered",
    "read_standard",
    "standard_on",
]
