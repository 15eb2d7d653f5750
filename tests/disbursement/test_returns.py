"""Return orders (B7): what can no longer be paid goes back by its day, with four eyes, and the plan has it again."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from core.audit import AuditEntry
from core.database import db
from core.errors import Conflict, NotVisible, PermissionDenied, UserError
from core.money import Fen
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations, queries
from disbursement.balances import balance_for
from disbursement.models import Batch, Failure, Payment, ReturnOrder
from programmes.carrying_over import carry_over
from programmes.models import FundLine
from programmes.operations import add_fund_line
from programmes.rules import Source
from registry.changes import TOWNSHIP, enter_card
from tests import factories
from tests.core.together import meanwhile
from tests.disbursement.county import (
    AT,
    FAILED,
    PAID,
    RESULT_AT,
    County,
    attempts_of,
    build_county,
    card_number,
    entry,
    result_file,
    result_line,
    states,
)
from tests.disbursement.cycle import NOTE, answered, correct_all, payments, request_for

DAY = timedelta(days=1)
WHY = "本人已死亡，不再发放"


@pytest.fixture
def county(app: Flask) -> County:
    return build_county(allocated=100_000)


@pytest.fixture
def second(county: County) -> Principal:
    return factories.principal(Kind.FINANCE, Role.APPROVER)


def proposed(county: County, *ids: int, by: Principal | None = None) -> ReturnOrder:
    batch = db.session.scalars(select(Batch)).one()
    wanted = list(ids) or [payment.id for payment in payments("failed", "corrected")]
    order = operations.propose_return(by or county.finance, batch, wanted, WHY, at=RESULT_AT + DAY)
    db.session.expire_all()
    return order


def approved(county: County, second: Principal, *ids: int) -> ReturnOrder:
    order = proposed(county, *ids)
    operations.approve_return(second, order, at=RESULT_AT + DAY)
    db.session.expire_all()
    return order


def credit(county: County, order: ReturnOrder, *, to_next_year: bool = False, number: str = "退0001") -> None:
    operations.credit_return(
        county.finance,
        order,
        voucher_number=number,
        voucher_on=date(2020, 7, 18),
        to_next_year=to_next_year,
        at=RESULT_AT + 2 * DAY,
    )
    db.session.expire_all()


def test_money_that_was_credited_is_available_again(county: County, second: Principal) -> None:
    answered(county, PAID, FAILED, FAILED)
    correct_all(county)
    order = approved(county, second)
    balance = balance_for(county.programme.id, 2020)
    assert (order.state, order.total_fen, balance.returned, balance.available) == ("approved", 54000, 54000, 19000)
    assert set(db.session.scalars(select(Failure.ending))) == {"returned_to_plan"}
    credit(county, order)
    balance = balance_for(county.programme.id, 2020)
    assert (states(), balance.returned, balance.available) == ({"paid": 1, "credited": 2}, 0, 73000)
    operations.close_batch(county.finance, order.batch, at=RESULT_AT + 2 * DAY)


def test_money_that_is_carried_over_leaves_this_years_plan_for_the_next(county: County, second: Principal) -> None:
    answered(county, FAILED)
    order = approved(county, second)
    credit(county, order, to_next_year=True)
    lines = db.session.execute(select(FundLine.year, FundLine.source, FundLine.amount_fen).order_by(FundLine.id)).all()
    assert [tuple(line) for line in lines[1:]] == [(2020, "current_year", -27000), (2021, "carried_over", 27000)]
    this, following = balance_for(county.programme.id, 2020), balance_for(county.programme.id, 2021)
    assert (this.allocated, this.available) == (73000, 73000)
    assert (following.allocated, following.available) == (27000, 27000)
    assert order.carried_to == 2021


def test_a_voucher_whose_number_is_as_long_as_a_cards_is_carried_over_and_taken_back(
    county: County, second: Principal
) -> None:
    """Banks number their vouchers by day and serial."""
    number = "2020071800012345"
    answered(county, FAILED)
    order = approved(county, second)
    credit(county, order, to_next_year=True, number=number)
    operations.reverse_credit(second, order, "登记错了年度", at=RESULT_AT + 2 * DAY)
    lines = db.session.scalars(select(FundLine).order_by(FundLine.id)).all()[1:]
    assert [line.amount_fen for line in lines] == [-27000, 27000, 27000, -27000]
    assert [line.document_number for line in lines] == [number] * 2 + [f"{number}-冲正1"] * 2
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "programmes.carry_over")).one().details
    assert told == {"year": 2020, "total_fen": 27000, "fund_lines": [line.id for line in lines[:2]]}


def test_whoever_proposes_does_not_approve(county: County, second: Principal) -> None:
    answered(county, FAILED)
    order = proposed(county)
    with pytest.raises(PermissionDenied, match="另一位"):
        operations.approve_return(county.finance, order, at=RESULT_AT + DAY)
    for principal in (county.department, county.preparer, county.bank):
        with pytest.raises(PermissionDenied):
            operations.approve_return(principal, order, at=RESULT_AT + DAY)
    operations.approve_return(second, order, at=RESULT_AT + DAY)
    with pytest.raises(Conflict):
        operations.approve_return(second, order, at=RESULT_AT + DAY)


def test_what_an_order_has_is_neither_corrected_nor_sent_nor_ordered_again(county: County) -> None:
    answered(county, FAILED, FAILED)
    first, other = payments()
    operations.correct_payments(county.preparer, [request_for(first)], at=RESULT_AT)
    proposed(county, first.id, other.id)
    with pytest.raises(Conflict):
        operations.correct_payments(county.preparer, [request_for(other)], at=RESULT_AT + DAY)
    with pytest.raises(Conflict):
        operations.resubmit(county.department, [first.id], at=RESULT_AT + DAY)
    with pytest.raises(Conflict):
        proposed(county, other.id)


@pytest.mark.parametrize("was_approved", [False, True])
def test_a_withdrawn_order_puts_everything_back_with_its_dates(
    county: County, second: Principal, was_approved: bool
) -> None:
    offer = answered(county, PAID, FAILED, FAILED)
    operations.record_bank_return(county.finance, [attempts_of(offer)[0].id], date(2020, 7, 16), at=RESULT_AT)
    sent_back, first, _ = payments()
    operations.correct_payments(county.preparer, [request_for(first)], at=RESULT_AT)
    db.session.expire_all()
    before = [(payment.state, payment.due_on) for payment in payments()]
    order = proposed(county, *(payment.id for payment in payments()))
    if was_approved:
        operations.approve_return(second, order, at=RESULT_AT + DAY)
        db.session.expire_all()
        assert states() == {"returned": 3}
        assert sent_back.due_on is None
    operations.withdraw_return(county.finance, order, "又联系上本人了", at=RESULT_AT + DAY)
    db.session.expire_all()
    assert [(payment.state, payment.due_on) for payment in payments()] == before
    assert set(db.session.scalars(select(Failure.ended_on))) == {None}
    # Free for another order, and for the township.
    operations.correct_payments(county.preparer, [request_for(sent_back)], at=RESULT_AT + DAY)


# --- Counter-entries --------------------------------------------------------------------------------


@pytest.mark.parametrize("to_next_year", [False, True])
def test_a_wrong_voucher_is_reversed_by_another_and_entered_anew(
    county: County, second: Principal, to_next_year: bool
) -> None:
    answered(county, FAILED)
    order = approved(county, second)
    before = balance_for(county.programme.id, 2020), balance_for(county.programme.id, 2021)
    credit(county, order, to_next_year=to_next_year)
    after = balance_for(county.programme.id, 2020), balance_for(county.programme.id, 2021)
    at = RESULT_AT + 3 * DAY
    with pytest.raises(PermissionDenied, match="另一位"):
        operations.reverse_credit(county.finance, order, "凭证号抄错了", at=at)
    with pytest.raises(UserError, match="理由"):
        operations.reverse_credit(second, order, " ", at=at)
    operations.reverse_credit(second, order, "凭证号抄错了", at=at)
    db.session.expire_all()
    assert (balance_for(county.programme.id, 2020), balance_for(county.programme.id, 2021)) == before
    assert (states(), order.state, order.voucher_number, order.carried_to) == ({"returned": 1}, "approved", "", None)
    [entry_] = queries.reversals_of(order)
    assert (entry_.voucher_number, entry_.voucher_on, entry_.total_fen) == ("退0001", date(2020, 7, 18), 27000)
    with pytest.raises(Conflict):
        operations.reverse_credit(second, order, "凭证号抄错了", at=at)
    # The same number again, as only the day or the year was wrong.
    credit(county, order, to_next_year=to_next_year)
    assert (balance_for(county.programme.id, 2020), balance_for(county.programme.id, 2021)) == after
    assert states() == {"credited": 1}


def test_what_the_plan_has_spent_meanwhile_is_not_taken_out_of_it(county: County, second: Principal) -> None:
    answered(county, FAILED)
    order = approved(county, second)
    credit(county, order)
    batch = county.approved([entry(serial) for serial in range(3)], "202009")
    operations.confirm_batch(county.finance, batch, at=RESULT_AT + 3 * DAY)
    with pytest.raises(UserError, match=r"190\.00"):
        operations.reverse_credit(second, order, "钱没有退回", at=RESULT_AT + 3 * DAY)


def test_an_order_withdrawn_after_its_batch_was_closed_opens_the_batch_again(county: County, second: Principal) -> None:
    answered(county, PAID, FAILED)
    order = approved(county, second)
    operations.close_batch(county.finance, order.batch, at=RESULT_AT + 2 * DAY)
    operations.withdraw_return(county.finance, order, "又联系上本人了", at=RESULT_AT + 2 * DAY)
    db.session.expire_all()
    assert (order.batch.state, states()) == ("results_in", {"paid": 1, "failed": 1})


# --- What was never tried ---------------------------------------------------------------------------


def test_who_never_gets_a_card_does_not_keep_the_batch_open(county: County, second: Principal) -> None:
    offer = county.sent([entry(1), entry(2, card_number="")])
    waiting = first_payment_in("approved")
    order = proposed(county, waiting)
    county.answer(result_file([result_line(attempts_of(offer)[0])]))
    # Whatever card comes meanwhile, the money waits for the decision.
    person = db.session.get_one(Payment, waiting).beneficiary
    enter_card(county.preparer, person, card_number(2), "", source=TOWNSHIP, reason="本人已办卡", at=RESULT_AT)
    assert operations.export_offer(county.finance, order.batch, at=RESULT_AT + DAY).id == offer.id
    operations.approve_return(second, order, at=RESULT_AT + DAY)
    db.session.expire_all()
    credit(county, order)
    operations.close_batch(county.finance, order.batch, at=RESULT_AT + 2 * DAY)
    assert states() == {"paid": 1, "credited": 1}


def test_what_waits_for_the_bank_with_a_card_is_not_given_up(county: County) -> None:
    batch = county.approved([entry(1), entry(2, card_number="")])
    operations.confirm_batch(county.finance, batch, at=AT + 8 * DAY)
    # Not before the file has gone: until then the roll itself can be put right.
    for payment in payments():
        with pytest.raises(Conflict):
            proposed(county, payment.id)


def first_payment_in(state: str) -> int:
    return payments(state)[0].id


def test_who_may_withdraw(county: County, second: Principal) -> None:
    answered(county, FAILED)
    order = proposed(county, by=county.department)
    operations.approve_return(second, order, at=RESULT_AT + DAY)
    with pytest.raises(PermissionDenied, match="财政局"):
        operations.withdraw_return(county.department, order, "再等等", at=RESULT_AT + DAY)
    operations.withdraw_return(county.finance, order, "再等等", at=RESULT_AT + DAY)
    again = proposed(county, by=county.department)
    operations.withdraw_return(county.department, again, "再等等", at=RESULT_AT + DAY)


def test_credited_money_stays_credited(county: County, second: Principal) -> None:
    answered(county, FAILED)
    order = approved(county, second)
    credit(county, order)
    with pytest.raises(Conflict):
        credit(county, order)
    with pytest.raises(Conflict):
        operations.withdraw_return(county.finance, order, "弄错了", at=RESULT_AT + 2 * DAY)
    assert states() == {"credited": 1}


def test_a_voucher_needs_a_number_and_a_day_that_can_be(county: County, second: Principal) -> None:
    answered(county, FAILED)
    order = approved(county, second)
    for number, on in (("", date(2020, 7, 18)), ("退1", date(2020, 7, 1)), ("退1", date(2021, 1, 1))):
        with pytest.raises(UserError):
            operations.credit_return(
                county.finance, order, voucher_number=number, voucher_on=on, at=RESULT_AT + 2 * DAY
            )


def test_paid_and_foreign_payments_are_in_no_order(county: County) -> None:
    answered(county, PAID, FAILED)
    paid, failed = payments()
    with pytest.raises(Conflict):
        proposed(county, paid.id)
    other = factories.principal(Kind.DEPARTMENT, Role.APPROVER, organisation_name="县农业农村局")
    with pytest.raises(NotVisible):
        proposed(county, failed.id, by=other)


def test_a_quarter_owes_its_returns_by_the_end_of_the_month_after_it(county: County) -> None:
    answered(county, FAILED)
    (owed,) = queries.owed_returns(county.finance)
    assert (owed.due_on, owed.number, owed.total_fen) == (date(2020, 7, 31), 1, 27000)
    assert queries.owed_returns(county.finance, due_before=date(2020, 7, 31)) == []
    assert len(queries.owed_returns(county.finance, due_before=date(2020, 8, 1))) == 1
    proposed(county)
    assert queries.owed_returns(county.finance) == []
    assert NOTE
    assert db.session.scalars(select(Payment.state)).one() == "failed"


# --- Carrying over, at once with other claims on the same money ------------------------------------


def carried(number: str, order_id: int, finance: Principal) -> None:
    operations.credit_return(
        finance,
        db.session.get_one(ReturnOrder, order_id),
        voucher_number=number,
        voucher_on=date(2020, 7, 18),
        to_next_year=True,
        at=RESULT_AT + 2 * DAY,
    )


def test_no_more_is_carried_over_than_is_available(county: County) -> None:
    number = county.programme.id
    with pytest.raises(UserError, match=r"只有 1,000\.00 元，还差 0\.01 元"):
        carry_over(county.finance, number, 2020, Fen(100_001), "甲〔2020〕1号", at=RESULT_AT)
    carry_over(county.finance, number, 2020, Fen(100_000), "甲〔2020〕1号", at=RESULT_AT)
    with pytest.raises(UserError, match=r"还差 0\.01 元"):
        carry_over(county.finance, number, 2020, Fen(1), "甲〔2020〕2号", at=RESULT_AT)
    assert (balance_for(number, 2020).available, balance_for(number, 2021).available) == (0, 100_000)


def test_of_two_who_carry_over_at_once_the_second_finds_what_the_first_left(app: Flask, county: County) -> None:
    number, finance = county.programme.id, county.finance
    db.session.commit()

    def carry(document: str) -> None:
        carry_over(finance, number, 2020, Fen(60_000), document, at=RESULT_AT)

    first, second = meanwhile(app, lambda: carry("甲〔2020〕1号"), lambda: carry("甲〔2020〕2号"))
    assert first is None
    assert isinstance(second, UserError)
    assert "还差 200.00 元" in str(second)
    assert (balance_for(number, 2020).available, balance_for(number, 2021).available) == (40_000, 60_000)


def test_two_orders_under_one_voucher_at_once_the_second_is_told(app: Flask, county: County, second: Principal) -> None:
    answered(county, FAILED, FAILED)
    orders = [approved(county, second, payment.id).id for payment in payments("failed")]
    number, finance = county.programme.id, county.finance
    db.session.commit()
    results = meanwhile(app, *(partial(carried, "退0001", order_id, finance) for order_id in orders))
    assert results[0] is None
    assert isinstance(results[1], UserError)
    assert "凭证号" in str(results[1])
    db.session.expire_all()
    assert [db.session.get_one(ReturnOrder, order_id).state for order_id in orders] == ["credited", "approved"]
    assert (balance_for(number, 2020).available, balance_for(number, 2021).available) == (46_000, 27_000)


def test_a_carry_over_and_a_cut_at_once_do_not_take_the_same_money(
    app: Flask, county: County, second: Principal
) -> None:
    answered(county, FAILED)
    order_id, number, finance = approved(county, second).id, county.programme.id, county.finance
    planner = factories.principal(Kind.FINANCE, Role.PREPARER)
    db.session.commit()

    def cut() -> int:
        return add_fund_line(
            planner,
            number,
            year=2020,
            source=Source.CURRENT_YEAR,
            level="县级",
            document_number="东财调〔2020〕1号",
            amount_fen=-100_000,
            at=RESULT_AT + 2 * DAY,
        ).id

    first, other = meanwhile(app, partial(carried, "退0001", order_id, finance), cut)
    assert first is None
    assert isinstance(other, UserError)
    assert (balance_for(number, 2020).available, balance_for(number, 2021).available) == (73_000, 27_000)


def test_what_the_bank_says_it_paid_after_all_is_not_given_back(county: County, second: Principal) -> None:
    """Else the plan would have the money again, and the villager too."""
    offer = answered(county, FAILED)
    order = proposed(county)
    [attempt] = attempts_of(offer)
    county.answer(result_file([result_line(attempt)], day="20200717"), at=RESULT_AT + DAY)
    with pytest.raises(Conflict, match="矛盾"):
        operations.approve_return(second, order, at=RESULT_AT + DAY)


def test_nor_credited_once_it_was_approved(county: County, second: Principal) -> None:
    offer = answered(county, FAILED)
    order = approved(county, second)
    [attempt] = attempts_of(offer)
    county.answer(result_file([result_line(attempt)], day="20200717"), at=RESULT_AT + DAY)
    with pytest.raises(Conflict, match="矛盾"):
        credit(county, order)
    operations.withdraw_return(county.finance, order, "银行来函：已付", at=RESULT_AT + 2 * DAY)
    db.session.expire_all()
    assert states() == {"failed": 1}


def test_an_entry_has_a_day_in_an_open_month(county: County, second: Principal) -> None:
    answered(county, FAILED)
    order = approved(county, second)
    operations.close_month(second, "2020-07", at=RESULT_AT + DAY)
    with pytest.raises(Conflict, match="2020-07 已经关账"):
        credit(county, order)
    august = RESULT_AT + timedelta(days=20)
    voucher: dict[str, Any] = {"voucher_number": "退0001", "voucher_on": date(2020, 7, 18)}
    # The voucher's own day is the bank's; the entry is August's.
    operations.credit_return(county.finance, order, **voucher, at=august)
    assert (order.voucher_on, order.credited_on) == (date(2020, 7, 18), date(2020, 8, 5))
    operations.close_month(second, "2020-08", at=august)
    with pytest.raises(Conflict, match="2020-08 已经关账"):
        operations.reverse_credit(second, order, "凭证号抄错了", at=august)
