"""A statement meets the book in the database: each case of the trade, and many at once."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.database import db
from disbursement.models import Attempt
from reconciliation import operations, queries
from reconciliation.models import Difference, Month, StatementLine
from reconciliation.rules import Resolution
from tests.reconciliation.conftest import Book, month_end
from tests.reconciliation.statements import BankStatement

AUGUST = date(2020, 8, 4)


def kinds(month: Month) -> list[str]:
    """The classes of a month's lines, in the order of the file."""
    lines = queries.statements_of(month)[0].id
    return list(
        db.session.scalars(
            select(StatementLine.kind).where(StatementLine.statement_id == lines).order_by(StatementLine.number)
        )
    )


def differences(month: Month) -> list[tuple[str, int | None]]:
    """The differences of a month: class and attempt."""
    found = select(Difference.kind, Difference.attempt_id).where(Difference.month_id == month.id)
    return sorted((kind, attempt) for kind, attempt in db.session.execute(found))


def agrees(month: Month) -> bool:
    return queries.sides_of(month).agree


def all_paid(book: Book) -> BankStatement:
    statement = BankStatement()
    for attempt in book.attempts[:6]:
        statement.pay(attempt)
    return statement


@pytest.mark.parametrize("signed", [False, True], ids=["two columns", "one signed column"])
def test_a_statement_that_agrees_has_no_difference(book: Book, signed: bool) -> None:
    statement = all_paid(book)
    statement.other(credit=123, summary="结息")
    random.Random(1).shuffle(statement.lines)
    month = book.take_in(statement, signed=signed)
    assert sorted(kinds(month)) == ["matched"] * 6 + ["not_ours"]
    assert [kind for kind, _ in differences(month)] == ["not_ours"]
    assert (agrees(month), queries.open_difference_count(month), queries.still_unclear(month)) == (True, 0, 1)


def test_two_payments_of_one_amount_to_one_card_on_one_day_want_two_lines(book: Book) -> None:
    first = book.attempts[0]
    (second,) = book.paid_in("202009", "20200715", serials=[0])
    statement = all_paid(book)
    month = book.take_in(statement)
    assert [kind for kind, _ in differences(month)] == ["missing_in_bank"]
    statement.pay(second)
    book.take_in(statement, replace=True)
    assert (kinds(month), differences(month)) == (["matched"] * 7, [])
    statement.pay(first)
    book.take_in(statement, replace=True)
    assert kinds(month) == ["matched"] * 7 + ["twice_in_bank"]
    assert agrees(month)


def test_a_masked_card_is_matched_by_tail_and_name(book: Book) -> None:
    statement = BankStatement()
    for attempt in book.attempts[:6]:
        statement.pay(attempt, card=f"621700****{attempt.card_tail}")
    statement.pay(book.attempts[0], card="621700****9999")
    month = book.take_in(statement)
    assert kinds(month) == ["matched"] * 6 + ["unknown_in_book"]
    assert agrees(month)


def test_money_that_went_to_another_card_is_not_matched_by_its_reference(book: Book) -> None:
    """Our reference and the right amount, on a card of somebody else: the person has nothing, and nobody would know."""
    attempt = book.attempts[0]
    statement = BankStatement()
    statement.pay(attempt, reference=attempt.reference, card="6217001299999999999")
    for other in book.attempts[1:6]:
        statement.pay(other)
    month = book.take_in(statement)
    found = db.session.scalars(select(Difference.kind).where(Difference.month_id == month.id)).all()
    assert sorted(found) == ["missing_in_bank", "unknown_in_book"]
    assert queries.sides_of(month).agree


def test_our_own_reference_comes_first(book: Book) -> None:
    first, second = book.attempts[:2]
    statement = BankStatement()
    statement.pay(first, reference=first.reference, card="")
    statement.pay(second, reference=second.reference)
    statement.pay(first, reference=first.reference, card="")
    month = book.take_in(statement)
    assert kinds(month) == ["matched", "matched", "twice_in_bank"]


def test_the_bank_paid_what_it_had_said_failed(book: Book) -> None:
    failed, unclear = book.attempts[6:]
    statement = all_paid(book)
    statement.pay(failed)
    statement.pay(unclear)
    month = book.take_in(statement)
    assert differences(month) == [("outcome_differs", failed.id), ("outcome_differs", unclear.id)]
    assert (agrees(month), queries.still_unclear(month)) == (True, 0)


def test_a_part_that_came_back_is_no_recorded_return(book: Book) -> None:
    statement = all_paid(book)
    statement.give_back(book.attempts[0], fen=100)
    month = book.take_in(statement)
    assert differences(month) == [("returned_after_payment", book.attempts[0].id)]
    ids = db.session.scalars(select(Difference.id)).all()
    with pytest.raises(Exception, match="退回的金额与发放的不同"):
        operations.resolve_differences(
            book.finance, month, ids, Resolution.BANK_RETURN, "退票", at=month_end("2020-07")
        )


def test_a_return_of_the_next_month_finds_its_payment(book: Book) -> None:
    july = all_paid(book)
    book.take_in(july)
    august = BankStatement("2020-08", opening=july.closing)
    august.give_back(book.attempts[2], day=AUGUST)
    month = book.take_in(august)
    assert differences(month) == [("returned_after_payment", book.attempts[2].id)]
    ids = db.session.scalars(select(Difference.id).where(Difference.month_id == month.id)).all()
    operations.resolve_differences(
        book.finance, month, ids, Resolution.BANK_RETURN, "银行退票", at=month_end("2020-08")
    )
    attempt = db.session.get_one(Attempt, book.attempts[2].id)
    assert (attempt.outcome, attempt.returned_on) == ("returned", AUGUST)
    operations.reconcile(book.finance, month, at=month_end("2020-08"))
    assert (queries.open_difference_count(month), agrees(month)) == (0, True)


@pytest.mark.parametrize("mask", ["", "621700****"], ids=["whole cards", "masked cards"])
def test_a_double_taken_back_in_the_next_month_is_no_return(book: Book, mask: str) -> None:
    """Else the payment would stand as returned, and be paid a second time."""
    first = book.attempts[0]
    card = mask + first.card_tail if mask else first.card_number
    july = all_paid(book)
    july.pay(first, card=card)
    month = book.take_in(july)
    book.settle_all(month, Resolution.BANK_CLAIMS_BACK)
    august = BankStatement("2020-08", opening=july.closing)
    assert queries.carried_count(operations.month_named("2020-08", at=month_end("2020-07"))) == 1
    august.give_back(first, day=AUGUST, card=card)
    later = book.take_in(august)
    assert (kinds(later), differences(later)) == (["corrected_by_bank"], [])
    assert (queries.carried_count(later), agrees(month), agrees(later)) == (0, True, True)


def test_the_last_days_of_a_month_may_stand_in_the_next_statement(book: Book) -> None:
    july = all_paid(book)
    missing = july.lines.pop()
    month = book.take_in(july)
    assert [kind for kind, _ in differences(month)] == ["missing_in_bank"]
    book.settle_all(month)
    august = BankStatement("2020-08", opening=july.closing)
    august.pay(book.attempts[5], day=date(2020, 8, 1))
    later = book.take_in(august)
    assert (kinds(later), differences(later), queries.carried_count(later)) == (["matched"], [], 0)
    assert missing.card == book.attempts[5].card_number
    operations.reconcile(book.finance, month, at=month_end("2020-08"))
    assert (agrees(month), agrees(later)) == (True, True)
    assert [kind for kind, _ in differences(month)] == ["missing_in_bank"]
    assert queries.open_difference_count(month) == 0


def test_the_bank_may_pay_in_one_month_and_answer_in_the_next(book: Book) -> None:
    (attempt,) = book.paid_in("202009", "20200801")
    july = all_paid(book)
    july.pay(attempt, day=date(2020, 7, 31))
    month = book.take_in(july)
    assert (set(kinds(month)), differences(month)) == ({"matched"}, [])
    august = BankStatement("2020-08", opening=july.closing)
    august.other(credit=5, day=AUGUST, summary="结息")
    later = book.take_in(august)
    assert ([kind for kind, _ in differences(later)], agrees(month), agrees(later)) == (["not_ours"], True, True)


def test_an_unpaid_month_does_not_take_the_line_of_the_next(book: Book) -> None:
    """Of two equal payments of one person the line answers the one of its own day."""
    (august_one,) = book.paid_in("202009", "20200804", serials=[0])
    july = all_paid(book)
    july.lines.pop(0)
    book.take_in(july)
    august = BankStatement("2020-08", opening=july.closing)
    august.pay(august_one, day=AUGUST)
    later = book.take_in(august)
    line = db.session.scalars(
        select(StatementLine).where(StatementLine.statement_id == queries.statements_of(later)[0].id)
    ).one()
    assert (line.kind, line.attempt_id) == ("matched", august_one.id)


def test_words_survive_a_new_matching_and_go_with_their_difference(book: Book) -> None:
    failed = book.attempts[6]
    statement = all_paid(book)
    statement.pay(failed)
    month = book.take_in(statement)
    book.settle_all(month)
    operations.reconcile(book.finance, month, at=month_end("2020-07"))
    assert queries.open_difference_count(month) == 0
    statement.lines.pop()
    book.take_in(statement, replace=True)
    assert differences(month) == []


FAULTS = ("none", "none", "missing", "twice", "amount", "returned", "corrected", "none")


@pytest.mark.parametrize("seed", [1, 2])
def test_exactly_the_planted_faults_are_found_among_many(book: Book, seed: int) -> None:
    chance = random.Random(seed)
    attempts = book.paid_in("202009", "20200720", serials=range(20, 60))
    statement = all_paid(book)
    expected: list[tuple[str, int]] = []
    for attempt in attempts:
        fault, day = chance.choice(FAULTS), date(2020, 7, 20) + timedelta(days=chance.choice((0, 0, 1, 3)))
        if fault != "missing":
            statement.pay(attempt, day=day, fen=attempt.amount_fen + (fault == "amount") * chance.choice((-1, 1)))
        if fault in ("twice", "corrected"):
            statement.pay(attempt, day=day)
        if fault in ("returned", "corrected"):
            statement.give_back(attempt, day=day + timedelta(days=2))
        kind = {
            "missing": "missing_in_bank", "twice": "twice_in_bank", "amount": "amount_differs",
            "returned": "returned_after_payment",
        }.get(fault)  # fmt: skip
        expected += [(kind, attempt.id)] if kind else []
    chance.shuffle(statement.lines)
    month = book.take_in(statement)
    assert differences(month) == sorted(expected)
    assert agrees(month)
