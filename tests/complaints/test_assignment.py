"""Giving many cases to a colleague in one go, and being reminded of one's own."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from accounts.models import Official
from accounts.operations import set_active
from complaints import operations, queries
from complaints.models import Complaint
from complaints.operations.assigning import assign
from complaints.rulebook import CURRENT
from complaints.rules import reminded_until
from core import clock
from core.board import items_for
from core.database import db
from core.errors import PermissionDenied, UserError
from core.principal import OrganisationKind, Principal, Role, system
from core.working_days import load_calendar
from tests import factories
from tests.complaints.county import AT, TOWNSHIP, County, submit
from tests.signing import sign_in

DAY = timedelta(days=1)


@pytest.fixture
def colleague(county: County) -> Principal:
    office = db.session.get_one(Official, county.township.official_id).organisation
    person = factories.principal(
        OrganisationKind.TOWNSHIP, Role.COMPLAINT_HANDLER, region_code=TOWNSHIP, organisation_name=office.name
    )
    assert person.organisation_id == county.township.organisation_id
    db.session.commit()
    return person


def handed_in(count: int = 1, days_ago: int = 0, **values: object) -> list[Complaint]:
    found = [submit(at=clock.utc_now() - days_ago * DAY, **values)[0] for _ in range(count)]
    db.session.commit()
    return found


def press(client: FlaskClient, action: str, address: str = "/staff/complaints/", **form: object) -> str:
    return client.post(address, data={"bulk": action, **form}, follow_redirects=True).text


def confirm(
    client: FlaskClient, page: str, action: str, handler: Principal, address: str = "/staff/complaints/"
) -> str:
    hidden = {name: re.findall(rf'name="{name}" value="(\w*)"', page) for name in ("count", "total", "id", "all")}
    form = {name: values if name == "id" else values[0] for name, values in hidden.items() if values}
    return press(client, action, address, confirmed="1", handler=str(handler.official_id), **form)


def test_many_are_given_to_a_colleague_at_once(client: FlaskClient, county: County, colleague: Principal) -> None:
    free, taken = handed_in(2), handed_in(1)
    operations.accept(county.township, taken[0], at=clock.utc_now())
    db.session.commit()
    sign_in(client, db.session.get_one(Official, county.township.official_id))
    page = press(client, "assign", id=[case.number for case in (*free, *taken)])
    assert "已经有人经办，要换人请选“改派”。" in page
    said = confirm(client, page, "assign", colleague)
    assert "已办理 2 条" in said
    db.session.expire_all()
    assert {case.handler_id for case in free} == {colleague.official_id}
    assert taken[0].handler_id == county.township.official_id
    for case in free:
        entry = queries.story(county.township, case)[-1]
        assert (entry.kind, entry.text, entry.public, entry.official_id) == (
            "assigned",
            db.session.get_one(Official, colleague.official_id).name,
            False,
            county.township.official_id,
        )
    page = press(client, "reassign", id=[taken[0].number])
    assert "已经有人经办，确认后换成" in page
    confirm(client, page, "reassign", colleague)
    db.session.expire_all()
    assert taken[0].handler_id == colleague.official_id


def test_everything_that_matches_is_given_away(client: FlaskClient, county: County, colleague: Principal) -> None:
    cases = handed_in(3)
    sign_in(client, db.session.get_one(Official, county.township.official_id))
    page = press(client, "assign", all="1")
    confirm(client, page, "assign", colleague)
    db.session.expire_all()
    assert {case.handler_id for case in cases} == {colleague.official_id}
    assert cases[0].number in client.get("/staff/complaints/?handler=others").text
    assert cases[0].number not in client.get("/staff/complaints/?handler=mine").text
    assert cases[0].number not in client.get("/staff/complaints/?handler=nobody").text


def test_only_a_handler_of_the_own_office_gets_cases(county: County) -> None:
    case = handed_in()[0]
    for wrong in (county.other_township, county.township_approver):
        with pytest.raises(UserError, match="只能是本单位"):
            assign(county.township, [case.number], wrong.official_id or 0, also_from_others=True, at=AT)
    with pytest.raises(PermissionDenied):
        assign(
            county.township_approver,
            [case.number],
            county.township.official_id or 0,
            also_from_others=True,
            at=AT,
        )


def test_another_office_reaches_nothing(client: FlaskClient, county: County) -> None:
    theirs = handed_in()[0]
    sealed = handed_in(category="fraud")[0]
    for person in (county.other_township, county.finance):
        numbers = [theirs.number, sealed.number]
        given = assign(person, numbers, person.official_id or 0, also_from_others=True, at=AT)
        assert given.done == 0
    sign_in(client, db.session.get_one(Official, county.other_township.official_id))
    assert theirs.number not in press(client, "assign", id=[theirs.number])
    db.session.expire_all()
    assert (theirs.handler_id, sealed.handler_id) == (None, None)


def test_sealed_cases_are_given_within_the_commission_only(client: FlaskClient, county: County) -> None:
    sealed = handed_in(category="fraud")[0]
    sign_in(client, db.session.get_one(Official, county.discipline.official_id))
    page = press(client, "assign", "/staff/complaints/sealed", id=[sealed.number])
    confirm(client, page, "assign", county.discipline, "/staff/complaints/sealed")
    db.session.expire_all()
    assert sealed.handler_id == county.discipline.official_id
    sign_in(client, db.session.get_one(Official, county.township.official_id))
    assert client.post("/staff/complaints/sealed", data={"bulk": "assign", "id": sealed.number}).status_code == 404


def test_the_reminder_counts_working_days(county: County) -> None:
    friday = date(2020, 7, 10)
    assert reminded_until(friday, CURRENT, load_calendar()) == date(2020, 7, 14)
    assert reminded_until(date(2020, 7, 9), CURRENT, load_calendar()) == date(2020, 7, 13)


@time_machine.travel(AT, tick=False)
def test_the_handler_is_reminded_of_his_own_among_many(app: Flask, county: County, colleague: Principal) -> None:
    handed_in(11, days_ago=90)
    # Five working days to accept: due on Tuesday, the 7th.
    own = handed_in(2, days_ago=6)
    numbers = [case.number for case in own]
    assign(county.township, numbers, colleague.official_id or 0, also_from_others=False, at=clock.utc_now())
    db.session.commit()

    def reminders(principal: Principal) -> list[tuple[str, int]]:
        with app.test_request_context():
            items = items_for(principal, clock.today())
            return [(item.url, item.count) for item in items if item.title == "您经办的快到期"]

    assert reminders(colleague) == [("/staff/complaints/?handler=mine&urgency=soon", 2)]
    assert reminders(county.township) == []
    assert reminders(county.other_township) == []


def test_who_leaves_leaves_his_open_cases_to_his_colleagues(county: County) -> None:
    open_case, ended = submit()[0], submit()[0]
    for case in (open_case, ended):
        operations.accept(county.township, case, at=AT)
    operations.start_investigation(county.township, ended, at=AT)
    operations.conclude(county.township, ended, "已补发。", at=AT)
    ended.state = "closed"
    db.session.flush()
    person = db.session.get_one(Official, county.township.official_id)
    due_on = open_case.queue_on
    assert set_active(system("test"), person, False, at=AT) == 1
    db.session.expire_all()
    assert (open_case.handler_id, open_case.queue_on, ended.handler_id) == (None, due_on, person.id)
    last = queries.story(county.township_approver, open_case)[-1]
    assert (last.kind, last.public) == ("handler_moved", False)
