"""What can be said of a difference is what makes sense for it."""

from itertools import product

import pytest

from reconciliation.rules import (
    DIFFERENCES,
    ENDINGS,
    NEEDS_WORD,
    RESOLUTIONS,
    UNEXPLAINED,
    LineClass,
    Resolution,
    endings,
    offered,
    ways,
)

R = Resolution


@pytest.mark.parametrize(
    ("kind", "comes_in", "is_whole", "expected"),
    [
        (LineClass.MISSING_IN_BANK, False, False, [R.CONFIRMED_BY_BANK, R.NEVER_PAID, R.NEXT_MONTH]),
        (LineClass.UNKNOWN_IN_BOOK, False, False, [R.BANK_CLAIMS_BACK, R.NOT_OURS, R.NEXT_MONTH]),
        # Nothing has gone out that could be claimed back.
        (LineClass.UNKNOWN_IN_BOOK, True, False, [R.BANK_CORRECTS, R.NOT_OURS, R.NEXT_MONTH]),
        (LineClass.AMOUNT_DIFFERS, False, False, [R.BANK_CORRECTS, R.NEXT_MONTH]),
        (
            LineClass.OUTCOME_DIFFERS,
            False,
            True,
            [R.BOOKED_PAID, R.BANK_CORRECTS, R.BANK_CLAIMS_BACK, R.NEXT_MONTH],
        ),
        (LineClass.TWICE_IN_BANK, False, True, [R.BANK_CLAIMS_BACK, R.NEXT_MONTH]),
        (LineClass.RETURNED_AFTER_PAYMENT, True, True, [R.BANK_RETURN, R.BANK_CORRECTS, R.NEXT_MONTH]),
        # A part of a payment that came back is no return of the payment.
        (LineClass.RETURNED_AFTER_PAYMENT, True, False, [R.BANK_CORRECTS, R.NEXT_MONTH]),
        (LineClass.CREDIT_MISSING, False, False, [R.ELSEWHERE, R.NEXT_MONTH]),
        (LineClass.NOT_OURS, True, False, []),
        (LineClass.MATCHED, False, True, []),
    ],
)
def test_the_ways_of_each_class(kind: LineClass, comes_in: bool, is_whole: bool, expected: list[Resolution]) -> None:
    assert list(ways(kind, comes_in=comes_in, is_whole=is_whole)) == expected


def test_whatever_wants_a_word_can_be_given_one_and_can_end() -> None:
    for kind, comes_in, is_whole in product(NEEDS_WORD, (True, False), (True, False)):
        assert R.NEXT_MONTH in ways(kind, comes_in=comes_in, is_whole=is_whole)
        found = endings(kind, comes_in=comes_in, is_whole=is_whole)
        assert found and R.NEXT_MONTH not in found


def test_money_that_explains_itself_needs_nobody() -> None:
    assert set(DIFFERENCES) - NEEDS_WORD == {LineClass.NOT_OURS}
    assert LineClass.RETURNED_AFTER_PAYMENT not in UNEXPLAINED <= NEEDS_WORD


def test_a_page_offers_what_fits_the_classes_on_it_and_each_once() -> None:
    assert offered([LineClass.CREDIT_MISSING], RESOLUTIONS) == (R.ELSEWHERE, R.NEXT_MONTH)
    both = offered([LineClass.MISSING_IN_BANK, LineClass.TWICE_IN_BANK], RESOLUTIONS)
    assert both == (R.BANK_CLAIMS_BACK, R.CONFIRMED_BY_BANK, R.NEVER_PAID, R.NEXT_MONTH)
    assert offered([LineClass.AMOUNT_DIFFERS], ENDINGS) == (R.CONFIRMED_BY_BANK,)
    assert offered([], RESOLUTIONS) == offered([LineClass.NOT_OURS], RESOLUTIONS) == ()
