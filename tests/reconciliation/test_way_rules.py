"""What may be said of a difference, and what finance can set: decisions without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from reconciliation.rules.classes import ENDINGS, RESOLUTIONS, LineClass, Resolution, endings, offered, ways
from reconciliation.rules.settings import Limits, checked_setting

BACK, AS_PAID, CLAIMED, CORRECTED = (
    Resolution.BANK_RETURN,
    Resolution.BOOKED_PAID,
    Resolution.BANK_CLAIMS_BACK,
    Resolution.BANK_CORRECTS,
)

# --- Ways ---------------------------------------------------------------------------------------------


def test_what_came_back_whole_is_booked_as_returned_and_a_part_is_not() -> None:
    kind = LineClass.RETURNED_AFTER_PAYMENT
    assert ways(kind, comes_in=True, is_whole=True) == (BACK, CORRECTED, Resolution.NEXT_MONTH)
    assert ways(kind, comes_in=True, is_whole=False) == (CORRECTED, Resolution.NEXT_MONTH)
    assert endings(kind, comes_in=True, is_whole=True) == (BACK, Resolution.CONFIRMED_BY_BANK)
    assert endings(kind, comes_in=True, is_whole=False) == (Resolution.CONFIRMED_BY_BANK,)


def test_a_debit_of_what_failed_is_booked_as_paid_where_the_sums_are_the_same() -> None:
    kind = LineClass.OUTCOME_DIFFERS
    assert ways(kind, comes_in=False, is_whole=True) == (AS_PAID, CORRECTED, CLAIMED, Resolution.NEXT_MONTH)
    assert ways(kind, comes_in=False, is_whole=False) == (CORRECTED, CLAIMED, Resolution.NEXT_MONTH)
    assert endings(kind, comes_in=False, is_whole=True) == (AS_PAID, Resolution.CONFIRMED_BY_BANK)
    assert endings(kind, comes_in=False, is_whole=False) == (Resolution.CONFIRMED_BY_BANK,)


def test_what_went_out_to_nobody_is_claimed_back_and_what_came_from_nobody_is_put_right() -> None:
    kind = LineClass.UNKNOWN_IN_BOOK
    for is_whole in (True, False):
        assert ways(kind, comes_in=False, is_whole=is_whole) == (CLAIMED, Resolution.NOT_OURS, Resolution.NEXT_MONTH)
        assert ways(kind, comes_in=True, is_whole=is_whole) == (CORRECTED, Resolution.NOT_OURS, Resolution.NEXT_MONTH)
        assert endings(kind, comes_in=True, is_whole=is_whole) == ENDINGS[kind]


@pytest.mark.parametrize("kind", [LineClass.MATCHED, LineClass.NOT_OURS, LineClass.CORRECTED_BY_BANK])
def test_money_that_explains_itself_needs_no_word(kind: LineClass) -> None:
    assert ways(kind, comes_in=True, is_whole=True) == endings(kind, comes_in=False, is_whole=True) == ()


@pytest.mark.parametrize(
    "kind", [LineClass.MISSING_IN_BANK, LineClass.AMOUNT_DIFFERS, LineClass.TWICE_IN_BANK, LineClass.CREDIT_MISSING]
)
def test_of_the_other_classes_all_may_be_said_that_is_declared(kind: LineClass) -> None:
    for comes_in in (True, False):
        assert ways(kind, comes_in=comes_in, is_whole=False) == RESOLUTIONS[kind]
        assert endings(kind, comes_in=comes_in, is_whole=False) == ENDINGS[kind]


def test_a_page_offers_each_way_once_in_the_order_in_which_they_are_declared() -> None:
    kinds = [LineClass.CREDIT_MISSING, LineClass.AMOUNT_DIFFERS, LineClass.CREDIT_MISSING, LineClass.NOT_OURS]
    assert offered(kinds, RESOLUTIONS) == (CORRECTED, Resolution.ELSEWHERE, Resolution.NEXT_MONTH)
    assert offered(kinds, ENDINGS) == (Resolution.CONFIRMED_BY_BANK, Resolution.ELSEWHERE)
    assert offered([], RESOLUTIONS) == ()


# --- Settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("first_month", "2020年7月", "2020-07"),
        ("lines", " 20 ", "20"),
        ("lines", "1", "1"),
        ("lines", "10000", "10000"),
        ("lines", "00007", "7"),
        ("together", "10000.00", "1000000"),
        ("single", "0.01", "1"),
        ("single", "１，０００", "100000"),
    ],
)
def test_a_setting_is_kept_as_a_number_fen_or_a_month(name: str, text: str, kept: str) -> None:
    assert checked_setting(name, text) == kept


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("nowhere", "1", "没有这一项设定"),
        ("first_month", "七月", "月份要写成"),
        ("lines", "0", "10,000"),
        ("lines", "10001", "10,000"),
        ("lines", "000001", "10,000"),
        ("lines", "１", "10,000"),
        ("lines", "二十", "10,000"),
        ("lines", "", "10,000"),
        ("together", "0", "大于零"),
        ("together", "-1", "大于零"),
        ("single", "1.234", "两位小数"),
        ("single", "很多", "金额要写成元"),
    ],
)
def test_what_a_setting_cannot_be_is_refused(name: str, text: str, why: str) -> None:
    with pytest.raises(UserError, match=why):
        checked_setting(name, text)


LIMITS = Limits(lines=3, together_fen=1000, single_fen=600)


@pytest.mark.parametrize(
    ("fens", "alone_lines", "alone_fen", "second"),
    [
        ([], 99, 99_999, False),
        ([600], 0, 0, False),
        ([601], 0, 0, True),
        ([100, 601], 0, 0, True),
        ([500, 500], 0, 0, False),
        ([500, 501], 0, 0, True),
        ([1, 1, 1], 0, 0, False),
        ([1, 1, 1, 1], 0, 0, True),
        # What he has settled alone in the month counts with it.
        ([1], 2, 0, False),
        ([1], 3, 0, True),
        ([400], 0, 600, False),
        ([401], 0, 600, True),
    ],
)
def test_a_second_official_from_a_number_a_sum_or_a_single_one_on(
    fens: list[int], alone_lines: int, alone_fen: int, second: bool
) -> None:
    assert LIMITS.need_second(iter(fens), alone_lines=alone_lines, alone_fen=alone_fen) is second


@given(st.lists(st.integers(1, 2000), min_size=1, max_size=6))
def test_to_split_what_is_settled_does_not_go_round_the_second(fens: list[int]) -> None:
    together = LIMITS.need_second(fens, alone_lines=0, alone_fen=0)
    apart = [
        LIMITS.need_second([fen], alone_lines=place, alone_fen=sum(fens[:place])) for place, fen in enumerate(fens)
    ]
    assert any(apart) is together
