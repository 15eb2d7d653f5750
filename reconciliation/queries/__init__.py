"""What may be read of statements, differences and months, always through the principal."""

from reconciliation.queries.carried import carried_count, is_outstanding, visible_carried
from reconciliation.queries.figures import (
    ClassFigure,
    figures_of,
    fingerprint,
    open_difference_count,
    sides_of,
    still_unclear,
)
from reconciliation.queries.order import InTheWay, earlier_open, later_closed
from reconciliation.queries.signatures import (
    departments_to_sign,
    refusals_of,
    signatures_of,
    standing_refusals,
    standing_signatures,
)
from reconciliation.queries.visible import (
    earlier_statements,
    get_month,
    paid_again,
    rebooking_under_way,
    statements_of,
    visible_differences,
    visible_lines,
    visible_months,
)

__all__ = [
    "ClassFigure",
    "InTheWay",
    "carried_count",
    "departments_to_sign",
    "earlier_open",
    "earlier_statements",
    "figures_of",
    "fingerprint",
    "get_month",
    "is_outstanding",
    "later_closed",
    "open_difference_count",
    "paid_again",
    "rebooking_under_way",
    "refusals_of",
    "sides_of",
    "signatures_of",
    "standing_refusals",
    "standing_signatures",
    "statements_of",
    "still_unclear",
    "visible_carried",
    "visible_differences",
    "visible_lines",
    "visible_months",
]
