"""Money handed over outside the platform: only after both filings, once each, by a receipt (B3)."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations, queries
from disbursement.balances import balance_for
from disbursement.models import OfflineReceipt, Payment, ReturnOrder, Roll
from programmes import operations as programmes
from tests import factories
from tests.core.together import together
from tests.disbursement.county import (
    AT,
    FAILED,
    RESULT_AT,
    County,
    attempts_of,
    build_county,
    entry,
    file_with,
    result_file,
    result_line,
    states,
)
from tests.signing import sign_in

PAID_AT = AT + timedelta(days=9)
PAID_ON = PAID_AT.date()
SHEET = b"%PDF-1.4\n%%EOF\n"

# What these tests hold is decided in Python: one database says it all.
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def county(app: Flask) -> County:
    """The small county, its programme offline and without filings."""
    built = build_county()
    built.programme.channel = "offline"
    db.session.commit()
    return built


@pytest.fixture
def roll(county: County) -> Roll:
    """A roll of three, approved and confirmed, of which nothing is handed over yet."""
    file_with(county, Kind.FINANCE, Kind.DISCIPLINE)
    batch = county.approved([entry(serial) for serial in range(3)])
    operations.confirm_batch(county.finance, batch, at=PAID_AT)
    db.session.commit()
    return db.session.scalars(select(Roll).where(Roll.batch_id == batch.id)).one()


def pay(county: County, roll: Roll, ids: list[int] | None = None, **said: Any) -> OfflineReceipt:
    values: dict[str, Any] = {"number": "001", "paid_on": PAID_ON, "payer": "李某", "at": PAID_AT} | said
    return operations.pay_offline(county.preparer, roll, ids, **values)


def payment_ids(roll: Roll) -> list[int]:
    return list(db.session.scalars(select(Payment.id).where(Payment.roll_id == roll.id).order_by(Payment.id)))


@on_one_database
def test_no_roll_before_both_filings(county: County) -> None:
    with pytest.raises(UserError, match="县财政局、县纪委监委"):
        county.roll([entry(1)])
    file_with(county, Kind.FINANCE)
    with pytest.raises(UserError, match="备案：县纪委监委"):
        county.roll([entry(1)])
    file_with(county, Kind.DISCIPLINE)
    assert county.roll([entry(1)]).line_count == 1


@on_one_database
def test_nothing_is_handed_over_while_a_filing_is_looked_at_again(county: County, roll: Roll) -> None:
    programmes.file_measures(
        county.department,
        county.programme.id,
        Kind.DISCIPLINE,
        management_document="东民〔2020〕30号",
        supervision_document="东民〔2020〕10号",
        filed_on=AT.date(),
        at=AT,
    )
    with pytest.raises(UserError, match="备案：县纪委监委"):
        pay(county, roll)
    assert states() == {"approved": 3}


@on_one_database
def test_a_bank_gets_no_file(county: County, roll: Roll) -> None:
    with pytest.raises(UserError, match="线下发放，不生成代发文件"):
        operations.export_offer(county.finance, roll.batch, at=PAID_AT)


def test_those_who_did_not_come_are_paid_later(county: County, roll: Roll) -> None:
    first, second, third = payment_ids(roll)
    receipt = pay(county, roll, [first, second])
    assert (receipt.line_count, receipt.total_fen, roll.batch.state) == (2, 54000, "results_in")
    balance = balance_for(county.programme.id, 2020)
    assert (balance.paid, balance.reserved, balance.available) == (54000, 27000, 100_000_00 - 81000)
    with pytest.raises(UserError, match="1 笔"):
        operations.close_batch(county.finance, roll.batch, at=PAID_AT)
    # Of what is chosen only what still waits is paid: nobody twice.
    assert pay(county, roll, [first, third], number="002").line_count == 1
    with pytest.raises(UserError, match="没有等待发放"):
        pay(county, roll, number="003")
    assert states() == {"paid_offline": 3}
    assert set(db.session.scalars(select(Payment.paid_on))) == {PAID_ON}
    operations.close_batch(county.finance, roll.batch, at=PAID_AT)
    assert roll.batch.state == "closed"


def test_a_mistake_is_taken_back_until_the_batch_is_closed(county: County, roll: Roll) -> None:
    receipt = pay(county, roll)
    before = balance_for(county.programme.id, 2020)
    with pytest.raises(UserError, match="理由"):
        operations.cancel_receipt(county.preparer, receipt, " ", at=PAID_AT)
    operations.cancel_receipt(county.preparer, receipt, "编号写错", at=PAID_AT)
    assert states() == {"approved": 3}
    assert set(db.session.scalars(select(Payment.paid_on))) == {None}
    with pytest.raises(Conflict):
        operations.cancel_receipt(county.preparer, receipt, "编号写错", at=PAID_AT)
    # Its number is free again, and what stands is as it was.
    again = pay(county, roll)
    assert balance_for(county.programme.id, 2020) == before
    operations.close_batch(county.finance, roll.batch, at=PAID_AT)
    with pytest.raises(Conflict, match="办结"):
        operations.cancel_receipt(county.preparer, again, "编号写错", at=PAID_AT)


@on_one_database
@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"number": " "}, "编号"),
        ({"payer": ""}, "发放人"),
        ({"paid_on": PAID_ON + timedelta(days=1)}, "发放日期"),
        ({"paid_on": date(2020, 7, 5)}, "发放日期"),
        ({"sheet": ("sheet.pdf", b"")}, "空的"),
        ({"sheet": ("sheet.pdf", b"MZ not a document")}, "PDF"),
    ],
)
def test_a_receipt_that_is_refused_changes_nothing(
    county: County, roll: Roll, said: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UserError, match=sentence):
        pay(county, roll, **said)
    db.session.rollback()
    assert states() == {"approved": 3}


@on_one_database
def test_the_batch_begins_on_its_day_here_not_in_greenwich(county: County, roll: Roll) -> None:
    # 17:00 UTC on the 5th is one o'clock on the 6th in the county.
    roll.batch.created_at = AT.replace(day=5, hour=17)
    with pytest.raises(UserError, match="发放日期"):
        pay(county, roll, paid_on=date(2020, 7, 5))
    assert pay(county, roll, paid_on=date(2020, 7, 6)).line_count == 3


@on_one_database
def test_a_number_is_used_once_and_only_in_sight(county: County, roll: Roll) -> None:
    ids = payment_ids(roll)
    pay(county, roll, ids[:1])
    with pytest.raises(Conflict, match="登记过"):
        pay(county, roll, ids[1:])
    elsewhere = factories.principal(Kind.TOWNSHIP, Role.PREPARER, region_code="513426103000")
    with pytest.raises(NotVisible):
        operations.pay_offline(elsewhere, roll, None, number="9", paid_on=PAID_ON, payer="王某", at=PAID_AT)


@on_one_database
def test_the_sheet_is_kept_as_it_came(county: County, roll: Roll) -> None:
    receipt = pay(county, roll, sheet=("签领表.exe", SHEET))
    name, content = operations.read_sheet(county.preparer, receipt, at=PAID_AT)
    assert (name.rsplit(".", 1)[1], content) == ("pdf", SHEET)


def given_up(county: County, roll: Roll, ids: list[int] | None = None, *, by: Principal | None = None) -> ReturnOrder:
    waiting = ids or [payment.id for payment in db.session.scalars(select(Payment).where(Payment.state == "approved"))]
    return operations.propose_return(by or county.department, roll.batch, waiting, "通知三次，无人领取", at=PAID_AT)


def test_what_nobody_collects_goes_back_to_the_plan_and_the_batch_is_closed(county: County, roll: Roll) -> None:
    first, *others = payment_ids(roll)
    pay(county, roll, [first])
    order = given_up(county, roll)
    # Whoever stands in an order is paid by no receipt before it is decided.
    with pytest.raises(UserError, match="没有等待发放"):
        pay(county, roll, number="002")
    with pytest.raises(PermissionDenied):
        operations.approve_return(county.department, order, at=PAID_AT)
    operations.approve_return(county.finance, order, at=PAID_AT)
    balance = balance_for(county.programme.id, 2020)
    assert (states(), balance.paid, balance.returned) == ({"paid_offline": 1, "returned": 2}, 27000, 54000)
    operations.credit_return(county.finance, order, voucher_number="退0001", voucher_on=PAID_ON, at=PAID_AT)
    assert balance_for(county.programme.id, 2020).available == 100_000_00 - 27000
    operations.close_batch(county.finance, roll.batch, at=PAID_AT)
    assert (roll.batch.state, order.line_count) == ("closed", len(others))


def test_where_nobody_comes_at_all_the_batch_can_be_closed_too(county: County, roll: Roll) -> None:
    order = given_up(county, roll)
    with pytest.raises(Conflict, match="退回单"):
        operations.withdraw_confirmation(county.finance, roll.batch, "花名册有误", at=PAID_AT)
    operations.approve_return(county.finance, order, at=PAID_AT)
    assert roll.batch.state == "results_in"
    operations.credit_return(county.finance, order, voucher_number="退0001", voucher_on=PAID_ON, at=PAID_AT)
    operations.close_batch(county.finance, roll.batch, at=PAID_AT)
    assert (states(), balance_for(county.programme.id, 2020).available) == ({"credited": 3}, 100_000_00)


@pytest.mark.parametrize("was_approved", [False, True])
def test_whoever_comes_after_all_is_paid_when_the_order_is_withdrawn(
    county: County, roll: Roll, was_approved: bool
) -> None:
    order = given_up(county, roll)
    if was_approved:
        operations.approve_return(county.finance, order, at=PAID_AT)
    operations.withdraw_return(county.finance, order, "本人来领了", at=PAID_AT)
    assert (roll.batch.state, states(), roll.batch.return_due_on) == ("finance_confirmed", {"approved": 3}, None)
    assert pay(county, roll).line_count == 3


def test_when_every_receipt_is_taken_back_the_batch_stands_where_it_stood(county: County, roll: Roll) -> None:
    before = (roll.batch.state, roll.batch.return_due_on, balance_for(county.programme.id, 2020))
    first, *others = payment_ids(roll)
    receipts = [pay(county, roll, [first]), pay(county, roll, others, number="002")]
    assert roll.batch.return_due_on is not None
    operations.cancel_receipt(county.preparer, receipts[0], "登记错了", at=PAID_AT)
    assert roll.batch.state == "results_in"
    operations.cancel_receipt(county.preparer, receipts[1], "登记错了", at=PAID_AT)
    assert (roll.batch.state, roll.batch.return_due_on, balance_for(county.programme.id, 2020)) == before
    # As before the first receipt, finance can still take its confirmation back.
    operations.withdraw_confirmation(county.finance, roll.batch, "花名册有误", at=PAID_AT)


@on_one_database
def test_what_was_handed_over_or_waits_for_finance_is_given_up_by_nobody(county: County, roll: Roll) -> None:
    first, *_ = payment_ids(roll)
    pay(county, roll, [first])
    with pytest.raises(Conflict, match="不能退回"):
        given_up(county, roll, [first])
    with pytest.raises(PermissionDenied):
        given_up(county, roll, by=county.preparer)
    owed = queries.owed_returns(county.department)
    assert [(one.batch_id, one.number, one.due_on) for one in owed] == [(roll.batch_id, 2, roll.batch.return_due_on)]


def test_a_payment_is_not_collected_and_given_up_at_once(app: Flask, county: County, roll: Roll) -> None:
    roll_id, programme_id, ids = roll.id, county.programme.id, payment_ids(roll)
    preparer, department = county.preparer, county.department
    db.session.commit()

    def hand_over() -> int:
        found = db.session.get_one(Roll, roll_id)
        receipt = operations.pay_offline(preparer, found, ids, number="001", paid_on=PAID_ON, payer="李某", at=PAID_AT)
        return receipt.line_count

    def give_up() -> int:
        batch = db.session.get_one(Roll, roll_id).batch
        return operations.propose_return(department, batch, ids, "无人领取", at=PAID_AT).line_count

    results = together(app, hand_over, give_up)
    assert [result for result in results if result == 3] == [3], results
    balance = balance_for(programme_id, 2020)
    assert (balance.paid, balance.reserved) in ((81000, 0), (0, 81000))


def test_two_receipts_at_once_pay_nobody_twice(app: Flask, county: County, roll: Roll) -> None:
    roll_id, programme_id, preparer = roll.id, county.programme.id, county.preparer
    db.session.commit()

    def record(number: str) -> int:
        found = db.session.get_one(Roll, roll_id)
        return operations.pay_offline(
            preparer, found, None, number=number, paid_on=PAID_ON, payer="李某", at=PAID_AT
        ).line_count

    results = together(app, lambda: record("001"), lambda: record("002"))
    assert sorted(str(result) for result in results) == ["3", "选中的人员里没有等待发放的。请刷新页面后再看。"]
    assert balance_for(programme_id, 2020).paid == 81000


@on_one_database
def test_the_department_gives_up_what_nobody_collects_on_its_pages(app: Flask, county: County, roll: Roll) -> None:
    first, *others = payment_ids(roll)
    pay(county, roll, [first])
    db.session.commit()
    roll_id, batch_id = roll.id, roll.batch_id
    with time_machine.travel(PAID_AT, tick=True):
        department = sign_in(app.test_client(), db.session.get_one(Official, county.department.official_id))
        new = f"/staff/disbursement/returns/new/{batch_id}"
        assert new in department.get(f"/staff/disbursement/rolls/{roll_id}/receipts").text
        assert new in department.get(f"/staff/disbursement/batches/{batch_id}").text
        sure = {"bulk": "propose", "id": others, "confirmed": "1", "count": "2", "total": "54000"}
        done = department.post(new, data=sure | {"reason": "通知三次，无人领取"}, follow_redirects=True)
        assert "已办理 2 条" in done.text
        # What waits for the decision cannot be handed over meanwhile, and the page says so.
        asked = department.post(
            f"/staff/disbursement/rolls/{roll_id}", data={"bulk": "pay_offline", "id": others}, follow_redirects=True
        )
        assert "已列入退回单" in asked.text
        order_id = db.session.scalars(select(ReturnOrder.id)).one()
        operations.approve_return(county.finance, db.session.get_one(ReturnOrder, order_id), at=PAID_AT)
        db.session.commit()
        page = department.get(f"/staff/disbursement/payments/{others[0]}").text
        assert f"/staff/disbursement/returns/{order_id}" in page and "为什么没有到账" not in page


@on_one_database
def test_a_programme_that_goes_offline_keeps_what_the_bank_has_paid(county: County) -> None:
    """An order that was withdrawn took the batch back to before its file; from there its confirmation was withdrawn,
    and what had been paid was in the plan again."""
    county.programme.channel = "platform"
    offer = county.sent([entry(0), entry(1)])
    paid, failed = attempts_of(offer)
    county.answer(result_file([result_line(paid), result_line(failed, FAILED)]))
    db.session.expire_all()
    county.programme.channel = "offline"
    order = operations.propose_return(county.finance, offer.batch, [failed.payment_id], "联系不上", at=RESULT_AT)
    operations.approve_return(factories.principal(Kind.FINANCE, Role.APPROVER), order, at=RESULT_AT)
    operations.withdraw_return(county.finance, order, "本人回来了", at=RESULT_AT)
    db.session.expire_all()
    assert offer.batch.state == "results_in"


def test_what_was_handed_over_stays_counted_when_the_programme_comes_onto_the_platform(
    county: County, roll: Roll
) -> None:
    """Its first bank file, taken back, must not lead to where finance could release money that people have."""
    first, *_ = payment_ids(roll)
    pay(county, roll, [first])
    county.programme.channel = "platform"
    db.session.flush()
    before = balance_for(county.programme.id, 2020)
    offer = operations.export_offer(county.finance, roll.batch, at=PAID_AT)
    operations.cancel_offer(county.finance, offer, "格式选错了", at=PAID_AT)
    db.session.expire_all()
    assert (roll.batch.state, states()) == ("results_in", {"approved": 2, "paid_offline": 1})
    with pytest.raises(Conflict):
        operations.withdraw_confirmation(county.finance, roll.batch, "名单有误", at=PAID_AT)
    assert balance_for(county.programme.id, 2020) == before
