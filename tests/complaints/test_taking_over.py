"""A late case stays with its owner until the office that it went up to takes it over."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from complaints import actions, operations, queries
from complaints.models import Complaint, Takeover
from complaints.operations.taking_over import take_over
from complaints.tracking import track
from core import clock
from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import system
from tests.complaints.county import AT, County, submit
from tests.signing import sign_in

DAY = timedelta(days=1)


def late() -> tuple[Complaint, str]:
    """Not accepted in time: the finance bureau supervises it."""
    complaint, code = submit()
    operations.escalate_overdue(system("night"), at=AT + 10 * DAY)
    db.session.commit()
    return complaint, code


def test_it_stays_until_it_is_taken_over_and_both_see_it(county: County) -> None:
    complaint, code = late()
    due_on = complaint.queue_on
    assert complaint.owner_id == county.township.organisation_id
    take_over(county.finance, complaint, "乡镇一直没有受理。", at=AT + 11 * DAY)
    assert (complaint.owner_id, complaint.handler_id) == (county.finance.organisation_id, county.finance.official_id)
    assert complaint.queue_on == due_on
    assert queries.is_visible(county.township, complaint)
    assert queries.is_visible(county.finance, complaint)
    assert not queries.is_visible(county.other_township, complaint)
    told = track(code, at=AT + 11 * DAY).entries[-1]
    assert (told.kind, told.title, told.text) == ("taken_over", "由督办单位接办", "乡镇一直没有受理。")
    with pytest.raises(PermissionDenied):
        operations.accept(county.township, complaint, at=AT + 11 * DAY)
    operations.accept(county.finance, complaint, at=AT + 11 * DAY)
    taken = db.session.scalars(select(Takeover)).one()
    assert (taken.from_organisation_id, taken.official_id) == (
        county.township.organisation_id,
        county.finance.official_id,
    )
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "complaint.take_over")).one()
    assert entry.visible_to == "discipline"


def test_who_may_take_it_over(county: County) -> None:
    complaint, _code = late()
    for person, error in (
        (county.other_township, NotVisible),
        (county.discipline, NotVisible),
        (county.township, PermissionDenied),
        (county.township_approver, PermissionDenied),
    ):
        with pytest.raises(error):
            take_over(person, complaint, "理由", at=AT + 11 * DAY)
    with pytest.raises(UserError, match="请写明"):
        take_over(county.finance, complaint, " ", at=AT + 11 * DAY)
    take_over(county.finance, complaint, "理由", at=AT + 11 * DAY)
    with pytest.raises(Conflict):
        take_over(county.finance, complaint, "理由", at=AT + 11 * DAY)


def test_a_case_sealed_after_it_was_taken_over_is_gone_for_both(county: County) -> None:
    complaint, _code = late()
    take_over(county.finance, complaint, "理由", at=AT + 11 * DAY)
    operations.refer_to_discipline(county.finance, complaint, "疑似截留", at=AT + 12 * DAY)
    for person in county.everybody_else:
        assert not queries.is_visible(person, complaint)
    with pytest.raises(NotVisible):
        take_over(county.finance, complaint, "理由", at=AT + 12 * DAY)


def test_on_the_screen(client: FlaskClient, county: County) -> None:
    complaint, _code = submit(at=clock.utc_now() - 60 * DAY)
    operations.escalate_overdue(system("night"), at=clock.utc_now())
    db.session.commit()
    address = f"/staff/complaints/{complaint.number}"
    sign_in(client, db.session.get_one(Official, county.township.official_id))
    assert f"{address}/take_over" not in client.get(address).text
    sign_in(client, db.session.get_one(Official, county.finance.official_id))
    assert f"{address}/take_over" in client.get(address).text
    assert client.post(f"{address}/take_over", data={"text": "一直没有受理"}).status_code == 303
    assert complaint.number in client.get("/staff/complaints/").text
    assert complaint.number not in client.get("/staff/complaints/supervised").text
    sign_in(client, db.session.get_one(Official, county.other_township.official_id))
    assert client.post(f"{address}/take_over", data={"text": "x"}).status_code == 404
    assert "take_over" in actions.ACTIONS
    sign_in(client, db.session.get_one(Official, county.township.official_id))
    page = client.get(address).text
    assert "一直没有受理" in page
    assert complaint.number in client.get("/staff/complaints/all").text
