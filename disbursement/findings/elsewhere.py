"""Checks of the same person in other rolls: twice in a programme, or in programmes that do not go together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Select, or_, select

from core.bulk import among
from core.database import db
from core.money import Fen
from disbursement.findings.subject import Found, OtherBatch, Subject
from disbursement.models import Payment, Roll
from disbursement.rules import checks
from disbursement.rules.checks import CheckKind
from programmes.models import IncompatibilityRule, Programme
from programmes.rules import Handling, Scope
from registry.models import Beneficiary


def _elsewhere(subject: Subject, batches: Sequence[int]) -> Select[int, int, int, Fen]:
    """The standing payments of these batches that are not of this roll: id, person, batch, fen."""
    return select(Payment.id, Payment.beneficiary_id, Payment.batch_id, Payment.amount_fen).where(
        Payment.batch_id.in_(batches),
        Payment.roll_id != subject.roll.id,
        Payment.state.not_in(checks.NOT_STANDING),
    )


def twice(subject: Subject) -> Iterator[Found]:
    """People of the roll who stand in another roll of the programme for some of the same months."""
    own = subject.own_batches
    others = db.session.scalar(select(Roll.id).where(Roll.batch_id.in_(own), Roll.id != subject.roll.id).limit(1))
    if others is None:
        return
    people = select(Payment.beneficiary_id).where(subject.lines())
    rows = db.session.execute(_elsewhere(subject, own).where(Payment.beneficiary_id.in_(people))).all()
    mine = _payments_of(subject, {person for _, person, _, _ in rows})
    periods = {other.batch_id: other.period for other in subject.beside[subject.programme.code]}
    for payment_id, person, batch_id, fen in rows:
        same = batch_id == subject.roll.batch_id
        kind = CheckKind.TWICE_IN_BATCH if same else CheckKind.TWICE_OVERLAPPING
        facts = {"period": periods[batch_id], "other_fen": int(fen)}
        yield Found(mine[person].payment_id, kind, facts, f"payment:{payment_id}", payment_id, subject.programme.id)


class _Mine(NamedTuple):
    payment_id: int
    fen: int


def _payments_of(subject: Subject, people: Iterable[int]) -> dict[int, _Mine]:
    """The roll's payments of these people."""
    rows = db.session.execute(
        select(Payment.beneficiary_id, Payment.id, Payment.amount_fen).where(
            subject.lines(), among(Payment.beneficiary_id, sorted(people))
        )
    )
    return {person: _Mine(payment_id, int(fen)) for person, payment_id, fen in rows}


class Span(NamedTuple):
    """The months in which a rule holds for persons, or for households."""

    months: tuple[str, ...]
    by_household: bool


class Pair(NamedTuple):
    """What the rules say about the roll's programme and another one: a handling, and the months in which it holds."""

    other_code: str
    handling: Handling
    spans: tuple[Span, ...]


def rules_of(programme: Programme, months: Sequence[str]) -> Iterator[Pair]:
    """What the rules say about a programme in these months, each month by the version of the rule that was valid then,
    but for those that simply allow the other programme beside it."""
    versions: dict[str, list[IncompatibilityRule]] = defaultdict(list)
    rule = IncompatibilityRule
    for row in db.session.scalars(
        select(rule).where(or_(rule.first_code == programme.code, rule.second_code == programme.code)).order_by(rule.id)
    ):
        versions[row.second_code if row.first_code == programme.code else row.first_code].append(row)
    for other, rows in versions.items():
        decided = checks.months_by_version(months, [(row.valid_from, row.valid_until) for row in rows])
        spans: dict[Handling, list[Span]] = defaultdict(list)
        for row, held in zip(rows, decided, strict=True):
            if held and row.handling != Handling.ALLOWED:
                spans[Handling(row.handling)].append(Span(held, row.scope == Scope.HOUSEHOLD))
        for handling, found in spans.items():
            yield Pair(other, handling, tuple(found))


def incompatible(subject: Subject, pair: Pair) -> Iterator[Found]:
    """People (or households) of the roll who stand in the other programme for some of the same months. Two payments
    are one finding, whatever the number of versions that say the same about their months."""
    common: dict[tuple[_Mine, int], set[str]] = defaultdict(set)
    others: dict[int, tuple[OtherBatch, int]] = {}
    by_household: set[tuple[_Mine, int]] = set()
    for span in pair.spans:
        for mine, other_id, other, other_fen in _held_together(subject, pair, span):
            common[mine, other_id].update(checks.common_months(span.months, other.months))
            others[other_id] = (other, other_fen)
            if span.by_household:
                by_household.add((mine, other_id))
    for (mine, other_id), months in common.items():
        other, other_fen = others[other_id]
        allowed = checks.allowed_fen(
            pair.handling,
            checks.Held(mine.fen, len(subject.months)),
            checks.Held(other_fen, len(other.months)),
            len(months),
        )
        facts = {
            "period": other.period,
            "months": sorted(months),
            "household": (mine, other_id) in by_household,
            "found_fen": mine.fen,
            "other_fen": other_fen,
            "allowed_fen": allowed,
        }
        kind = checks.KIND_OF_HANDLING[pair.handling]
        yield Found(mine.payment_id, kind, facts, f"payment:{other_id}", other_id, other.programme_id)


def _held_together(subject: Subject, pair: Pair, span: Span) -> Iterator[tuple[_Mine, int, OtherBatch, int]]:
    batches = {
        other.batch_id: other
        for other in subject.beside.get(pair.other_code, ())
        if checks.common_months(span.months, other.months)
    }
    if batches:
        matched = _same_households if span.by_household else _same_people
        for mine, other_id, batch_id, other_fen in matched(subject, batches):
            yield mine, other_id, batches[batch_id], other_fen


_Matched = Iterator[tuple[_Mine, int, int, int]]


def _same_people(subject: Subject, batches: Mapping[int, OtherBatch]) -> _Matched:
    people = select(Payment.beneficiary_id).where(subject.lines())
    rows = db.session.execute(_elsewhere(subject, sorted(batches)).where(Payment.beneficiary_id.in_(people))).all()
    mine = _payments_of(subject, {person for _, person, _, _ in rows})
    for payment_id, person, batch_id, fen in rows:
        yield mine[person], payment_id, batch_id, int(fen)


def _same_households(subject: Subject, batches: Mapping[int, OtherBatch]) -> _Matched:
    """Members of one household (by its number) on both sides, the same person included; and the same person whose
    household nobody knows."""
    people = list(_same_people(subject, batches))
    known = _with_household(mine.payment_id for mine, _, _, _ in people)
    yield from (match for match in people if match[0].payment_id not in known)
    here = (
        select(Beneficiary.household_number)
        .join(Payment, Payment.beneficiary_id == Beneficiary.id)
        .where(subject.lines(), Beneficiary.household_number != "")
    )
    rows = db.session.execute(
        _elsewhere(subject, sorted(batches))
        .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
        .add_columns(Beneficiary.household_number)
        .where(Beneficiary.household_number != "", Beneficiary.household_number.in_(here))
    ).all()
    members: dict[str, list[_Mine]] = defaultdict(list)
    for household, payment_id, fen in db.session.execute(
        select(Beneficiary.household_number, Payment.id, Payment.amount_fen)
        .join(Payment, Payment.beneficiary_id == Beneficiary.id)
        .where(subject.lines(), among(Beneficiary.household_number, sorted({row[4] for row in rows})))
    ):
        members[household].append(_Mine(payment_id, int(fen)))
    for payment_id, _person, batch_id, fen, household in rows:
        for mine in members[household]:
            yield mine, payment_id, batch_id, int(fen)


def _with_household(payments: Iterable[int]) -> set[int]:
    """Those of these payments whose person's household is known."""
    return set(
        db.session.scalars(
            select(Payment.id)
            .join(Beneficiary, Beneficiary.id == Payment.beneficiary_id)
            .where(among(Payment.id, sorted(set(payments))), Beneficiary.household_number != "")
        )
    )
