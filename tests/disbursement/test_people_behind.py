"""Who receives, as the registry has it: rolls are held against it, corrections leave their trace in it."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.errors import UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations as paying
from disbursement.models import Correction, RollFinding
from registry import operations
from registry.models import Beneficiary, Card, CardChange
from registry.operations import PayeeEntry
from registry.rules import PayeeRelation
from tests import factories
from tests.disbursement.county import (
    AT,
    FAILED,
    RESULT_AT,
    TOWNSHIP,
    County,
    build_county,
    card_number,
    entry,
)
from tests.disbursement.cycle import DAY, NOTE, answered, payments, request_for

REASON = "未成年人由父亲代领"


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def child() -> Beneficiary:
    return db.session.scalars(select(Beneficiary).order_by(Beneficiary.id).limit(1)).one()


def kinds() -> list[tuple[str, dict[str, object]]]:
    return [(found.kind, dict(found.known)) for found in db.session.scalars(select(RollFinding))]


def with_payee(county: County, until_on: date | None = None) -> None:
    payee = PayeeEntry("张国强", PayeeRelation.GUARDIAN, date(2020, 1, 1), until_on, document="户口簿")
    operations.set_payee(county.preparer, child().id, payee, REASON, at=AT)


class TestPayees:
    def test_a_card_of_somebody_else_needs_a_registered_payee(self, county: County) -> None:
        line = entry(1, payee_name="张国强")
        county.roll([line])
        assert kinds() == [("card_holder", {"named": True})]
        with_payee(county)
        county.roll([line])
        assert kinds() == []

    def test_a_roll_that_pays_another_than_the_payee_is_told(self, county: County) -> None:
        county.roll([entry(1, payee_name="李桂兰")])
        with_payee(county)
        county.roll([entry(1, payee_name="李桂兰")])
        assert kinds() == [("payee_differs", {"payee": "张国强", "receiver": "李桂兰"})]

    def test_who_has_ceased_to_receive_before_these_months_does_not_count(self, county: County) -> None:
        county.roll([entry(1)])
        with_payee(county, until_on=date(2020, 3, 31))
        county.roll([entry(1)])
        assert kinds() == []


class TestOfficialsOnTheRoll:
    def named(self, principal: Principal, name: str) -> Principal:
        official = db.session.get_one(Official, principal.official_id)
        official.name = name
        db.session.flush()
        return replace(principal, name=name)

    def test_who_has_the_name_of_an_official_through_whose_office_it_goes_is_told(self, county: County) -> None:
        for principal, name in ((county.approver, "沙马拉者"), (county.department, "吉克阿果"), (county.bank, "王五")):
            self.named(principal, name)
        county.roll([entry(1, name="沙马拉者"), entry(2, payee_name="吉克阿果"), entry(3, name="王五"), entry(4)])
        told = [kind for kind, _ in kinds()]
        assert told.count("official_named") == 2

    def test_the_reason_is_not_of_that_name(self, county: County) -> None:
        approver = self.named(county.approver, "沙马拉者")
        roll = county.roll([entry(1, name="沙马拉者")])
        paying.submit_roll(county.preparer, roll, at=AT)
        ids = db.session.scalars(select(RollFinding.id)).all()
        with pytest.raises(UserError, match="同名"):
            paying.explain_findings(approver, roll, ids, "不是本人", at=AT)
        other = factories.principal(Kind.TOWNSHIP, Role.APPROVER, region_code=TOWNSHIP)
        assert paying.explain_findings(other, roll, ids, "同名的村民，不是本人", at=AT).done == 1


def tails() -> list[tuple[str, str, str, str]]:
    before, after = select(Card.id, Card.tail).subquery(), select(Card.id, Card.tail).subquery()
    found = (
        select(before.c.tail, after.c.tail, CardChange.source, CardChange.actor_name)
        .join(before, before.c.id == CardChange.before_id)
        .join(after, after.c.id == CardChange.after_id)
        .order_by(CardChange.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in db.session.execute(found)]


def test_a_corrected_card_and_its_way_back_stand_in_the_history(county: County) -> None:
    answered(county, FAILED)
    payment = payments("failed")[0]
    assert payment.card is not None
    old, new, name = payment.card.tail, card_number(900)[-4:], county.preparer.recorded_name
    paying.correct_payments(county.preparer, [request_for(payment)], at=RESULT_AT + DAY)
    db.session.expire_all()
    assert tails() == [(old, new, "correction", name)]
    assert db.session.scalars(select(CardChange.reason)).all() == [NOTE]
    correction = db.session.scalars(select(Correction)).one()
    paying.undo_correction(county.preparer, correction, "卡号又核错了", at=RESULT_AT + 2 * DAY)
    assert tails() == [(old, new, "correction", name), (new, old, "correction", name)]
    assert db.session.scalars(select(CardChange.reason).order_by(CardChange.id)).all() == [NOTE, "卡号又核错了"]
