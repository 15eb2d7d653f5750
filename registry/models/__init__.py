"""Regions, beneficiaries, cards and card gaps, with what they were before."""

from registry.models.doubles import Double
from registry.models.gaps import CardGap, CardRequest, CardRequestLine, GapNote
from registry.models.histories import CardChange, Payee, PhoneChange, StatusChange
from registry.models.people import IN_HOUSEHOLD, MERGED, ROLL_INDEX, Beneficiary, Card, Region
from registry.models.phones import PhoneCode, WrongNumber

__all__ = [
    "IN_HOUSEHOLD",
    "MERGED",
    "ROLL_INDEX",
    "Beneficiary",
    "Card",
    "CardChange",
    "CardGap",
    "CardRequest",
    "CardRequestLine",
    "Double",
    "GapNote",
    "Payee",
    "PhoneChange",
    "PhoneCode",
    "Region",
    "StatusChange",
    "WrongNumber",
]
