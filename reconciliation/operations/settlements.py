"""What only an official's word explains needs a second official where it is much (four eyes): one proposes, another
confirms or refuses, and until then the differences are open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from core import audit, workflow
from core.bulk import among
from core.database import db
from core.errors import Conflict
from core.money import Fen
from core.principal import Principal
from core.reasons import checked_reason
from reconciliation import queries
from reconciliation.models import Difference, Month, SettlementLine, SettlementProposal
from reconciliation.operations.entering import Word, enter, enter_later, open_ones, outstanding_ones
from reconciliation.operations.months import lock_month, take_signatures_away
from reconciliation.rules import (
    BY_TWO,
    CONFIRM_SETTLEMENT,
    RESOLVE_DIFFERENCE,
    SETTLEMENT_WORKFLOW,
    UNEXPLAINED,
    Resolution,
)


def needs_second(principal: Principal, month: Month, found: Sequence[Difference], resolution: Resolution) -> bool:
    """Whether another official has to confirm this. What is decided as a rebooking has its two already."""
    if resolution in BY_TWO:
        return False
    doubtful = [one.fen for one in found if one.kind in UNEXPLAINED]
    alone = queries.settled_alone(principal, month)
    return queries.limits(principal).need_second(doubtful, alone_lines=alone.lines, alone_fen=alone.fen)


def propose_settlement(
    principal: Principal, month: Month, found: Sequence[Difference], word: Word, *, is_carried: bool
) -> SettlementProposal:
    """Lay it before another official (a part of the operations that settle, which hold the month and have looked at the
    differences). Raises Conflict where somebody has proposed something for one of them in this very moment."""
    proposal = SettlementProposal(
        month_id=month.id,
        resolution=word.resolution.value,
        is_carried=is_carried,
        reason=word.reason,
        line_count=len(found),
        total_fen=Fen(sum(one.fen for one in found)),
        proposed_at=word.at,
        proposed_by=word.by,
        official_id=word.official_id,
    )
    db.session.add(proposal)
    db.session.flush()
    rows = [{"proposal_id": proposal.id, "difference_id": one.id} for one in found]
    try:
        with db.session.begin_nested():
            db.session.execute(insert(SettlementLine), rows)
    except IntegrityError as error:
        raise Conflict("有的差异刚才已经提出处理，等待复核。请刷新页面后再看。") from error
    workflow.move(SETTLEMENT_WORKFLOW, proposal, "propose", principal, at=word.at, reason=word.reason)
    _record(principal, "propose", proposal, word.at, reason=word.reason)
    return proposal


def confirm_settlement(principal: Principal, proposal: SettlementProposal, *, at: datetime) -> int:
    """Another official of finance confirms: the differences are settled as they were proposed; returns how many.

    Raises PermissionDenied for whoever proposed it, Conflict where somebody was quicker, the month is closed, or one of
    the differences is no longer as it was."""
    principal.require(CONFIRM_SETTLEMENT)
    month = proposal.month
    lock_month(month)
    if month.state != "open":
        raise Conflict("这个月已经关账，差异不能再处理。")
    workflow.move(SETTLEMENT_WORKFLOW, proposal, "confirm", principal, at=at)
    ids = _differences_of(proposal)
    found = (outstanding_ones if proposal.is_carried else open_ones)(month, ids)
    if len(found) != proposal.line_count:
        raise Conflict("提出以后，有的差异已经了结或者不在了，没有办理。请选“不同意这样处理”，由提出的人重新核对。")
    word = Word(
        Resolution(proposal.resolution),
        proposal.reason,
        at,
        proposal.proposed_by,
        proposal.official_id,
        principal.recorded_name,
    )
    if proposal.is_carried:
        enter_later(month, found, word)
    else:
        enter(found, word)
    _end(principal, proposal, at)
    fallen = 0 if proposal.is_carried else take_signatures_away(month, at=at)
    _record(principal, "confirm", proposal, at, signatures_fallen=fallen)
    return len(found)


def refuse_settlement(principal: Principal, proposal: SettlementProposal, reason: str, *, at: datetime) -> None:
    """Another official does not agree: the differences are open, and want another word. Raises UserError without a
    reason, PermissionDenied for whoever proposed it."""
    principal.require(CONFIRM_SETTLEMENT)
    _give_up(principal, proposal, "refuse", reason, at)


def withdraw_settlement(principal: Principal, proposal: SettlementProposal, reason: str, *, at: datetime) -> None:
    """Take a proposal back before it is decided. Raises UserError without a reason, Conflict once it is."""
    principal.require(RESOLVE_DIFFERENCE)
    _give_up(principal, proposal, "withdraw", reason, at)


def lapse_settlements(principal: Principal, difference_ids: Sequence[int], *, at: datetime) -> None:
    """What was proposed for these differences is no longer about what stands: it comes to nothing, and whatever of it
    is left is open."""
    inside = select(SettlementLine.proposal_id).where(
        among(SettlementLine.difference_id, difference_ids), SettlementLine.ended_at.is_(None)
    )
    for proposal in db.session.scalars(
        select(SettlementProposal).where(SettlementProposal.id.in_(inside)).order_by(SettlementProposal.id)
    ).all():
        workflow.move(SETTLEMENT_WORKFLOW, proposal, "lapse", principal, at=at)
        _end(principal, proposal, at)
        _record(principal, "lapse", proposal, at)


def _give_up(principal: Principal, proposal: SettlementProposal, action: str, reason: str, at: datetime) -> None:
    why = checked_reason(reason)
    lock_month(proposal.month)
    workflow.move(SETTLEMENT_WORKFLOW, proposal, action, principal, at=at, reason=why)
    _end(principal, proposal, at)
    _record(principal, action, proposal, at, reason=why)


def _differences_of(proposal: SettlementProposal) -> Sequence[int]:
    return db.session.scalars(
        select(SettlementLine.difference_id).where(
            SettlementLine.proposal_id == proposal.id, SettlementLine.ended_at.is_(None)
        )
    ).all()


def _end(principal: Principal, proposal: SettlementProposal, at: datetime) -> None:
    proposal.decided_at, proposal.decided_by = at, principal.recorded_name
    db.session.execute(
        update(SettlementLine)
        .where(SettlementLine.proposal_id == proposal.id, SettlementLine.ended_at.is_(None))
        .values(ended_at=at)
        .execution_options(synchronize_session=False)
    )


def _record(principal: Principal, action: str, proposal: SettlementProposal, at: datetime, **details: Any) -> None:
    told = {
        "month": proposal.month_id,
        "differences": proposal.line_count,
        "total_fen": int(proposal.total_fen),
        "resolution": proposal.resolution,
        **details,
    }
    audit.record(principal, f"settlement.{action}", "settlement_proposal", proposal.id, at=at, **told)
    db.session.flush()
