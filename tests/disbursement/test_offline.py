"""Money handed over outside the platform: only after both filings, once each, by a receipt (B3)."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import db
from core.errors import Conflict, NotVisible, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations
from disbursement.balances import balance_for
from disbursement.models import OfflineReceipt, Payment, Roll
from programmes import operations as programmes
from tests import factories
from tests.core.together import together
from tests.disbursement.county import AT, County, build_county, entry, states

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


def file_with(county: County, *offices: Kind) -> None:
    for office in offices:
        filing = programmes.file_measures(
            county.department,
            county.programme.id,
            office,
            management_document="东民〔2020〕9号",
            supervision_document="东民〔2020〕10号",
            filed_on=AT.date(),
            at=AT,
        )
        programmes.receive_filing(factories.principal(office, Role.PREPARER), filing.id, at=AT)


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
