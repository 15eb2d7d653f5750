"""The lists of this room."""

from reconciliation.listings.differences import (
    CARRIED,
    DIFFERENCES,
    carried_listing,
    differences_listing,
    settled_listing,
)
from reconciliation.listings.lines import LINES
from reconciliation.listings.months import MONTHS

__all__ = ["CARRIED", "DIFFERENCES", "LINES", "MONTHS", "carried_listing", "differences_listing", "settled_listing"]
