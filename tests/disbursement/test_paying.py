"""From confirmed money to the file for the bank, and every fault seen in peers on the way."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.money import Fen
from disbursement import operations
from disbursement.balances import balance_for
from disbursement.models import Attempt, Payment
from registry.models import Beneficiary, Card, CardGap
from tests import factories
from tests.disbursement.county import (
    AT,
    OTHER_TOWNSHIP,
    County,
    attempts_of,
    build_county,
    card_number,
    content_of,
    entry,
    states,
)


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


# --- Batches -------------------------------------------------------------------------------------


def test_a_batch_is_not_confirmed_past_the_fund_plan(county: County) -> None:
    factories.fund_line(county.programme.id, 1)
    batch = county.approved([entry(1, fen=100_000_01)])
    factories.fund_line(county.programme.id, -1)
    with pytest.raises(UserError, match=r"还差 0\.01 元"):
        operations.confirm_batch(county.finance, batch, at=AT)
    assert batch.state == "open"
    factories.fund_line(county.programme.id, 1)
    assert operations.confirm_batch(county.finance, batch, at=AT) == 100_000_01
    assert balance_for(county.programme.id, 2020).available == 0


def test_what_one_batch_reserves_another_cannot(county: County) -> None:
    first, second = county.approved([entry(1, fen=60_000_00)]), county.approved([entry(1, fen=60_000_00)], "202009")
    operations.confirm_batch(county.finance, first, at=AT)
    with pytest.raises(UserError, match=r"还差 20,000\.00 元"):
        operations.confirm_batch(county.finance, second, at=AT)
    operations.withdraw_confirmation(county.finance, first, "花名册有误", at=AT)
    operations.confirm_batch(county.finance, second, at=AT)


def test_a_batch_waits_for_its_last_roll(county: County) -> None:
    batch = county.approved([entry(1)])
    county.roll([entry(2)], township=OTHER_TOWNSHIP)
    with pytest.raises(UserError, match="1 个乡镇"):
        operations.confirm_batch(county.finance, batch, at=AT)


def test_a_confirmed_batch_takes_no_more_rolls(county: County) -> None:
    operations.confirm_batch(county.finance, county.approved([entry(1)]), at=AT)
    with pytest.raises(Conflict):
        county.roll([entry(2)], township=OTHER_TOWNSHIP)


def test_only_finance_confirms(county: County) -> None:
    batch = county.approved([entry(1)])
    for somebody in (county.preparer, county.approver, county.department, county.bank):
        with pytest.raises(PermissionDenied):
            operations.confirm_batch(somebody, batch, at=AT)


# --- Offer files ---------------------------------------------------------------------------------


def test_the_offer_file_has_a_reference_a_line_and_control_totals(county: County) -> None:
    offer = county.sent([entry(1, name="阿西·木呷"), entry(2, fen=1)])
    payments = db.session.scalars(select(Payment.id).order_by(Payment.id)).all()
    lines = content_of(offer).split("\r\n")
    assert lines[0] == f"{payments[0]}-1|阿西·木呷|{card_number(1)}|27000|困难残疾人生活补贴202006"
    assert lines[2:] == ["TOTAL|2|27001", ""]
    assert (offer.line_count, offer.total_fen, states()) == (2, 27001, {"sent": 2})
    assert offer.batch.state == "sent"


def test_asking_again_gives_the_same_bytes_and_no_new_attempt(county: County) -> None:
    offer = county.sent([entry(1), entry(2)])
    again = operations.export_offer(county.bank, offer.batch, at=AT + timedelta(days=30))
    assert again.id == offer.id
    assert db.session.scalar(select(func.count(Attempt.id))) == 2


def test_an_unconfirmed_batch_is_not_exported(county: County) -> None:
    with pytest.raises(Conflict):
        operations.export_offer(county.finance, county.approved([entry(1)]), at=AT)


def test_characters_the_bank_lacks_are_counted(county: County) -> None:
    offer = county.sent([entry(1, name="李𬭎?"), entry(2)])
    assert "|李??|" in content_of(offer)
    assert offer.lost_characters == 1


def test_a_payment_without_a_card_waits_until_there_is_one(county: County) -> None:
    offer = county.sent([entry(1), entry(2, card_number="")])
    assert (offer.line_count, states()) == (1, {"sent": 1, "approved": 1})
    assert db.session.scalar(select(func.count(CardGap.id))) == 1
    person = db.session.scalars(select(Beneficiary).where(Beneficiary.card_id.is_(None))).one()
    holder = Card(
        number="6217009999999999999",
        number_index="6217009999999999999",
        tail="9999",
        holder_name="李四",
        created_at=AT,
    )
    db.session.add(holder)
    db.session.flush()
    person.card_id, person.card_index = holder.id, holder.number_index
    second = operations.export_offer(county.finance, offer.batch, at=AT)
    assert (second.line_count, states()) == (1, {"sent": 2})
    # The money goes to the card's holder, and the bank is told so.
    assert "|李四|6217009999999999999|" in content_of(second)


def test_the_database_refuses_a_second_open_attempt(county: County) -> None:
    offer = county.sent([entry(1)])
    first = attempts_of(offer)[0]
    twin = Attempt(
        payment_id=first.payment_id,
        number=2,
        reference="x-2",
        offer_file_id=offer.id,
        line_number=2,
        payee_name="x",
        card_number="62170012",
        card_index="62170012",
        card_tail="0012",
        amount_fen=Fen(1),
        created_at=AT,
    )
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(twin)
        db.session.flush()
