"""What may be read of batches, rolls, payments and bank files, always through the principal.

A township sees its own rolls, a department those of its programmes, finance, audit and discipline all of the county.
The bank sees batches that finance has confirmed, and its files; never a roll or a person.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, exists, false, func, select, true
from sqlalchemy.orm import contains_eager, joinedload

from core.database import db, region_scope
from core.errors import NotVisible
from core.money import Fen
from core.principal import OrganisationKind, Principal, PrincipalKind
from disbursement.models import Attempt, Batch, Discrepancy, OfferFile, Payment, ResultFile, Roll
from disbursement.rules import READ, SEE_RESULTS, SEE_ROLLS
from programmes.models import Programme
from registry.models import Card, Region

CONFIRMED_STATES = ("finance_confirmed", "sent", "results_in", "closed")


def _rolls_in_scope(principal: Principal) -> ColumnElement[bool]:
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    if not principal.may(SEE_ROLLS) or not principal.region_prefix:
        return false()
    if principal.organisation_kind == OrganisationKind.DEPARTMENT:
        return Programme.department_id == principal.organisation_id
    return region_scope(Roll.township_code, principal.region_prefix)


def visible_rolls(principal: Principal) -> Select[Roll]:
    """Rolls with their batch, programme and township."""
    return (
        select(Roll)
        .join(Roll.batch)
        .join(Batch.programme)
        .join(Roll.township)
        .options(contains_eager(Roll.batch).contains_eager(Batch.programme), contains_eager(Roll.township))
        .where(_rolls_in_scope(principal))
    )


def get_roll(principal: Principal, roll_id: int) -> Roll:
    """One roll. Raises NotVisible."""
    roll = db.session.scalars(visible_rolls(principal).where(Roll.id == roll_id)).first()
    if roll is None:
        raise NotVisible
    return roll


def _batches_in_scope(principal: Principal) -> ColumnElement[bool]:
    kind = principal.organisation_kind
    if principal.kind == PrincipalKind.SYSTEM:
        return true()
    if not principal.may(READ) or not principal.region_prefix:
        return false()
    if kind == OrganisationKind.BANK:
        return Batch.state.in_(CONFIRMED_STATES)
    if kind == OrganisationKind.DEPARTMENT:
        return Programme.department_id == principal.organisation_id
    if kind == OrganisationKind.TOWNSHIP:
        return exists().where(Roll.batch_id == Batch.id, region_scope(Roll.township_code, principal.region_prefix))
    return true()


class BatchRow(NamedTuple):
    """A batch in a list, with the sum of its rolls."""

    batch: Batch
    programme: Programme
    roll_count: int
    line_count: int
    total_fen: Fen


def visible_batches(principal: Principal) -> Select[Batch, Programme, int, int, int]:
    """Batches with their programme and the counts and fen of their rolls (BatchRow's fields)."""
    sums = (
        select(
            Roll.batch_id,
            func.count().label("rolls"),
            func.sum(Roll.line_count).label("lines"),
            func.sum(Roll.total_fen).label("fen"),
        )
        .group_by(Roll.batch_id)
        .subquery()
    )
    return (
        select(
            Batch,
            Programme,
            func.coalesce(sums.c.rolls, 0),
            func.coalesce(sums.c.lines, 0),
            func.coalesce(sums.c.fen, 0),
        )
        .join(Programme, Programme.id == Batch.programme_id)
        .outerjoin(sums, sums.c.batch_id == Batch.id)
        .where(_batches_in_scope(principal))
    )


def get_batch(principal: Principal, batch_id: int) -> Batch:
    """One batch. Raises NotVisible."""
    statement = select(Batch).join(Batch.programme).options(contains_eager(Batch.programme))
    batch = db.session.scalars(statement.where(Batch.id == batch_id, _batches_in_scope(principal))).first()
    if batch is None:
        raise NotVisible
    return batch


def rolls_of(principal: Principal, batch: Batch) -> Sequence[Roll]:
    """The rolls of a batch that the principal may see, by township."""
    return db.session.scalars(
        visible_rolls(principal).where(Roll.batch_id == batch.id).order_by(Roll.township_code)
    ).all()


class StateSum(NamedTuple):
    """How many payments stand in a state, and what they come to."""

    state: str
    number: int
    fen: int
    without_card: int


def sums_by_state(principal: Principal, batch: Batch) -> list[StateSum]:
    """Where the payments of a batch stand, of the rolls that the principal may see; of all of them for the bank."""
    statement = (
        select(
            Payment.state,
            func.count(),
            func.sum(Payment.amount_fen),
            func.count().filter(Payment.card_id.is_(None)),
        )
        .where(Payment.batch_id == batch.id)
        .group_by(Payment.state)
    )
    if principal.organisation_kind != OrganisationKind.BANK:
        visible = visible_rolls(principal).where(Roll.batch_id == batch.id).with_only_columns(Roll.id).order_by(None)
        statement = statement.where(Payment.roll_id.in_(visible))
    return [StateSum(state, number, int(fen), without) for state, number, fen, without in db.session.execute(statement)]


def offers_of(batch: Batch) -> Sequence[OfferFile]:
    """The offer files of a batch, newest first."""
    return db.session.scalars(
        select(OfferFile).where(OfferFile.batch_id == batch.id).order_by(OfferFile.id.desc())
    ).all()


def get_offer(principal: Principal, offer_id: int) -> OfferFile:
    """One offer file, through its batch. Raises NotVisible."""
    offer = db.session.get(OfferFile, offer_id)
    if offer is None:
        raise NotVisible
    get_batch(principal, offer.batch_id)
    return offer


def visible_results(principal: Principal) -> Select[ResultFile]:
    """Result files, for finance and the bank, and for those who check on them."""
    return select(ResultFile).where(true() if principal.may(SEE_RESULTS) else false())


def get_result(principal: Principal, result_id: int) -> ResultFile:
    """One result file. Raises NotVisible."""
    result = db.session.scalars(visible_results(principal).where(ResultFile.id == result_id)).first()
    if result is None:
        raise NotVisible
    return result


def discrepancies_of(result: ResultFile) -> Sequence[Discrepancy]:
    """What did not fit the book, open ones first, by line."""
    return db.session.scalars(
        select(Discrepancy)
        .where(Discrepancy.result_file_id == result.id)
        .order_by(Discrepancy.settled_at.is_not(None), Discrepancy.line)
    ).all()


def get_discrepancy(principal: Principal, discrepancy_id: int) -> Discrepancy:
    """One discrepancy, through its result file. Raises NotVisible."""
    discrepancy = db.session.get(Discrepancy, discrepancy_id)
    if discrepancy is None:
        raise NotVisible
    get_result(principal, discrepancy.result_file_id)
    return discrepancy


def results_of(batch: Batch) -> Sequence[ResultFile]:
    """The result files that answered attempts of a batch, newest first."""
    answered = select(Attempt.result_file_id).join(OfferFile).where(OfferFile.batch_id == batch.id)
    return db.session.scalars(
        select(ResultFile).where(ResultFile.id.in_(answered)).order_by(ResultFile.id.desc())
    ).all()


def visible_payments(principal: Principal) -> Select[Payment]:
    """Payments with their card, roll, batch, programme and township."""
    return (
        select(Payment)
        .join(Payment.roll)
        .join(Roll.batch)
        .join(Batch.programme)
        .join(Roll.township)
        .outerjoin(Payment.card)
        .options(
            contains_eager(Payment.card),
            contains_eager(Payment.roll).contains_eager(Roll.batch).contains_eager(Batch.programme),
            contains_eager(Payment.roll).contains_eager(Roll.township),
        )
        .where(_rolls_in_scope(principal))
    )


def get_payment(principal: Principal, payment_id: int) -> Payment:
    """One payment. Raises NotVisible."""
    payment = db.session.scalars(visible_payments(principal).where(Payment.id == payment_id)).first()
    if payment is None:
        raise NotVisible
    return payment


def attempts_of(payment: Payment) -> Sequence[Attempt]:
    """The tries to pay a payment, first to last."""
    return db.session.scalars(select(Attempt).where(Attempt.payment_id == payment.id).order_by(Attempt.number)).all()


class PaymentOfPerson(NamedTuple):
    """A payment as the person whom it is for may see it."""

    payment_id: int
    programme: str
    period: str
    amount_fen: Fen
    state: str
    paid_on: date | None
    card_tail: str | None
    failure_reason: str


# Made once: every lookup runs it, and to put a statement together costs more than to run it.
_PAYMENTS_OF = (
    select(
        Payment.id,
        Programme.name,
        Batch.period,
        Payment.amount_fen,
        Payment.state,
        Payment.paid_on,
        Card.tail,
        Payment.failure_reason,
    )
    .join(Batch, Batch.id == Payment.batch_id)
    .join(Programme, Programme.id == Batch.programme_id)
    .outerjoin(Card, Card.id == Payment.card_id)
    .where(Payment.beneficiary_id == bindparam("person"), Payment.state.not_in(("drafted", "struck")))
    .order_by(Batch.period.desc(), Payment.id.desc())
)


def payments_of(beneficiary_id: int) -> Sequence[PaymentOfPerson]:
    """All that one person was ever owed, newest first, in one query. Drafts and struck lines are nobody's yet.

    The caller has made sure that it is this person who asks.
    """
    rows = db.session.connection().execute(_PAYMENTS_OF, {"person": beneficiary_id})
    return [PaymentOfPerson._make(row) for row in rows]


def townships(principal: Principal) -> Sequence[Region]:
    """The townships whose rolls the principal may bring."""
    return db.session.scalars(
        select(Region)
        .where(Region.level == "township", region_scope(Region.code, principal.region_prefix or "0"))
        .order_by(Region.code)
    ).all()


def platform_programmes() -> Sequence[Programme]:
    """The programmes that are paid by card, by name."""
    return db.session.scalars(select(Programme).where(Programme.channel == "platform").order_by(Programme.name)).all()


def batches_awaiting_results(principal: Principal) -> Sequence[Batch]:
    """Batches at the bank, for the choice on the upload form."""
    return db.session.scalars(
        select(Batch)
        .join(Batch.programme)
        .options(joinedload(Batch.programme))
        .where(Batch.state == "sent", _batches_in_scope(principal))
        .order_by(Batch.period.desc(), Programme.name)
    ).all()


def programme_named(code_or_name: str) -> Programme | None:
    """A programme by its code, else by its name."""
    found = db.session.scalars(select(Programme).where(Programme.code == code_or_name)).first()
    return found or db.session.scalars(select(Programme).where(Programme.name == code_or_name)).first()


def own_department(principal: Principal) -> int | None:
    """The department to which reads of money are narrowed; None for those who see all of the county."""
    return principal.organisation_id if principal.organisation_kind == OrganisationKind.DEPARTMENT else None
