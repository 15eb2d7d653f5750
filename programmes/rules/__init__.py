"""Who may do what with programmes and fund plans, their kinds, and what can be wrong with their lines.

Pure: no database, no clock; dates come in as arguments.
"""

from programmes.rules.frequency import MONTHS_OF, Frequency, frequency_of, months_covered
from programmes.rules.kinds import MOST_PUBLICITY_DAYS, PUBLICITY_DAYS, Channel, Handling, Scope, Source
from programmes.rules.problems import SENTENCES, LineProblem
from programmes.rules.rights import CHANGE_SETTINGS, DECIDE_INCLUSION, IMPORT_CATALOGUE, IMPORT_FUND_PLAN, SEE_FUND_PLAN
from programmes.rules.sensitivity import is_sensitive
from programmes.rules.standards import Standard, StandardUnit, expected_fen, standard_on

__all__ = [
    "CHANGE_SETTINGS",
    "DECIDE_INCLUSION",
    "IMPORT_CATALOGUE",
    "IMPORT_FUND_PLAN",
    "MONTHS_OF",
    "MOST_PUBLICITY_DAYS",
    "PUBLICITY_DAYS",
    "SEE_FUND_PLAN",
    "SENTENCES",
    "Channel",
    "Frequency",
    "Handling",
    "LineProblem",
    "Scope",
    "Source",
    "Standard",
    "StandardUnit",
    "expected_fen",
    "frequency_of",
    "is_sensitive",
    "months_covered",
    "standard_on",
]
