"""All the codes of a township at once."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from core import audit
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied
from core.principal import OrganisationKind, Role
from publicity import operations, queries
from publicity.models import QrCode
from registry.models import Region
from tests import factories
from tests.factories import AT
from tests.publicity.conftest import TOWNSHIP, VILLAGE, Story

BOARDS = 4
"""The township's own and those of its three villages."""


def township() -> Region:
    return db.session.get_one(Region, TOWNSHIP)


def test_every_board_of_the_township_gets_one_good_code(story: Story) -> None:
    assert operations.create_missing_qr_codes(story.official, township(), at=AT) == BOARDS
    db.session.commit()
    codes = db.session.scalars(select(QrCode)).all()
    boards = queries.notice_boards(story.official, TOWNSHIP)
    assert sorted(code.region_code for code in codes) == [board.code for board in boards]
    for code in codes:
        assert code.created_at == AT
        entry = queries.qr_entry(queries.qr_token_of(code))
        assert entry is not None and not entry.revoked and entry.region.code == code.region_code


def test_codes_that_hang_stay_and_a_revoked_one_is_replaced(story: Story) -> None:
    kept = operations.create_qr_code(story.official, township(), at=AT)
    revoked = operations.create_qr_code(story.official, db.session.get_one(Region, VILLAGE), at=AT)
    operations.revoke_qr_code(story.official, revoked, at=AT)
    assert operations.create_missing_qr_codes(story.official, township(), at=AT) == BOARDS - 1
    good = queries.good_codes(story.official, [TOWNSHIP, VILLAGE])
    assert good[TOWNSHIP].id == kept.id
    assert good[VILLAGE].id != revoked.id


def test_one_press_leaves_one_audit_entry(story: Story) -> None:
    operations.create_missing_qr_codes(story.official, township(), at=AT)
    entry = db.session.scalars(select(audit.AuditEntry)).one()
    assert (entry.action, entry.subject_id, entry.details) == (
        "publicity.create_qr_codes", TOWNSHIP, {"codes": BOARDS},
    )  # fmt: skip


def test_a_second_press_says_that_none_is_missing(story: Story) -> None:
    operations.create_missing_qr_codes(story.official, township(), at=AT)
    with pytest.raises(Conflict, match="都已经有二维码"):
        operations.create_missing_qr_codes(story.official, township(), at=AT)
    assert db.session.scalar(select(func.count()).select_from(QrCode)) == BOARDS


def test_who_may_not(app: Flask, story: Story) -> None:
    elsewhere = factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code="513426101000")
    with pytest.raises(NotVisible):
        operations.create_missing_qr_codes(elsewhere, township(), at=AT)
    for stranger in (
        factories.principal(OrganisationKind.AUDIT, Role.VIEWER),
        factories.principal(OrganisationKind.TOWNSHIP, Role.VIEWER, region_code=TOWNSHIP),
    ):
        with pytest.raises(PermissionDenied):
            operations.create_missing_qr_codes(stranger, township(), at=AT)
    assert db.session.scalar(select(func.count()).select_from(QrCode)) == 0
