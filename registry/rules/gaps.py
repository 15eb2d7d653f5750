"""The card-gap ledger (B5): its steps, reasons and measures, and the days by which each step is to be done."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.states import Transition, Workflow, declare
from registry.rules.rights import ANSWER_CARDS, REQUEST_CARDS, WORK_ON_GAPS

CARD_GAP_WORKFLOW = declare(
    Workflow(
        "card_gap",
        "open",
        (
            Transition("open", "collect", "materials_collected", by=WORK_ON_GAPS),
            Transition("materials_collected", "uncollect", "open", by=WORK_ON_GAPS),
            Transition("materials_collected", "submit", "submitted_to_bank", by=REQUEST_CARDS),
            Transition("submitted_to_bank", "withdraw", "materials_collected", by=REQUEST_CARDS),
            Transition("submitted_to_bank", "issue", "issued", by=ANSWER_CARDS),
            # What the bank refuses begins anew: the materials were not good enough.
            Transition("submitted_to_bank", "refuse", "open", by=ANSWER_CARDS),
            Transition("issued", "close", "closed", by=ANSWER_CARDS),
            # The person needs no card any more: dead, moved away, no longer entitled.
            Transition("open", "dismiss", "closed", by=WORK_ON_GAPS),
            Transition("materials_collected", "dismiss", "closed", by=WORK_ON_GAPS),
            # A card came by another way (a roll, a correction, a merge), whose operation has asked for its right.
            Transition("open", "card_appears", "closed"),
            Transition("materials_collected", "card_appears", "closed"),
            Transition("submitted_to_bank", "card_appears", "closed"),
            Transition("issued", "card_appears", "closed"),
            # He stands on a roll without a card again, or the dismissal was a mistake.
            Transition("closed", "open_again", "open"),
        ),
    )
)
CARD_REQUEST_WORKFLOW = declare(
    Workflow(
        "card_request",
        "submitted",
        (
            Transition("submitted", "withdraw", "withdrawn", by=REQUEST_CARDS),
            Transition("submitted", "answer", "answered", by=ANSWER_CARDS),
        ),
    )
)
UNFINISHED = tuple(state for state in CARD_GAP_WORKFLOW.states() if state != "closed")


class GapReason(StrEnum):
    """Why somebody has no card that money can be paid to."""

    NEVER_APPLIED = "never_applied"
    LOST = "lost"
    CANCELLED = "cancelled"
    NOT_ACTIVATED = "not_activated"
    WORKING_AWAY = "working_away"
    DISABLED = "disabled"
    MINOR = "minor"
    NO_ID_CARD = "no_id_card"
    IN_PRISON = "in_prison"
    OTHER = "other"


class Measure(StrEnum):
    """What is done about it (按类别采取措施)."""

    BULK_ISSUE = "bulk_issue"
    VISIT_AT_HOME = "visit_at_home"
    BY_GUARDIAN = "by_guardian"
    REMOTE = "remote"
    REPLACE = "replace"
    ACTIVATE = "activate"
    ID_CARD_FIRST = "id_card_first"
    PAYEE = "payee"


# The measure that the plan has in mind for each category; a person may choose another.
USUAL_MEASURE = {
    GapReason.NEVER_APPLIED: Measure.BULK_ISSUE,
    GapReason.LOST: Measure.REPLACE,
    GapReason.CANCELLED: Measure.BULK_ISSUE,
    GapReason.NOT_ACTIVATED: Measure.ACTIVATE,
    GapReason.WORKING_AWAY: Measure.REMOTE,
    GapReason.DISABLED: Measure.VISIT_AT_HOME,
    GapReason.MINOR: Measure.BY_GUARDIAN,
    GapReason.NO_ID_CARD: Measure.ID_CARD_FIRST,
    GapReason.IN_PRISON: Measure.PAYEE,
}


@dataclass(frozen=True)
class GapDates:
    """By when the materials are to be collected and the card to be issued."""

    materials_on: date
    card_on: date


@dataclass(frozen=True)
class Campaign:
    """A drive with fixed days: gaps opened from its beginning up to its day for materials are held to them."""

    begins_on: date
    dates: GapDates


# 东财办〔2020〕56号: materials by 30 June, cards by 30 August 2020.
CAMPAIGNS = (Campaign(date(2020, 1, 1), GapDates(date(2020, 6, 30), date(2020, 8, 30))),)
DAYS_FOR_MATERIALS = timedelta(days=30)
DAYS_FOR_CARD = timedelta(days=91)
"""Outside a campaign as long as the plan of June 2020 gave: a month, and two more until the card is there."""


def gap_dates(opened_on: date, campaigns: tuple[Campaign, ...] = CAMPAIGNS) -> GapDates:
    """The due days of a gap that opens on this day: a campaign's where it falls into one, else counted from it."""
    for campaign in campaigns:
        if campaign.begins_on <= opened_on <= campaign.dates.materials_on:
            return campaign.dates
    return GapDates(opened_on + DAYS_FOR_MATERIALS, opened_on + DAYS_FOR_CARD)


def due_of(state: str, dates: GapDates) -> date | None:
    """By when the step after ``state`` is due: the materials while they are missing, then the card; None at the
    end."""
    if state == "open":
        return dates.materials_on
    return dates.card_on if state in UNFINISHED else None
