"""Which cases may be joined as one matter, and which go along: pure decisions, held for all inputs."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.rules import Linkable
from core.errors import UserError

CASES = st.builds(
    Linkable,
    id=st.integers(1, 3),
    owner_id=st.integers(1, 2),
    state=st.sampled_from(sorted(rules.STATE_NAMES)),
    sealed=st.booleans(),
    unread=st.booleans(),
    asked_again=st.booleans(),
    leading_id=st.none() | st.integers(1, 3),
)


@given(CASES, CASES)
def test_only_what_lies_on_one_desk_is_linked_and_under_one_that_leads(case: Linkable, other: Linkable) -> None:
    try:
        leading_id = rules.leading_of(case, other)
    except UserError as refusal:
        assert str(refusal).endswith("。")
        return
    assert case.id not in (other.id, leading_id)
    assert (case.owner_id, case.sealed) == (other.owner_id, other.sealed)
    assert case.state in rules.OPEN
    assert leading_id == (other.leading_id or other.id)


@given(CASES, CASES, st.sampled_from((*rules.TOGETHER, "close", "decline", "refer")))
def test_who_was_not_content_is_never_answered_along(leading: Linkable, follower: Linkable, action: str) -> None:
    along = rules.goes_along(leading, follower, action)
    step = rules.COMPLAINT_WORKFLOW.find(follower.state, action)
    assert not along or (action in rules.TOGETHER and step and leading.owner_id == follower.owner_id)
    assert not (along and follower.asked_again)
    assert not (along and follower.unread and action in rules.ANSWERS)


FIRST, SECOND = Linkable(1, 7, "received", sealed=False), Linkable(2, 7, "received", sealed=False)


@pytest.mark.parametrize(
    ("case", "other", "leading_id"),
    [
        (SECOND, FIRST, 1),
        (FIRST, SECOND, 2),
        (SECOND, replace(FIRST, leading_id=3), 3),
        (replace(SECOND, leading_id=3), FIRST, 1),
        (replace(SECOND, state="concluded"), replace(FIRST, state="closed"), 1),
        (replace(SECOND, sealed=True), replace(FIRST, sealed=True), 1),
    ],
)
def test_what_is_linked(case: Linkable, other: Linkable, leading_id: int) -> None:
    assert rules.leading_of(case, other) == leading_id


@pytest.mark.parametrize(
    ("case", "other", "why"),
    [
        (FIRST, FIRST, "本件的编号"),
        (SECOND, replace(FIRST, owner_id=8), "本单位"),
        (SECOND, replace(FIRST, sealed=True), "问题线索"),
        (replace(SECOND, sealed=True), FIRST, "问题线索"),
        (replace(SECOND, state="closed"), FIRST, "已经结束"),
        (replace(SECOND, state="declined"), FIRST, "已经结束"),
        (SECOND, replace(FIRST, state="declined"), "^那件事没有受理，不能与它并案。$"),
        (replace(SECOND, leading_id=1), FIRST, "已经并案"),
        (replace(SECOND, leading_id=3), replace(FIRST, leading_id=3), "已经并案"),
        (FIRST, replace(SECOND, leading_id=1), "已经并案"),
    ],
)
def test_what_is_not(case: Linkable, other: Linkable, why: str) -> None:
    with pytest.raises(UserError, match=why):
        rules.leading_of(case, other)


@pytest.mark.parametrize(
    ("follower", "action", "along"),
    [
        (SECOND, "accept", True),
        (SECOND, "investigate", False),
        (SECOND, "decline", False),
        (replace(SECOND, owner_id=8), "accept", False),
        (replace(SECOND, state="accepted"), "investigate", True),
        (replace(SECOND, state="investigating"), "conclude", True),
        (replace(SECOND, state="investigating"), "approve_answer", True),
        (replace(SECOND, state="investigating", unread=True), "conclude", False),
        (replace(SECOND, state="investigating", unread=True), "approve_answer", False),
        (replace(SECOND, state="investigating", asked_again=True), "conclude", False),
        (replace(SECOND, unread=True), "accept", True),
        (replace(SECOND, state="investigating", owes_outcome=True), "conclude", False),
        (replace(SECOND, state="investigating", owes_outcome=True), "approve_answer", False),
        (replace(SECOND, state="accepted", owes_outcome=True), "investigate", True),
    ],
)
def test_which_go_along(follower: Linkable, action: str, along: bool) -> None:
    assert rules.goes_along(FIRST, follower, action) is along
