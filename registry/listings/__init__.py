"""The lists of this room."""

from registry.listings.doubles import DOUBLES
from registry.listings.gaps import CARD_GAPS, CARD_REQUESTS, REQUEST_LINES
from registry.listings.people import BENEFICIARIES, NO_BANK
from registry.listings.phones import WRONG_NUMBERS
from registry.listings.regions import REGIONS

__all__ = [
    "BENEFICIARIES",
    "CARD_GAPS",
    "CARD_REQUESTS",
    "DOUBLES",
    "NO_BANK",
    "REGIONS",
    "REQUEST_LINES",
    "WRONG_NUMBERS",
]
