"""The batches that a principal may see, and where their payments stand."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, exists, false, func, select, true
from sqlalchemy.orm import contains_eager, joinedload

from core.database import db, region_scope
from core.errors import NotVisible
from core.money import Fen
from core.principal import OrganisationKind, Principal, PrincipalKind
from disbursement.models import Batch, Payment, Roll
from disbursement.queries.rolls import visible_rolls
from disbursement.rules import READ
from programmes.models import Programme

CONFIRMED_STATES = ("finance_confirmed", "sent", "results_in", "closed")


def batches_in_scope(principal: Principal) -> ColumnElement[bool]:
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
        .where(batches_in_scope(principal))
    )


def listed_batches(principal: Principal) -> Select[Batch, Programme, int, int, int]:
    """The same for the list of them. Raises PermissionDenied: an empty list would say that there are none."""
    principal.require(READ)
    return visible_batches(principal)


def get_batch(principal: Principal, batch_id: int) -> Batch:
    """One batch. Raises NotVisible."""
    statement = select(Batch).join(Batch.programme).options(contains_eager(Batch.programme))
    batch = db.session.scalars(statement.where(Batch.id == batch_id, batches_in_scope(principal))).first()
    if batch is None:
        raise NotVisible
    return batch


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


def rollable_programmes() -> Sequence[Programme]:
    """The programmes for which rolls may be brought, by name: those whose way of paying is decided."""
    return db.session.scalars(select(Programme).where(Programme.channel != "undecided").order_by(Programme.name)).all()


def batches_awaiting_results(principal: Principal) -> Sequence[Batch]:
    """Batches at the bank, for the choice on the upload form."""
    return db.session.scalars(
        select(Batch)
        .join(Batch.programme)
        .options(joinedload(Batch.programme))
        .where(Batch.state == "sent", batches_in_scope(principal))
        .order_by(Batch.period.desc(), Programme.name)
    ).all()


def own_department(principal: Principal) -> int | None:
    """The department to which reads of money are narrowed; None for those who see all of the county."""
    return principal.organisation_id if principal.organisation_kind == OrganisationKind.DEPARTMENT else None
