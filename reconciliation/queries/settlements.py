"""What one official has said of differences and another is to confirm."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Select, case, false, func, select, true, union_all

from core.bulk import among
from core.database import db
from core.errors import NotVisible
from core.principal import OrganisationKind, Principal, PrincipalKind
from reconciliation.models import CarriedSettlement, Difference, Month, SettlementLine, SettlementProposal
from reconciliation.queries.visible import difference_fen, seen_differences
from reconciliation.rules import BY_TWO, READ, UNEXPLAINED

MOST = 200


class Alone(NamedTuple):
    """What one official has settled of a month without a second, of that which nothing but his word explains."""

    lines: int
    fen: int


def settled_alone(principal: Principal, month: Month) -> Alone:
    """What this official has settled alone: of the month's own differences, and in it of earlier ones."""
    doubtful = Difference.kind.in_(sorted(kind.value for kind in UNEXPLAINED))
    by_two = sorted(one.value for one in BY_TWO)
    own = select(difference_fen().label("fen")).where(
        Difference.month_id == month.id,
        Difference.resolved_at.is_not(None),
        Difference.official_id.is_not_distinct_from(principal.official_id),
        Difference.confirmed_by == "",
        Difference.resolution.not_in(by_two),
        doubtful,
    )
    later = (
        select(difference_fen().label("fen"))
        .join(CarriedSettlement, CarriedSettlement.difference_id == Difference.id)
        .where(
            CarriedSettlement.month_id == month.id,
            CarriedSettlement.official_id.is_not_distinct_from(principal.official_id),
            CarriedSettlement.confirmed_by == "",
            CarriedSettlement.resolution.not_in(by_two),
            doubtful,
        )
    )
    both = union_all(own, later).subquery()
    lines, fen = db.session.execute(select(func.count(), func.sum(both.c.fen))).one()
    return Alone(lines, int(fen or 0))


def _sees_all(principal: Principal) -> bool:
    """A department sees differences of its own programmes; what was said of the whole account is not for it."""
    if principal.kind == PrincipalKind.SYSTEM:
        return True
    return principal.may(READ) and principal.organisation_kind != OrganisationKind.DEPARTMENT


def visible_settlements(principal: Principal) -> Select[SettlementProposal]:
    """Everything that was proposed."""
    return select(SettlementProposal).where(true() if _sees_all(principal) else false())


def get_settlement(principal: Principal, settlement_id: int) -> SettlementProposal:
    """One of them. Raises NotVisible."""
    found = db.session.scalars(visible_settlements(principal).where(SettlementProposal.id == settlement_id)).first()
    if found is None:
        raise NotVisible
    return found


def settlements_of(principal: Principal, month: Month) -> Sequence[SettlementProposal]:
    """What was proposed in a month, what waits first, then the newest."""
    waits = case((SettlementProposal.state == "proposed", 0), else_=1)
    return db.session.scalars(
        visible_settlements(principal)
        .where(SettlementProposal.month_id == month.id)
        .order_by(waits, SettlementProposal.id.desc())
        .limit(MOST)
    ).all()


def settlements_waiting(month: Month) -> Sequence[SettlementProposal]:
    """What waits for its second official."""
    return db.session.scalars(
        select(SettlementProposal)
        .where(SettlementProposal.month_id == month.id, SettlementProposal.state == "proposed")
        .order_by(SettlementProposal.id)
    ).all()


def differences_in(principal: Principal, proposal: SettlementProposal) -> Select[Difference]:
    """The differences of a proposal."""
    inside = select(SettlementLine.difference_id).where(SettlementLine.proposal_id == proposal.id)
    return seen_differences(principal).where(Difference.id.in_(inside))


def waits_for_second(ids: Sequence[int]) -> bool:
    """Whether one of these differences waits for its second official."""
    found = select(SettlementLine.difference_id).where(
        among(SettlementLine.difference_id, ids), SettlementLine.ended_at.is_(None)
    )
    return db.session.scalar(found.limit(1)) is not None
