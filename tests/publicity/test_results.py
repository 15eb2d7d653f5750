"""What was really paid is publicised after the payment, as masked and at the same levels as what was to be paid."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import workflow
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Role, system
from disbursement.models import Payment
from disbursement.rules import BATCH_WORKFLOW
from publicity import board, operations, queries, rules
from publicity.models import PublicityLine
from tests import factories
from tests.factories import AT
from tests.publicity.conftest import TOWNSHIP, VILLAGE, Story, make_roll

RESULTS_AT = AT + timedelta(days=14)
TODAY = date(2020, 7, 20)


def pay(story: Story, *, but: str = "") -> None:
    """The bank has paid everybody, but for one."""
    roll = story.roll
    roll.state, roll.batch.state = "department_approved", "sent"
    for payment in db.session.scalars(select(Payment).where(Payment.roll_id == roll.id)):
        payment.state, payment.paid_on = ("failed", None) if payment.name == but else ("paid", TODAY)
    workflow.move(BATCH_WORKFLOW, roll.batch, "complete", system("test"), at=RESULTS_AT)
    db.session.commit()


def test_only_who_was_paid_is_listed(story: Story) -> None:
    operations.publicise_roll(story.official, story.roll, at=AT)
    pay(story, but="李雷")
    made = operations.publicise_results(story.official, story.roll, at=RESULTS_AT)
    db.session.commit()
    village = next(found for found in made if found.region_code == VILLAGE)
    assert village.title == "鲹鱼河镇石门坎村2020年6月困难残疾人生活补贴发放结果公示表"
    assert (village.kind, village.round, village.line_count, village.total_fen) == ("after", 1, 2, 45000)
    assert (village.opens_on, village.closes_on) == (TODAY, date(2020, 7, 26))
    names = db.session.scalars(select(PublicityLine.masked_name).where(PublicityLine.list_id == village.id)).all()
    assert names == ["阿西·**", "欧阳*梅"]
    # The group in which nobody was paid has no list.
    assert VILLAGE + "002" not in {found.region_code for found in made}
    assert [found.title for found in queries.open_lists(VILLAGE, on=TODAY)][-1].endswith("发放结果公示表")
    assert queries.open_lists(VILLAGE, on=date(2020, 7, 27)) == []
    entries = db.session.scalars(select(AuditEntry.action)).all()
    assert entries.count("publicity.publicise_results") == 1


def test_a_sensitive_programme_shows_surnames_and_paper_stays_on_paper(app: Flask) -> None:
    factories.load_regions()
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
    story = Story(official, make_roll(sensitive=True, publicity_days=0))
    pay(story)
    made = operations.publicise_results(official, story.roll, at=RESULTS_AT)
    assert set(db.session.scalars(select(PublicityLine.masked_name))) == {"阿西·**", "欧阳**", "李**", "王**", "赵**"}
    assert not any(found.online for found in made)
    assert queries.open_lists(VILLAGE, on=TODAY) == []


def test_what_was_handed_over_in_cash_is_listed_too(story: Story) -> None:
    pay(story)
    for payment in db.session.scalars(select(Payment)):
        payment.state = "paid_offline"
    made = operations.publicise_results(story.official, story.roll, at=RESULTS_AT)
    assert next(found for found in made if found.level == "township").line_count == 5


def test_there_is_nothing_to_show_before_the_results(story: Story) -> None:
    with pytest.raises(Conflict, match="还没有发放结果"):
        operations.publicise_results(story.official, story.roll, at=AT)
    pay(story)
    for payment in db.session.scalars(select(Payment)):
        payment.state = "failed"
    with pytest.raises(UserError, match="还没有人到账"):
        operations.publicise_results(story.official, story.roll, at=RESULTS_AT)


def test_once_more_are_paid_a_further_round_replaces_the_first(story: Story) -> None:
    pay(story, but="李雷")
    first = operations.publicise_results(story.official, story.roll, at=RESULTS_AT)
    for payment in db.session.scalars(select(Payment).where(Payment.name == "李雷")):
        payment.state = "paid"
    second = operations.publicise_results(story.official, story.roll, at=RESULTS_AT)
    assert {found.round for found in second} == {2}
    assert next(found for found in second if found.level == "township").line_count == 5
    db.session.expire_all()
    assert all(found.withdrawn_at == RESULTS_AT and not found.withdrawn_by for found in first)


def test_the_township_does_it_and_nobody_else(story: Story) -> None:
    pay(story)
    for kind in (OrganisationKind.FINANCE, OrganisationKind.DEPARTMENT):
        with pytest.raises(PermissionDenied):
            operations.publicise_results(factories.principal(kind, Role.APPROVER), story.roll, at=RESULTS_AT)
    stranger = factories.principal(OrganisationKind.TOWNSHIP, Role.APPROVER, region_code="513426101000")
    with pytest.raises(NotVisible):
        operations.publicise_results(stranger, story.roll, at=RESULTS_AT)


def test_the_board_asks_for_it_until_it_hangs_and_not_for_ever(app: Flask, story: Story) -> None:
    pay(story)
    with app.test_request_context():
        expected = ["公示发放结果：鲹鱼河镇 困难残疾人生活补贴 202006"]
        assert [item.title for item in board.items(story.official, TODAY)] == expected
        last = TODAY + timedelta(days=rules.REMINDED_DAYS)
        assert [item.title for item in board.items(story.official, last)] == expected
        assert list(board.items(story.official, last + timedelta(days=1))) == []
        operations.publicise_results(story.official, story.roll, at=RESULTS_AT)
        assert [item.title.split("：")[0] for item in board.items(story.official, TODAY)] == ["登记张贴"]
