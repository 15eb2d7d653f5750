"""What has come up between the department's approval and the money leaving is looked at once more (B10)."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Official
from core import workflow
from core.database import db
from core.errors import PermissionDenied, UserError
from core.principal import OrganisationKind as Kind
from core.principal import Role
from disbursement import operations, queries, rules
from disbursement.models import Batch, Payment
from disbursement.rules.checks import CheckKind
from programmes import operations as programmes
from programmes.rules import Source
from registry.models import Beneficiary
from tests import factories
from tests.disbursement.county import AT, County, build_county, card_number, entry
from tests.signing import sign_in

LATER = AT + timedelta(days=8)
OTHER_TOWNSHIP = "513426101000"


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


def person_of(batch: Batch, row: int = 0) -> Beneficiary:
    payments = db.session.scalars(select(Payment).where(Payment.batch_id == batch.id).order_by(Payment.id)).all()
    return payments[row].beneficiary


def died(person: Beneficiary, on: date | None) -> None:
    person.status, person.status_on = "dead", on
    db.session.flush()


def kinds(batch: Batch) -> list[str]:
    return [one.found.kind.value for one in queries.new_findings(batch)]


def test_whoever_died_after_the_approval_stops_the_confirmation(county: County) -> None:
    batch = county.approved([entry(1), entry(2)])
    assert kinds(batch) == []
    died(person_of(batch), date(2019, 3, 1))
    assert kinds(batch) == ["dead_before"]
    with pytest.raises(UserError, match="1 个必须解决的问题"):
        operations.confirm_batch(county.finance, batch, at=LATER, reason="知道了")
    assert batch.state == "open"
    # The way on: the department takes its approval back, and the line is struck.
    roll = db.session.get_one(Payment, db.session.scalars(select(Payment.id)).first()).roll
    operations.withdraw_department_approval(county.department, roll, "有人去世", at=LATER)
    operations.send_back_roll(county.department, roll, "有人去世", at=LATER)
    [dead] = db.session.scalars(select(Payment.id).where(Payment.beneficiary_id == person_of(batch).id))
    operations.strike_payments(county.preparer, roll, [dead], "已去世", at=LATER)
    county.approve(roll)
    assert operations.confirm_batch(county.finance, batch, at=LATER) == 27000


def test_a_new_warning_passes_for_a_written_reason(county: County) -> None:
    batch = county.approved([entry(1), entry(2)])
    person_of(batch).name = "改名后"
    db.session.flush()
    # The name differs, and the card is therefore somebody else's.
    assert "name_differs" in kinds(batch)
    with pytest.raises(UserError, match="提示"):
        operations.confirm_batch(county.finance, batch, at=LATER, reason="  ")
    operations.confirm_batch(county.finance, batch, at=LATER, reason="派出所已办更名")
    assert workflow.history(rules.BATCH_WORKFLOW, batch.id)[-1].reason == "派出所已办更名"


def test_what_the_approvals_saw_is_no_news(county: County) -> None:
    batch = county.approved([entry(1, card_number=card_number(9)), entry(2, card_number=card_number(9))])
    assert kinds(batch) == []
    operations.confirm_batch(county.finance, batch, at=LATER, reason="没有用的理由")
    assert workflow.history(rules.BATCH_WORKFLOW, batch.id)[-1].reason == ""


def test_a_draft_that_came_later_does_not_stop_who_was_approved_before(county: County) -> None:
    batch = county.approved([entry(1)])
    county.roll([entry(1)], township=OTHER_TOWNSHIP)
    assert kinds(batch) == []


def test_nor_does_a_roll_whose_approval_has_seen_this_one(county: County) -> None:
    """Two on one card, in two townships: the second approval has explained it."""
    batch = county.approved([entry(1, card_number=card_number(9))])
    second = county.roll([entry(2, card_number=card_number(9))], township=OTHER_TOWNSHIP)
    preparer, approver = (
        factories.principal(Kind.TOWNSHIP, role, region_code=OTHER_TOWNSHIP) for role in (Role.PREPARER, Role.APPROVER)
    )
    other = County(county.programme, preparer, approver, county.department, county.finance, county.bank)
    assert kinds(batch) == []
    other.approve(second)
    assert kinds(batch) == []
    operations.confirm_batch(county.finance, batch, at=LATER)


def test_whoever_died_after_the_confirmation_is_not_sent_money(county: County) -> None:
    batch = county.approved([entry(1), entry(2)])
    operations.confirm_batch(county.finance, batch, at=LATER)
    died(person_of(batch), None)
    with pytest.raises(UserError, match="1 人"):
        operations.export_offer(county.finance, batch, at=LATER)
    died(person_of(batch), date(2020, 12, 1))
    operations.export_offer(county.finance, batch, at=LATER)


def test_where_the_bureau_chose_a_warning_for_the_dead_the_reasons_were_read(county: County) -> None:
    chief = factories.principal(Kind.FINANCE, Role.APPROVER)
    operations.choose_severity(chief, CheckKind.DEAD_BEFORE, rules.checks.Severity.WARNING, "丧葬补助发给亲属", at=AT)
    batch = county.approved([entry(1)])
    operations.confirm_batch(county.finance, batch, at=LATER)
    died(person_of(batch), None)
    operations.export_offer(county.finance, batch, at=LATER)


def test_nobody_confirms_what_only_his_own_money_pays(county: County) -> None:
    """One official could enter the money and have it paid."""
    both = factories.principal(Kind.FINANCE, Role.PREPARER)
    programmes.add_fund_line(
        both,
        county.programme.id,
        year=2020,
        source=Source.CURRENT_YEAR,
        level="省级",
        document_number="川财社〔2020〕1号",
        amount_fen=200_000_00,
        at=AT,
    )
    small = county.approved([entry(1)], "202003")
    operations.confirm_batch(both, small, at=LATER)
    large = county.approved([entry(1, fen=150_000_00)])
    with pytest.raises(PermissionDenied, match=r"200,000\.00"):
        operations.confirm_batch(both, large, at=LATER)
    operations.confirm_batch(county.finance, large, at=LATER)


def test_the_page_names_who_and_what(app: Flask, county: County) -> None:
    batch = county.approved([entry(1), entry(2)])
    db.session.commit()
    finance = sign_in(app.test_client(), db.session.get_one(Official, county.finance.official_id))
    path = f"/staff/disbursement/batches/{batch.id}"
    assert "审核以后的变化" in finance.get(path).text
    assert "没有变化" in finance.get(f"{path}/since-approval").text
    died(person_of(batch), date(2019, 3, 1))
    db.session.commit()
    page = finance.get(f"{path}/since-approval").text
    for words in ("必须解决", "发放月份以前已经死亡", person_of(batch).name, "证件尾号"):
        assert words in page
    said = finance.post(f"{path}/confirm", follow_redirects=True).text
    assert "又查出 1 个必须解决的问题" in said
    bank = sign_in(app.test_client(), db.session.get_one(Official, county.bank.official_id))
    assert bank.get(f"{path}/since-approval").status_code in (403, 404)
