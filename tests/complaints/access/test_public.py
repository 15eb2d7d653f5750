"""The public door: everybody may hand in and come back, each to his own case only."""

from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select

from complaints.models import Complaint
from core.database import db
from tests.complaints.access.cases import PHONE
from tests.complaints.access.objects import MADE_UP, County
from tests.complaints.access.people import NOBODY, VILLAGER
from tests.complaints.access.picture import changed, picture
from tests.complaints.access.places import PLACES
from tests.complaints.access.requests import address_of, ask
from tests.complaints.access.table import HANDED_IN, ROUTES, Asked

PUBLIC = [route for route, entry in ROUTES.items() if entry.kind == "public"]
TRACK = "/complaints/track"
VISITORS = (NOBODY, VILLAGER, "township handler", "discipline handler")
"""An official's cookie is that of the other door: here he is nobody."""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("endpoint", "method"), PUBLIC)
def test_the_door_is_open_to_everybody(app: Flask, county: County, endpoint: str, method: str) -> None:
    entry = ROUTES[endpoint, method]
    for person in VISITORS:
        answer = ask(county.visitor(person), method, address_of(app, endpoint), entry.filled(Asked(county, person)))
        assert answer.status == entry.gives, person


def test_a_receipt_code_opens_its_own_case_and_no_other(county: County) -> None:
    """The same for whoever has it: there is nothing else that opens a case, and nothing that keeps one shut."""
    numbers = {county.case(place).number: place for place in PLACES if place != "nowhere"}
    for number, place in numbers.items():
        for person in (VISITORS[0], "township handler") if place == "sealed" else VISITORS[:1]:
            page = track(county, person, {"receipt_code": county.case(place).code})
            assert {found for found in numbers if found in page} == {number}
            assert PHONE not in page and "经办" not in page.replace("经办人", "")


def track(county: County, person: str, form: Mapping[str, str]) -> str:
    return ask(county.visitor(person), "POST", TRACK, form).content.decode()


@pytest.mark.parametrize("action", ["", "add", "reopen", "review", "rate", "settle"])
def test_a_wrong_code_opens_and_does_nothing(county: County, action: str) -> None:
    case = county.case("on the township's desk", "answered")
    wrong = f"{case.code[:-1]}{(int(case.code[-1]) + 1) % 10}"
    words = {"action": action, "text": "不对。", "satisfaction": "satisfied", "words": "好。"}
    before, faults = picture(), []
    for code in (wrong, case.number, MADE_UP, case.code[:19], f"{case.code}0", "%" * 20, ""):
        page = track(county, NOBODY, words | {"receipt_code": code, "number": case.number})
        faults += [code] if "没有到账。" in page or (case.number in page and code != case.number) else []
    assert faults == []
    assert changed(before) == []


def test_what_a_reporter_does_is_done_to_his_own_case(county: County) -> None:
    before = picture()
    own, other = county.case("sealed"), county.case("on the township's desk")
    form = {"receipt_code": own.code, "action": "add", "text": "还有一份。", "number": other.number}
    assert "还有一份。" in track(county, NOBODY, form)
    after = picture()
    rows = {row for name, rows in after.items() for row in rows if row not in before[name]}
    assert rows
    entries = [row for row in after["complaint_entries"] if row not in before["complaint_entries"]]
    assert {row[1] for row in entries} == {
        db.session.scalar(select(Complaint.id).where(Complaint.number == own.number))
    }
    assert len([row for row in after["complaints"] if row not in before["complaints"]]) == 1


@pytest.mark.parametrize("person", VISITORS)
def test_only_ones_own_payment_can_be_complained_of(county: County, person: str) -> None:
    visitor = county.visitor(person)
    for whose, number in county.payments.items():
        found = visitor.get("/complaints/new", f"payment={number}").status
        assert found == (200 if (person, whose) == (VILLAGER, "own") else 404), whose
    assert visitor.get("/complaints/new", "payment=999999").status == 404
    assert visitor.get("/complaints/new", "list=forged&line=1").status == 404


@pytest.mark.parametrize("person", [NOBODY, VILLAGER])
def test_a_payment_without_its_proof_is_not_attached(county: County, person: str) -> None:
    for payment in (str(county.payments["another's"]), "WzFd.forged", ""):
        form = HANDED_IN | {"payment": payment, "payment_id": payment, "list": payment, "line": "1"}
        ask(county.visitor(person), "POST", "/complaints/new", form)
        filed = db.session.scalars(select(Complaint).order_by(Complaint.id.desc())).first()
        assert filed is not None and filed.text == HANDED_IN["text"]
        assert (filed.payment_id, filed.publicity_list_id) == (None, None)
        db.session.remove()
