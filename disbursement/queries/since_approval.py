"""What the checks find in a batch that they did not when its rolls were approved: somebody has died meanwhile, two
records were merged, a rule was entered."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import select

from core.bulk import among
from core.database import db
from disbursement.findings import Found, findings_of
from disbursement.models import Batch, Payment, Roll, RollFinding
from disbursement.queries.findings import chosen_severities, facts_of
from disbursement.rules import checks
from disbursement.rules.checks import Severity


class NewFinding(NamedTuple):
    """A finding that no approval has seen, with the roll that it is in."""

    roll: Roll
    found: Found
    severity: Severity


def new_findings(batch: Batch) -> Sequence[NewFinding]:
    """What is new in the approved rolls of a batch, errors first, roll by roll. Each roll is checked as a whole, so
    that this costs as much as the approvals did."""
    rolls = db.session.scalars(
        select(Roll).where(Roll.batch_id == batch.id, Roll.state == "department_approved").order_by(Roll.township_code)
    ).all()
    chosen = chosen_severities()
    new = [
        NewFinding(roll, found, found.severity or checks.severity_of(found.kind, chosen))
        for roll in rolls
        for found in _new_in(roll)
    ]
    return sorted(new, key=lambda one: one.severity != Severity.ERROR)


def _new_in(roll: Roll) -> Iterator[Found]:
    found = findings_of(roll, at_department=False)
    recorded = {
        tuple(row)
        for row in db.session.execute(
            select(RollFinding.payment_id, RollFinding.kind, RollFinding.other, RollFinding.facts).where(
                RollFinding.roll_id == roll.id
            )
        )
    }
    fresh = [one for one in found if (one.payment_id, one.kind.value, one.other, facts_of(one)) not in recorded]
    others = {one.other_payment_id for one in fresh if one.other_payment_id is not None}
    states = dict(db.session.execute(select(Payment.id, Payment.state).where(among(Payment.id, others))).all())
    seen_there = {
        tuple(row)
        for row in db.session.execute(
            select(RollFinding.payment_id, RollFinding.kind, RollFinding.other).where(
                among(RollFinding.payment_id, others)
            )
        )
    }
    for one in fresh:
        other = one.other_payment_id
        mirrored = {(other, one.kind.value, one.other), (other, one.kind.value, f"payment:{one.payment_id}")}
        if checks.is_news(one.kind, states.get(other or 0), seen_there=not mirrored.isdisjoint(seen_there)):
            yield one
