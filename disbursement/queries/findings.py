"""What the checks have found in a roll, and the choices of the finance bureau about them."""

import json
from collections.abc import Mapping

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from core.database import db
from disbursement.findings import Found
from disbursement.models import CheckSeverity, Roll, RollFinding


def findings_of_roll(roll: Roll) -> Select[RollFinding]:
    """The findings of a roll (which the caller has found through the principal), with payment and other programme."""
    return (
        select(RollFinding)
        .outerjoin(RollFinding.payment)
        .outerjoin(RollFinding.other_programme)
        .options(contains_eager(RollFinding.payment), contains_eager(RollFinding.other_programme))
        .where(RollFinding.roll_id == roll.id)
    )


def finding_counts(roll: Roll) -> Mapping[str, tuple[str, int]]:
    """How many findings of each kind stand in a roll, and how grave they are, by kind."""
    rows = db.session.execute(
        select(RollFinding.kind, func.min(RollFinding.severity), func.count())
        .where(RollFinding.roll_id == roll.id)
        .group_by(RollFinding.kind)
        .order_by(func.min(RollFinding.severity), RollFinding.kind)
    )
    return {kind: (severity, number) for kind, severity, number in rows}


def facts_of(found: Found) -> str:
    """A finding's facts as they are kept."""
    return json.dumps(found.facts, sort_keys=True, separators=(",", ":"))


def chosen_severities() -> dict[str, str]:
    """The finance bureau's choices, by kind; the newest counts."""
    rows = db.session.execute(select(CheckSeverity.kind, CheckSeverity.severity).order_by(CheckSeverity.id))
    return dict(rows.all())


def severity_history() -> list[CheckSeverity]:
    """Every choice about the checks, newest first."""
    return list(db.session.scalars(select(CheckSeverity).order_by(CheckSeverity.id.desc()).limit(100)))


def payments_of_findings(roll: Roll, ids: list[int]) -> list[int]:
    """The payments that these findings of a roll are about."""
    found = select(RollFinding.payment_id).where(
        RollFinding.roll_id == roll.id, RollFinding.id.in_(ids), RollFinding.payment_id.is_not(None)
    )
    return [payment_id for payment_id in db.session.scalars(found.distinct()) if payment_id is not None]
