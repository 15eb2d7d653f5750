"""The stages of a clue, and how what its reporter was promised is kept: pure decisions."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.rules.sealed import (
    MEASURES,
    OUTCOMES,
    STAGE_NAMES,
    WAITED,
    WAY,
    Stage,
    class_of_waiting,
    how_kept,
    may_record_outcome,
    stage_of,
    states_of,
)

DAY = timedelta(days=1)
STATES = rules.COMPLAINT_WORKFLOW.states()


@pytest.mark.parametrize(
    ("state", "outcome", "stage"),
    [
        ("received", None, Stage.INTAKE),
        ("redirected", None, Stage.INTAKE),
        ("referred", None, Stage.INTAKE),
        ("accepted", None, Stage.VERIFICATION),
        ("investigating", None, Stage.VERIFICATION),
        ("investigating", "other", Stage.HANDLED),
        ("reopened", None, Stage.VERIFICATION),
        ("reopened", "other", Stage.HANDLED),
        ("concluded", None, Stage.ANSWERED),
        ("concluded", "other", Stage.ANSWERED),
        ("closed", None, Stage.ANSWERED),
        ("declined", None, Stage.DECLINED),
    ],
)
def test_stages(state: str, outcome: str | None, stage: Stage) -> None:
    assert stage_of(state, outcome) == stage


@pytest.mark.parametrize("stage", Stage)
def test_a_stage_of_states_holds_exactly_those_whatever_the_outcome(stage: Stage) -> None:
    alone = {state for state in STATES if all(stage_of(state, outcome) == stage for outcome in (None, *OUTCOMES))}
    told_apart = stage in (Stage.VERIFICATION, Stage.HANDLED)
    assert set(states_of(stage)) == (set() if told_apart else alone)
    assert bool(states_of(stage)) is not told_apart


@pytest.mark.parametrize("state", STATES)
def test_an_outcome_is_recorded_of_a_clue_that_is_looked_into_or_answered(state: str) -> None:
    assert may_record_outcome(state, sealed=True) is (state in {"investigating", "concluded"})
    assert not may_record_outcome(state, sealed=False)


days = st.dates(date(2020, 1, 1), date(2020, 12, 31))


@given(days, days, days)
def test_a_promise_is_kept_to_the_end_of_its_day(due_on: date, stopped_on: date, today: date) -> None:
    assert how_kept(due_on, stopped_on, today) == ("kept" if stopped_on <= due_on else "broken")
    assert how_kept(due_on, None, today) == ("running" if today <= due_on else "overdue")
    assert how_kept(None, None, today) == how_kept(None, stopped_on, today) == ""


def test_the_due_day_itself_is_in_time() -> None:
    due = date(2020, 7, 10)
    assert (how_kept(due, due, due), how_kept(due, due + DAY, due)) == ("kept", "broken")
    assert (how_kept(due, None, due), how_kept(due, None, due + DAY)) == ("running", "overdue")


def test_classes_of_waiting_end_where_they_say() -> None:
    assert [class_of_waiting(days) for days in (0, 15, 16, 30, 31, 60, 61, 90, 91)] == [0, 0, 1, 1, 2, 2, 3, 3, 4]
    assert [class_of_waiting(end) for end in WAITED] == list(range(len(WAITED)))


def test_every_stage_has_its_words_and_its_figure() -> None:
    assert set(STAGE_NAMES) == set(Stage) == {*WAY, Stage.DECLINED}
    hows = ("kept", "broken", "overdue", "running")
    promised = {f"{promise}_{how}" for promise in ("notice", "result") for how in hows}
    assert set(MEASURES) == {"received", *Stage, *promised}
    assert len(MEASURES) == len(set(MEASURES))
    assert "other" in OUTCOMES
