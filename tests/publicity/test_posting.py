"""That lists hang is confirmed board by board, with a day and a photo; on paper only, no day runs before."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Role
from core.uploads import StoredFile
from disbursement.operations import approve_roll_department
from publicity import board, operations, rules
from publicity.models import PublicityList
from publicity.progress import boards_of, rounds_hanging
from tests import factories
from tests.factories import AT
from tests.publicity.boards import photo
from tests.publicity.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Story, make_roll

TODAY = date(2020, 7, 6)
LATER = AT + timedelta(days=2)


def lists_by_region(made: list[PublicityList]) -> dict[str, PublicityList]:
    return {found.region_code: found for found in made}


@pytest.fixture
def lists(story: Story) -> dict[str, PublicityList]:
    """The six lists of a roll that hangs."""
    made = operations.publicise_roll(story.official, story.roll, at=AT)
    db.session.commit()
    return lists_by_region(made)


@pytest.fixture
def paper(app: Flask) -> tuple[Story, dict[str, PublicityList]]:
    """The same of a programme with no day online."""
    factories.load_regions()
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
    story = Story(official, make_roll(publicity_days=0))
    made = operations.publicise_roll(official, story.roll, at=AT)
    db.session.commit()
    return story, lists_by_region(made)


def test_a_photo_stands_for_one_board_and_the_day_alone_for_what_hangs_beside_it(
    story: Story, lists: dict[str, PublicityList]
) -> None:
    village, groups = lists[VILLAGE], [lists[VILLAGE + "001"], lists[VILLAGE + "002"]]
    refused = operations.confirm_posting(story.official, [group.id for group in groups], TODAY, None, at=AT)
    assert (refused.done, refused.refused[0][1]) == (0, 2)
    assert "还没有照片" in str(refused.refused[0][0])
    done = operations.confirm_posting(story.official, [village.id], TODAY, photo(), at=AT)
    assert (done.done, village.posted_on, village.posted_by, village.posted_at) == (1, TODAY, story.official.name, AT)
    beside = operations.confirm_posting(story.official, [group.id for group in groups], TODAY, None, at=LATER)
    assert (beside.done, beside.refused) == (2, [])
    # Another village's board is another board.
    other = operations.confirm_posting(story.official, [lists[OTHER_VILLAGE].id], TODAY, None, at=LATER)
    assert other.done == 0


def test_one_photo_is_not_the_board_of_two_villages(story: Story, lists: dict[str, PublicityList]) -> None:
    both = [lists[VILLAGE].id, lists[OTHER_VILLAGE].id]
    with pytest.raises(UserError, match="一张照片只能证明一个公示栏"):
        operations.confirm_posting(story.official, both, TODAY, photo(), at=AT)
    assert lists[VILLAGE].posted_on is None


def test_a_village_s_board_is_confirmed_at_once(story: Story, lists: dict[str, PublicityList]) -> None:
    mine = [code for code in lists if code.startswith(VILLAGE)]
    outcome = operations.confirm_posting(story.official, [lists[code].id for code in mine], TODAY, photo(), at=AT)
    assert outcome.done == len(mine) == 3
    assert len({lists[code].photo_id for code in mine}) == 1
    again = operations.confirm_posting(story.official, [lists[VILLAGE].id], TODAY, photo(), at=AT)
    assert (again.done, "已经登记过" in str(again.refused[0][0])) == (0, True)
    [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "publicity.confirm_posting")).all()
    assert (entry.details["lists"], entry.details["rolls"], entry.details["photo"]) == (3, [story.roll.id], True)


def test_the_photo_is_kept_encrypted_and_its_reading_recorded(story: Story, lists: dict[str, PublicityList]) -> None:
    operations.confirm_posting(story.official, [lists[VILLAGE].id], TODAY, photo(), at=AT)
    db.session.commit()
    raw = db.session.connection().exec_driver_sql("SELECT content FROM stored_files").scalar_one()
    assert not bytes(raw).startswith(b"\xff\xd8")
    assert db.session.scalars(select(StoredFile)).one().content == photo().content
    read = operations.read_posting_photo(story.official, lists[VILLAGE], at=AT)
    assert read.content == photo().content and read.filename.endswith(".jpg")
    assert "publicity.read_photo" in set(db.session.scalars(select(AuditEntry.action)))
    with pytest.raises(NotVisible):
        operations.read_posting_photo(story.official, lists[OTHER_VILLAGE], at=AT)


@pytest.mark.parametrize(("day", "why"), [(TODAY - timedelta(days=1), "早于"), (TODAY + timedelta(days=1), "晚于今天")])
def test_a_day_that_cannot_be_is_refused(story: Story, lists: dict[str, PublicityList], day: date, why: str) -> None:
    outcome = operations.confirm_posting(story.official, [lists[VILLAGE].id], day, photo(), at=AT)
    assert (outcome.done, why in str(outcome.refused[0][0])) == (0, True)


def test_a_mistaken_confirmation_is_taken_back(story: Story, lists: dict[str, PublicityList]) -> None:
    village, group = lists[VILLAGE], lists[VILLAGE + "001"]
    operations.confirm_posting(story.official, [village.id], TODAY, photo(), at=AT)
    operations.confirm_posting(story.official, [group.id], TODAY, None, at=AT)
    db.session.commit()
    with pytest.raises(Conflict, match="凭这张照片登记"):
        operations.withdraw_posting(story.official, village, "贴错了地方", at=LATER)
    db.session.rollback()
    with pytest.raises(UserError, match="请写明理由"):
        operations.withdraw_posting(story.official, group, "", at=LATER)
    operations.withdraw_posting(story.official, group, "贴错了地方", at=LATER)
    operations.withdraw_posting(story.official, village, "贴错了地方", at=LATER)
    assert (village.posted_on, village.photo_id, village.posted_by) == (None, None, "")
    with pytest.raises(Conflict, match="还没有登记"):
        operations.withdraw_posting(story.official, village, "贴错了地方", at=LATER)


def test_on_paper_only_no_day_runs_before_every_list_hangs(paper: tuple[Story, dict[str, PublicityList]]) -> None:
    story, lists = paper
    department = factories.principal(OrganisationKind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局")
    assert story.roll.publicity_until is None
    with pytest.raises(UserError, match="还没有全部张贴"):
        approve_roll_department(department, story.roll, at=AT + timedelta(days=30))
    boards = ((TOWNSHIP, 0), (VILLAGE, 1), (OTHER_VILLAGE, 3))
    for number, (code, days) in enumerate(boards, start=1):
        assert story.roll.publicity_until is None
        mine = [found.id for found in lists.values() if rules.board_of(found.region_code) == code]
        day = TODAY + timedelta(days=days)
        at = AT + timedelta(days=4)
        assert operations.confirm_posting(story.official, mine, day, photo(), at=at).done == len(mine), number
    # Seven days on the board from the day on which the last one was put up.
    assert (lists[VILLAGE].opens_on, lists[VILLAGE].closes_on) == (date(2020, 7, 7), date(2020, 7, 13))
    assert story.roll.publicity_until == date(2020, 7, 15)
    with pytest.raises(UserError, match="公示到 2020-07-15"):
        approve_roll_department(department, story.roll, at=AT + timedelta(days=9))
    operations.withdraw_posting(story.official, lists[TOWNSHIP], "没有贴", at=AT + timedelta(days=9))
    assert story.roll.publicity_until is None
    operations.confirm_posting(story.official, [lists[TOWNSHIP].id], TODAY, photo(), at=AT + timedelta(days=9))
    approve_roll_department(department, story.roll, at=AT + timedelta(days=10))
    assert story.roll.state == "department_approved"


def test_who_may_confirm(story: Story, lists: dict[str, PublicityList]) -> None:
    clerk = factories.principal(OrganisationKind.VILLAGE, Role.PREPARER, region_code=VILLAGE)
    everything = [found.id for found in lists.values()]
    assert operations.confirm_posting(clerk, everything, TODAY, photo(), at=AT).done == 3
    assert lists[OTHER_VILLAGE].posted_on is None
    for kind, role in ((OrganisationKind.DEPARTMENT, Role.APPROVER), (OrganisationKind.FINANCE, Role.PREPARER)):
        with pytest.raises(PermissionDenied):
            operations.confirm_posting(factories.principal(kind, role), everything, TODAY, photo(), at=AT)
    stranger = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000")
    assert operations.confirm_posting(stranger, everything, TODAY, photo(), at=AT).done == 0
    with pytest.raises(NotVisible):
        operations.withdraw_posting(stranger, lists[VILLAGE], "不是我们的", at=AT)


def test_progress_counts_lists_and_boards(app: Flask, story: Story, lists: dict[str, PublicityList]) -> None:
    mine = [found.id for code, found in lists.items() if code.startswith(VILLAGE)]
    operations.confirm_posting(story.official, mine, TODAY, photo(), at=AT)
    [hanging] = rounds_hanging(story.official, TODAY)
    assert (hanging.lists, hanging.posted, hanging.closes_on, hanging.is_open) == (6, 3, date(2020, 7, 12), True)
    found = boards_of(story.official, story.roll, "before", TODAY)
    assert [(one.name, one.lists, one.posted, one.has_photo) for one in found] == [
        ("鲹鱼河镇", 1, 0, False),
        ("石门坎村", 3, 3, True),
        ("清水村", 2, 0, False),
    ]
    with app.test_request_context():
        [item] = board.items(story.official, TODAY)
        assert (item.title, item.count) == ("登记张贴：鲹鱼河镇 困难残疾人生活补贴 202006", 3)
        assert (item.due_on, item.detail) == (date(2020, 7, 12), "已张贴 3 张，共 6 张")
        # Once it has closed, nobody can put it up any more.
        assert list(board.items(story.official, date(2020, 7, 13))) == []
