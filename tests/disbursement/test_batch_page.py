"""What officials see before money goes out: the plan before and after, who is not in the batch, and which one of
several people of one name is meant."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.identity import id_tail
from core.principal import Principal
from disbursement import operations, queries
from disbursement.models import BankSpelling, Payment, Roll
from tests import factories
from tests.disbursement.county import (
    AT,
    FAILED,
    OTHER_TOWNSHIP,
    TOWNSHIP,
    County,
    build_county,
    entry,
    id_number,
)
from tests.disbursement.cycle import answered
from tests.signing import sign_in

BASE = "/staff/disbursement"
Browse = Callable[[Principal], FlaskClient]


@pytest.fixture
def county(app: Flask) -> County:
    return build_county(allocated=1_000_00)


@pytest.fixture
def browse(app: Flask) -> Browse:
    def signed_in(principal: Principal) -> FlaskClient:
        db.session.commit()
        return sign_in(app.test_client(), db.session.get_one(Official, principal.official_id))

    return signed_in


def test_finance_sees_the_plan_before_and_after_a_batch(county: County, browse: Browse) -> None:
    batch = county.approved([entry(1), entry(2)])
    page = f"{BASE}/batches/{batch.id}"
    finance = browse(county.finance)
    shown = finance.get(page).text
    for words in ("2020 年资金计划可用", "1,000.00", "540.00", "确认以后还可用", "460.00", "可以撤回确认"):
        assert words in shown
    assert "确认确认" not in shown
    # The township does not see the county's money.
    assert "资金计划可用" not in browse(county.preparer).get(page).text
    finance.post(f"{page}/confirm")
    assert "本批次需要" not in finance.get(page).text
    finance.post(f"{page}/withdraw", data={"reason": "还有乡镇没有报来"})
    assert "460.00" in finance.get(page).text


def test_what_is_missing_in_the_plan_is_said_before_anybody_presses(county: County, browse: Browse) -> None:
    batch = county.roll([entry(1), entry(2), entry(3), entry(4)]).batch
    shown = browse(county.finance).get(f"{BASE}/batches/{batch.id}").text
    assert "资金不够，还差" in shown and "80.00" in shown


def test_finance_sees_which_townships_are_not_in_a_batch(county: County, browse: Browse) -> None:
    county.roll([entry(1)], "202005")
    county.roll([entry(2)], "202005", OTHER_TOWNSHIP)
    batch = county.roll([entry(3)], "202006").batch
    missing = queries.missing_townships(county.finance, batch)
    other = db.session.scalars(select(Roll).where(Roll.township_code == OTHER_TOWNSHIP)).one().township
    assert [township.code for township in missing.expected] == [OTHER_TOWNSHIP]
    assert other.code not in {township.code for township in missing.others}
    assert missing.others and TOWNSHIP not in {township.code for township in missing.others}
    shown = browse(county.finance).get(f"{BASE}/batches/{batch.id}").text
    assert "上一期有、这一期还没有花名册的乡镇：1 个" in shown and other.name in shown


def test_a_roll_beyond_the_plan_names_the_year_the_shortfall_and_whom_to_ask(county: County, browse: Browse) -> None:
    roll = county.roll([entry(1), entry(2), entry(3), entry(4)])
    shown = browse(county.preparer).get(f"{BASE}/rolls/{roll.id}/findings").text
    assert "2020 年的资金计划可用 1,000.00 元" in shown and "还差 80.00 元" in shown
    assert f"请找{county.programme.department_name}向县财政局申请补充" in shown


def test_people_of_one_name_are_told_apart_wherever_money_is_decided(county: County, browse: Browse) -> None:
    factories.fund_line(county.programme.id, 10_000_00)
    answered(county, FAILED, FAILED)
    for payment in db.session.scalars(select(Payment)):
        payment.name = "张伟"
    batch = county.approved([entry(3, name="张伟"), entry(4, name="张伟")], "202009")
    operations.confirm_batch(county.finance, batch, at=AT)
    for payment in db.session.scalars(select(Payment).where(Payment.batch_id == batch.id)):
        assert payment.card is not None
        db.session.add(
            BankSpelling(card_id=payment.card.id, name="张伟", spelling="张玮", source="person", recorded_at=AT)
        )
    db.session.commit()
    finance = browse(county.finance)
    roll_id = db.session.scalars(select(Roll.id).where(Roll.batch_id == batch.id)).one()
    for page, serials in (
        (f"{BASE}/failures", (0, 1)),
        (f"{BASE}/batches/{batch.id}/offer", (3, 4)),
        (f"{BASE}/rolls/{roll_id}", (3, 4)),
    ):
        shown = finance.get(page).text
        for serial in serials:
            assert f"证件尾号 {id_tail(id_number(serial))}" in shown
            assert id_number(serial) not in shown
    first = db.session.scalars(select(Payment.id).order_by(Payment.id)).first()
    for page in (f"{BASE}/failures/{first}", f"{BASE}/payments/{first}"):
        assert f"证件尾号 {id_tail(id_number(0))}" in finance.get(page).text
    # The bank knows accounts and no persons.
    assert "证件尾号" not in browse(county.bank).get(f"{BASE}/batches/{batch.id}/offer").text


def test_every_wide_table_is_reached_by_keyboard_and_says_what_it_is(county: County, browse: Browse) -> None:
    batch = county.approved([entry(1)])
    finance = browse(county.finance)
    for page in (f"{BASE}/batches/{batch.id}", f"{BASE}/batches"):
        wrappers = re.findall(r'<div class="scroll"([^>]*)>', finance.get(page).text)
        assert wrappers
        for attributes in wrappers:
            assert 'tabindex="0"' in attributes and re.search(r'aria-label="[^"]+"', attributes)
