"""The rolls that a principal may see."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import aliased, contains_eager

from core.database import db, region_scope
from core.errors import NotVisible
from core.principal import OrganisationKind, Principal, PrincipalKind
from disbursement.models import Batch, Payment, Roll
from disbursement.rules import SEE_ROLLS
from programmes.models import Programme
from registry.models import Region


def rolls_in_scope(principal: Principal) -> ColumnElement[bool]:
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
        .where(rolls_in_scope(principal))
    )


def listed_rolls(principal: Principal) -> Select[Roll]:
    """The same for the list of them. Raises PermissionDenied: an empty list would say that there are none."""
    principal.require(SEE_ROLLS)
    return visible_rolls(principal)


def get_roll(principal: Principal, roll_id: int) -> Roll:
    """One roll. Raises NotVisible."""
    roll = db.session.scalars(visible_rolls(principal).where(Roll.id == roll_id)).first()
    if roll is None:
        raise NotVisible
    return roll


def rolls_of(principal: Principal, batch: Batch) -> Sequence[Roll]:
    """The rolls of a batch that the principal may see, by township."""
    return db.session.scalars(
        visible_rolls(principal).where(Roll.batch_id == batch.id).order_by(Roll.township_code)
    ).all()


class RollOfBoth(NamedTuple):
    """A roll in which two people stand, with the line of each."""

    roll: Roll
    first: Payment
    second: Payment


def rolls_of_both(principal: Principal, first_id: int, second_id: int, most: int = 50) -> Sequence[RollOfBoth]:
    """The rolls that have lines of both people (by beneficiary id), unless both are struck, newest period first."""
    first, second = aliased(Payment), aliased(Payment)
    rows = db.session.execute(
        visible_rolls(principal)
        .join(first, first.roll_id == Roll.id)
        .join(second, second.roll_id == Roll.id)
        .add_columns(first, second)
        .where(
            first.beneficiary_id == first_id,
            second.beneficiary_id == second_id,
            or_(first.state != "struck", second.state != "struck"),
        )
        .order_by(Batch.period.desc(), Roll.id)
        .limit(most)
    )
    return [RollOfBoth._make(row) for row in rows]


def townships(principal: Principal) -> Sequence[Region]:
    """The townships whose rolls the principal may bring."""
    return db.session.scalars(
        select(Region)
        .where(Region.level == "township", region_scope(Region.code, principal.region_prefix or "0"))
        .order_by(Region.code)
    ).all()
