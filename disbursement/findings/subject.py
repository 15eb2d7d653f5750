"""The roll under check, and what a check hands over."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select

from core.database import db
from disbursement.models import Batch, Payment, Roll
from disbursement.rules import checks
from disbursement.rules.checks import CheckKind, Severity
from programmes.models import Programme
from programmes.rules import frequency_of, months_covered


class Found(NamedTuple):
    """A finding: about which payment (None: the roll), beside what, with what facts. ``severity`` is set only where the
    check itself decides it."""

    payment_id: int | None
    kind: CheckKind
    facts: Mapping[str, Any]
    other: str = ""
    other_payment_id: int | None = None
    other_programme_id: int | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class OtherBatch:
    """A batch that pays for some of the same months."""

    batch_id: int
    programme_id: int
    period: str
    months: tuple[str, ...]


@dataclass(frozen=True)
class Subject:
    """The roll under check, the months that it pays for, and the batches that pay for some of the same months, by
    programme code."""

    roll: Roll
    months: tuple[str, ...]
    beside: Mapping[str, Sequence[OtherBatch]] = field(default_factory=dict)

    @property
    def programme(self) -> Programme:
        """The programme of the roll."""
        return self.roll.batch.programme

    @property
    def own_batches(self) -> list[int]:
        """The batches of the same programme that pay for some of the same months, the roll's own among them."""
        return [other.batch_id for other in self.beside.get(self.programme.code, ())]

    def lines(self) -> ColumnElement[bool]:
        """The payments of the roll that stand."""
        return (Payment.roll_id == self.roll.id) & Payment.state.not_in(checks.NOT_STANDING)


def batches_beside(codes: Iterable[str], months: tuple[str, ...]) -> dict[str, list[OtherBatch]]:
    """The batches of these programmes that pay for some of these months, by programme code."""
    rows = db.session.execute(
        select(Batch.id, Batch.programme_id, Batch.period, Programme.code, Programme.frequency)
        .join(Programme, Programme.id == Batch.programme_id)
        .where(Programme.code.in_(sorted(codes)))
    )
    found: dict[str, list[OtherBatch]] = defaultdict(list)
    for batch_id, programme_id, period, code, frequency in rows:
        covered = months_covered(frequency_of(frequency), period)
        if checks.common_months(months, covered):
            found[code].append(OtherBatch(batch_id, programme_id, period, covered))
    return found
