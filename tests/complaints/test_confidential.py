"""A confidential reporter: known to the discipline commission, and unnamed for everybody else, byte for byte."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from complaints import operations
from complaints.models import Complaint
from complaints.operations import Submission, submit_complaint
from complaints.tracking import track
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import Principal, system
from sms.models import Message
from tests.complaints.county import AT, VILLAGE, County, submit
from tests.complaints.test_sealed import TOKENS, pages, signed_in

NAMED: dict[str, Any] = {"anonymous": False, "name": "王某某", "phone": "13800000001"}
CONFIDENTIAL = NAMED | {"confidential": True}
SECRETS = ("王", "13800000001", "0001")


def see(principal: Principal, complaint: Complaint) -> tuple[str | None, str | None]:
    return operations.reveal_reporter(principal, complaint, "核实", at=AT)


def test_only_the_commission_learns_the_name_and_gives_a_reason(county: County) -> None:
    complaint, _code = submit(**CONFIDENTIAL)
    assert (complaint.confidential, complaint.reporter_name) == (True, "王某某")
    with pytest.raises(Conflict, match="没有留姓名"):
        see(county.township, complaint)
    with pytest.raises(UserError, match="为什么"):
        operations.reveal_reporter(county.discipline, complaint, "", at=AT)
    assert see(county.discipline, complaint) == ("王某某", "13800000001")
    with pytest.raises(NotVisible):
        see(county.finance, complaint)


def test_who_reveals_an_unnamed_one_is_told_the_same(county: County) -> None:
    unnamed, _code = submit()
    confidential, _code = submit(**CONFIDENTIAL)
    sentences = set()
    for complaint in (unnamed, confidential):
        with pytest.raises(Conflict) as refused:
            see(county.township, complaint)
        sentences.add(str(refused.value))
    assert len(sentences) == 1


def test_unnamed_is_more_than_confidential(county: County) -> None:
    complaint, _code = submit(**(CONFIDENTIAL | {"anonymous": True}))
    assert (complaint.anonymous, complaint.confidential, complaint.reporter_name) == (True, False, None)
    with pytest.raises(UserError, match="填写姓名"):
        submit(anonymous=False, confidential=True)


def test_no_message_tells_that_he_is_known(county: County) -> None:
    complaint, code = submit(**CONFIDENTIAL)
    operations.accept(county.township, complaint, at=AT)
    operations.start_investigation(county.township, complaint, at=AT)
    operations.conclude(county.township, complaint, "已经核实。", at=AT)
    db.session.commit()
    assert db.session.scalars(select(Message)).all() == []
    assert track(code, at=AT).answer == "已经核实。"


def test_the_commission_writes_nothing_into_a_case_that_has_not_gone_up(county: County) -> None:
    complaint, _code = submit(**CONFIDENTIAL)
    with pytest.raises(PermissionDenied, match="保密举报"):
        operations.add_note(county.discipline, complaint, "记一笔", at=AT)
    with pytest.raises(PermissionDenied):
        operations.accept(county.discipline, complaint, at=AT)
    operations.escalate_overdue(system("night"), at=AT + timedelta(days=60))
    operations.add_note(county.discipline, complaint, "请尽快办理。", at=AT + timedelta(days=60))


def test_an_official_enters_a_confidential_one(county: County) -> None:
    letter = Submission("service", "来电反映。", VILLAGE, channel="phone", received_on=AT.date(), **CONFIDENTIAL)
    complaint, code = submit_complaint(county.township, letter, at=AT)
    assert complaint.confidential and len(code) == 20
    with pytest.raises(Conflict):
        see(county.township, complaint)


# Every page of every office, twice: one way on each database is enough.
@pytest.mark.parametrize(("database_url", "seen"), [("sqlite", True), ("postgresql", False)], indirect=["database_url"])
@time_machine.travel(AT, tick=False)
def test_every_page_of_everybody_else_reads_as_unnamed(app: Flask, county: County, seen: bool) -> None:
    """The same case, once of an unnamed and once of a confidential reporter, who may have been looked at."""
    complaint, _code = submit(at=AT - timedelta(days=30), **CONFIDENTIAL)
    operations.accept(county.township, complaint, at=AT - timedelta(days=29))
    operations.escalate_overdue(system("night"), at=AT)
    if seen:
        see(county.discipline, complaint)
    db.session.commit()
    clients = [signed_in(app, person) for person in county.everybody_else]
    addresses = pages(app, complaint)
    for client in clients:
        # Colleagues at the same case are told of each other: all have opened it before the pages are compared.
        client.get(f"/staff/complaints/{complaint.number}")
    confidential = [list(shown(client, addresses, complaint)) for client in clients]
    complaint.anonymous, complaint.confidential = True, False
    complaint.reporter_name = complaint.reporter_phone = None
    db.session.commit()
    assert [list(shown(client, addresses, complaint)) for client in clients] == confidential
    assert not any(secret in text for story in confidential for _, text in story for secret in SECRETS[:2])


def shown(client: FlaskClient, addresses: list[str], complaint: Complaint) -> list[tuple[int, str]]:
    found = []
    for address in addresses:
        answer = client.get(address)
        found.append((answer.status_code, TOKENS.sub(b"", answer.data).decode()))
    for address in ("/staff/complaints/", "/staff/complaints/all", "/staff/complaints/supervised"):
        found.append((0, client.post(address, data={"export": "csv"}).text))
    revealed = client.post(
        f"/staff/complaints/{complaint.number}/reporter", data={"reason": "核实"}, follow_redirects=True
    )
    found.append((revealed.status_code, TOKENS.sub(b"", revealed.data).decode()))
    return found


def test_nobody_is_told_that_the_commission_looks(app: Flask, county: County) -> None:
    complaint, _code = submit(**CONFIDENTIAL)
    db.session.commit()
    page = f"/staff/complaints/{complaint.number}"
    township = signed_in(app, county.township)
    before = TOKENS.sub(b"", township.get(page).data)
    assert signed_in(app, county.discipline).get(page).status_code == 200
    assert TOKENS.sub(b"", signed_in(app, county.township).get(page).data) == before


def test_the_commission_finds_and_reveals_on_the_screen(app: Flask, county: County) -> None:
    complaint, _code = submit(**CONFIDENTIAL)
    submit()
    db.session.commit()
    client = signed_in(app, county.discipline)
    listed = client.get("/staff/complaints/confidential").text
    assert complaint.number in listed and len(set(re.findall(r"/staff/complaints/(\d{12})", listed))) == 1
    page = client.get(f"/staff/complaints/{complaint.number}").text
    assert "只有纪委监委知道" in page and "13800000001" not in page
    address = f"/staff/complaints/{complaint.number}/reporter"
    assert "13800000001" in client.post(address, data={"reason": "核实线索"}).text
    assert "核实线索" in client.get(f"/staff/complaints/{complaint.number}").text
    township = signed_in(app, county.township)
    assert township.get("/staff/complaints/confidential").status_code == 404
    assert "核实线索" not in township.get(f"/staff/complaints/{complaint.number}").text
