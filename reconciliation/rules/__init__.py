"""Decisions about reconciliation: who may do what, the classes of lines, how each difference may be settled, when a
month may be signed.

Pure: no database, no clock; dates come in as arguments.
"""

from reconciliation.rules.classes import (
    ANSWERS,
    DIFFERENCES,
    ENDINGS,
    NEEDS_WORD,
    RESOLUTIONS,
    WAITING,
    LineClass,
    Resolution,
    is_own_business,
)
from reconciliation.rules.leftovers import (
    NOT_PAID,
    PAID,
    CardAttempt,
    Classed,
    LeftLine,
    StandingDebit,
    class_leftovers,
)
from reconciliation.rules.months import (
    AFTER,
    BEFORE,
    SPILL,
    belongs,
    book_days,
    check_month,
    is_near,
    may_sign,
    month_days,
    month_of,
)
from reconciliation.rules.rights import (
    CLOSE_MONTH,
    IMPORT_STATEMENT,
    MONTH_WORKFLOW,
    READ,
    RESOLVE_DIFFERENCE,
    SEE_LINES,
    SIGN_MONTH,
)
from reconciliation.rules.sides import Sides

__all__ = [
    "AFTER",
    "ANSWERS",
    "BEFORE",
    "CLOSE_MONTH",
    "DIFFERENCES",
    "ENDINGS",
    "IMPORT_STATEMENT",
    "MONTH_WORKFLOW",
    "NEEDS_WORD",
    "NOT_PAID",
    "PAID",
    "READ",
    "RESOLUTIONS",
    "RESOLVE_DIFFERENCE",
    "SEE_LINES",
    "SIGN_MONTH",
    "SPILL",
    "WAITING",
    "CardAttempt",
    "Classed",
    "LeftLine",
    "LineClass",
    "Resolution",
    "Sides",
    "StandingDebit",
    "belongs",
    "book_days",
    "check_month",
    "class_leftovers",
    "is_near",
    "is_own_business",
    "may_sign",
    "month_days",
    "month_of",
]
