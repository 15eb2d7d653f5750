"""When a roll's publicity lets the department approve it: pure decisions."""

from collections.abc import Mapping
from datetime import date

import pytest

from disbursement.rules import Hold, HoldReason, publicity_hold, still_hangs

LAST = date(2020, 7, 12)
AFTER = date(2020, 7, 13)
ONE = {"鲹鱼河镇": 1}


@pytest.mark.parametrize(
    ("until", "today", "objections", "reason"),
    [
        (LAST, LAST, {}, HoldReason.HANGING),
        (LAST, AFTER, {}, None),
        (LAST, AFTER, ONE, HoldReason.OBJECTIONS),
        (LAST, LAST, ONE, HoldReason.HANGING),
        (None, AFTER, {}, HoldReason.NOT_HANGING),
        (None, AFTER, ONE, HoldReason.NOT_HANGING),
    ],
)
def test_an_approval_waits_for_the_last_day_and_for_answers(
    until: date | None, today: date, objections: Mapping[str, int], reason: HoldReason | None
) -> None:
    hold = publicity_hold(waits=True, until=until, objections=objections, today=today)
    assert (hold.reason if hold else None) == reason
    assert publicity_hold(waits=False, until=until, objections=objections, today=today) is None


def test_a_hold_counts_the_objections_and_names_who_answers() -> None:
    hold = publicity_hold(waits=True, until=LAST, objections={"县民政局": 2, "鲹鱼河镇": 1}, today=AFTER)
    assert hold is not None
    assert (hold.number, hold.offices) == (3, "县民政局、鲹鱼河镇")


def test_a_hold_says_until_when_the_lists_hang() -> None:
    hanging = publicity_hold(waits=True, until=LAST, objections=ONE, today=LAST)
    assert hanging == Hold(HoldReason.HANGING, LAST, ONE)
    assert publicity_hold(waits=True, until=LAST, objections=ONE, today=AFTER) == Hold(HoldReason.OBJECTIONS, LAST, ONE)
    nowhere = publicity_hold(waits=True, until=None, objections=ONE, today=AFTER)
    assert nowhere is not None and (nowhere.until, nowhere.number) == (None, 0)


@pytest.mark.parametrize(
    ("state", "waits", "until", "expected"),
    [
        ("publicised", True, AFTER, True),
        ("publicised", True, LAST, False),
        ("publicised", True, None, True),
        ("publicised", False, None, False),
        ("department_approved", True, AFTER, False),
        ("draft", True, None, False),
    ],
)
def test_a_roll_stands_as_it_hangs(state: str, waits: bool, until: date | None, expected: bool) -> None:
    assert still_hangs(state, waits=waits, until=until, today=AFTER) is expected
