"""A wrong list is taken down with a reason; the roll waits until right ones hang."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import workflow
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.principal import OrganisationKind, Role
from disbursement.models import Payment
from disbursement.operations import approve_roll_department
from disbursement.rules import ROLL_WORKFLOW
from publicity import board, operations, queries, rules
from publicity.models import PublicityList
from tests import factories
from tests.factories import AT
from tests.publicity.boards import photo
from tests.publicity.conftest import VILLAGE, Story

TODAY = date(2020, 7, 6)
LATER = AT + timedelta(days=2)


@pytest.fixture
def lists(story: Story) -> dict[str, PublicityList]:
    """The six lists of a roll that hangs."""
    made = operations.publicise_roll(story.official, story.roll, at=AT)
    db.session.commit()
    return {found.region_code: found for found in made}


def test_a_list_taken_down_is_gone_and_its_reason_kept(story: Story, lists: dict[str, PublicityList]) -> None:
    wrong = lists[VILLAGE]
    outcome = operations.withdraw_lists(story.official, [wrong.id], "第 2 号的名字没有遮住", at=LATER)
    db.session.commit()
    assert outcome.done == 1
    assert (wrong.withdrawn_at, wrong.withdrawn_by) == (LATER, story.official.name)
    assert wrong.withdraw_reason == "第 2 号的名字没有遮住"
    assert [found.level for found in queries.open_lists(VILLAGE, on=TODAY)] == ["group", "group", "township"]
    token = rules.list_token(queries.signing_key(), wrong.id)
    with pytest.raises(queries.ListClosed):
        queries.open_list(token, on=TODAY)
    assert queries.get_list(story.official, wrong.id) is wrong
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "publicity.withdraw")).all()
    assert (entry.subject_id, entry.details) == (str(wrong.id), {"lists": 1, "rolls": [story.roll.id]})
    again = operations.withdraw_lists(story.official, [wrong.id], "再撤一次", at=LATER)
    assert (again.done, again.refused[0][1]) == (0, 1)


def test_it_wants_a_reason_and_the_right(story: Story, lists: dict[str, PublicityList]) -> None:
    with pytest.raises(UserError, match="请写明撤下的原因"):
        operations.withdraw_lists(story.official, [lists[VILLAGE].id], " ", at=LATER)
    department = factories.principal(OrganisationKind.DEPARTMENT, Role.APPROVER)
    with pytest.raises(PermissionDenied):
        operations.withdraw_lists(department, [lists[VILLAGE].id], "有错", at=LATER)
    stranger = factories.principal(OrganisationKind.TOWNSHIP, Role.APPROVER, region_code="513426101000")
    assert operations.withdraw_lists(stranger, [lists[VILLAGE].id], "有错", at=LATER).done == 0
    finance = factories.principal(OrganisationKind.FINANCE, Role.APPROVER)
    assert operations.withdraw_lists(finance, [lists[VILLAGE].id], "有错", at=LATER).done == 1


def test_the_roll_waits_until_right_lists_have_hung_for_their_days(
    app: Flask, story: Story, lists: dict[str, PublicityList]
) -> None:
    department = factories.principal(OrganisationKind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局")
    with pytest.raises(Conflict, match="没有撤下的"):
        operations.publicise_again(story.official, story.roll, at=LATER)
    operations.withdraw_lists(story.official, [lists[VILLAGE].id], "有错", at=LATER)
    assert story.roll.publicity_until is None
    with pytest.raises(UserError, match="请乡镇重新公示"):
        approve_roll_department(department, story.roll, at=AT + timedelta(days=20))
    with app.test_request_context():
        titles = [item.title.split("：")[0] for item in board.items(story.official, TODAY)]
        assert titles == ["重新公示", "登记张贴"]
    second = operations.publicise_again(story.official, story.roll, at=LATER)
    assert ({found.round for found in second}, len(second)) == ({2}, 6)
    roll = second[0].roll
    assert (roll.state, roll.publicity_until) == ("publicised", date(2020, 7, 14))
    steps = [step.action for step in workflow.history(ROLL_WORKFLOW, story.roll.id)]
    assert steps == ["publicise", "publicise_again"]
    # The township's own list was replaced, not found wrong.
    replaced = db.session.scalars(
        select(PublicityList).where(PublicityList.round == 1, PublicityList.level == "township")
    ).one()
    assert (replaced.withdrawn_at, replaced.withdrawn_by) == (LATER, "")
    with pytest.raises(UserError, match="公示到 2020-07-14"):
        approve_roll_department(department, story.roll, at=AT + timedelta(days=8))
    approve_roll_department(department, story.roll, at=AT + timedelta(days=9))


def test_what_has_closed_stays_as_it_was(story: Story, lists: dict[str, PublicityList]) -> None:
    outcome = operations.withdraw_lists(story.official, [lists[VILLAGE].id], "太晚了", at=AT + timedelta(days=7))
    assert (outcome.done, "公示期已满" in str(outcome.refused[0][0])) == (0, True)
    assert story.roll.publicity_until == date(2020, 7, 12)


def test_a_wrong_list_of_results_holds_no_roll(story: Story, lists: dict[str, PublicityList]) -> None:
    story.roll.state, story.roll.batch.state = "department_approved", "results_in"
    for payment in db.session.scalars(select(Payment)):
        payment.state = "paid"
    made = operations.publicise_results(story.official, story.roll, at=LATER)
    operations.withdraw_lists(story.official, [made[0].id], "有错", at=LATER)
    assert story.roll.publicity_until == date(2020, 7, 12)
    with pytest.raises(Conflict):
        operations.publicise_again(story.official, story.roll, at=LATER)


def test_a_list_taken_down_cannot_be_posted(story: Story, lists: dict[str, PublicityList]) -> None:
    operations.withdraw_lists(story.official, [lists[VILLAGE].id], "有错", at=LATER)
    assert operations.confirm_posting(story.official, [lists[VILLAGE].id], TODAY, photo(), at=LATER).done == 0
