"""Retention on the pages: the sealed room's stays its own, an office keeps what it needs, the reporter is told."""

import json
from collections.abc import Iterator
from datetime import date

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from complaints import operations
from complaints.models import Complaint
from core.calendar import local_date
from core.database import db
from core.principal import OrganisationKind, Role
from tests import factories
from tests.complaints.county import AT, County, submit
from tests.complaints.test_retention import declined, night, small_hours
from tests.complaints.test_sealed import TOKENS, signed_in


def test_the_command_tells_no_count_of_sealed_cases(app: Flask, county: County) -> None:
    declined(county)
    sealed, _code = submit(category="fraud")
    operations.decline(county.discipline, sealed, "查无此事", at=AT)
    db.session.commit()
    runner = app.test_cli_runner()
    told = []
    for on in ("2031-01-01", "2031-02-01"):
        result = runner.invoke(args=["sweep", "--on", on, "--json"])
        told.append(json.loads(result.output)["complaints.retention"])
    assert told == [
        {"announced": 1, "called_off": 0, "erased": 0},
        {"announced": 0, "called_off": 0, "erased": 1},
    ]
    assert db.session.scalar(select(func.count()).where(Complaint.erased_on.is_not(None))) == 2


def test_the_sealed_room_has_its_own_period(county: County) -> None:
    referred, _code = submit(category="enquiry")
    operations.refer_to_discipline(county.township, referred, "疑似截留", at=AT)
    operations.decline(county.discipline, referred, "查无此事", at=AT)
    assert night(date(2025, 1, 1))["announced"] == 0
    assert referred.erase_on is None
    night(date(2030, 6, 6))
    assert referred.erase_on == date(2030, 7, 6)
    operations.hold(county.discipline, referred, "另案", at=small_hours(date(2030, 7, 1)))
    night(date(2030, 7, 6))
    assert referred.erased_on is None
    operations.lift_hold(county.discipline, referred, "另案已结", at=small_hours(date(2030, 7, 7)))
    night(date(2030, 7, 8))
    night(date(2030, 8, 7))
    assert referred.erased_on == date(2030, 8, 7)


RETENTION_PAGES = (
    "/staff/",
    "/staff/complaints/",
    "/staff/complaints/all",
    "/staff/complaints/statistics",
    "/staff/complaints/retention",
    "/staff/complaints/retention/held",
    "/staff/complaints/retention/periods",
    "/staff/complaints/sealed/retention",
    "/staff/complaints/sealed/retention/held",
)


def seen_by(client: FlaskClient) -> Iterator[tuple[str, int, bytes]]:
    for address in RETENTION_PAGES:
        answer = client.get(address)
        yield address, answer.status_code, TOKENS.sub(b"", answer.data)
        exported = client.post(address, data={"export": "csv"})
        yield f"export of {address}", exported.status_code, TOKENS.sub(b"", exported.data)


@time_machine.travel(small_hours(date(2030, 6, 20)), tick=False)
def test_the_end_of_a_sealed_case_shows_nowhere_else(app: Flask, county: County) -> None:
    """Byte for byte: announced, held, and deleted."""
    now = small_hours(date(2030, 6, 20))
    plain, _code = declined(county, category="tip_off")
    kept, _code = declined(county, category="tip_off")
    operations.hold(county.township, kept, "诉讼", at=now)
    night(local_date(now))
    db.session.commit()
    clients = [signed_in(app, person) for person in county.everybody_else]
    before = [list(seen_by(client)) for client in clients]
    assert any(plain.number.encode() in body for _address, _status, body in before[0])
    assert any(kept.number.encode() in body for _address, _status, body in before[0])

    def ended() -> Complaint:
        sealed, _code = submit(at=AT, category="fraud")
        operations.decline(county.discipline, sealed, "查无此事", at=AT)
        return sealed

    announced, held, erased = ended(), ended(), ended()
    operations.hold(county.discipline, held, "另案", at=now)
    db.session.execute(update(Complaint).where(Complaint.id == erased.id).values(erase_on=date(2030, 6, 19)))
    operations.set_period(factories.principal(OrganisationKind.DISCIPLINE, Role.APPROVER), "sealed", 9, "规定", at=now)
    night(local_date(now))
    db.session.commit()
    assert (announced.erase_on, erased.erased_on) == (date(2030, 7, 20), date(2030, 6, 20))
    after = [list(seen_by(client)) for client in clients]
    assert after == before
    commission = signed_in(app, county.discipline)
    assert announced.number in commission.get("/staff/complaints/sealed/retention").text
    assert held.number in commission.get("/staff/complaints/sealed/retention/held").text
    assert announced.number not in commission.get("/staff/complaints/retention").text
    assert "移送的问题线索" in commission.get("/staff/complaints/retention/periods").text
    for client in clients:
        assert client.get("/staff/complaints/sealed/retention").status_code == 404
        assert "移送的问题线索" not in client.get("/staff/complaints/retention/periods").text


@time_machine.travel(small_hours(date(2025, 6, 20)), tick=False)
def test_an_office_sees_what_goes_and_keeps_it(app: Flask, county: County) -> None:
    complaint, _code = declined(county)
    night(date(2025, 6, 20))
    db.session.commit()
    client = signed_in(app, county.township)
    page = client.get("/staff/complaints/retention").text
    assert complaint.number in page and "2025-07-20" in page
    case = client.get(f"/staff/complaints/{complaint.number}").text
    assert "删除" in case and "留存" in case
    kept = client.post(f"/staff/complaints/{complaint.number}/hold", data={"text": "打官司"}, follow_redirects=True)
    assert "已留存" in kept.text and "打官司" in kept.text
    assert complaint.number not in client.get("/staff/complaints/retention").text
    assert complaint.number in client.get("/staff/complaints/retention/held").text
    client.post(f"/staff/complaints/{complaint.number}/lift_hold", data={"text": "官司结束"})
    assert complaint.number not in client.get("/staff/complaints/retention/held").text
    other = signed_in(app, county.other_township)
    assert complaint.number not in other.get("/staff/complaints/retention").text


def test_the_finance_bureau_sets_a_period_on_the_page(app: Flask, county: County) -> None:
    chief = factories.principal(OrganisationKind.FINANCE, Role.APPROVER)
    db.session.commit()
    client = signed_in(app, chief)
    assert "未核实" in client.get("/staff/complaints/retention/periods").text
    refused = client.post(
        "/staff/complaints/retention/periods", data={"category": "enquiry", "years": "4", "reason": ""}
    )
    assert refused.status_code == 400
    assert 'value="4"' in refused.text
    given = {"category": "enquiry", "years": "4", "reason": "县档案局 2025 年 3 号文"}
    page = client.post("/staff/complaints/retention/periods", data=given, follow_redirects=True).text
    assert "县档案局 2025 年 3 号文" in page
    township = signed_in(app, county.township)
    assert "改期限" not in township.get("/staff/complaints/retention/periods").text
    assert township.post("/staff/complaints/retention/periods", data=given).status_code == 403


def test_the_reporter_is_told_before(app: Flask, county: County) -> None:
    _complaint, code = declined(county)
    night(date(2025, 6, 20))
    db.session.commit()
    client = app.test_client()
    with time_machine.travel(small_hours(date(2025, 6, 21)), tick=False):
        page = client.post("/complaints/track", data={"receipt_code": code}, follow_redirects=True).text
    assert "全部内容将在" in page
    night(date(2025, 7, 20))
    db.session.commit()
    gone = client.post("/complaints/track", data={"receipt_code": code}, follow_redirects=True)
    never = client.post("/complaints/track", data={"receipt_code": "1" * 20}, follow_redirects=True)
    assert gone.status_code == never.status_code
    assert "没有查到" in gone.text
