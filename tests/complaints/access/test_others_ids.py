"""Ids of others where no address holds them: in the body of a form, in a query, in a list."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from complaints.models import Complaint
from core.database import db
from tests.complaints.access.objects import INTERESTED, MADE_UP, MADE_UP_ID, County, interest_of
from tests.complaints.access.people import DISCIPLINE, HANDLERS, READERS, Group
from tests.complaints.access.picture import changed, picture
from tests.complaints.access.places import PLACES, handles, sees
from tests.complaints.access.requests import ask
from tests.complaints.county import AT

NUMBER = re.compile(r"(?<![\d/])\d{12}(?!\d)")
SEALED = frozenset({"sealed", "sealed later"})
OWN = "on the township's desk"
LISTS = ("", "all", "supervised", "misrouted", "sealed", "confidential", "retention/held")
"""Every list of the room in which there is something, under /staff/complaints/."""


def cases_of(county: County) -> Iterator[tuple[str, str]]:
    """The number of every case, with its place, and of those that are linked with one."""
    for key, case in county.cases.items():
        for number in {case.number, case.other} - {MADE_UP}:
            yield number, key.partition("/")[0]


def test_a_wording_of_another_office_is_not_filled_in(app: Flask, county: County) -> None:
    visitor, wordings = county.visitor("township handler"), county.objects["wording"]
    case = f"/staff/complaints/{county.case(OWN).number}"
    assert "township已补发" in visitor.get(case, f"wording={wordings['township']}").content.decode()
    for other in (wordings["finance"], wordings["retired"], MADE_UP_ID):
        assert visitor.get(case, f"wording={other}").status == 404


def test_a_wording_of_a_number_that_nothing_has_is_none(county: County) -> None:
    case = f"/staff/complaints/{county.case(OWN).number}"
    assert county.visitor("township handler").get(case, f"wording={10**20}").status == 200


def test_a_file_comes_from_its_own_case_only(county: County) -> None:
    for person in sorted(READERS):
        visitor = county.visitor(person)
        for place in PLACES:
            if person not in sees(PLACES[place]):
                continue
            number = county.case(place).number
            files = f"/staff/complaints/{number}/attachments"
            assert place.encode() in visitor.get(f"{files}/1").content
            assert {visitor.get(f"{files}/{position}").status for position in (0, 2, 2**63 - 1)} == {404}


def test_the_answer_that_waits_in_another_case_is_not_approved_here(county: County) -> None:
    before = picture()
    draft = (AT - timedelta(hours=2)).isoformat()
    for name in ("approve", "send_back"):
        address = f"/staff/complaints/{county.case(OWN, 'drafted').number}/{name}"
        form = {"draft": draft, "text": "请改。"}
        assert ask(county.visitor("township approver"), "POST", address, form).status == 409
    assert changed(before) == []


def test_no_case_is_linked_with_one_that_is_not_on_the_own_desk(county: County) -> None:
    address, before = f"/staff/complaints/{county.case(OWN).number}/links", picture()
    visitor = county.visitor("township handler")
    for number, place in cases_of(county):
        if PLACES[place].has != "township":
            assert ask(visitor, "POST", address, {"other": number}).status == 302
    assert changed(before) == []


@pytest.mark.parametrize("page", ["complaints.sealed_room", "complaints.confidential", "accounts.officials", ""])
def test_no_view_of_a_list_that_has_none_is_kept(county: County, page: str) -> None:
    before = picture()
    form = {"page": page, "name": "别处", "query": "urgency=late"}
    assert ask(county.visitor("township handler"), "POST", "/staff/complaints/views", form).status == 404
    assert changed(before) == []


def test_an_interest_is_ended_by_another_one_who_answers_for_its_official(county: County) -> None:
    """An approver of his office or the commission; neither he himself nor a handler."""
    enders: dict[str, Group] = {
        "township": DISCIPLINE | {"township approver"},
        "finance": DISCIPLINE | {"finance approver"},
        "discipline": frozenset({"discipline handler"}),
    }
    assert set(enders) == set(county.objects["interest"])
    form, faults = {"reason": "已调离。"}, []
    for office, first in county.objects["interest"].items():
        standing, before = first, picture()
        for person in READERS - enders[office]:
            ask(county.visitor(person), "POST", f"/staff/complaints/interests/{standing}", form)
            faults += [f"{person} ends one of {office}"] if changed(before) else []
        for person in sorted(enders[office]):
            before = picture()
            ask(county.visitor(person), "POST", f"/staff/complaints/interests/{standing}", form)
            faults += [] if changed(before) == ["complaint_interests"] else [f"{person} does not end one of {office}"]
            standing = interest_of(county.principals[INTERESTED[office]])
            db.session.commit()
            db.session.remove()
    assert faults == []


def test_nobody_enters_an_interest_of_a_stranger(county: County) -> None:
    """One enters his own, an approver that of his colleagues, the commission anybody's."""
    before = picture()
    stranger = county.principals["department handler"].official_id
    form = {
        "official": str(stranger),
        "organisation": str(county.offices["bank"]),
        "region": "",
        "since": AT.date().isoformat(),
        "reason": "配偶在那里工作",
    }
    for person in READERS - DISCIPLINE - {"department handler", "department approver"}:
        assert ask(county.visitor(person), "POST", "/staff/complaints/interests/new", form).status == 400, person
    assert changed(before) == []


def test_each_sets_the_periods_of_his_own_cases_only(county: County) -> None:
    """For the finance bureau there is no sealed room; the commission sets no other period."""
    before, address = picture(), "/staff/complaints/retention/periods"
    given = {"years": "7", "reason": "县里统一规定。"}
    for person, category, status in (
        ("finance approver", "sealed", 404),
        ("finance approver", "extortion", 404),
        ("discipline approver", "service", 403),
        ("discipline approver", "extortion", 404),
    ):
        answer = ask(county.visitor(person), "POST", address, given | {"category": category})
        assert answer.status == status, (person, category)
    assert changed(before) == []
    for person in READERS:
        assert ("移送的问题线索" in county.visitor(person).get(address).content.decode()) == (person in DISCIPLINE)


@pytest.mark.parametrize("bulk", ["assign", "reassign"])
def test_nobody_gives_away_what_is_not_on_his_desk(county: County, bulk: str) -> None:
    """By numbers in the body, whatever was confirmed; and by everything that his list shows."""
    faults = []
    for person in sorted(HANDLERS):
        visitor, own = county.visitor(person), county.principals[person].official_id
        others = [number for number, place in cases_of(county) if person not in handles(PLACES[place])]
        before = picture()
        for address in ("/staff/complaints/", "/staff/complaints/all", "/staff/complaints/supervised"):
            for count in ("0", "1", str(len(others))):
                form = {"bulk": bulk, "id": others, "confirmed": "1", "count": count, "total": "None"}
                ask(visitor, "POST", address, form | {"handler": str(own)})
            shown = ask(visitor, "POST", address, {"bulk": bulk, "id": others}).content.decode()
            faults += [f"{person} is shown {number}" for number in NUMBER.findall(shown) if number in others]
        faults += [f"{person} has changed {table}" for table in changed(before)]
    assert faults == []


def test_what_is_on_the_own_desk_goes_to_colleagues_only(county: County) -> None:
    visitor, number = county.visitor("township handler"), county.case(OWN).number
    own, before = county.principals["township handler"].official_id, picture()
    form = {"bulk": "assign", "id": number, "confirmed": "1", "count": "1", "total": "None"}
    strangers = [county.principals[name].official_id for name in ("other township handler", "finance handler")]
    for handler in (*strangers, county.principals["township viewer"].official_id, MADE_UP_ID, -1):
        ask(visitor, "POST", "/staff/complaints/", form | {"handler": str(handler)})
    assert changed(before) == []
    ask(visitor, "POST", "/staff/complaints/", form | {"handler": str(own)})
    assert db.session.query(Complaint.handler_id).filter_by(number=number).scalar() == own


def exported(file: bytes) -> set[str]:
    """The numbers in a file of the list; it says something else besides."""
    return {row["编号"].strip("\t") for row in csv.DictReader(io.StringIO(file.decode("utf-8-sig")))}


def test_no_list_gives_out_what_its_reader_does_not_see(county: County) -> None:
    """Asked for by number in the body, by search, by filter, or not at all."""
    everything = [number for number, _ in cases_of(county)]
    found: dict[str, int] = dict.fromkeys(LISTS, 0)
    for person in sorted(READERS):
        visitor = county.visitor(person)
        seen = {number for number, place in cases_of(county) if person in sees(PLACES[place])}
        unsealed = {number for number, place in cases_of(county) if number in seen and place not in SEALED}
        hidden = [number for number in everything if number not in seen]
        for name in LISTS:
            for query in ("", "?urgency=unread", "?state=referred", "?category=extortion", f"?q={hidden[0]}"):
                form = {"export": "csv", "id": everything, "all": "1"}
                answer = ask(visitor, "POST", f"/staff/complaints/{name}{query}", form)
                given = exported(answer.content) if answer.status == 200 else set()
                assert given <= (seen if name == "sealed" else unsealed), (person, name, query)
                assert (name, query) != ("all", "") or given == unsealed, person
                found[name] += len(given)
        for number in hidden[:: len(hidden) // 5]:
            page = visitor.get("/staff/complaints/all", f"q={number}").content.decode()
            assert f"/staff/complaints/{number}" not in page, (person, number)
    assert min(found.values()) > 0, found
