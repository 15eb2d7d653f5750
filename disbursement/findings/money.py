"""Checks of money: the fund plan, the programme's validity, the standards."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from core.database import db
from disbursement.balances import balance_for
from disbursement.findings.subject import Found, Subject
from disbursement.models import Payment, Roll
from disbursement.rules import checks
from disbursement.rules.checks import CheckKind
from programmes.queries import standards_of
from programmes.rules import Standard
from registry.models import Beneficiary


def outside_validity(subject: Subject) -> Iterator[Found]:
    """A programme that is not in force in the months for which it pays."""
    programme = subject.programme
    outside = checks.validity_finding(subject.months, programme.valid_from, programme.valid_until)
    if outside is not None:
        yield Found(None, outside[0], {"months": list(outside[1])})


def beyond_plan(subject: Subject, *, at_department: bool) -> Iterator[Found]:
    """A batch for which the fund plan does not suffice (B4)."""
    if subject.roll.batch.state != "open":
        return
    plan = _plan(subject)
    severity = checks.plan_finding(plan, at_department=at_department)
    if severity is not None:
        facts = {"wanted_fen": plan.batch, "available_fen": plan.available, "short_fen": plan.short}
        yield Found(None, CheckKind.BEYOND_PLAN, facts, severity=severity)


def _plan(subject: Subject) -> checks.PlanState:
    batch = subject.roll.batch
    sums = dict(
        db.session.execute(
            select(Payment.roll_id, func.sum(Payment.amount_fen))
            .where(Payment.batch_id == batch.id, Payment.state.not_in(checks.NOT_STANDING))
            .group_by(Payment.roll_id)
        ).all()
    )
    approved = set(
        db.session.scalars(select(Roll.id).where(Roll.batch_id == batch.id, Roll.state == "department_approved"))
    )
    return checks.PlanState(
        balance_for(batch.programme_id, batch.year).available,
        sum(int(fen) for roll_id, fen in sums.items() if roll_id in approved and roll_id != subject.roll.id),
        int(sums.get(subject.roll.id, 0)),
        sum(map(int, sums.values())),
    )


def amounts(subject: Subject) -> Iterator[Found]:
    """Lines that do not come to what the programme's standards say."""
    standards = standards_of(subject.programme.id)
    if checks.expected_for(standards, "1", subject.months) is None:
        return
    if checks.is_by_household(standards):
        yield from _by_household(subject, standards)
        return
    lines = select(Payment.id, Payment.quantity, Payment.amount_fen).where(subject.lines())
    if not checks.is_by_quantity(standards):
        lines = lines.where(Payment.amount_fen != checks.expected_for(standards, "", subject.months))
    known: dict[str, int | None] = {}
    for payment_id, quantity, fen in db.session.execute(lines):
        if quantity not in known:
            known[quantity] = checks.expected_for(standards, quantity, subject.months)
        if known[quantity] != fen:
            yield Found(payment_id, CheckKind.AMOUNT, {"expected_fen": known[quantity], "found_fen": int(fen)})


def _by_household(subject: Subject, standards: Sequence[Standard]) -> Iterator[Found]:
    """Members of one known household are one line; everybody else is a household of his own."""
    expected = checks.expected_for(standards, "", subject.months)
    houses: dict[Any, list[tuple[int, int]]] = defaultdict(list)
    for payment_id, fen, person, household in db.session.execute(
        select(Payment.id, Payment.amount_fen, Payment.beneficiary_id, Beneficiary.household_number)
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .where(subject.lines())
    ):
        houses[household or person].append((payment_id, int(fen)))
    for lines in houses.values():
        found = sum(fen for _, fen in lines)
        if found != expected:
            for payment_id, _ in lines:
                facts = {"expected_fen": expected, "found_fen": found, "lines": len(lines)}
                yield Found(payment_id, CheckKind.AMOUNT, facts)
