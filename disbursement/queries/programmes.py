"""The programmes of rolls and batches."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from core.bulk import among
from core.database import db
from core.workflow import WorkflowStep
from disbursement.models import Batch, Roll
from disbursement.rules import ROLL_WORKFLOW
from programmes.hooks import approved_months_from
from programmes.models import Programme
from programmes.rules import frequency_of, months_covered

APPROVED = "department_approved"


def programme_named(code_or_name: str) -> Programme | None:
    """A programme by its code, else by its name."""
    found = db.session.scalars(select(Programme).where(Programme.code == code_or_name)).first()
    return found or db.session.scalars(select(Programme).where(Programme.name == code_or_name)).first()


@approved_months_from
def approved_months(programme_ids: Collection[int], since: datetime | None) -> Mapping[int, frozenset[str]]:
    """The months (YYYYMM) that rolls approved by the department pay for, by programme id; where ``since`` is given,
    only of rolls approved after that."""
    approved = (
        select(Batch.programme_id, Programme.frequency, Batch.period)
        .join(Programme, Programme.id == Batch.programme_id)
        .join(Roll, Roll.batch_id == Batch.id)
        .where(among(Batch.programme_id, sorted(programme_ids)), Roll.state == APPROVED)
    )
    if since is not None:
        steps = select(WorkflowStep.subject_id).where(
            WorkflowStep.subject_kind == ROLL_WORKFLOW.name,
            WorkflowStep.to_state == APPROVED,
            WorkflowStep.at >= since,
        )
        approved = approved.where(Roll.id.in_(steps))
    found: dict[int, set[str]] = defaultdict(set)
    for programme_id, frequency, period in db.session.execute(approved.distinct()):
        found[programme_id].update(months_covered(frequency_of(frequency), period))
    return {programme_id: frozenset(months) for programme_id, months in found.items()}
