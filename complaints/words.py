"""How this room's codes are shown: states with their colours, categories, channels."""

from flask_babel import gettext, lazy_gettext

from complaints import rules
from complaints.models import Complaint
from complaints.rulebook import CURRENT, RULEBOOKS, ClockKind
from core.status import Status

_TONES = {
    "received": "warning",
    "redirected": "warning",
    "referred": "warning",
    "accepted": "info",
    "investigating": "info",
    "reopened": "warning",
    "review_asked": "warning",
    "concluded": "success",
    "closed": "neutral",
    "declined": "neutral",
}
STATES = {state: Status(lazy_gettext(name), _TONES[state]) for state, name in rules.STATE_NAMES.items()}


def category_name(complaint: Complaint) -> str:
    """What the reporter chose, in the words of that time."""
    return str(gettext(RULEBOOKS[complaint.rules_version].category(complaint.category).name))


def entry_text(kind: str, text: str) -> str:
    """What an entry says, as it is shown: a due day that has moved is kept as clock and days, and put into words here
    for its reader; everything else is a person's own words."""
    parts = text.split()
    if kind != "due_changed" or len(parts) != 3:
        return text
    name = gettext(rules.CLOCK_NAMES[ClockKind(parts[0])])
    return str(gettext("%(clock)s：原为 %(before)s，现为 %(after)s", clock=name, before=parts[1], after=parts[2]))


def category_choices(*, clues: bool | None = None) -> dict[str, str]:
    """Code → words of the categories that can be chosen now; only (or without) the clues where asked."""
    return {
        category.code: str(gettext(category.name))
        for category in CURRENT.categories
        if clues is None or category.is_clue is clues
    }


def channel_choices() -> dict[str, str]:
    """How something can come in when an official enters it."""
    return {code: str(gettext(name)) for code, name in rules.CHANNELS.items() if code not in rules.SELF_SERVICE}
