"""Where every roll of the batches under way stands, since when, and who is holding it up."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from core.calendar import WorkingCalendar
from core.clock import local_date
from core.database import db
from core.principal import Principal
from core.workflow import WorkflowStep
from disbursement.models import Batch, Roll, StepLimit
from disbursement.queries.publicity import publicity_holds
from disbursement.queries.rolls import townships, visible_rolls
from disbursement.rules import DEFAULT_LIMITS, ROLL_WORKFLOW, Hold, HoldReason
from registry.models import Region

MOST_BATCHES = 40


@dataclass(frozen=True)
class RollProgress:
    """A roll on its way: ``since`` it has waited in its state, ``waited`` working days, ``limit`` of them allowed.
    ``hold`` is what its approval waits for; while its lists hang, nobody is late."""

    roll: Roll
    since: datetime
    waited: int
    limit: int
    hold: Hold | None

    @property
    def is_late(self) -> bool:
        """Whether the step has taken longer than it may."""
        is_over = self.roll.state == "department_approved" or (self.hold and self.hold.reason == HoldReason.HANGING)
        return not is_over and self.waited > self.limit


@dataclass(frozen=True)
class BatchProgress:
    """A batch that collects rolls, and the townships that brought one last time and none this time."""

    batch: Batch
    rolls: Sequence[RollProgress]
    missing: Sequence[Region]


def batches_under_way(principal: Principal, calendar: WorkingCalendar, today: date) -> list[BatchProgress]:
    """Every batch that finance has not confirmed yet, newest period first, with its rolls by township."""
    rolls = db.session.scalars(
        visible_rolls(principal).where(Batch.state == "open").order_by(Batch.period.desc(), Roll.township_code)
    ).all()
    since, limits = _since([roll.id for roll in rolls]), step_limits()
    holds = publicity_holds(principal, rolls, today)
    found: dict[Batch, list[RollProgress]] = defaultdict(list)
    for roll in rolls:
        began = since.get(roll.id, roll.created_at)
        waited = calendar.working_days_between(_on_desk_since(roll, local_date(began)), today)
        found[roll.batch].append(RollProgress(roll, began, waited, limits.get(roll.state, 0), holds.get(roll.id)))
    shown = list(found.items())[:MOST_BATCHES]
    return [
        BatchProgress(batch, lines, _missing(principal, batch, {line.roll.township_code for line in lines}))
        for batch, lines in shown
    ]


def _on_desk_since(roll: Roll, began: date) -> date:
    """From when the step counts: the department's once the lists have come down."""
    if roll.state != "publicised" or roll.publicity_until is None or not roll.batch.programme.waits_for_publicity:
        return began
    return max(began, roll.publicity_until)


def step_limits() -> Mapping[str, int]:
    """The days of every step (rules.DEFAULT_LIMITS), in their order: the finance bureau's newest choice, else the
    default."""
    rows = db.session.execute(select(StepLimit.step, StepLimit.days).order_by(StepLimit.id))
    return dict(DEFAULT_LIMITS) | dict(rows.all())


def limit_history() -> Sequence[StepLimit]:
    """Every choice, newest first."""
    return db.session.scalars(select(StepLimit).order_by(StepLimit.id.desc()).limit(100)).all()


def _since(ids: Sequence[int]) -> dict[int, datetime]:
    """When each roll came into its present state."""
    steps = (
        select(WorkflowStep.subject_id, func.max(WorkflowStep.at))
        .where(WorkflowStep.subject_kind == ROLL_WORKFLOW.name, WorkflowStep.subject_id.in_(ids))
        .group_by(WorkflowStep.subject_id)
    )
    return dict(db.session.execute(steps).all())


@dataclass(frozen=True)
class MissingTownships:
    """Townships within view without a roll in a batch: those that had one in the period before, and all others."""

    expected: Sequence[Region]
    others: Sequence[Region]


def missing_townships(principal: Principal, batch: Batch) -> MissingTownships:
    """Who is not in a batch: to be looked at before it is confirmed, for then nobody can come in any more."""
    mine = visible_rolls(principal).where(Roll.batch_id == batch.id)
    here = frozenset(db.session.scalars(mine.with_only_columns(Roll.township_code, maintain_column_froms=True)))
    expected = _missing(principal, batch, here)
    known = here | {township.code for township in expected}
    return MissingTownships(expected, [one for one in townships(principal) if one.code not in known])


def _missing(principal: Principal, batch: Batch, here: Collection[str]) -> Sequence[Region]:
    """Townships within view that had a roll in the programme's period before and are not among those in this one, by
    code."""
    before = db.session.scalar(
        select(func.max(Batch.period)).where(Batch.programme_id == batch.programme_id, Batch.period < batch.period)
    )
    if before is None:
        return []
    earlier = (
        visible_rolls(principal)
        .where(Batch.programme_id == batch.programme_id, Batch.period == before)
        .options(contains_eager(Roll.township))
        .order_by(Roll.township_code)
    )
    return [roll.township for roll in db.session.scalars(earlier) if roll.township_code not in here]
