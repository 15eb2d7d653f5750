"""How this room's codes are shown: states with their colours, categories, channels."""

from flask_babel import gettext, lazy_gettext

from complaints import rules
from complaints.models import Complaint
from complaints.rulebook import CURRENT, RULEBOOKS, ClockKind
from complaints.rules.sealed import STAGE_NAMES, WAY, Stage, stage_of
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
_STAGE_TONES = {
    Stage.INTAKE: "warning",
    Stage.VERIFICATION: "info",
    Stage.HANDLED: "warning",
    Stage.ANSWERED: "success",
    Stage.DECLINED: "neutral",
}
STAGES = {stage.value: Status(lazy_gettext(name), _STAGE_TONES[stage]) for stage, name in STAGE_NAMES.items()}
"""How the sealed room calls how far a clue has come."""
STATES = {state: Status(lazy_gettext(name), _TONES[state]) for state, name in rules.STATE_NAMES.items()}


def stages_of(complaint: Complaint) -> list[tuple[str, str, str]]:
    """The way of a sealed case through its stages, as ``ui.way`` draws it; empty for one that is not on it."""
    stage = stage_of(complaint.state, complaint.outcome)
    if not complaint.sealed or stage not in WAY:
        return []
    place = WAY.index(stage)
    return [
        (str(gettext(STAGE_NAMES[one])), "", "done" if number < place else "now" if number == place else "")
        for number, one in enumerate(WAY)
    ]


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
