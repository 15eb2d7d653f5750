"""The decisions about left-over lines, without a database: what was planted is found, and nothing besides."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.principal import OrganisationKind
from reconciliation import rules
from reconciliation.rules import (
    DENIED,
    CardAttempt,
    Classed,
    LeftLine,
    LineClass,
    Sides,
    StandingDebit,
    class_leftovers,
)

DAY = date(2020, 7, 15)
CARD, OTHER = b"card", b"other"


def paid(number: int = 1, fen: int = 100, day: date | None = DAY, **more: Any) -> CardAttempt:
    return replace(CardAttempt(number, CARD, fen, "paid", day), **more)


def failed(number: int = 1, fen: int = 100, day: date | None = DAY, **more: Any) -> CardAttempt:
    return replace(paid(number, fen, day), **({"outcome": "failed"} | more))


def debit(number: int = 1, fen: int = 100, day: date = DAY, **more: Any) -> LeftLine:
    return replace(LeftLine(number, CARD, fen, day, is_credit=False), **more)


def credit(number: int = 9, fen: int = 100, day: date = DAY, **more: Any) -> LeftLine:
    return replace(LeftLine(number, CARD, fen, day, is_credit=True), **more)


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def found(
    lines: Iterable[LeftLine], attempts: Iterable[CardAttempt] = (), standing: Iterable[StandingDebit] = ()
) -> dict[int, Classed]:
    return {one.line_id: one for one in class_leftovers(lines, attempts, standing)}


def one(line: LeftLine, *attempts: CardAttempt) -> Classed:
    return found([line], attempts)[line.id]


# --- Money that went out ---------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "kind"), [(0, "matched"), (16, "matched"), (17, "unknown_in_book")])
def test_a_line_answers_a_payment_of_its_own_month(days: int, kind: str) -> None:
    assert one(debit(day=later(days)), paid()).kind == kind


@pytest.mark.parametrize(("days", "kind"), [(10, "matched"), (11, "unknown_in_book")])
def test_a_line_answers_a_payment_of_the_month_before_up_to_ten_days_after_its_day(days: int, kind: str) -> None:
    assert one(debit(day=later(16 + days)), paid(day=later(16))).kind == kind
    assert one(debit(fen=101, day=later(16 + days)), paid(day=later(16))).kind == (
        "amount_differs" if kind == "matched" else kind
    )


def test_what_an_earlier_month_awaited_is_answered_however_late() -> None:
    assert one(debit(day=later(80)), paid(is_awaited=True)).kind == LineClass.MATCHED


def test_what_failed_may_have_been_debited_for_forty_days() -> None:
    assert one(debit(day=later(40)), failed()).kind == LineClass.OUTCOME_DIFFERS
    assert one(debit(day=later(41)), failed()).kind == LineClass.UNKNOWN_IN_BOOK


def test_what_failed_may_have_been_debited_up_to_five_days_before_it_was_said_to_fail() -> None:
    assert one(debit(day=later(-5)), failed()).kind == LineClass.OUTCOME_DIFFERS
    assert one(debit(day=later(-6)), failed()).kind == LineClass.UNKNOWN_IN_BOOK


def test_lines_are_used_in_the_order_of_their_days_and_numbers() -> None:
    """However the bank lists them: the first debit is the payment's own, the later ones are too many."""
    classed = found([debit(1, day=later(2)), debit(3), debit(2)], [paid()])
    assert [classed[n].kind for n in (2, 3, 1)] == ["matched", "twice_in_bank", "twice_in_bank"]


@pytest.mark.parametrize(("days", "kind"), [(5, "matched"), (6, "unknown_in_book")])
def test_a_line_answers_a_payment_up_to_five_days_before_its_day(days: int, kind: str) -> None:
    assert one(debit(day=later(-days)), paid()).kind == kind


def test_a_line_answers_a_payment_of_the_month_after_up_to_five_days_before_its_day() -> None:
    """A bank that pays on the last day of a month may answer in the next."""
    answered = paid(day=date(2020, 7, 3))
    assert one(debit(day=date(2020, 6, 28)), answered).kind == LineClass.MATCHED
    assert one(debit(day=date(2020, 6, 27)), answered).kind == LineClass.UNKNOWN_IN_BOOK


def test_the_nearest_of_two_payments_is_answered_first() -> None:
    answered = one(debit(day=later(2)), paid(1, day=later(-10)), paid(2, day=later(1)))
    assert answered == Classed(1, LineClass.MATCHED, 2)


def test_of_two_payments_as_near_the_older_one_is_answered_first() -> None:
    assert one(debit(), paid(2), paid(1)).attempt_id == 1
    assert one(debit(day=later(1)), paid(2, day=later(2)), paid(1)).attempt_id == 1


def test_a_payment_without_a_day_may_be_answered_by_any_line() -> None:
    assert one(debit(day=later(200)), paid(day=None)).kind == LineClass.MATCHED


def test_one_payment_answers_one_line() -> None:
    classed = found([debit(1), debit(2)], [paid()])
    assert classed[1] == Classed(1, LineClass.MATCHED, 1)
    assert classed[2] == Classed(2, LineClass.TWICE_IN_BANK, 1, 1)


def test_a_second_line_of_a_payment_answered_before_is_paid_twice() -> None:
    assert one(debit(2), paid(line_id=77)) == Classed(2, LineClass.TWICE_IN_BANK, 1, 77)


def test_what_was_answered_long_ago_is_not_paid_twice() -> None:
    assert one(debit(2), paid(day=later(-90), line_id=77)).kind == LineClass.UNKNOWN_IN_BOOK


@pytest.mark.parametrize("outcome", ["failed", "unclear", "open"])
def test_a_debit_for_what_the_book_has_not_as_paid_differs_in_outcome(outcome: str) -> None:
    assert one(debit(), failed(outcome=outcome)) == Classed(1, LineClass.OUTCOME_DIFFERS, 1)


def test_an_attempt_without_a_day_may_be_meant_by_any_line() -> None:
    assert one(debit(), failed(day=None, outcome="open")).kind == LineClass.OUTCOME_DIFFERS


def test_a_try_that_the_bank_has_not_answered_yet_is_meant_before_one_of_another_day() -> None:
    open_one = failed(2, day=None, outcome="open")
    assert one(debit(), failed(1, day=later(-1)), open_one).attempt_id == 2
    assert one(debit(), failed(1), open_one).attempt_id == 1


def test_the_nearer_day_tells_a_failed_try_paid_after_all_from_a_double() -> None:
    tries = [failed(1, day=later(-20)), paid(2, day=DAY, line_id=77)]
    assert one(debit(5, day=later(1)), *tries) == Classed(5, LineClass.TWICE_IN_BANK, 2, 77)
    assert one(debit(5, day=later(-19)), *tries) == Classed(5, LineClass.OUTCOME_DIFFERS, 1)


def test_where_both_are_as_near_the_failed_try_is_meant() -> None:
    assert one(debit(5), failed(1), paid(2, line_id=77)).kind == LineClass.OUTCOME_DIFFERS


def test_a_debit_of_what_the_bank_denied_to_have_paid_is_one_too_many() -> None:
    denied = failed(3, outcome=DENIED)
    assert one(debit(5), denied) == Classed(5, LineClass.TWICE_IN_BANK, 3)
    assert one(debit(5), failed(2, day=later(-9), outcome=DENIED), denied).attempt_id == 3
    # The bank owes it back: a credit settles it.
    classed = found([debit(5), credit(9, day=later(1))], [denied])
    assert classed[9] == Classed(9, LineClass.CORRECTED_BY_BANK, 3, 5)
    # What has not been paid at all, or has its line already, says more.
    assert one(debit(5), denied, failed(4, day=later(-9))) == Classed(5, LineClass.OUTCOME_DIFFERS, 4)
    assert one(debit(5), denied, paid(4, line_id=77)) == Classed(5, LineClass.TWICE_IN_BANK, 4, 77)


def test_another_amount_on_the_card_of_a_waiting_payment_differs_in_amount() -> None:
    assert one(debit(fen=101), paid()) == Classed(1, LineClass.AMOUNT_DIFFERS, 1)


def test_of_two_waiting_payments_the_amount_nearest_is_meant() -> None:
    assert one(debit(fen=90), paid(1, fen=200), paid(2, fen=100)).attempt_id == 2
    assert one(debit(fen=190), paid(1, fen=100), paid(2, fen=200)).attempt_id == 2


def test_of_two_waiting_payments_of_one_amount_the_nearer_day_is_meant_and_then_the_older_one() -> None:
    assert one(debit(fen=90), paid(1, day=later(-2)), paid(2, day=later(-1))).attempt_id == 2
    assert one(debit(fen=90), paid(2), paid(1)).attempt_id == 1


def test_another_amount_is_no_difference_of_a_payment_that_has_its_line() -> None:
    assert one(debit(fen=101), paid(line_id=77)).kind == LineClass.UNKNOWN_IN_BOOK


def test_a_debit_on_a_card_that_the_book_does_not_know_is_unknown() -> None:
    assert one(debit(card=OTHER), paid()) == Classed(1, LineClass.UNKNOWN_IN_BOOK)


@pytest.mark.parametrize(
    "summary",
    [
        "结息", "利息税", "账户管理手续费", "回单工本费", "账户年费", "财政拨付", "资金划拨", "财政拨款", "头寸调拨",
        "专项资金转入", "零余额账户支付", "代扣税款",
    ],
)  # fmt: skip
def test_the_accounts_own_business_needs_no_word(summary: str) -> None:
    assert one(debit(card=None, summary=summary)).kind == LineClass.NOT_OURS
    assert one(credit(card=None, summary=summary)).kind == LineClass.NOT_OURS


@pytest.mark.parametrize("summary", ["退票转入", "冲正手续费", "手续费返还", "撤销划拨", "代发补贴", ""])
def test_money_that_comes_back_is_never_put_aside_unseen(summary: str) -> None:
    assert one(credit(card=None, summary=summary)).kind == LineClass.UNKNOWN_IN_BOOK


def test_words_do_not_hide_a_payment_of_ours() -> None:
    assert one(debit(summary="财政拨付"), paid()).kind == LineClass.MATCHED
    assert one(credit(summary="转入"), paid(line_id=77)).kind == LineClass.RETURNED_AFTER_PAYMENT


def test_words_do_not_hide_what_happens_on_a_card_of_ours() -> None:
    assert one(debit(2, summary="财政拨付"), paid(day=later(-90), line_id=77)).kind == LineClass.UNKNOWN_IN_BOOK
    assert one(credit(fen=101, summary="转入"), paid(line_id=77)).kind == LineClass.UNKNOWN_IN_BOOK


# --- Whom a line is about --------------------------------------------------------------------------


def test_a_masked_card_is_known_by_its_tail_and_name() -> None:
    attempt = paid(tail="4702", name="阿西·木呷")
    masked = debit(card=None, tail="4702", name="阿西?木呷")
    assert one(masked, attempt) == Classed(1, LineClass.MATCHED, 1)
    for strange in (replace(masked, name="李丽"), replace(masked, name=""), replace(masked, tail="4703")):
        assert one(strange, attempt).kind == LineClass.UNKNOWN_IN_BOOK


def test_a_name_alone_is_nobodys() -> None:
    assert one(debit(card=None, name="李丽"), paid(name="李丽")).kind == LineClass.UNKNOWN_IN_BOOK


def test_two_people_of_one_tail_and_name_are_not_guessed_between() -> None:
    alike = [paid(1, tail="4702", name="李丽"), replace(paid(2, tail="4702", name="李丽"), card=OTHER)]
    assert one(debit(card=None, tail="4702", name="李丽"), *alike).kind == LineClass.UNKNOWN_IN_BOOK


def test_a_reference_of_ours_names_the_payment() -> None:
    several = [paid(1, reference="1-1"), paid(2, reference="2-1")]
    assert one(debit(reference="2-1"), *several).attempt_id == 2
    assert one(debit(card=None, reference="2-1"), *several).attempt_id == 2


def test_a_line_without_a_reference_is_not_taken_for_a_payment_without_one() -> None:
    """A file of a bank that gives references back may hold lines without."""
    several = [paid(1, day=later(-1)), paid(2, day=later(1))]
    assert one(debit(day=later(-1)), *several).attempt_id == 1
    assert one(debit(day=later(1)), *reversed(several)).attempt_id == 2


def test_a_reference_of_nobody_leaves_the_card_to_say() -> None:
    assert one(debit(reference="9-9"), paid(reference="1-1")).attempt_id == 1


def test_a_reference_beside_another_card_is_not_believed() -> None:
    assert one(debit(card=OTHER, reference="1-1"), paid(reference="1-1")).kind == LineClass.UNKNOWN_IN_BOOK


# --- Money that came back --------------------------------------------------------------------------


def test_a_return_stands_beside_the_line_that_paid() -> None:
    classed = found([debit(1), credit(2, day=later(3))], [paid()])
    assert classed[1] == Classed(1, LineClass.MATCHED, 1)
    assert classed[2] == Classed(2, LineClass.RETURNED_AFTER_PAYMENT, 1, 1)


def test_a_whole_amount_comes_back_however_late_and_a_part_within_the_window() -> None:
    attempt = paid(line_id=77, line_day=DAY)
    assert one(credit(day=later(200)), attempt).kind == LineClass.RETURNED_AFTER_PAYMENT
    assert one(credit(fen=40, day=later(40)), attempt).kind == LineClass.RETURNED_AFTER_PAYMENT
    assert one(credit(fen=40, day=later(41)), attempt).kind == LineClass.UNKNOWN_IN_BOOK


def test_parts_come_back_until_the_whole_is_back() -> None:
    parts = [credit(7, fen=40), credit(8, fen=40), credit(9, fen=20)]
    assert {one.kind for one in found(parts, [paid(line_id=77)]).values()} == {LineClass.RETURNED_AFTER_PAYMENT}
    parts[2] = credit(9, fen=21)
    assert found(parts, [paid(line_id=77)])[9].kind == LineClass.UNKNOWN_IN_BOOK


def test_what_came_back_by_other_months_lines_counts() -> None:
    attempt = paid(line_id=77, back_fen=60)
    assert one(credit(fen=40), attempt) == Classed(9, LineClass.RETURNED_AFTER_PAYMENT, 1, 77)
    assert one(credit(fen=41), attempt).kind == LineClass.UNKNOWN_IN_BOOK
    assert one(credit(fen=100), attempt).kind == LineClass.UNKNOWN_IN_BOOK


def test_a_part_is_of_what_came_back_in_part_else_of_the_least_that_holds_it_else_of_the_newest() -> None:
    whole = paid(1, fen=50, line_id=71)
    assert one(credit(fen=40), whole, paid(2, line_id=72, back_fen=10)).attempt_id == 2
    assert one(credit(fen=40), paid(2, line_id=72), whole).attempt_id == 1
    assert one(credit(fen=40), whole, paid(2, fen=50, line_id=72)).attempt_id == 2


def test_money_comes_back_of_a_payment_whose_day_nobody_knows() -> None:
    assert one(credit(), paid(day=None)) == Classed(9, LineClass.RETURNED_AFTER_PAYMENT, 1)


def test_what_the_book_has_as_returned_was_paid_before() -> None:
    classed = found([debit(1), credit(2)], [paid(outcome="returned")])
    assert [classed[n].kind for n in (1, 2)] == [LineClass.MATCHED, LineClass.RETURNED_AFTER_PAYMENT]


def test_what_failed_does_not_come_back() -> None:
    assert one(credit(), failed()).kind == LineClass.UNKNOWN_IN_BOOK


def test_more_than_was_paid_is_no_return() -> None:
    assert one(credit(fen=101), paid(line_id=77)).kind == LineClass.UNKNOWN_IN_BOOK


def test_nothing_comes_back_before_it_was_paid() -> None:
    assert one(credit(day=later(-1)), paid(line_id=77, line_day=DAY)).kind == LineClass.UNKNOWN_IN_BOOK


def test_one_payment_comes_back_once() -> None:
    classed = found([credit(8), credit(9)], [paid(line_id=77)])
    assert [classed[8].kind, classed[9].kind] == [LineClass.RETURNED_AFTER_PAYMENT, LineClass.UNKNOWN_IN_BOOK]
    assert one(credit(), paid(line_id=77, back_fen=100)).kind == LineClass.UNKNOWN_IN_BOOK


def test_what_comes_back_is_the_newest_payment_that_had_its_line() -> None:
    attempts = [paid(1, day=later(-60), line_id=71), paid(2, day=later(-1), line_id=72), paid(3, day=later(-1))]
    assert one(credit(), *attempts) == Classed(9, LineClass.RETURNED_AFTER_PAYMENT, 2, 72)
    attempts = [paid(1, day=later(-1), line_id=71), paid(2, day=later(-60), line_id=72), paid(3, day=None, line_id=73)]
    assert one(credit(), *attempts).attempt_id == 1
    assert one(credit(), *(paid(number, line_id=70 + number) for number in (1, 3, 2))).attempt_id == 3


def test_paid_twice_and_taken_back_once_settles_itself() -> None:
    classed = found([debit(1), debit(2), credit(3, day=later(2))], [paid()])
    assert [classed[n].kind for n in (1, 2, 3)] == ["matched", "corrected_by_bank", "corrected_by_bank"]
    assert (classed[2].pair_line_id, classed[3].pair_line_id) == (3, 2)


def test_paid_twice_and_taken_back_twice_is_a_return_as_well() -> None:
    classed = found([debit(1), debit(2), credit(3), credit(4)], [paid()])
    assert classed[4] == Classed(4, LineClass.RETURNED_AFTER_PAYMENT, 1, 1)


def test_a_failed_try_that_was_debited_and_credited_again_settles_itself() -> None:
    classed = found([debit(1), credit(2)], [failed()])
    assert {one.kind for one in classed.values()} == {LineClass.CORRECTED_BY_BANK}


def test_a_debit_of_nobody_that_is_taken_back_settles_itself() -> None:
    classed = found([debit(1, card=OTHER), credit(2, card=OTHER, day=later(1))])
    assert classed[1] == Classed(1, LineClass.CORRECTED_BY_BANK, None, 2)
    assert classed[2] == Classed(2, LineClass.CORRECTED_BY_BANK, None, 1)


def test_a_credit_takes_back_its_own_amount_on_its_own_card_only() -> None:
    wrong = debit(1, card=OTHER)
    for strange in (credit(2, card=OTHER, fen=99), credit(2), credit(2, card=None)):
        assert {one.kind for one in found([wrong, strange]).values()} == {LineClass.UNKNOWN_IN_BOOK}


def test_the_latest_debit_before_a_credit_is_taken_back_and_each_once() -> None:
    wrong = [debit(1, card=OTHER), debit(2, card=OTHER, day=later(2)), debit(3, card=OTHER, day=later(4))]
    classed = found([*wrong, credit(8, card=OTHER, day=later(3)), credit(9, card=OTHER, day=later(3))])
    assert [classed[n].pair_line_id for n in (1, 2, 3, 8, 9)] == [9, 8, None, 2, 1]


def test_fees_of_the_account_are_owed_back_by_nobody() -> None:
    classed = found([debit(1, card=OTHER, summary="手续费"), credit(2, card=OTHER, day=later(1))])
    assert [classed[n].kind for n in (1, 2)] == [LineClass.NOT_OURS, LineClass.UNKNOWN_IN_BOOK]


def test_what_was_paid_twice_on_a_masked_card_is_taken_back_like_any_other() -> None:
    """Else the payment would be recorded as returned, and paid once more."""
    attempt = paid(tail="4702", name="李丽")
    out, back = (make(card=None, tail="4702", name="李丽") for make in (debit, credit))
    classed = found([out, replace(out, id=2), replace(back, id=3, day=later(2))], [attempt])
    assert [classed[n].kind for n in (1, 2, 3)] == ["matched", "corrected_by_bank", "corrected_by_bank"]
    classed = found([out, back], [replace(attempt, outcome="failed")])
    assert {one.kind for one in classed.values()} == {LineClass.CORRECTED_BY_BANK}
    classed = found([back], [attempt], [StandingDebit(50, CARD, 100, later(-30), 1)])
    assert classed[9] == Classed(9, LineClass.CORRECTED_BY_BANK, 1, 50)


def test_a_credit_before_its_debit_takes_nothing_back() -> None:
    classed = found([debit(1, card=OTHER, day=later(3)), credit(2, card=OTHER)])
    assert {one.kind for one in classed.values()} == {LineClass.UNKNOWN_IN_BOOK}


def test_an_earlier_months_double_is_taken_back_and_the_payment_stays_paid() -> None:
    """Else the payment would be recorded as returned, and paid once more."""
    double = StandingDebit(50, CARD, 100, later(-30), 1)
    classed = found([credit(9)], [paid(line_id=49, day=later(-30))], [double])
    assert classed == {9: Classed(9, LineClass.CORRECTED_BY_BANK, 1, 50)}


def test_what_was_paid_too_much_comes_back_and_the_amount_stays_a_difference() -> None:
    classed = found([debit(1, fen=130), credit(2, fen=30)], [paid()])
    assert classed[1].kind == LineClass.AMOUNT_DIFFERS
    assert classed[2] == Classed(2, LineClass.CORRECTED_BY_BANK, 1, 1)


def test_what_was_paid_too_much_comes_back_once_and_after_it_was_paid() -> None:
    classed = found([debit(1, fen=130), credit(2, fen=30), credit(3, fen=30)], [paid()])
    assert [classed[n].kind for n in (2, 3)] == ["corrected_by_bank", "returned_after_payment"]
    classed = found([debit(1, fen=130), credit(2, fen=30, day=later(-1))], [paid()])
    assert classed[2].kind == LineClass.UNKNOWN_IN_BOOK


def test_a_wrong_amount_that_is_taken_back_whole_settles_itself() -> None:
    for fen in (90, 130):
        classed = found([debit(1, fen=fen), credit(2, fen=fen, day=later(1))], [paid()])
        assert {one.kind for one in classed.values()} == {LineClass.CORRECTED_BY_BANK}
        assert classed[1].attempt_id == classed[2].attempt_id == 1


def test_what_was_paid_too_little_is_not_taken_back_as_if_it_were_too_much() -> None:
    classed = found([debit(1, fen=70), credit(2, fen=30, day=later(1))], [paid()])
    assert classed[2] == Classed(2, LineClass.RETURNED_AFTER_PAYMENT, 1, 1)


# --- Planted faults --------------------------------------------------------------------------------

FAULTS = ("none", "missing", "twice", "amount", "returned", "returned_part", "failed_paid", "unclear", "corrected")


@given(st.lists(st.sampled_from(FAULTS), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_exactly_the_planted_faults_are_found(faults: list[str], random: Random) -> None:
    attempts: list[CardAttempt] = []
    lines: list[LeftLine] = []
    expected: list[tuple[str, int | None]] = []

    def line(number: int, fen: int = 0, *, back: bool = False, days: int = 0) -> None:
        card = f"card{number}".encode()
        lines.append(LeftLine(len(lines) + 1, card, fen or 1000 + number, later(days), is_credit=back))

    for number, fault in enumerate(faults):
        outcome = {"failed_paid": "failed", "unclear": "unclear"}.get(fault, "paid")
        attempts.append(CardAttempt(number, f"card{number}".encode(), 1000 + number, outcome, DAY))
        if fault not in ("missing", "unclear"):
            line(number, 990 if fault == "amount" else 0)
            kind = {"amount": "amount_differs", "failed_paid": "outcome_differs"}.get(fault, "matched")
            expected.append((kind, number))
        if fault in ("twice", "corrected"):
            line(number, days=1)
            expected.append(("twice_in_bank" if fault == "twice" else "corrected_by_bank", number))
        if fault == "corrected":
            line(number, back=True, days=2)
            expected.append(("corrected_by_bank", number))
        if fault.startswith("returned"):
            line(number, 500 if fault == "returned_part" else 0, back=True, days=4)
            expected.append(("returned_after_payment", number))
    lines.append(LeftLine(9001, b"nobody", 7, DAY, is_credit=False))
    lines.append(LeftLine(9002, None, 3, DAY, is_credit=True, summary="结息"))
    expected += [("unknown_in_book", None), ("not_ours", None)]
    random.shuffle(lines)
    classed = class_leftovers(lines, attempts)
    assert sorted(((one.kind.value, one.attempt_id) for one in classed), key=str) == sorted(expected, key=str)
    assert sorted(one.line_id for one in classed) == sorted(one.id for one in lines)


@given(
    st.lists(st.tuples(st.sampled_from([100, 200]), st.integers(0, 3), st.booleans()), max_size=12),
    st.lists(st.tuples(st.sampled_from([100, 200]), st.sampled_from(["paid", "failed", "open"])), max_size=6),
)
def test_every_line_is_classed_once_and_every_payment_answered_once(
    lines: list[tuple[int, int, bool]], attempts: list[tuple[int, str]]
) -> None:
    left = [LeftLine(n, CARD, fen, later(day), is_credit=back) for n, (fen, day, back) in enumerate(lines)]
    book = [CardAttempt(n, CARD, fen, outcome, DAY) for n, (fen, outcome) in enumerate(attempts)]
    classed = class_leftovers(left, book)
    assert sorted(one.line_id for one in classed) == list(range(len(left)))
    used = [one.attempt_id for one in classed if one.kind in rules.ANSWERS]
    assert len(used) == len(set(used))
    fen = {one.id: one.fen for one in left}
    for attempt in book:
        back = [one for one in classed if one.kind == LineClass.RETURNED_AFTER_PAYMENT and one.attempt_id == attempt.id]
        assert sum(fen[one.line_id] for one in back) <= attempt.fen
    for pair in classed:
        if pair.kind == LineClass.CORRECTED_BY_BANK and left[pair.line_id].is_credit:
            assert pair.pair_line_id is not None
            assert fen[pair.line_id] <= fen[pair.pair_line_id]


# --- Months, signatures, sides ---------------------------------------------------------------------


def test_months_and_their_days() -> None:
    assert rules.month_days("2020-02") == (date(2020, 2, 1), date(2020, 2, 29))
    assert rules.month_days("2020-12") == (date(2020, 12, 1), date(2020, 12, 31))
    assert rules.month_of(date(2020, 7, 31)) == "2020-07"
    assert rules.book_days("2020-07") == (date(2020, 5, 22), date(2020, 8, 5))
    assert rules.months_of_debit(date(2020, 7, 21)) == ("2020-07",)
    assert rules.months_of_debit(date(2020, 7, 22)) == ("2020-07", "2020-08")


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_day_is_in_its_month(day: date) -> None:
    month = rules.month_of(day)
    first, last = rules.month_days(month)
    assert first <= day <= last
    assert rules.month_of(first - timedelta(days=1)) != month != rules.month_of(last + timedelta(days=1))


def test_departments_sign_first_then_the_bank_then_finance() -> None:
    bank, department, finance = OrganisationKind.BANK, OrganisationKind.DEPARTMENT, OrganisationKind.FINANCE
    assert rules.may_sign(department, set(), 2)
    assert not rules.may_sign(bank, {department}, 1)
    assert rules.may_sign(bank, {department}, 0)
    assert not rules.may_sign(finance, {department}, 0)
    assert not rules.may_sign(finance, {department, bank}, 1)
    assert rules.may_sign(finance, {department, bank}, 0)
    assert not rules.may_sign(OrganisationKind.AUDIT, {department, bank}, 0)


SIDES = Sides(
    opening=1000, closing=390, book=600, matched=500, missing=60, amount_book=40, amount_bank=45, outcome=30, twice=20,
    unknown=10, corrected=5, own_debits=8, credits=8,
)  # fmt: skip


def test_three_sides_agree_where_every_fen_is_explained() -> None:
    assert (SIDES.book_gap, SIDES.debits, SIDES.balance_gap, SIDES.agree) == (0, 618, 0, True)


@pytest.mark.parametrize("name", sorted(SIDES.__dict__))
def test_no_side_agrees_with_one_fen_more(name: str) -> None:
    assert not replace(SIDES, **{name: getattr(SIDES, name) + 1}).agree


def test_every_class_that_needs_a_word_has_an_end_in_sight() -> None:
    for kind in rules.NEEDS_WORD:
        assert rules.Resolution.NEXT_MONTH in rules.RESOLUTIONS[kind]
        assert rules.ENDINGS[kind] and rules.Resolution.NEXT_MONTH not in rules.ENDINGS[kind]


def test_a_word_ends_a_difference_or_leaves_it_waiting_and_never_both() -> None:
    for kind in rules.NEEDS_WORD:
        ends = set(rules.ENDINGS[kind])
        assert not ends & rules.WAITING
        assert set(rules.RESOLUTIONS[kind]) <= ends | rules.WAITING
