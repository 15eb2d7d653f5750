"""Two records of one person become one, and what they were owed goes along; and can come back."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from accounts.models import Official
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations as paying
from disbursement.models import Batch, Payment, Roll
from registry import operations, queries
from registry.models import Beneficiary, CardGap, Double
from registry.rules import PayeeRelation
from tests import factories
from tests.disbursement import county
from tests.disbursement.county import AT, OTHER_TOWNSHIP, TOWNSHIP, County, build_county, entry, file_with
from tests.signing import sign_in

REASON = "村委会核实是同一人"
LATER = county.RESULT_AT


@pytest.fixture
def house(app: Flask) -> County:
    return build_county()


def owners() -> list[int]:
    return list(db.session.scalars(select(Payment.beneficiary_id).order_by(Payment.id)))


def people() -> list[Beneficiary]:
    return list(db.session.scalars(select(Beneficiary).order_by(Beneficiary.id)))


def county_pair() -> tuple[Principal, Principal]:
    return (
        factories.principal(Kind.FINANCE, Role.PREPARER),
        factories.principal(Kind.FINANCE, Role.APPROVER),
    )


def paired(kept: int = 0) -> tuple[Double, list[Beneficiary]]:
    """The first two people, proposed by one official of the county."""
    both = people()[:2]
    proposer, _ = county_pair()
    double = operations.name_double(proposer, both[0].id, both[1].id_number, at=LATER)
    operations.propose_merge(proposer, double.id, both[kept].id, REASON, at=LATER)
    return double, both


def merged(kept: int = 0) -> tuple[Double, list[Beneficiary]]:
    double, both = paired(kept)
    operations.confirm_merge(county_pair()[1], double.id, at=LATER)
    db.session.expire_all()
    return double, both


def test_payments_go_along_and_come_back(house: County) -> None:
    house.roll([entry(1)])
    house.roll([entry(2)], period="202009")
    double, (kept, gone) = merged()
    assert owners() == [kept.id, kept.id]
    assert (gone.merged_into_id, double.state) == (kept.id, "merged")
    everybody = factories.principal(Kind.FINANCE, Role.VIEWER)
    assert list(db.session.scalars(queries.standing_beneficiaries(everybody))) == [kept]
    assert queries.find_person(everybody, gone.id_number) == {"person": str(kept.id)}
    operations.undo_merge(county_pair()[1], double.id, "核实有误", at=LATER)
    db.session.expire_all()
    assert owners() == [kept.id, gone.id]
    assert (gone.merged_into_id, double.state, double.moved) == (None, "found", None)


def test_the_second_pair_of_eyes_is_another_person(house: County) -> None:
    house.roll([entry(1), entry(2)])
    db.session.execute(update(Payment).where(Payment.row == 3).values(state="struck"))
    both = people()
    approver = county_pair()[1]
    double = operations.name_double(approver, both[0].id, both[1].id_number, at=LATER)
    operations.propose_merge(approver, double.id, both[0].id, REASON, at=LATER)
    with pytest.raises(PermissionDenied):
        operations.confirm_merge(approver, double.id, at=LATER)
    with pytest.raises(PermissionDenied):
        operations.confirm_merge(county_pair()[0], double.id, at=LATER)
    operations.confirm_merge(county_pair()[1], double.id, at=LATER)
    with pytest.raises(Conflict):
        operations.confirm_merge(county_pair()[1], double.id, at=LATER)
    # The struck line stays with the record that went, for both stand in that roll.
    assert owners() == [both[0].id, both[1].id]


def test_both_in_one_roll_is_refused_and_says_which(house: County) -> None:
    house.roll([entry(1), entry(2)])
    with pytest.raises(UserError, match="困难残疾人生活补贴 202006 鲹鱼河镇"):
        paired()
    assert owners() == [person.id for person in people()]


def test_the_refusal_says_what_to_strike_and_leads_there(app: Flask, house: County) -> None:
    roll = house.roll([entry(1), entry(2)])
    both = people()
    double = operations.name_double(house.preparer, both[0].id, both[1].id_number, at=LATER)
    db.session.commit()
    roll_id, double_id, kept = roll.id, double.id, both[0].id
    browser = sign_in(app.test_client(), db.session.get_one(Official, house.preparer.official_id))
    page = f"/staff/registry/doubles/{double_id}"
    refused = browser.post(f"{page}/propose", data={"kept": kept, "reason": REASON}, follow_redirects=True).text
    assert "剔除不保留的那一条" in refused and f"/staff/disbursement/rolls/{roll_id}" in refused
    assert "由乡镇经办人剔除" in refused
    gone = db.session.scalars(select(Payment.id).where(Payment.beneficiary_id == both[1].id)).all()
    paying.strike_payments(house.preparer, roll, gone, "同一人列了两次", at=LATER)
    db.session.commit()
    assert "可以合并，保留登记一" in browser.get(page).text
    browser.post(f"{page}/propose", data={"kept": kept, "reason": REASON})
    db.session.expire_all()
    assert double.state == "proposed"


def in_two_townships(house: County) -> Batch:
    """A batch of two rolls, both approved: of one person, as it turns out, under two numbers."""
    batch = house.approved([entry(1), entry(3)])
    roll = house.roll([entry(2, region_code=OTHER_TOWNSHIP)], township=OTHER_TOWNSHIP)
    there = {
        role: factories.principal(Kind.TOWNSHIP, role, region_code=OTHER_TOWNSHIP)
        for role in (Role.PREPARER, Role.APPROVER)
    }
    replace(house, preparer=there[Role.PREPARER], approver=there[Role.APPROVER]).approve(roll)
    return batch


def merge(first: int, second: int) -> None:
    """Two people, by their place among all."""
    proposer, approver = county_pair()
    one, other = people()[first], people()[second]
    double = operations.name_double(proposer, one.id, other.id_number, at=LATER)
    operations.propose_merge(proposer, double.id, one.id, REASON, at=LATER)
    operations.confirm_merge(approver, double.id, at=LATER)
    db.session.expire_all()


def test_who_turns_out_to_be_one_person_is_not_confirmed_twice(house: County) -> None:
    """One batch never pays one person twice; the approvals saw two people."""
    batch = in_two_townships(house)
    merge(0, 2)
    with pytest.raises(UserError, match="1 人列了两次"):
        paying.confirm_batch(house.finance, batch, at=LATER)
    roll = db.session.scalars(select(Roll).where(Roll.township_code == OTHER_TOWNSHIP)).one()
    paying.withdraw_department_approval(house.department, roll, "登记合并，同一人列了两次", at=LATER)
    double = db.session.scalars(select(Payment.id).where(Payment.roll_id == roll.id)).all()
    paying.strike_payments(house.department, roll, double, "同一人列了两次", at=LATER)
    paying.approve_roll_department(house.department, roll, at=LATER)
    assert paying.confirm_batch(house.finance, batch, at=LATER) == 54000


def test_nor_sent_twice_where_that_comes_out_after_the_confirmation(house: County) -> None:
    batch = in_two_townships(house)
    paying.confirm_batch(house.finance, batch, at=LATER)
    merge(0, 2)
    with pytest.raises(UserError, match="1 人列了两次"):
        paying.export_offer(house.finance, batch, at=LATER)
    paying.withdraw_confirmation(house.finance, batch, "同一人列了两次", at=LATER)
    assert county.states() == {"approved": 3}


def test_nor_handed_over_twice(house: County) -> None:
    house.programme.channel = "offline"
    file_with(house, Kind.FINANCE, Kind.DISCIPLINE)
    batch = in_two_townships(house)
    paying.confirm_batch(house.finance, batch, at=LATER)
    first, second = db.session.scalars(select(Roll).order_by(Roll.id)).all()
    told: dict[str, Any] = {"paid_on": LATER.date(), "payer": "李某", "at": LATER}
    paying.pay_offline(house.preparer, first, None, number="001", **told)
    merge(0, 2)
    other = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code=OTHER_TOWNSHIP)
    with pytest.raises(UserError, match="1 人列了两次"):
        paying.pay_offline(other, second, None, number="001", **told)
    assert county.states() == {"paid_offline": 2, "approved": 1}


def test_a_later_roll_with_the_old_number_lands_on_the_record_that_stands(house: County) -> None:
    house.roll([entry(1)])
    house.roll([entry(2)], period="202009")
    double, (kept, gone) = merged()
    roll = house.roll([entry(2)], period="202012")
    assert db.session.scalars(select(Payment.beneficiary_id).where(Payment.roll_id == roll.id)).all() == [kept.id]
    with pytest.raises(Conflict):
        operations.undo_merge(county_pair()[1], double.id, "核实有误", at=LATER)
    with pytest.raises(UserError, match="两个证件号码"):
        house.roll([entry(1), entry(2)], period="202103")
    assert gone.id not in owners()


def test_no_way_back_once_a_payment_that_came_along_was_tried(house: County) -> None:
    house.roll([entry(1)])
    batch = house.approved([entry(2)], "202009")
    double, _ = merged()
    paying.confirm_batch(house.finance, batch, at=LATER, reason="登记已合并，核实是同一个人")
    paying.export_offer(house.finance, batch, at=LATER.replace(hour=3))
    with pytest.raises(Conflict):
        operations.undo_merge(county_pair()[1], double.id, "核实有误", at=LATER)


def test_a_card_and_gaps_go_along_and_come_back(house: County) -> None:
    house.roll([entry(1, card_number="", phone="")])
    house.roll([entry(2)], period="202009")
    double, (kept, gone) = merged()
    assert (kept.card_id, kept.phone) == (gone.card_id, gone.phone)
    gap = db.session.scalars(select(CardGap)).one()
    assert gap.state == "closed"
    operations.undo_merge(county_pair()[1], double.id, "核实有误", at=LATER)
    db.session.expire_all()
    assert (kept.card_id, kept.phone, gap.state, gap.closed_on) == (None, None, "open", None)
    assert gone.card_id is not None


def test_a_chain_of_merges_ends_at_the_last_record(house: County) -> None:
    house.roll([entry(1)])
    house.roll([entry(2)], period="202009")
    house.roll([entry(3)], period="202012")
    merged(kept=1)
    _, second, third = people()
    proposer, approver = county_pair()
    double = operations.name_double(proposer, second.id, third.id_number, at=LATER)
    operations.propose_merge(proposer, double.id, third.id, REASON, at=LATER)
    operations.confirm_merge(approver, double.id, at=LATER)
    db.session.expire_all()
    assert {person.merged_into_id for person in people()[:2]} == {third.id}
    assert set(owners()) == {third.id}
    roll = house.roll([entry(1)], period="202103")
    assert db.session.scalars(select(Payment.beneficiary_id).where(Payment.roll_id == roll.id)).all() == [third.id]


def test_the_machine_finds_pairs_once_and_townships_see_their_own(house: County) -> None:
    house.roll([entry(1, name="张伟"), entry(2, name="李强", phone="13900000009")])
    house.roll(
        [entry(3, name="李强", phone="13900000009", region_code=county.OTHER_TOWNSHIP)], township=county.OTHER_TOWNSHIP
    )
    house.roll([entry(4, name="张伟", card_number=county.card_number(1))], period="202009")
    finance, _ = county_pair()
    assert operations.find_doubles(finance, at=LATER) == 2
    assert operations.find_doubles(finance, at=LATER) == 0
    found = db.session.scalars(select(Double).order_by(Double.first_id)).all()
    assert [(double.grounds, double.region_code) for double in found] == [
        ("card", TOWNSHIP),
        ("phone", factories.COUNTY),
    ]
    assert db.session.scalars(queries.doubles(house.preparer)).all() == [found[0]]
    with pytest.raises(NotVisible):
        operations.decide_double(house.preparer, found[1].id, "dismiss", REASON, at=LATER)
    operations.decide_double(house.preparer, found[0].id, "dismiss", REASON, at=LATER)
    assert operations.find_doubles(finance, at=LATER) == 0
    operations.decide_double(house.preparer, found[0].id, "reopen", REASON, at=LATER)
    assert found[0].state == "found"


def test_two_payees_are_refused(house: County) -> None:
    house.roll([entry(1)])
    house.roll([entry(2)], period="202009")
    for person in people():
        payee = operations.PayeeEntry("李国强", PayeeRelation.RELATIVE, date(2020, 7, 1), document="委托书")
        operations.set_payee(house.preparer, person.id, payee, REASON, at=AT)
    with pytest.raises(UserError, match="收款人"):
        paired()
