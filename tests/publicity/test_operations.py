"""Rolls are hung out masked at three levels; codes are made and revoked; both leave one trace."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from core import audit
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind, Role
from disbursement.models import Payment
from publicity import board, operations, queries, rules
from publicity.models import PublicityLine, PublicityList
from registry.models import Region
from tests import factories
from tests.factories import AT
from tests.publicity.conftest import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Story, make_roll

TODAY = date(2020, 7, 6)


def lines(found: PublicityList) -> list[tuple[int, str, str, str, int]]:
    return [
        (line.number, line.masked_name, line.group_name, line.quantity, line.amount_fen)
        for line in db.session.scalars(
            select(PublicityLine).where(PublicityLine.list_id == found.id).order_by(PublicityLine.number)
        )
    ]


def test_a_roll_is_hung_out_at_three_levels(story: Story) -> None:
    made = {found.region_code: found for found in operations.publicise_roll(story.official, story.roll, at=AT)}
    db.session.commit()
    assert (story.roll.state, story.roll.publicity_until) == ("publicised", date(2020, 7, 12))
    assert sorted(made) == [
        TOWNSHIP,
        VILLAGE,
        VILLAGE + "001",
        VILLAGE + "002",
        OTHER_VILLAGE,
        OTHER_VILLAGE + "001",
    ]
    assert made[TOWNSHIP].title == "鲹鱼河镇2020年6月困难残疾人生活补贴发放公示表"
    assert (made[TOWNSHIP].opens_on, made[TOWNSHIP].closes_on) == (TODAY, date(2020, 7, 12))
    assert (made[VILLAGE].line_count, made[VILLAGE].total_fen) == (3, 54000)
    assert lines(made[VILLAGE]) == [
        (1, "阿西·**", "1社", "3", 27000),
        (2, "欧阳*梅", "1社", "3", 18000),
        (3, "李*", "2社", "3", 9000),
    ]
    assert lines(made[VILLAGE + "001"])[0] == (1, "阿西·**", "", "3", 27000)
    assert lines(made[TOWNSHIP])[0] == (1, "赵*", "", "3", 9000)
    assert lines(made[TOWNSHIP])[1][2] == "石门坎村1社"


def test_nothing_of_a_sensitive_roll_but_surnames(app: Flask) -> None:
    factories.load_regions()
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.APPROVER, region_code=TOWNSHIP)
    operations.publicise_roll(official, make_roll(sensitive=True), at=AT)
    names = set(db.session.scalars(select(PublicityLine.masked_name)))
    assert names == {"阿西·**", "欧阳**", "李**", "王**", "赵**"}


def test_a_programme_without_days_online_stays_off_the_public_door(app: Flask) -> None:
    factories.load_regions()
    official = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)
    made = operations.publicise_roll(official, make_roll(publicity_days=0), at=AT)
    assert not any(found.online for found in made)
    assert queries.open_lists(VILLAGE, on=TODAY) == []
    with pytest.raises(NotVisible):
        queries.open_list(rules.list_token(queries.signing_key(), made[0].id), on=TODAY)


def test_struck_people_are_not_hung_out(story: Story) -> None:
    payment = db.session.scalars(select(Payment).where(Payment.name == "李雷")).one()
    payment.state = "struck"
    made = operations.publicise_roll(story.official, story.roll, at=AT)
    assert next(found for found in made if found.region_code == VILLAGE).line_count == 2


def test_a_roll_without_people_cannot_be_hung_out(story: Story) -> None:
    for payment in db.session.scalars(select(Payment)):
        payment.state = "struck"
    with pytest.raises(UserError, match="没有可以公示的人员"):
        operations.publicise_roll(story.official, story.roll, at=AT)


def test_one_operation_leaves_one_audit_entry(story: Story) -> None:
    operations.publicise_roll(story.official, story.roll, at=AT)
    assert db.session.scalars(select(audit.AuditEntry.action)).all() == ["roll.publicise"]


def test_who_may_not(story: Story) -> None:
    elsewhere = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000")
    with pytest.raises(NotVisible):
        operations.publicise_roll(elsewhere, story.roll, at=AT)
    finance = factories.principal(OrganisationKind.FINANCE, Role.PREPARER)
    with pytest.raises(PermissionDenied):
        operations.publicise_roll(finance, story.roll, at=AT)


def test_a_roll_is_hung_out_once(story: Story) -> None:
    operations.publicise_roll(story.official, story.roll, at=AT)
    with pytest.raises(Conflict):
        operations.publicise_roll(story.official, story.roll, at=AT)


def test_a_roll_sent_back_leaves_the_public_door_and_its_next_round_replaces_the_first(story: Story) -> None:
    first = operations.publicise_roll(story.official, story.roll, at=AT)
    story.roll.state = "draft"
    db.session.commit()
    assert queries.open_lists(VILLAGE, on=TODAY) == []
    story.roll.state = "township_approved"
    db.session.commit()
    second = operations.publicise_roll(story.official, story.roll, at=AT)
    db.session.commit()
    assert {found.round for found in second} == {2}
    assert all(found.withdrawn_at == AT for found in first)
    assert len(queries.open_lists(VILLAGE + "001", on=TODAY)) == 3


def test_open_lists_are_those_around_a_region_while_they_are_open(story: Story) -> None:
    operations.publicise_roll(story.official, story.roll, at=AT)
    db.session.commit()
    at_group = queries.open_lists(VILLAGE + "001", on=TODAY)
    assert [found.level for found in at_group] == ["group", "village", "township"]
    assert [found.level for found in queries.open_lists(VILLAGE, on=TODAY)] == ["group", "group", "village", "township"]
    assert [found.level for found in queries.open_lists(TOWNSHIP, on=TODAY)] == ["township"]
    assert queries.open_lists("513426101000", on=TODAY) == []
    assert len(queries.open_lists(VILLAGE, on=TODAY + timedelta(days=6))) == 4
    assert queries.open_lists(VILLAGE, on=TODAY + timedelta(days=7)) == []
    assert queries.open_lists(VILLAGE, on=TODAY - timedelta(days=1)) == []
    token = at_group[0].token
    assert queries.open_list(token, on=TODAY).region_code == VILLAGE + "001"
    with pytest.raises(NotVisible):
        queries.open_list(token, on=TODAY + timedelta(days=7))


def test_a_code_works_for_years_until_it_is_revoked(story: Story) -> None:
    region = db.session.get_one(Region, VILLAGE)
    code = operations.create_qr_code(story.official, region, at=AT)
    token = queries.qr_token_of(code)
    region.name = "新名村"
    db.session.commit()
    entry = queries.qr_entry(token)
    assert entry is not None and (entry.region.name, entry.revoked) == ("新名村", False)
    with pytest.raises(Conflict):
        operations.create_qr_code(story.official, region, at=AT)
    operations.revoke_qr_code(story.official, code, at=AT)
    db.session.commit()
    entry = queries.qr_entry(token)
    assert entry is not None and entry.revoked
    with pytest.raises(Conflict):
        operations.revoke_qr_code(story.official, code, at=AT)
    assert queries.qr_token_of(operations.create_qr_code(story.official, region, at=AT)) != token


def test_codes_belong_to_those_who_look_after_the_region(story: Story) -> None:
    region = db.session.get_one(Region, VILLAGE)
    elsewhere = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000")
    with pytest.raises(NotVisible):
        operations.create_qr_code(elsewhere, region, at=AT)
    auditor = factories.principal(OrganisationKind.AUDIT, Role.VIEWER)
    with pytest.raises(PermissionDenied):
        operations.create_qr_code(auditor, region, at=AT)


def test_the_board_asks_for_what_waits(app: Flask, story: Story) -> None:
    with app.test_request_context():
        assert [item.title for item in board.items(story.official, TODAY)] == [
            "张榜公示：鲹鱼河镇 困难残疾人生活补贴 202006"
        ]
        viewer = factories.principal(OrganisationKind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP)
        assert list(board.items(viewer, TODAY)) == []
