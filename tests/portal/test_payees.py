"""Who receives for others finds what came to his card for them, apart from the own, and nobody else's."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from core.database import db, set_only_reads
from core.errors import UserError
from core.principal import OrganisationKind, Principal, Role
from disbursement.models import Payment
from disbursement.roll_files.lines import LineProblem, RollLine
from disbursement.uploads import entries_of
from portal.models import LookupCode
from registry.enrolment import PersonLine, ensure_beneficiaries
from registry.models import Beneficiary, Card, Payee
from registry.operations import PayeeEntry, end_payee, set_payee
from registry.rules import PayeeRelation
from sms.models import Message
from tests import factories
from tests.portal.conftest import GROUP, TOWNSHIP, Village, add_payment, id_number, look_up
from tests.portal.test_lookup import codes_on_the_phone

GUARDIAN, GUARDIAN_CARD, GUARDIAN_PHONE = id_number(50), "6228480000007788", "13800000050"
WARD = id_number(51)
FOUND = "结束查询</button>"


@dataclass(frozen=True)
class Ward:
    """A child whose money comes to a guardian who has no record of his own; or who has, in some tests."""

    person: Beneficiary
    payment: Payment


def township_clerk() -> Principal:
    return factories.principal(OrganisationKind.TOWNSHIP, Role.PREPARER, region_code=TOWNSHIP)


def make_ward(village: Village, card: Card, payee: str = "马国强", number: int = 51) -> Ward:
    child = factories.beneficiary("马小燕", id_number(number), GROUP)
    child.card, child.card_index = card, card.number_index
    payment = add_payment(child, village.batch, village.roll, state="paid", payee_name=payee, card_id=card.id)
    return Ward(child, payment)


def card_of(number: str, holder: str) -> Card:
    card = Card(number=number, number_index=number, tail=number[-4:], holder_name=holder, created_at=factories.AT)
    db.session.add(card)
    db.session.flush()
    return card


@pytest.fixture
def ward(village: Village) -> Ward:
    set_only_reads(False)
    db.session.rollback()
    made = make_ward(village, card_of(GUARDIAN_CARD, "马国强"))
    db.session.commit()
    return made


def enter_guardian(ward: Ward, **more: Any) -> Payee:
    values: dict[str, Any] = {
        "name": "马国强",
        "relation": PayeeRelation.GUARDIAN,
        "from_on": date(2020, 1, 1),
        "id_number": GUARDIAN,
        "document": "监护证明",
        "phone": GUARDIAN_PHONE,
    }
    entry = PayeeEntry(**(values | more))
    payee = set_payee(township_clerk(), ward.person.id, entry, "父母外出务工", at=factories.AT)
    db.session.commit()
    set_only_reads(True)
    return payee


def test_a_guardian_without_a_record_finds_what_he_receives(client: FlaskClient, ward: Ward) -> None:
    assert "没有查到" in look_up(client, GUARDIAN, "马国强", "7788")
    enter_guardian(ward)
    page = look_up(client, GUARDIAN, "马国强", "7788")
    assert FOUND in page and "马国强的补贴" in page
    assert "替别人代收的" in page and "马*燕" in page and "马小燕" not in page
    assert "还没有您的发放记录" not in page
    assert "90.00" in page and "尾号 7788" in page
    assert "马*燕" in client.get("/lookup/result").text
    assert "替别人代收的" in client.get("/lookup/totals").text
    assert "马*燕" in client.get("/lookup/print").text


def test_his_name_may_have_a_star_and_both_proofs_must_fit(client: FlaskClient, ward: Ward) -> None:
    enter_guardian(ward)
    assert FOUND in look_up(client, GUARDIAN, "马国＊", "７７８８")
    client.post("/lookup/end")
    for number, name, tail in (
        (GUARDIAN, "马国强", "7789"),
        (GUARDIAN, "马国庆", "7788"),
        (id_number(52), "马国强", "7788"),
        (WARD, "马国强", "7788"),
    ):
        assert "没有查到" in look_up(client, number, name, tail)


def test_the_child_itself_sees_its_payment_and_not_as_received(client: FlaskClient, ward: Ward) -> None:
    enter_guardian(ward)
    page = look_up(client, WARD, "马小燕", "7788")
    assert FOUND in page and "替别人代收的" not in page and page.count("</article>") == 1


def test_a_guardian_with_a_record_sees_his_own_apart(client: FlaskClient, village: Village) -> None:
    set_only_reads(False)
    db.session.rollback()
    assert village.rare.card is not None
    make_ward(village, village.rare.card, payee="李䶮")
    db.session.commit()
    set_only_reads(True)
    page = look_up(client, id_number(2), "李*", "1234")
    assert "替别人代收的" in page and "马*燕" in page
    assert page.count("</article>") == 1, "his own is a draft still"
    own = look_up(client, id_number(1), "阿西木牛", "4702")
    assert "替别人代收的" not in own


def test_of_two_of_one_name_at_one_card_neither_is_shown_the_other_s(client: FlaskClient, village: Village) -> None:
    set_only_reads(False)
    db.session.rollback()
    assert village.rare.card is not None
    other = factories.beneficiary("李䶮", id_number(60), GROUP)
    other.card, other.card_index = village.rare.card, village.rare.card.number_index
    add_payment(other, village.batch, village.roll, state="paid", payee_name="李䶮", card_id=village.rare.card_id)
    make_ward(village, village.rare.card, payee="李䶮")
    db.session.commit()
    set_only_reads(True)
    page = look_up(client, id_number(2), "李䶮", "1234")
    assert FOUND in page and "替别人代收的" not in page


def test_a_sensitive_programme_gives_the_surname_only(client: FlaskClient, village: Village, ward: Ward) -> None:
    db.session.refresh(village.batch)
    village.batch.programme.sensitive = True
    enter_guardian(ward)
    page = look_up(client, GUARDIAN, "马国强", "7788")
    assert "马**" in page and "马*燕" not in page


def test_a_code_goes_to_the_guardian_s_phone(client: FlaskClient, ward: Ward) -> None:
    enter_guardian(ward)
    known = client.post("/lookup/code", data={"id_number": GUARDIAN, "name": "马国强"}).text
    assert db.session.scalars(select(Message)).one().phone == GUARDIAN_PHONE
    [code] = codes_on_the_phone()
    assert FOUND in look_up(client, GUARDIAN, "马国强", code=code)
    client.post("/lookup/end")
    assert "没有查到" in look_up(client, GUARDIAN, "马国强", code=code)
    client.get("/")  # where it is said that the visit has ended
    unknown = client.post("/lookup/code", data={"id_number": id_number(99), "name": "马国强"}).text
    pages = {re.sub(r'value="[^"]*"', "", page) for page in (known, unknown)}
    db.session.rollback()
    assert len(pages) == 1 and len(db.session.scalars(select(Message)).all()) == 1


def test_no_code_goes_to_a_former_guardian(client: FlaskClient, ward: Ward) -> None:
    enter_guardian(ward)
    set_only_reads(False)
    db.session.rollback()
    clerk = township_clerk()
    end_payee(clerk, ward.person.id, date(2020, 7, 1), "已经成年", at=factories.AT)
    db.session.commit()
    set_only_reads(True)
    client.post("/lookup/code", data={"id_number": GUARDIAN, "name": "马国强"})
    assert db.session.scalars(select(LookupCode)).one().payee_id is None
    assert db.session.scalars(select(Message)).all() == []
    assert FOUND in look_up(client, GUARDIAN, "马国强", "7788"), "what came to his card stays his to see"


def test_a_payment_received_for_another_can_be_complained_of(client: FlaskClient, ward: Ward) -> None:
    enter_guardian(ward)
    look_up(client, GUARDIAN, "马国强", "7788")
    assert "关于这一笔钱" in client.get(f"/complaints/new?payment={ward.payment.id}").text
    others = [number for number in range(1, 8) if number != ward.payment.id]
    assert {client.get(f"/complaints/new?payment={number}").status_code for number in others} == {404}


def test_a_roll_that_names_the_payee_s_number_is_enough(client: FlaskClient, village: Village) -> None:
    set_only_reads(False)
    db.session.rollback()
    line = PersonLine(WARD, "马小燕", GROUP, "", GUARDIAN_CARD, "马国强", GUARDIAN)
    [child] = ensure_beneficiaries([line], at=factories.AT).beneficiary_ids
    person = db.session.get_one(Beneficiary, child)
    add_payment(person, village.batch, village.roll, state="paid", payee_name="马国强")
    db.session.commit()
    set_only_reads(True)
    assert "马*燕" in look_up(client, GUARDIAN, "马国强", "7788")


def test_a_roll_names_a_holder_once_and_none_of_a_card_of_another_name(app: Flask, ward: Ward) -> None:
    own = PersonLine(WARD, "马小燕", GROUP, "", GUARDIAN_CARD, "马国庆", GUARDIAN)
    ensure_beneficiaries([own], at=factories.AT)
    card = db.session.scalars(select(Card).where(Card.number_index == GUARDIAN_CARD)).one()
    db.session.refresh(card)
    assert card.holder_index is None, "the card is on record under another name"
    ensure_beneficiaries([own._replace(payee_name="马国强")], at=factories.AT)
    db.session.refresh(card)
    first = card.holder_index
    assert first is not None
    ensure_beneficiaries([own._replace(payee_name="马国强", payee_id=id_number(77))], at=factories.AT)
    db.session.refresh(card)
    assert card.holder_index == first


@pytest.mark.parametrize(
    ("payee", "written", "kept"),
    [
        ("马国强", GUARDIAN, GUARDIAN),
        ("马国强", GUARDIAN.lower(), GUARDIAN),
        ("马国强", GUARDIAN[:-1], ""),
        ("马国强", WARD, ""),
        ("马国强", "", ""),
        ("马小燕", GUARDIAN, ""),
    ],
)
def test_the_payee_s_number_in_a_roll_counts_where_it_is_somebody_else_s(payee: str, written: str, kept: str) -> None:
    line = RollLine(None, 3, "马小燕", WARD, payee, written, "父女", GUARDIAN_CARD, "", "", GROUP, "1", "", 9000, "")
    [entry] = entries_of([line, LineProblem(None, 4, "id_missing")], factories.AT.date())
    assert entry.person.payee_id == kept


@pytest.mark.parametrize("wrong", [{"id_number": GUARDIAN[:-1]}, {"phone": "12345"}])
def test_a_wrong_number_of_a_payee_is_refused(app: Flask, ward: Ward, wrong: dict[str, str]) -> None:
    with pytest.raises(UserError):
        enter_guardian(ward, **wrong)
    db.session.rollback()
