"""A roll on its way through the offices: who may hand it in, approve it, send it back and replace it."""

import pytest
from flask import Flask
from sqlalchemy import select

from core import uploads, workflow
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations
from disbursement.models import Payment, Roll, RollFinding
from disbursement.rules import ROLL_WORKFLOW
from tests import factories
from tests.disbursement.county import (
    AT,
    OTHER_TOWNSHIP,
    County,
    build_county,
    entry,
    states,
)


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def test_a_roll_walks_through_its_offices(county: County) -> None:
    roll = county.roll([entry(1), entry(2)])
    assert (roll.state, roll.line_count, roll.total_fen, states()) == ("draft", 2, 54000, {"drafted": 2})
    county.approve(roll)
    assert (roll.state, states()) == ("department_approved", {"approved": 2})
    steps = [step.action for step in workflow.history(ROLL_WORKFLOW, roll.id)]
    assert steps == ["submit", "approve_township", "publicise", "approve_department"]


def test_whoever_submits_cannot_approve(county: County) -> None:
    both = factories.principal(Kind.TOWNSHIP, Role.PREPARER, Role.APPROVER, region_code="513426100000")
    roll = county.roll([entry(1)])
    operations.submit_roll(both, roll, at=AT)
    with pytest.raises(PermissionDenied):
        operations.approve_roll_township(both, roll, at=AT)
    operations.approve_roll_township(county.approver, roll, at=AT)
    assert roll.state == "township_approved"


def test_whoever_brings_the_file_cannot_approve_though_another_submits_it(county: County) -> None:
    """Else he would approve amounts of his own, and explain the checks of them, by a colleague's press of a button."""
    both = factories.principal(Kind.TOWNSHIP, Role.PREPARER, Role.APPROVER, region_code="513426100000")
    content = (factories.SAMPLES / "roll-困难残疾人生活补贴-202006-鲹鱼河镇.xlsx").read_bytes()
    parameters = {"programme": county.programme.code, "period": "202006", "township": "513426100000"}
    kind = uploads.kind_of("disbursement.roll")
    uploads.import_at_once(both, kind, content, "roll.xlsx", parameters, at=AT, dry_run=False)
    roll = db.session.scalars(select(Roll)).one()
    operations.submit_roll(county.preparer, roll, at=AT)
    ids = db.session.scalars(select(RollFinding.id)).all()
    with pytest.raises(UserError, match="本人上传"):
        operations.explain_findings(both, roll, ids, "已入户核实", at=AT)
    with pytest.raises(PermissionDenied, match="本人上传"):
        operations.approve_roll_township(both, roll, at=AT)
    operations.explain_findings(county.approver, roll, ids, "已入户核实", at=AT)
    operations.approve_roll_township(county.approver, roll, at=AT)
    assert roll.state == "township_approved"


def test_no_step_can_be_skipped(county: County) -> None:
    roll = county.roll([entry(1)])
    with pytest.raises(Conflict):
        operations.approve_roll_department(county.department, roll, at=AT)
    operations.submit_roll(county.preparer, roll, at=AT)
    with pytest.raises(Conflict):
        operations.record_publicity(county.approver, roll, until=AT.date(), at=AT)


def test_another_township_and_another_department_do_not_see_a_roll(county: County) -> None:
    roll = county.roll([entry(1)])
    stranger = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=OTHER_TOWNSHIP)
    with pytest.raises(NotVisible):
        operations.submit_roll(stranger, roll, at=AT)
    operations.submit_roll(county.preparer, roll, at=AT)
    operations.approve_roll_township(county.approver, roll, at=AT)
    operations.record_publicity(county.approver, roll, until=AT.date(), at=AT)
    other = factories.principal(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县农业农村局")
    with pytest.raises(NotVisible):
        operations.approve_roll_department(other, roll, at=AT)


def test_a_roll_is_sent_back_with_a_reason_and_keeps_its_payments(county: County) -> None:
    roll = county.roll([entry(1), entry(2)])
    operations.submit_roll(county.preparer, roll, at=AT)
    with pytest.raises(UserError):
        operations.send_back_roll(county.approver, roll, "  ", at=AT)
    operations.send_back_roll(county.approver, roll, "第二行金额不对", at=AT)
    assert (roll.state, states()) == ("draft", {"drafted": 2})
    assert workflow.history(ROLL_WORKFLOW, roll.id)[-1].reason == "第二行金额不对"


def test_a_new_version_of_a_draft_strikes_whom_it_no_longer_names(county: County) -> None:
    first = county.roll([entry(1), entry(2)])
    before = dict(db.session.execute(select(Payment.row, Payment.id)).all())
    second = county.roll([entry(2, fen=30000), entry(3)])
    assert second.id == first.id
    found = {payment.row: payment for payment in db.session.scalars(select(Payment).where(Payment.row > 0))}
    assert states() == {"struck": 1, "drafted": 2}
    assert (found[3].id, found[3].amount_fen) == (before[3], 30000)
    assert (second.line_count, second.total_fen) == (2, 57000)
    county.roll([entry(1)])
    assert states() == {"struck": 2, "drafted": 1}


def test_a_submitted_roll_is_not_replaced(county: County) -> None:
    operations.submit_roll(county.preparer, county.roll([entry(1)]), at=AT)
    with pytest.raises(Conflict):
        county.roll([entry(1)])


def test_a_township_hands_in_its_own_roll_only_and_for_platform_programmes_only(county: County) -> None:
    townships = {code: db.session.get_one(factories.Region, code) for code in ("513426100000", OTHER_TOWNSHIP)}
    with pytest.raises(UserError):
        operations.import_roll(
            county.preparer, county.programme, "202006", townships[OTHER_TOWNSHIP], [entry(1)], at=AT
        )
    offline = factories.programme("YULU_EDUCATION", "雨露计划职业教育补助", channel="offline")
    with pytest.raises(UserError):
        operations.import_roll(county.preparer, offline, "202006", townships["513426100000"], [entry(1)], at=AT)
    with pytest.raises(UserError):
        county.roll([entry(1)], period="202013")


def test_one_person_in_two_townships_is_not_approved(county: County) -> None:
    county.roll([entry(1)], township=OTHER_TOWNSHIP)
    roll = county.roll([entry(1), entry(2)])
    operations.submit_roll(county.preparer, roll, at=AT)
    with pytest.raises(operations.FindingsStand, match="1 个必须解决"):
        operations.approve_roll_township(county.approver, roll, at=AT)
