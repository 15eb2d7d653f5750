"""A person's page shows the cases about his payments that the viewer's own queue shows him, and never a sealed one."""

import pytest
from flask import Flask
from sqlalchemy import update

from complaints.models import Complaint
from complaints.persons import cases_about, complaints_of_person
from core.database import db
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement.persons import messages, payments
from registry.models import Beneficiary
from tests import factories
from tests.disbursement import county
from tests.disbursement.county import build_county, entry, first_payment


@pytest.fixture
def person(app: Flask) -> Beneficiary:
    """Somebody whose payment failed, with a message about it and a case on the township's desk."""
    house = build_county()
    offer = house.sent([entry(1)])
    [attempt] = county.attempts_of(offer)
    house.answer(county.result_file([county.result_line(attempt, county.FAILED)]))
    township = factories.organisation(Kind.TOWNSHIP, county.TOWNSHIP)
    db.session.add(
        Complaint(
            number="C1",
            receipt_index="12345678901234567890",
            category="payment_missing",
            text="没有收到",
            region_code=county.TOWNSHIP,
            payment_id=first_payment().id,
            anonymous=True,
            owner_id=township.id,
            rules_version="1",
            received_on=county.AT.date(),
            received_at=county.AT,
        )
    )
    db.session.flush()
    return db.session.get_one(Beneficiary, first_payment().beneficiary_id)


def test_cases_follow_the_queue(person: Beneficiary) -> None:
    own = factories.principal(Kind.TOWNSHIP, Role.COMPLAINT_HANDLER, region_code=county.TOWNSHIP)
    other = factories.principal(Kind.TOWNSHIP, Role.COMPLAINT_HANDLER, region_code=county.OTHER_TOWNSHIP)
    auditor = factories.principal(Kind.AUDIT, Role.VIEWER)
    discipline = factories.principal(Kind.DISCIPLINE, Role.COMPLAINT_HANDLER)
    assert [case.number for case in cases_about(own, person.id)] == ["C1"]
    for stranger in (other, auditor):
        assert complaints_of_person(stranger, person) is None
    db.session.execute(update(Complaint).values(sealed=True, owner_id=discipline.organisation_id))
    for viewer in (own, discipline):
        assert complaints_of_person(viewer, person) is None


def test_payments_and_messages_follow_the_viewers_rights(person: Beneficiary) -> None:
    own = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=county.TOWNSHIP)
    shown = payments(own, person)
    assert shown is not None
    [(payment, attempts)] = shown.context["payments"]
    assert (payment.state, [attempt.outcome for attempt in attempts]) == ("failed", ["failed"])
    told = messages(own, person)
    assert told is not None
    assert [message.template for message in told.context["messages"]] == ["payment_failed"]
    stranger = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=county.OTHER_TOWNSHIP)
    elsewhere = payments(stranger, person)
    assert elsewhere is not None
    assert elsewhere.context["payments"] == []
    assert messages(stranger, person) is None
    bank = factories.principal(Kind.BANK, Role.PREPARER)
    assert payments(bank, person) is None
    assert messages(bank, person) is None
