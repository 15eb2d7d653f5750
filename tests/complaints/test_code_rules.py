"""Receipt codes: twenty digits out of a secret, read out in groups of four."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules


@given(st.binary(min_size=32, max_size=32))
def test_a_code_has_twenty_digits_and_comes_from_the_whole_secret(secret: bytes) -> None:
    code = rules.receipt_code_of(secret)
    assert len(code) == rules.RECEIPT_DIGITS
    assert code.isascii()
    assert code.isdecimal()
    assert int(code) == int.from_bytes(secret, "big") % 10**20
    assert rules.receipt_code_of(secret[:-1] + bytes([secret[-1] ^ 1])) != code


def test_a_short_number_is_filled_up() -> None:
    assert rules.receipt_code_of(bytes(31) + b"\x07") == "0" * 19 + "7"


@pytest.mark.parametrize(
    ("code", "read"),
    [("12345678901234567890", "1234 5678 9012 3456 7890"), ("12345", "1234 5"), ("", "")],
)
def test_it_is_read_out_in_groups(code: str, read: str) -> None:
    assert rules.grouped_code(code) == read
