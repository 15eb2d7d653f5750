"""Decisions about money and dates, by their properties."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PermissionDenied, UserError
from disbursement.bank_files.outcomes import classify
from disbursement.bank_files.profiles import SAMPLE
from disbursement.failure_reasons import (
    FAILURE_REASONS,
    UNNAMED_REASON,
    FailureReason,
    canonical_reason,
    explain,
    is_known,
)
from disbursement.rules import (
    BATCH_WORKFLOW,
    PAYMENT_WORKFLOW,
    PLACE_OF,
    RETURN_WORKFLOW,
    ROLL_WORKFLOW,
    Balance,
    balance_of,
    failure_cycle,
    refuse_overdraft,
    refuse_own_money,
)

FEN = st.integers(0, 10**12)
# A wish, and money that came back and stands in the plan again.
NOWHERE = {"drafted", "struck", "credited"}
SUMS = st.lists(
    st.tuples(st.sampled_from(BATCH_WORKFLOW.states()), st.sampled_from(PAYMENT_WORKFLOW.states()), FEN), max_size=40
)


@given(FEN, SUMS)
def test_every_fen_of_a_confirmed_batch_is_in_exactly_one_place(
    allocated: int, sums: list[tuple[str, str, int]]
) -> None:
    found = balance_of(allocated, sums)
    terms = found.available + found.reserved + found.in_transit + found.paid + found.failed + found.returned
    assert terms == allocated
    bound = sum(fen for batch, payment, fen in sums if batch != "open" and payment not in NOWHERE)
    assert allocated - found.available == bound


@given(FEN, SUMS, FEN)
def test_no_confirmation_takes_more_than_is_available(
    allocated: int, sums: list[tuple[str, str, int]], wanted: int
) -> None:
    found = balance_of(allocated, sums)
    if wanted <= found.available:
        refuse_overdraft(found, wanted, 2020)
        return
    with pytest.raises(UserError, match="资金不足"):
        refuse_overdraft(found, wanted, 2020)


def test_an_overdraft_says_what_is_wanted_of_which_year_what_there_is_and_what_is_short() -> None:
    with pytest.raises(UserError, match=r"需要 1,234\.56 元，2020 年.*只有 1,000\.00 元，还差 234\.56 元"):
        refuse_overdraft(Balance(100_000), 123_456, 2020)


@given(FEN, FEN, st.integers(-(10**12), 10**12))
def test_nobody_spends_what_only_he_has_entered(allocated: int, wanted: int, own: int) -> None:
    balance = Balance(allocated)
    if own <= 0 or allocated - own >= wanted:
        refuse_own_money(balance, wanted, own)
        return
    with pytest.raises(PermissionDenied, match="您本人登记"):
        refuse_own_money(balance, wanted, own)


def test_one_fen_of_ones_own_is_too_much_where_the_plan_needs_it() -> None:
    with pytest.raises(PermissionDenied) as told:
        refuse_own_money(Balance(1000), 1000, 1)
    assert told.value.parameters == {"own": "0.01"}


def test_a_balance_is_printed_with_every_term_in_fen() -> None:
    printed = Balance(1000, reserved=1, in_transit=20, paid=300, failed=4, returned=50).as_json()
    assert printed == {
        "allocated_fen": 1000,
        "available_fen": 625,
        "reserved_fen": 1,
        "in_transit_fen": 20,
        "paid_fen": 300,
        "failed_fen": 4,
        "returned_fen": 50,
    }


@pytest.mark.parametrize(
    ("state", "term"),
    [
        ("approved", "reserved"),
        ("resubmitted", "reserved"),
        ("sent", "in_transit"),
        ("unclear", "in_transit"),
        ("paid", "paid"),
        ("paid_offline", "paid"),
        ("failed", "failed"),
        ("corrected", "failed"),
        ("returned", "returned"),
    ],
)
def test_where_the_money_of_a_payment_is_from_confirmation_on(state: str, term: str) -> None:
    found = balance_of(1000, [("finance_confirmed", state, 300), ("open", state, 7), ("sent", state, 20)])
    assert found == Balance(1000, **{term: 320})


def test_every_state_of_a_payment_has_its_place() -> None:
    assert set(PLACE_OF) == set(PAYMENT_WORKFLOW.states()) - NOWHERE


def test_nothing_leads_out_of_paid_but_a_return_by_the_bank() -> None:
    leaving = {t.action for t in PAYMENT_WORKFLOW.transitions if t.source == "paid"}
    assert leaving == {"return_by_bank"}


def test_nothing_leads_out_of_credited_but_a_counter_entry_by_another_person() -> None:
    leaving = [(t.action, t.target) for t in PAYMENT_WORKFLOW.transitions if t.source == "credited"]
    assert leaving == [("reverse_credit", "returned")]
    [reverse] = [t for t in RETURN_WORKFLOW.transitions if t.source == "credited"]
    assert (reverse.target, reverse.other_than) == ("approved", ("credit",))


def test_an_unclear_payment_is_never_sent() -> None:
    assert PAYMENT_WORKFLOW.sources("send") == ("approved", "resubmitted")
    assert {t.target for t in PAYMENT_WORKFLOW.transitions if t.source == "unclear"} == {"paid", "failed"}


def test_every_step_of_a_roll_but_publicity_names_who_may_take_it() -> None:
    assert {t.action for t in ROLL_WORKFLOW.transitions if t.by is None} == {"publicise", "publicise_again"}
    township = next(t for t in ROLL_WORKFLOW.transitions if t.action == "approve_township")
    assert township.other_than == ("submit",)


@given(st.dates(date(2019, 1, 1), date(2040, 12, 31)))
def test_the_failure_cycle_ends_on_the_28th_and_leaves_time(recorded: date) -> None:
    cycle = failure_cycle(recorded)
    assert (cycle.correct_by.day, cycle.resubmit_by.day, cycle.reissue_by.day) == (20, 25, 28)
    assert recorded <= cycle.correct_by <= recorded + timedelta(days=31)
    assert failure_cycle(recorded + timedelta(days=1)).correct_by >= cycle.correct_by


def test_the_20th_belongs_to_this_months_cycle_and_the_21st_to_the_next() -> None:
    assert failure_cycle(date(2020, 12, 20)).correct_by == date(2020, 12, 20)
    assert failure_cycle(date(2020, 12, 21)).reissue_by == date(2021, 1, 28)


@pytest.mark.parametrize("reason", FAILURE_REASONS, ids=lambda reason: reason.text)
def test_every_reason_fits_its_message_and_says_what_to_do(reason: FailureReason) -> None:
    found = explain(reason.text)
    assert found is reason
    assert len(found.meaning) <= 20 and not found.meaning.endswith("。")
    assert len(found.next_step) <= 35 and found.next_step.endswith("。")
    for other in (found.text, *found.other_texts, f"9999:{found.text}", f" {found.text}\u3000"):
        assert canonical_reason(other) == found.text


def test_an_unknown_reason_is_kept_as_the_bank_wrote_it_and_explained_in_general() -> None:
    assert canonical_reason("行内系统维护") == "行内系统维护"
    assert not is_known("行内系统维护")
    assert explain("行内系统维护") is UNNAMED_REASON
    assert len(canonical_reason("甲" * 500)) == 60


@pytest.mark.parametrize(
    ("code", "reason", "outcome"),
    [
        ("0000", "", "paid"),
        (" 0000 ", "交易成功", "paid"),
        ("0000", "账户已冻结", "unclear"),
        ("0000", "处理中", "unclear"),
        ("9999", "账户已销户", "failed"),
        ("9999", "长期不动户", "failed"),
        ("9999", "行内系统维护", "failed"),
        ("9999", "", "failed"),
        ("9999", "交易超时，状态未知", "unclear"),
        ("8888", "处理中", "unclear"),
        ("8888", "", "unclear"),
        ("E123", "账户已销户", "unclear"),
        ("", "", "unclear"),
        ("00000", "", "unclear"),
    ],
)
def test_a_code_is_believed_only_as_far_as_it_goes(code: str, reason: str, outcome: str) -> None:
    assert classify(SAMPLE, code, reason).outcome == outcome


@given(st.from_regex(r"[0-9A-Z]{0,6}", fullmatch=True), st.text(max_size=30))
def test_only_the_code_of_success_makes_paid(code: str, reason: str) -> None:
    reading = classify(SAMPLE, code, reason)
    if code not in SAMPLE.paid_codes:
        assert reading.outcome != "paid"
    if code not in SAMPLE.failed_codes:
        assert reading.outcome != "failed"
