"""The life of a message and the hours of the night, whatever the moment."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import SHANGHAI
from sms import rules
from sms.rules import QuietHours, Window, decide_receipt, next_allowed, retry_at
from sms.templates import CODE, NOTICE, PRIORITIES

NIGHT = QuietHours(time(21), time(8))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- naive bounds are asked for
reports = st.sampled_from([rules.ACCEPTED, rules.DELIVERED, rules.UNDELIVERED])


def beijing(hour: int, minute: int = 0, day: int = 6) -> datetime:
    return datetime(2020, 7, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (beijing(20, 59), beijing(20, 59)),
        (beijing(21), beijing(8, day=7)),
        (beijing(23, 59), beijing(8, day=7)),
        (beijing(0), beijing(8)),
        (beijing(7, 59), beijing(8)),
        (beijing(8), beijing(8)),
    ],
)
def test_phones_are_quiet_from_nine_to_eight(at: datetime, allowed: datetime) -> None:
    assert NIGHT.next_allowed(at) == allowed
    assert next_allowed(at, NIGHT, NOTICE) == allowed
    assert next_allowed(at, NIGHT, CODE) == at
    assert next_allowed(at, None, NOTICE) == at


@given(moments, st.times(), st.times())
def test_the_next_allowed_moment_is_the_first_that_is_not_quiet(at: datetime, begin: time, end: time) -> None:
    begin, end = begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    quiet = QuietHours(begin, end)
    allowed = quiet.next_allowed(at)
    assert at <= allowed <= at + timedelta(days=1)
    assert not quiet.covers(allowed)
    if allowed > at:
        assert quiet.covers(at)
        assert quiet.covers(allowed - timedelta(microseconds=1))


@given(moments, st.integers(0, 1000), st.none() | st.integers(0, 86400))
def test_a_message_is_tried_again_in_the_future(at: datetime, attempts: int, wish: int | None) -> None:
    due = retry_at(at, attempts, None if wish is None else timedelta(seconds=wish))
    assert at <= due <= at + timedelta(days=1)
    assert wish is None or due == at + timedelta(seconds=wish)


def test_no_machine_sends_a_message_of_unknown_fate_again() -> None:
    leading_back = [t for t in rules.SMS_WORKFLOW.transitions if t.source == "unknown" and t.target == "queued"]
    assert [(t.action, t.by) for t in leading_back] == [("resend", rules.DECIDE_UNKNOWN)]


def test_final_states_are_final() -> None:
    assert not [t for t in rules.SMS_WORKFLOW.transitions if t.source in rules.FINAL_STATES]
    reachable = {t.target for t in rules.SMS_WORKFLOW.transitions}
    assert reachable >= rules.FINAL_STATES


@given(st.sampled_from(rules.STATES), reports)
def test_a_report_asks_only_for_steps_that_exist(state: str, reported: str) -> None:
    decision = decide_receipt(state, reported)
    for action in decision.actions:
        transition = rules.SMS_WORKFLOW.find(state, action)
        assert transition is not None
        state = transition.target


@given(st.lists(reports, max_size=8), st.sampled_from([rules.DELIVERED, rules.UNDELIVERED]))
def test_reports_in_any_order_lead_to_the_same_end(noise: list[str], end: str) -> None:
    state = "accepted"
    story = [one for one in noise if one == rules.ACCEPTED]
    for reported in [*story, end, *noise]:
        for action in decide_receipt(state, reported).actions:
            transition = rules.SMS_WORKFLOW.find(state, action)
            assert transition is not None
            state = transition.target
    assert state == end


@given(st.lists(st.booleans(), max_size=200), st.integers(1, 32))
def test_the_window_stays_within_its_width_and_shuts_for_good(outcomes: list[bool], widest: int) -> None:
    window = Window(widest)
    for well in outcomes:
        was_shut = window.is_shut
        window.note(well=well)
        assert 0 <= window.size <= widest
        assert not was_shut or window.is_shut


def test_a_first_trouble_shuts_the_window_and_a_later_one_narrows_it() -> None:
    window = Window(16)
    window.note(well=False)
    assert window.is_shut
    window = Window(16)
    for _ in range(40):
        window.note(well=True)
    assert window.size == 16
    window.note(well=False)
    assert window.size == 8


def test_codes_are_the_most_urgent() -> None:
    assert min(PRIORITIES) == CODE
