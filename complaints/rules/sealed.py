"""The work in the sealed room: its stages, and with what a verification ends (纪检监察机关处理检举控告工作规则)."""

from datetime import date
from enum import StrEnum

from complaints.rules.life import WAITING
from core.msgid import N_


class Stage(StrEnum):
    """How far a clue has come, in the words of that work."""

    INTAKE = "intake"
    VERIFICATION = "verification"
    HANDLED = "handled"
    ANSWERED = "answered"
    DECLINED = "declined"


STAGE_NAMES = {
    Stage.INTAKE: N_("受理"),
    Stage.VERIFICATION: N_("初步核实"),
    Stage.HANDLED: N_("处置"),
    Stage.ANSWERED: N_("反馈"),
    Stage.DECLINED: N_("不予受理"),
}
WAY = (Stage.INTAKE, Stage.VERIFICATION, Stage.HANDLED, Stage.ANSWERED)
"""The stages of a clue that is taken on, in their order."""

OUTCOMES = {
    "case_filed": N_("立案"),
    "admonished": N_("谈话提醒、批评教育"),
    "unfounded": N_("了结（不属实）"),
    "passed_on": N_("转有关单位处理"),
    "other": N_("其他"),
}
"""With what a verification ends. The reporter is told in the words of the answer, never by this."""

_ENDED = ("concluded", "closed")
_STAGES = dict.fromkeys(WAITING, Stage.INTAKE) | dict.fromkeys(_ENDED, Stage.ANSWERED) | {"declined": Stage.DECLINED}


def stage_of(state: str, outcome: str | None) -> Stage:
    """The stage of a sealed case in that state; ``outcome`` is the recorded one, None where there is none."""
    return _STAGES.get(state, Stage.HANDLED if outcome else Stage.VERIFICATION)


def states_of(stage: Stage) -> tuple[str, ...]:
    """The states that alone make that stage; none for the two that the outcome tells apart."""
    return tuple(state for state, found in _STAGES.items() if found == stage)


def may_record_outcome(state: str, *, sealed: bool) -> bool:
    """Whether an outcome can be recorded now: of a clue that is being looked into, or, to set right what was recorded,
    that has been answered and not closed."""
    return sealed and state in ("investigating", "concluded")


# --- Figures of the room -------------------------------------------------------------------------

RECEIVED = "received"
KEPT, BROKEN, OVERDUE, RUNNING = "kept", "broken", "overdue", "running"
PROMISES = ("notice", "result")
"""That a report is taken on or not, and what came of it: each owed within 15 working days."""
MEASURES = (RECEIVED, *Stage, *(f"{promise}_{how}" for promise in PROMISES for how in (KEPT, BROKEN, OVERDUE, RUNNING)))

WAITED = (15, 30, 60, 90)
"""Up to so many working days a case has been open: the upper ends of all classes but the last."""


def how_kept(due_on: date | None, stopped_on: date | None, today: date) -> str:
    """How a promise stands: kept or broken (told in time, or late), overdue or still running; "" where none was made.
    The due day itself is in time."""
    if due_on is None:
        return ""
    if stopped_on is not None:
        return KEPT if stopped_on <= due_on else BROKEN
    return OVERDUE if due_on < today else RUNNING


def class_of_waiting(working_days: int) -> int:
    """The number of the class of WAITED, from 0; the last one has no upper end."""
    return sum(working_days > end for end in WAITED)
