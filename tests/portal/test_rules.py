"""Names, proofs and plain words: pure decisions."""

import pytest

from core.identity import IdNumberProblem, name_key
from disbursement.rules import PAYMENT_WORKFLOW
from portal import rules


@pytest.mark.parametrize(
    ("registered", "typed", "same"),
    [
        ("阿西·木牛", "阿西木牛", True),
        ("阿西·木牛", "阿西•木牛 ", True),
        ("李䶮", "李*", True),
        ("李䶮", "李＊", True),
        ("李䶮", "*䶮", True),
        ("欧阳小梅", "欧阳*梅", True),
        ("欧阳小梅", "欧*", False),
        ("欧阳小梅", "欧**梅", False),
        ("李䶮", "**", False),
        ("䶮", "*", False),
        ("李䶮", "李", False),
        ("李䶮", "", False),
        ("", "", False),
        ("", "*", False),
        # A star for the dot between the parts of a name, which no phone types at once.
        ("阿西·木牛", "阿西*木牛", True),
        ("阿西·木牛", "阿西＊木*", False),
        ("阿西·木牛", "*阿西木牛", False),
        # Beyond the basic plane a character is one character, and its star is one star.
        ("马𬱟", "马*", True),
        ("马𬱟", "马＊", True),
        ("马𬱟", "马**", False),
        ("𠮷田𠮷", "𠮷*𠮷", True),
        ("𠮷田𠮷", "**𠮷", False),
        ("阿𠮷·木𬱟", "阿*木𬱟", True),
        ("阿𠮷·木𬱟", "阿𠮷·木＊", True),
        ("Ali Mamat", "Ali*Mamat", True),
    ],
)
def test_one_star_stands_for_one_character(registered: str, typed: str, same: bool) -> None:
    assert rules.same_name(name_key(registered), typed) is same


def test_a_proof_is_compared_with_all() -> None:
    assert rules.is_among("4702", ["1234", "4702"])
    assert not rules.is_among("4702", ["1234", "-----"])
    assert not rules.is_among("4702", [])


@pytest.mark.parametrize("state", sorted({*PAYMENT_WORKFLOW.states()} - {"drafted", "struck"}))
def test_every_state_has_plain_words(state: str) -> None:
    shown = rules.plain_state(state, "", has_card=True)
    assert shown.title
    assert shown.tone in {"neutral", "info", "success", "warning", "danger"}


def test_a_failure_says_why_and_what_to_do() -> None:
    shown = rules.plain_state("failed", "账户已销户", has_card=True)
    assert "注销" in shown.reason
    assert "银行网点" in shown.next_step


def test_who_has_no_card_is_told_to_get_one() -> None:
    assert "办卡" in rules.plain_state("approved", "", has_card=False).next_step


@pytest.mark.parametrize("problem", list(IdNumberProblem))
def test_every_slip_in_an_id_number_has_its_sentence(problem: IdNumberProblem) -> None:
    assert rules.id_number_sentence("51342619600101000X", problem).endswith("。")
