"""What a password must be, and how it is checked."""

import pytest

from accounts import rules
from accounts.passwords import hash_password, one_time_password, verify_password


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "1234567890",
        "qwertyuiop",
        "aaaaaaaaaaaa",
        "abcdefghijkl",
        "zyxwvutsrqpo",
        "PassWord123",
        "ｐassword123",
    ],
)
def test_weak_passwords_are_refused(password: str) -> None:
    assert rules.password_fault(password, "chenxm")


def test_the_username_may_not_be_part_of_the_password() -> None:
    assert rules.password_fault("my-ChenXM-password", "chenxm")
    assert rules.password_fault("青石板上听雨声到天明", "chenxm") is None


def test_a_password_opens_its_hash_and_nothing_else() -> None:
    stored = hash_password("青石板上听雨声到天明")
    assert verify_password(stored, "青石板上听雨声到天明")
    assert not verify_password(stored, "青石板上听雨声到天亮")
    assert not verify_password(None, "青石板上听雨声到天明")
    assert not verify_password("!", "青石板上听雨声到天明")


def test_one_time_passwords_are_good_passwords() -> None:
    made = {one_time_password() for _ in range(50)}
    assert len(made) == 50
    assert not [password for password in made if rules.password_fault(password, "chenxm")]
