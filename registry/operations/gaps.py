"""Work on the card-gap ledger (B5), always on sets: why a card is missing, what is done, by whom, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from core import audit, workflow
from core.bulk import among, insert_columns
from core.clock import local_date
from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import Principal
from registry import queries, rules
from registry.models import CardGap, GapNote
from registry.queries import Chosen
from registry.rules import CARD_GAP_WORKFLOW, GapReason, Measure

STEPS = ("collect", "uncollect", "dismiss", "open_again")
"""The steps that an official takes by himself; the others come with a bank's file or a card."""
NEED_A_REASON = frozenset({"uncollect", "dismiss", "open_again"})
"""Those that go back, or end a matter without a card."""


@dataclass(frozen=True)
class GapPlan:
    """What is to be entered for a set of gaps; None leaves a field as it is. ``responsible_id`` is an office."""

    reason: GapReason | None = None
    measure: Measure | None = None
    responsible_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be entered."""
        return self.reason is None and self.measure is None and self.responsible_id is None


def plan_gaps(principal: Principal, chosen: Chosen, plan: GapPlan, *, expected: int, at: datetime) -> int:
    """Enter reason, measure and responsible office for the chosen open gaps; where only the reason is given, its usual
    measure too, unless one stands already. ``expected`` is the number that the official has confirmed. Returns it.

    Raises Conflict where the number is another one by now, UserError where nothing is to be entered or the office is
    none of the county.
    """
    principal.require(rules.WORK_ON_GAPS)
    if plan.is_empty:
        raise UserError("请至少填写一项：原因、措施或责任单位。")
    if plan.responsible_id is not None and plan.responsible_id not in queries.responsible_offices(principal):
        raise UserError("没有找到这个责任单位。请从列表中选择。")
    ids = _held(principal, chosen, expected, rules.UNFINISHED)
    values: dict[str, Any] = {}
    if plan.reason is not None:
        values["reason"] = plan.reason.value
    if plan.responsible_id is not None:
        values["responsible_id"] = plan.responsible_id
    if plan.measure is not None:
        values["measure"] = plan.measure.value
    if values:
        _update(ids, (), **values)
    if plan.measure is None and plan.reason in rules.USUAL_MEASURE:
        usual = rules.USUAL_MEASURE[plan.reason]
        _update(ids, (CardGap.measure == "",), measure=usual.value)
    _note(principal, ids, "plan", "", at)
    audit.record(principal, "registry.plan_gaps", "card_gaps", "", at=at, gaps=len(ids), **values)
    db.session.flush()
    return len(ids)


def move_gaps(principal: Principal, chosen: Chosen, action: str, reason: str, *, expected: int, at: datetime) -> int:
    """Take a step with the chosen gaps that stand where the step begins: ``collect`` (materials are there), its way
    back ``uncollect``, ``dismiss`` (no card is needed any more), its way back ``open_again``. The materials of a
    person serve all his gaps: ``collect`` and ``uncollect`` take those of other programmes along. Returns how many
    gaps moved. Raises Conflict where the number is not ``expected`` by now, UserError where a reason is missing."""
    principal.require(rules.WORK_ON_GAPS)
    if action not in STEPS:
        raise NotVisible
    if action in NEED_A_REASON:
        reason = rules.checked_explanation(reason)
    ids = _held(principal, chosen, expected, CARD_GAP_WORKFLOW.sources(action))
    if action in {"collect", "uncollect"}:
        ids = _with_other_programmes(principal, ids, CARD_GAP_WORKFLOW.sources(action))
    _note(principal, ids, action, reason, at)
    values = _values_of(action, at)
    moved = workflow.move_set(CARD_GAP_WORKFLOW, CardGap, action, principal, among(CardGap.id, ids), **values)
    audit.record(principal, f"registry.gaps_{action}", "card_gaps", "", at=at, gaps=moved)
    db.session.flush()
    return moved


def _values_of(action: str, at: datetime) -> dict[str, Any]:
    today = local_date(at)
    if action == "collect":
        return {"materials_on": today, "due_on": CardGap.card_due_on}
    if action == "dismiss":
        return {"closed_on": today, "due_on": None}
    return {"materials_on": None, "closed_on": None, "due_on": CardGap.materials_due_on}


def _held(principal: Principal, chosen: Chosen, expected: int, states: Sequence[str]) -> list[int]:
    """The chosen gaps that stand in one of these states, held until the transaction ends."""
    found = db.session.scalars(
        select(CardGap.id)
        .where(CardGap.id.in_(chosen), CardGap.state.in_(states), queries.gaps_in_scope(principal, CardGap.region_code))
        .order_by(CardGap.id)
        .with_for_update(of=CardGap)
    )
    ids = list(found)
    if not ids:
        raise UserError("选中的记录里没有一条可以办这一步。请刷新页面后重新选择。")
    if len(ids) != expected:
        raise Conflict(
            "您确认的是 %(expected)s 条，现在是 %(count)s 条：刚才有同事办理过。请刷新页面后重新选择。",
            expected=expected,
            count=len(ids),
        )
    return ids


def _with_other_programmes(principal: Principal, ids: list[int], states: Sequence[str]) -> list[int]:
    people = select(CardGap.beneficiary_id).where(among(CardGap.id, ids))
    scope = queries.gaps_in_scope(principal, CardGap.region_code)
    theirs = select(CardGap.id).where(CardGap.beneficiary_id.in_(people), CardGap.state.in_(states), scope)
    return sorted(db.session.scalars(theirs))


def _update(ids: list[int], more: Sequence[Any], **values: Any) -> None:
    db.session.execute(
        update(CardGap)
        .where(among(CardGap.id, ids), *more)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def _note(principal: Principal, ids: list[int], action: str, reason: str, at: datetime) -> None:
    columns = {
        "gap_id": ids,
        "action": action,
        "reason": reason,
        "actor_name": principal.recorded_name,
        "official_id": principal.official_id,
        "at": at,
    }
    insert_columns(GapNote, columns)
