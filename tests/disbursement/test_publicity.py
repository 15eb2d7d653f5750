"""The department's approval waits for the end of the publicity; the pages say until when (B8)."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from core import board
from core.database import db
from core.errors import Conflict, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from core.working_days import load_calendar
from disbursement import operations, queries
from disbursement.models import Roll
from disbursement.queries.progress import batches_under_way
from programmes import operations as programmes
from tests import factories
from tests.disbursement.county import AT, County, build_county, entry
from tests.signing import sign_in

LAST = date(2020, 7, 12)
WHILE_IT_HANGS = datetime(2020, 7, 12, 15, 59, tzinfo=AT.tzinfo)
"""A minute before midnight in the county."""
WHEN_IT_IS_DOWN = WHILE_IT_HANGS + timedelta(minutes=1)


@pytest.fixture
def county(app: Flask) -> County:
    made = build_county()
    db.session.commit()
    return made


@pytest.fixture
def roll(county: County) -> Roll:
    """A roll that hangs until the twelfth."""
    made = county.roll([entry(1), entry(2)])
    operations.submit_roll(county.preparer, made, at=AT)
    operations.approve_roll_township(county.approver, made, at=AT)
    operations.record_publicity(county.approver, made, until=LAST, at=AT)
    db.session.commit()
    return made


def test_the_last_day_of_the_lists_still_holds_the_approval(county: County, roll: Roll) -> None:
    with pytest.raises(UserError, match="公示到 2020-07-12"):
        operations.approve_roll_department(county.department, roll, at=WHILE_IT_HANGS)
    assert roll.state == "publicised"
    operations.approve_roll_department(county.department, roll, at=WHEN_IT_IS_DOWN)
    assert roll.state == "department_approved"


def test_a_roll_that_does_not_hang_is_never_approved(county: County, roll: Roll) -> None:
    operations.set_publicity_until(roll, None)
    with pytest.raises(UserError, match="还没有全部张贴"):
        operations.approve_roll_department(county.department, roll, at=AT + timedelta(days=400))


def test_a_programme_may_do_without_the_wait(county: County, roll: Roll) -> None:
    finance = county.finance
    programmes.choose_publicity_wait(finance, county.programme.id, "救灾资金，川应急〔2020〕7号", waits=False, at=AT)
    operations.approve_roll_department(county.department, roll, at=AT)
    assert roll.state == "department_approved"


def test_while_it_hangs_no_line_is_struck(county: County, roll: Roll) -> None:
    [first, _second] = [payment.id for payment in db.session.scalars(queries.visible_payments(county.department))]
    with pytest.raises(Conflict, match="正在公示"):
        operations.strike_payments(county.department, roll, [first], "已死亡", at=WHILE_IT_HANGS)
    assert operations.strike_payments(county.department, roll, [first], "已死亡", at=WHEN_IT_IS_DOWN).done == 1


def test_a_roll_sent_back_is_hung_out_anew(county: County, roll: Roll) -> None:
    operations.send_back_roll(county.department, roll, "第二行金额不对", at=AT)
    assert roll.publicity_until is None


def test_the_board_and_the_progress_say_until_when(app: Flask, county: County, roll: Roll) -> None:
    with app.test_request_context():
        [item] = board.items_for(county.department, LAST)
        assert (item.title, item.detail) == (
            "公示中，还不能审批：困难残疾人生活补贴 202006",
            "公示到 2020-07-12 · 鲹鱼河镇，2 人",
        )
        [item] = board.items_for(county.department, LAST + timedelta(days=1))
        assert item.title == "审批花名册：困难残疾人生活补贴 202006"
    [found] = batches_under_way(county.department, load_calendar(), LAST)
    assert (found.rolls[0].waited, found.rolls[0].is_late) == (0, False)
    # Working days count from when the lists have come down: the 13th to the 17th.
    [found] = batches_under_way(county.department, load_calendar(), date(2020, 7, 17))
    assert (found.rolls[0].waited, found.rolls[0].is_late) == (5, True)


def test_the_pages_offer_no_approval_while_it_hangs(county: County, roll: Roll, client: FlaskClient) -> None:
    official = factories.official(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县民政局")
    page, batch = f"/staff/disbursement/rolls/{roll.id}", f"/staff/disbursement/batches/{roll.batch_id}"
    with time_machine.travel(WHILE_IT_HANGS, tick=False):
        sign_in(client, official)
        shown = client.get(page).text
        assert "公示中" in shown and "公示到 2020-07-12" in shown and "确认审批通过" not in shown
        assert "公示到 2020-07-12" in client.get(batch).text
        assert "公示到 2020-07-12" in client.get("/staff/disbursement/progress").text
        assert "公示到 2020-07-12" in client.get("/staff/disbursement/rolls").text
        refused = client.post(f"{page}/approve-department", follow_redirects=True).text
        assert "花名册公示到 2020-07-12，期满以后才能审批" in refused
        bulk = {"bulk": "approve_department", "id": str(roll.id), "count": "1", "total": "54000", "confirmed": "1"}
        told = client.post("/staff/disbursement/rolls", data=bulk, follow_redirects=True).text
        assert "有 1 条没有办理" in told and "公示到 2020-07-12" in told
    with time_machine.travel(WHEN_IT_IS_DOWN, tick=False):
        sign_in(client, official)
        assert "确认审批通过" in client.get(page).text
        assert "主管部门审核已通过" in client.post(f"{page}/approve-department", follow_redirects=True).text
