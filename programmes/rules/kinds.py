"""The kinds by which programmes, their standards, their rules and their money are told apart."""

from enum import StrEnum

PUBLICITY_DAYS = 7
"""Days of publicity of a programme whose list names none (policy §3)."""
MOST_PUBLICITY_DAYS = 60


class Channel(StrEnum):
    """Whether a programme is paid through the platform (B1, B3)."""

    UNDECIDED = "undecided"
    PLATFORM = "platform"
    OFFLINE = "offline"


class Handling(StrEnum):
    """What a rule about two programmes says (B10)."""

    FORBIDDEN = "forbidden"
    TAKE_HIGHER = "take_higher"
    TAKE_DIFFERENCE = "take_difference"
    ALLOWED = "allowed"


class Scope(StrEnum):
    """Who may not hold two programmes together: one person, or one household."""

    PERSON = "person"
    HOUSEHOLD = "household"


class Source(StrEnum):
    """Where a fund line's money comes from (B4)."""

    CARRIED_OVER = "carried_over"
    CURRENT_YEAR = "current_year"
