"""The book says failed, a bank file says paid: the word of one official does not free the money a second time."""

import io
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Official
from core.database import db
from core.errors import Conflict, PermissionDenied, UserError
from core.evidence import BroughtEvidence
from core.principal import OrganisationKind as Kind
from core.principal import Principal, Role
from disbursement import operations, queries
from disbursement.models import Attempt, Discrepancy, Rebooking
from tests import factories
from tests.disbursement.county import (
    FAILED,
    RESULT_AT,
    County,
    attempts_of,
    build_county,
    entry,
    result_file,
    result_line,
)
from tests.disbursement.cycle import correct_all
from tests.signing import sign_in

BASE = "/staff/disbursement"
WHY = "银行来函 没有付出"
LETTER = BroughtEvidence("函件.pdf", b"%PDF-1.4 invented")
LATER = RESULT_AT + timedelta(days=3)
LETTER_ON = date(2020, 7, 18)


@pytest.fixture
def county(app: Flask) -> County:
    return build_county()


@pytest.fixture
def chief(county: County) -> Principal:
    return factories.principal(Kind.FINANCE, Role.APPROVER)


def disputed(county: County, number: int = 1) -> list[Attempt]:
    """So many tries that failed, and of which a second file says that they were paid."""
    attempts = attempts_of(county.sent([entry(serial) for serial in range(number)]))
    county.answer(result_file([result_line(one, FAILED) for one in attempts]))
    county.answer(result_file([result_line(one) for one in attempts], day="20200716"))
    return attempts


def words() -> list[Discrepancy]:
    return list(db.session.scalars(select(Discrepancy).order_by(Discrepancy.id)))


def propose(county: County, *attempts: Attempt, on: date = LETTER_ON) -> Rebooking:
    return operations.propose_still_failed(county.finance, [one.id for one in attempts], LETTER, on, WHY, at=LATER)


def resend(county: County, payments: list[int]) -> int:
    return operations.resubmit(county.department, payments, at=LATER)


# --- The decision ----------------------------------------------------------------------------------


def test_one_official_cannot_free_the_money_by_words(county: County) -> None:
    """One of finance settled it with a sentence, and the payment that the bank had made went out again."""
    disputed(county)
    payments = correct_all(county, LATER)
    [word] = words()
    with pytest.raises(UserError, match="再付一次"):
        operations.settle_discrepancy(county.finance, word, WHY, at=LATER)
    with pytest.raises(Conflict, match="矛盾"):
        resend(county, payments)


def test_two_with_the_banks_letter_do(county: County, chief: Principal) -> None:
    [attempt] = disputed(county)
    payments = correct_all(county, LATER)
    proposed = propose(county, attempt)
    with pytest.raises(Conflict, match="矛盾"):
        resend(county, payments)
    with pytest.raises(PermissionDenied, match="另一位同事"):
        operations.approve_rebooking(county.finance, proposed, at=LATER)
    operations.approve_rebooking(chief, proposed, at=LATER)
    db.session.expire_all()
    [word] = words()
    assert (word.settlement, attempt.outcome, proposed.state) == (WHY, "failed", "approved")
    assert resend(county, payments) == 1


def test_it_needs_a_letter_a_day_and_a_reason(county: County) -> None:
    [attempt] = disputed(county)
    with pytest.raises(UserError, match="上传银行"):
        operations.propose_still_failed(county.finance, [attempt.id], None, LETTER_ON, WHY, at=LATER)
    with pytest.raises(UserError, match="函件的日期"):
        propose(county, attempt, on=date(2020, 8, 1))
    with pytest.raises(UserError, match="理由"):
        operations.propose_still_failed(county.finance, [attempt.id], LETTER, LETTER_ON, "", at=LATER)
    with pytest.raises(PermissionDenied):
        operations.propose_still_failed(county.department, [attempt.id], LETTER, LETTER_ON, WHY, at=LATER)
    propose(county, attempt)
    with pytest.raises(Conflict, match="等待审批"):
        propose(county, attempt)


def test_a_word_that_came_after_the_proposal_stays_open(county: County, chief: Principal) -> None:
    [attempt] = disputed(county)
    payments = correct_all(county, LATER)
    proposed = propose(county, attempt)
    county.answer(result_file([result_line(attempt)], day="20200718"), at=LATER + timedelta(hours=1))
    operations.approve_rebooking(chief, proposed, at=LATER + timedelta(hours=2))
    db.session.expire_all()
    assert [one.settled_at is None for one in words()] == [False, True]
    with pytest.raises(Conflict, match="矛盾"):
        resend(county, payments)
    # The try is free for what the bank proves now.
    operations.propose_rebooking(county.finance, {attempt.id: date(2020, 7, 18)}, WHY, at=LATER + timedelta(hours=3))


def test_once_it_is_booked_as_paid_nothing_is_left_to_stand_as_failed(county: County, chief: Principal) -> None:
    one, two = disputed(county, 2)
    standing = propose(county, two)
    booked = operations.propose_rebooking(county.finance, {one.id: date(2020, 7, 16)}, WHY, at=LATER)
    operations.approve_rebooking(chief, booked, at=LATER)
    with pytest.raises(Conflict):
        propose(county, one)
    operations.refuse_proposed_rebooking(chief, standing, "没有原件", at=LATER)
    with pytest.raises(Conflict, match="矛盾"):
        resend(county, correct_all(county, LATER))


def test_where_a_later_try_has_paid_words_are_enough(county: County) -> None:
    """Nothing goes out again: the bank paid twice, and takes the second back, which the statement will show."""
    [attempt] = attempts_of(county.sent([entry(1)]))
    county.answer(result_file([result_line(attempt, FAILED)]))
    resend(county, correct_all(county, LATER))
    again = attempts_of(operations.make_reissue(county.finance, at=LATER))
    county.answer(result_file([result_line(attempt)], day="20200717"), at=LATER)
    [word] = words()
    with pytest.raises(UserError, match="再付一次"):
        operations.settle_discrepancy(county.finance, word, WHY, at=LATER)
    county.answer(result_file([result_line(again[0])], day="20200719"), at=LATER)
    operations.settle_discrepancy(county.finance, word, "付了两次，由银行追回", at=LATER)


# --- The pages -------------------------------------------------------------------------------------


def test_from_the_result_to_the_approval(app: Flask, county: County, chief: Principal) -> None:
    one, _ = disputed(county, 2)
    first, second = words()
    db.session.commit()
    client = sign_in(app.test_client(), db.session.get_one(Official, county.finance.official_id))
    page = client.get(f"{BASE}/results/{first.result_file_id}").text
    assert page.count("维持失败") == 2
    assert "登记处理结果" not in page
    listed = client.post(f"{BASE}/discrepancies", data={"bulk": "settle", "id": str(first.id)}).text
    assert "维持失败" in listed
    path = f"{BASE}/discrepancies/{first.id}/still-failed"
    shown = client.get(path).text
    assert one.reference in shown
    assert "还有 1 笔" in shown
    bare = client.post(path, data={"letter_on": "2020-07-17", "reason": WHY})
    assert "请选择文件" in bare.text
    brought = {"letter": (io.BytesIO(LETTER.content), LETTER.filename), "reason": WHY, "together": "y"}
    made = client.post(path, data=brought | {"letter_on": "2020-07-17"}, follow_redirects=True)
    assert "银行收回已付的说法" in made.text
    rebooking = db.session.scalars(select(Rebooking)).one()
    assert rebooking.line_count == 2
    assert "改记待审批" in client.get(f"{BASE}/results/{first.result_file_id}").text
    other = sign_in(app.test_client(), db.session.get_one(Official, chief.official_id))
    assert "审批维持失败" in other.get("/staff/").text
    done = other.post(f"{BASE}/rebookings/{rebooking.id}/approve", follow_redirects=True)
    assert "可以改正" not in done.text
    db.session.expire_all()
    assert [word.settled_at is not None for word in (first, second)] == [True, True]
    assert client.get(path).status_code == 404
    assert queries.disputed_with(first) == []
