"""The only thing that moves a state. Each entity with a life declares one table in its room's rules.py."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Index, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from core.bulk import insert_columns
from core.database import Base, EncryptedText, Id, db, rows_changed
from core.errors import Conflict, PermissionDenied
from core.principal import Principal
from core.states import Transition, Workflow


class WorkflowStep(Base):
    """One move of one thing: from, to, who, when, why. The reason is a person's own words and may be about people."""

    __tablename__ = "workflow_steps"
    __table_args__ = (Index("ix_workflow_steps_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int] = mapped_column(Id)
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    actor_name: Mapped[str]
    official_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(EncryptedText("reason"), default="")


class HasState(Protocol):
    """A row with an id and a state."""

    id: Any
    state: Any


def refuse_same_person(workflow: Workflow, subject_id: int, transition: Transition, principal: Principal) -> None:
    """Four eyes: raise PermissionDenied where this official did one of the steps this one controls.

    Only the latest doing of each step counts: after a send-back the roll is prepared anew.
    """
    if not transition.other_than:
        return
    if principal.official_id is None:
        raise PermissionDenied("这一步必须由经办人员本人登录办理。")
    steps = db.session.execute(
        select(WorkflowStep.action, WorkflowStep.official_id)
        .where(
            WorkflowStep.subject_kind == workflow.name,
            WorkflowStep.subject_id == subject_id,
            WorkflowStep.action.in_(transition.other_than),
        )
        .order_by(WorkflowStep.id)
    )
    if principal.official_id in dict(steps.all()).values():
        raise PermissionDenied("前一步是您本人办理的，这一步必须由另一位同事办理。")


def _require_any(workflow: Workflow, action: str, principal: Principal) -> None:
    """Whoever may not take this step from any state is told that, and nothing of the state that the thing is in."""
    rights = [one.by for one in workflow.transitions if one.action == action and one.by is not None]
    if rights and not any(principal.may(right) for right in rights):
        principal.require(rights[0])


def move(
    workflow: Workflow, entity: HasState, action: str, principal: Principal, *, at: datetime, reason: str = ""
) -> Transition:
    """Move one row. Raises Conflict where the table lacks the step or somebody was quicker, PermissionDenied where
    the right or the second pair of eyes is missing; then nothing has changed. Flushes; the history is one
    WorkflowStep."""
    transition = workflow.find(entity.state, action)
    if transition is None:
        _require_any(workflow, action, principal)
        raise Conflict("这一步现在不能办理：状态已经变化。请刷新页面后再看。")
    if transition.by is not None:
        principal.require(transition.by)
    model: Any = type(entity)
    db.session.flush()
    here = (model.id == entity.id, model.state == transition.source)
    # The row is held from here on: nobody sends it back and hands it in anew between the look at its steps and this.
    if db.session.scalar(select(model.id).where(*here).with_for_update()) is None:
        raise Conflict("刚才已有同事办理了这一步。请刷新页面后再看。")
    refuse_same_person(workflow, entity.id, transition, principal)
    db.session.execute(
        update(model).where(*here).values(state=transition.target).execution_options(synchronize_session=False)
    )
    set_committed_value(entity, "state", transition.target)
    note(workflow, entity.id, transition, principal, at=at, reason=reason)
    return transition


def note(
    workflow: Workflow,
    subject_id: int,
    transition: Transition,
    principal: Principal,
    *,
    at: datetime,
    reason: str = "",
) -> None:
    """Write the history of a move that has been made."""
    db.session.add(
        WorkflowStep(
            subject_kind=workflow.name,
            subject_id=subject_id,
            action=transition.action,
            from_state=transition.source,
            to_state=transition.target,
            actor_name=principal.recorded_name,
            official_id=principal.official_id,
            at=at,
            reason=reason,
        )
    )
    db.session.flush()


def move_set(
    workflow: Workflow,
    model: Any,
    action: str,
    principal: Principal,
    *where: ColumnElement[bool],
    **values: Any,
) -> int:
    """Move every row that matches ``where`` and stands in a source state of ``action``, in one statement.

    ``values`` are set along with the state. Returns the number moved. No row has a step of its own: the caller's audit
    entry and the rows' other records (attempts) are the history. Raises ValueError for an action that leads to more
    than one state, or that needs a second pair of eyes: those are checked against the steps of each row, so its rows
    are moved one by one. Raises PermissionDenied where the right is missing.
    """
    transitions = [t for t in workflow.transitions if t.action == action]
    targets = {t.target for t in transitions}
    if len(targets) != 1:
        raise ValueError(f"{workflow.name}.{action} does not lead to exactly one state")
    if any(t.other_than for t in transitions):
        raise ValueError(f"{workflow.name}.{action} needs a second pair of eyes for each row")
    for transition in transitions:
        if transition.by is not None:
            principal.require(transition.by)
    result = db.session.execute(
        update(model)
        .where(model.state.in_(workflow.sources(action)), *where)
        .values(state=targets.pop(), **values)
        .execution_options(synchronize_session=False)
    )
    for entity in db.session.identity_map.values():
        if isinstance(entity, model):
            # What is in memory may have moved: it is read again when it is next looked at.
            db.session.expire(entity)
    return rows_changed(result)


def note_set(
    workflow: Workflow,
    subject_ids: Sequence[int],
    transition: Transition,
    principal: Principal,
    *,
    at: datetime,
    reason: str = "",
) -> None:
    """Write the history of one move of many rows, where each is a person's decision that the row itself must tell."""
    if not subject_ids:
        return
    columns = {
        "subject_kind": workflow.name,
        "subject_id": list(subject_ids),
        "action": transition.action,
        "from_state": transition.source,
        "to_state": transition.target,
        "actor_name": principal.recorded_name,
        "official_id": principal.official_id,
        "at": at,
        "reason": [reason] * len(subject_ids),
    }
    insert_columns(WorkflowStep, columns)


def history(workflow: Workflow, subject_id: int) -> Sequence[WorkflowStep]:
    """All steps of one thing, oldest first."""
    return db.session.scalars(
        select(WorkflowStep)
        .where(WorkflowStep.subject_kind == workflow.name, WorkflowStep.subject_id == subject_id)
        .order_by(WorkflowStep.id)
    ).all()
