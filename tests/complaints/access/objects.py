"""The county of these tests: everybody in it, signed in, and a case of each place at each stage. Built once for each
database."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from accounts.models import Official, Organisation
from complaints import operations
from complaints.models import SavedView
from complaints.operations.approving import waiting_draft
from complaints.operations.registering import Registration
from complaints.wordings import keep_wording, retire_wording
from core.database import db
from core.principal import Principal
from core.working_days import seed_calendar
from tests import factories
from tests.complaints.access.cases import STAGES, bring_about, link_with, stage_of
from tests.complaints.access.people import NOBODY, OFFICES, PEOPLE, VILLAGER
from tests.complaints.access.places import PLACES
from tests.complaints.county import AT
from tests.plain_requests import Visitor
from tests.portal.conftest import CARD, GROUP, add_batch, add_payment, id_number
from tests.signing import sign_in

MADE_UP = "123456789012"
MADE_UP_ID = 2**31 - 1
INTERESTED = {"township": "township handler", "finance": "finance handler", "discipline": "discipline approver"}
"""Office → whose interest stands in its register."""
_OTHER_CARD = "6228480000001234"


@dataclass(frozen=True)
class Case:
    """A case as its address knows it: the instant of the answer that waits in it, its reporter's key, and the number of
    the one that it is linked with."""

    number: str
    draft: str = ""
    code: str = ""
    other: str = MADE_UP


@dataclass(frozen=True)
class County:
    """Whoever and whatever there is. ``cookies`` by person; ``cases`` by place and stage ("late/accepted");
    ``objects`` by kind, then by the office or the person whose they are; ``payments`` of the villager ("own") and of
    another."""

    principals: dict[str, Principal]
    offices: dict[str, int]
    cookies: dict[str, dict[str, str]]
    cases: dict[str, Case]
    objects: dict[str, dict[str, int]]
    payments: dict[str, int]

    def visitor(self, person: str) -> Visitor:
        """That person's browser: a visit belongs to the one that it was begun with."""
        browser = Visitor.in_place_of(current_app.test_client())
        browser.cookies |= self.cookies[person]
        return browser

    def case(self, place: str, stage: str = "received") -> Case:
        """The case of that place at that stage, for everybody to try."""
        return Case(MADE_UP) if place == "nowhere" else self.cases[f"{place}/{stage_of(place, stage)}"]

    def fresh(self, place: str, stage: str) -> Case:
        """Another one, for somebody who will change it."""
        made = _case(self.principals, place, stage_of(place, stage))
        db.session.commit()
        db.session.remove()
        return made


def build() -> County:
    """The whole of it."""
    factories.load_regions()
    seed_calendar()
    offices = {name: factories.organisation(kind, region).id for name, (kind, region) in OFFICES.items()}
    officials: dict[str, Official] = {}
    for person in PEOPLE:
        kind, region = OFFICES[person.office]
        officials[person.name] = factories.official(kind, person.role, region_code=region)
    principals = {name: factories.principal_for(official) for name, official in officials.items()}
    cases = {
        f"{place}/{stage}": _case(principals, place, stage)
        for place in PLACES
        for stage in STAGES
        if place != "nowhere" and stage == stage_of(place, stage)
    }
    objects = {
        "wording": _wordings(principals),
        "view": _views(principals),
        "interest": {office: interest_of(principals[whose]) for office, whose in INTERESTED.items()},
    }
    payments = _payments()
    db.session.commit()
    cookies = {name: _cookies_of(official) for name, official in officials.items()}
    cookies |= {NOBODY: {}, VILLAGER: _cookies_of_villager()}
    return County(principals, offices, cookies, cases, objects, payments)


def _case(principals: Mapping[str, Principal], place: str, stage: str) -> Case:
    complaint, code = bring_about(principals, place, stage)
    draft, other = waiting_draft(complaint), MADE_UP
    if stage == "linked":
        companion, _ = bring_about(principals, place, stage)
        link_with(principals, place, complaint, companion)
        other = companion.number
    return Case(complaint.number, draft.written_at.isoformat() if draft else "", code, other)


def _wordings(principals: Mapping[str, Principal]) -> dict[str, int]:
    kept = {
        office: keep_wording(principals[f"{office} handler"], "conclude", "已补发", f"{office}已补发。", at=AT)
        for office in ("township", "finance", "discipline")
    }
    retired = keep_wording(principals["township handler"], "ask", "问卡号", "卡号是多少？", at=AT)
    retire_wording(principals["township handler"], retired, at=AT)
    return {office: wording.id for office, wording in kept.items()} | {"retired": retired.id}


def interest_of(principal: Principal) -> int:
    """One that he has entered himself; in an organisation that no case is about."""
    bureau = db.session.scalars(select(Organisation).where(Organisation.kind == "prefecture_finance")).one()
    given = Registration(principal.official_id or 0, "配偶在那里工作", AT.date(), organisation_id=bureau.id)
    return operations.register_interest(principal, given, at=AT)[0].id


def _views(principals: Mapping[str, Principal]) -> dict[str, int]:
    views = {
        owner: SavedView(
            official_id=principals[owner].official_id, page="complaints.desk", name="急的", query="urgency=late"
        )
        for owner in ("township handler", "township approver", "finance handler")
    }
    db.session.add_all(views.values())
    db.session.flush()
    return {owner: view.id for owner, view in views.items()}


def _payments() -> dict[str, int]:
    people = {
        "own": factories.beneficiary("阿西木牛", id_number(1), GROUP, card_number=CARD),
        "another's": factories.beneficiary("马华", id_number(2), GROUP, card_number=_OTHER_CARD),
    }
    batch, roll = add_batch(factories.programme().id, "202005")
    return {
        whose: add_payment(person, batch, roll, state="paid", paid_on=AT.date()).id for whose, person in people.items()
    }


def _cookies_of(official: Official) -> dict[str, str]:
    return Visitor.in_place_of(sign_in(current_app.test_client(), official)).cookies


def _cookies_of_villager() -> dict[str, str]:
    client = current_app.test_client()
    form = {"id_number": id_number(1), "name": "阿西木牛", "card_tail": CARD[-4:], "sms_code": ""}
    answer = client.post("/lookup", data=form)
    assert "阿西木牛" in answer.text, answer.text
    return Visitor.in_place_of(client).cookies
