"""The only thing that moves a state: what it refuses, what it records, and who wins."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from core import workflow
from core.database import db
from core.errors import Conflict, PermissionDenied
from core.jobs import BackgroundJob as Thing
from core.principal import OrganisationKind, Permission, Principal, PrincipalKind, Role, system
from core.states import Transition, Workflow
from core.workflow import WorkflowStep
from tests.core.together import elsewhere, together

AT = datetime(2020, 7, 6, 2, tzinfo=UTC)
SUBMIT = Permission("test.submit", frozenset({(OrganisationKind.TOWNSHIP, Role.PREPARER)}))
APPROVE = Permission("test.approve", frozenset({(OrganisationKind.TOWNSHIP, Role.APPROVER)}))
# Any row with an id and a state will do.
LIFE = Workflow(
    "test_thing",
    "draft",
    (
        Transition("draft", "submit", "submitted", by=SUBMIT),
        Transition("submitted", "approve", "approved", by=APPROVE, other_than=("submit",)),
        Transition("submitted", "send_back", "draft", by=APPROVE),
        Transition("approved", "send", "sent"),
        Transition("failed", "send", "sent"),
    ),
)
ONE = Principal(
    PrincipalKind.OFFICIAL,
    name="经办甲",
    official_id=1,
    organisation_id=1,
    organisation_kind=OrganisationKind.TOWNSHIP,
    roles=frozenset({Role.PREPARER, Role.APPROVER}),
)
TWO = replace(ONE, name="经办乙", official_id=2)


def thing(state: str = "draft") -> int:
    made = Thing(kind="test", payload={}, state=state, created_at=AT)
    db.session.add(made)
    db.session.flush()
    number = made.id
    db.session.commit()
    return number


def mover(thing_id: int, action: str, principal: Principal, reason: str = "") -> Callable[[], str]:
    def run() -> str:
        entity = db.session.get_one(Thing, thing_id)
        return workflow.move(LIFE, entity, action, principal, at=AT, reason=reason).target

    return run


def state_of(thing_id: int) -> str:
    return db.session.scalars(select(Thing.state).where(Thing.id == thing_id)).one()


def test_a_move_changes_the_state_and_writes_its_history(app: Flask) -> None:
    one = thing()
    mover(one, "submit", ONE, reason="第一次提交")()
    db.session.commit()
    (step,) = workflow.history(LIFE, one)
    assert (step.action, step.from_state, step.to_state) == ("submit", "draft", "submitted")
    assert (step.actor_name, step.official_id, step.at, step.reason) == ("经办甲", 1, AT, "第一次提交")
    assert state_of(one) == "submitted"


def test_the_words_of_a_reason_are_not_readable_in_the_table(app: Flask) -> None:
    mover(thing(), "submit", ONE, reason="张三举报")()
    raw = db.session.execute(text("SELECT reason FROM workflow_steps")).scalar_one()
    assert "张三举报".encode() not in bytes(raw)


def test_a_villagers_name_is_not_in_the_history(app: Flask) -> None:
    mover(thing("approved"), "send", Principal(PrincipalKind.BENEFICIARY, name="村民甲", beneficiary_id=5))()
    assert db.session.scalars(select(WorkflowStep.actor_name)).one() == ""


def test_what_the_table_lacks_is_refused(app: Flask) -> None:
    one = thing()
    with pytest.raises(Conflict):
        mover(one, "send", system("test"))()
    assert state_of(one) == "draft"
    assert not workflow.history(LIFE, one)


def test_a_move_needs_its_right(app: Flask) -> None:
    one = thing()
    with pytest.raises(PermissionDenied):
        mover(one, "submit", replace(ONE, roles=frozenset({Role.VIEWER})))()
    assert state_of(one) == "draft"


def test_whoever_may_not_take_a_step_learns_nothing_of_the_state(app: Flask) -> None:
    """In whatever state the thing is, he is told the same; who may is told that it is too early."""
    one = thing()
    for step in ("approve", "submit"):
        with pytest.raises(PermissionDenied):
            mover(one, step, replace(ONE, roles=frozenset({Role.VIEWER})))()
    with pytest.raises(Conflict):
        mover(one, "approve", replace(ONE, roles=frozenset({Role.APPROVER})))()
    assert state_of(one) == "draft"


def test_four_eyes_are_two_people(app: Flask) -> None:
    one = thing()
    mover(one, "submit", ONE)()
    with pytest.raises(PermissionDenied):
        mover(one, "approve", ONE)()
    assert state_of(one) == "submitted"
    with pytest.raises(PermissionDenied):
        mover(one, "approve", system("test"))()
    assert mover(one, "approve", TWO)() == "approved"


def test_after_a_send_back_the_latest_preparer_counts(app: Flask) -> None:
    one = thing()
    mover(one, "submit", ONE)()
    mover(one, "send_back", TWO, reason="名单有误")()
    mover(one, "submit", TWO)()
    with pytest.raises(PermissionDenied):
        mover(one, "approve", TWO)()
    assert mover(one, "approve", ONE)() == "approved"


def test_four_eyes_look_at_this_thing_only(app: Flask) -> None:
    mover(thing(), "submit", ONE)()
    other = thing()
    mover(other, "submit", TWO)()
    assert mover(other, "approve", ONE)() == "approved"


def test_of_two_movers_at_once_one_wins(app: Flask) -> None:
    one = thing()
    results = together(app, mover(one, "submit", ONE), mover(one, "submit", TWO))
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "str"]
    assert state_of(one) == "submitted"
    assert len(workflow.history(LIFE, one)) == 1


def test_the_second_mover_waits_for_the_first_and_then_gives_way(app: Flask) -> None:
    one = thing()
    mover(one, "submit", ONE)()
    with ThreadPoolExecutor(1) as pool:
        second = elsewhere(app, mover(one, "submit", TWO), pool)
        db.session.commit()
        assert isinstance(second.result(40), Conflict)


def test_a_move_that_was_undone_leaves_the_way_free(app: Flask) -> None:
    one = thing()
    mover(one, "submit", ONE)()
    db.session.rollback()
    assert mover(one, "submit", TWO)() == "submitted"


def test_nobody_slips_past_four_eyes_while_the_thing_is_handed_in_anew(app: Flask) -> None:
    # TWO looks at the thing while ONE has it in hand; meanwhile it is sent back and handed in again, by TWO himself.
    one = thing()
    mover(one, "submit", ONE)()
    db.session.commit()
    stale = db.session.get_one(Thing, one)
    assert stale.state == "submitted"
    db.session.commit()
    for action, principal in (("send_back", ONE), ("submit", TWO)):
        assert isinstance(together(app, mover(one, action, principal))[0], str)
    with pytest.raises(PermissionDenied):
        workflow.move(LIFE, stale, "approve", TWO, at=AT)


def test_the_object_in_hand_knows_its_new_state_and_keeps_its_other_changes(app: Flask) -> None:
    entity = db.session.get_one(Thing, thing())
    entity.failure = "changed"
    workflow.move(LIFE, entity, "submit", ONE, at=AT)
    assert (entity.state, entity.failure) == ("submitted", "changed")
    db.session.commit()
    assert (entity.state, entity.failure) == ("submitted", "changed")


def test_a_set_moves_in_one_statement_and_only_where_it_may(app: Flask) -> None:
    things = [thing(state) for state in ("approved", "failed", "draft", "approved")]
    held = db.session.get_one(Thing, things[0])
    assert held.state == "approved"
    moved = workflow.move_set(LIFE, Thing, "send", system("test"), Thing.id != things[3], failure="第一批")
    assert moved == 2
    assert (held.state, held.failure) == ("sent", "第一批")
    assert [state_of(one) for one in things] == ["sent", "sent", "draft", "approved"]


def test_a_set_needs_the_right(app: Flask) -> None:
    with pytest.raises(PermissionDenied):
        workflow.move_set(LIFE, Thing, "submit", replace(ONE, roles=frozenset()))


def test_a_set_that_needs_four_eyes_or_knows_no_target_is_refused(app: Flask) -> None:
    with pytest.raises(ValueError):
        workflow.move_set(LIFE, Thing, "approve", ONE)
    with pytest.raises(ValueError):
        workflow.move_set(LIFE, Thing, "unknown", ONE)
    forked = Workflow("forked", "a", (Transition("a", "go", "b"), Transition("c", "go", "d")))
    with pytest.raises(ValueError):
        workflow.move_set(forked, Thing, "go", ONE)


def test_two_sets_at_once_move_each_row_once(app: Flask) -> None:
    for _ in range(20):
        thing("approved")

    def send() -> Any:
        return workflow.move_set(LIFE, Thing, "send", system("test"))

    assert sorted(together(app, send, send)) == [0, 20]
