"""The report of one month's failure cycle: who did what in time, who late, and what is still open (B6)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from core.database import db
from core.money import Fen
from core.months import check_month
from core.principal import OrganisationKind, Principal
from disbursement.models import Batch, Failure, Payment, Roll
from disbursement.queries.batches import batches_in_scope
from disbursement.queries.rolls import rolls_in_scope
from programmes.models import Programme
from registry.models import Region


@dataclass(frozen=True)
class CycleLine:
    """How the failures of one township, department, bank or reason went. ``number`` and ``fen`` count all of the
    month's; each step is ``…_in_time``, ``…_late`` (done late), or ``…_overdue`` (not done, and its day has passed);
    the ends are paid, failed again, returned, paid after all, and still open."""

    key: str
    name: str
    number: int
    fen: Fen
    corrected_in_time: int
    corrected_late: int
    correct_overdue: int
    resubmitted_in_time: int
    resubmitted_late: int
    resubmit_overdue: int
    reissued_in_time: int
    reissued_late: int
    reissue_overdue: int
    paid: int
    failed_again: int
    returned: int
    paid_after_all: int
    open: int

    def as_json(self) -> dict[str, Any]:
        """For commands: fen as ``total_fen``."""
        words = asdict(self)
        return {"key": words.pop("key"), "name": words.pop("name"), "total_fen": words.pop("fen"), **words}


COUNTS = tuple(name for name in CycleLine.__dataclass_fields__ if name not in ("key", "name", "fen"))


@dataclass(frozen=True)
class CycleReport:
    """One month's cycle, in all and by township, department, bank and reason; ``month`` is YYYY-MM."""

    month: str
    total: CycleLine
    townships: Sequence[CycleLine]
    departments: Sequence[CycleLine]
    banks: Sequence[CycleLine]
    reasons: Sequence[CycleLine]

    def as_json(self) -> dict[str, Any]:
        """For commands."""
        groups = ("townships", "departments", "banks", "reasons")
        return {
            "month": self.month,
            "total": self.total.as_json(),
            **{group: [line.as_json() for line in getattr(self, group)] for group in groups},
        }


def cycle_report(principal: Principal, month: str, today: date) -> CycleReport:
    """The report of a month as this principal may see it: a township its own people, a department its programmes, the
    bank and the county all. Raises UserError for what is no month."""
    month = check_month(month)
    rows: dict[str, list[CycleLine]] = {}
    for name, key, words in (
        ("townships", Roll.township_code, Region.name),
        ("departments", Programme.department_name, Programme.department_name),
        ("banks", Failure.bank_name, Failure.bank_name),
        ("reasons", Failure.reason, Failure.reason),
    ):
        found = db.session.execute(_grouped(principal, month, today, key, words)).all()
        rows[name] = [_line(row) for row in found]
    return CycleReport(month, total_of(rows["townships"]), **rows)


def total_of(lines: Iterable[CycleLine]) -> CycleLine:
    """All lines together."""
    listed = list(lines)
    counts = {name: sum(getattr(line, name) for line in listed) for name in COUNTS}
    return CycleLine(key="", name="", fen=Fen(sum(line.fen for line in listed)), **counts)


def _line(row: Any) -> CycleLine:
    key, name, fen, *counts = row
    return CycleLine(key=key, name=name, fen=Fen(int(fen)), **dict(zip(COUNTS, map(int, counts), strict=True)))


def _grouped(
    principal: Principal, month: str, today: date, key: ColumnElement[str] | Any, words: ColumnElement[str] | Any
) -> Select[Any]:
    return (
        select(key, words, func.sum(Payment.amount_fen), *(_count(found) for found in _conditions(today).values()))
        .select_from(Failure)
        .join(Payment, Payment.id == Failure.payment_id)
        .join(Roll, Roll.id == Payment.roll_id)
        .join(Region, Region.code == Roll.township_code)
        .join(Batch, Batch.id == Payment.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .where(Failure.month == month, _scope(principal))
        .group_by(key, words)
        .order_by(func.count().desc(), key)
    )


def _scope(principal: Principal) -> ColumnElement[bool]:
    """The bank pays for all the county; it sees counts, never a person."""
    if principal.organisation_kind == OrganisationKind.BANK:
        return batches_in_scope(principal)
    return rolls_in_scope(principal)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _conditions(today: date) -> dict[str, ColumnElement[bool]]:
    """What each count of a line counts, in the order of COUNTS. A step is owed only once the one before it is done; an
    order that returned the money owes nothing more."""
    open_ = Failure.ended_on.is_(None)
    found: dict[str, ColumnElement[bool]] = {"number": Failure.id.is_not(None)}
    before: ColumnElement[bool] = open_
    for name, overdue, done_on, due_on in (
        ("corrected", "correct", Failure.corrected_on, Failure.correct_by),
        ("resubmitted", "resubmit", Failure.resubmitted_on, Failure.resubmit_by),
        ("reissued", "reissue", Failure.reissued_on, Failure.reissue_by),
    ):
        found[f"{name}_in_time"] = done_on <= due_on
        found[f"{name}_late"] = done_on > due_on
        found[f"{overdue}_overdue"] = and_(before, done_on.is_(None), due_on < today)
        before = and_(open_, done_on.is_not(None))
    for ending, name in (
        ("paid", "paid"),
        ("failed_again", "failed_again"),
        ("returned_to_plan", "returned"),
        ("paid_after_all", "paid_after_all"),
    ):
        found[name] = Failure.ending == ending
    found["open"] = open_
    return found


def months_with_failures(most: int = 36) -> Sequence[str]:
    """The months that have a cycle, newest first."""
    return db.session.scalars(select(Failure.month).distinct().order_by(Failure.month.desc()).limit(most)).all()
