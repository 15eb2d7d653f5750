"""Which version of a rule decides a month where the rule was changed: a decision without a database."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from disbursement.rules.checks import months_by_version

SPRING = ["202003", "202004", "202005"]
DAYS = st.none() | st.dates(date(2019, 12, 1), date(2020, 8, 31))


def test_a_rule_that_was_never_changed_decides_all() -> None:
    assert months_by_version(SPRING, [(None, None)]) == [tuple(SPRING)]


def test_of_two_in_force_in_one_month_the_one_that_began_last_decides_it_whole() -> None:
    old, new = (date(2019, 1, 1), date(2020, 4, 15)), (date(2020, 4, 16), None)
    assert months_by_version(SPRING, [old, new]) == [("202003",), ("202004", "202005")]
    assert months_by_version(SPRING, [new, old]) == [("202004", "202005"), ("202003",)]


def test_one_without_a_beginning_began_before_all_others() -> None:
    assert months_by_version(SPRING, [(None, None), (date(2020, 4, 1), None)]) == [("202003",), ("202004", "202005")]
    assert months_by_version(SPRING, [(date(2020, 4, 1), None), (None, None)]) == [("202004", "202005"), ("202003",)]


def test_of_two_that_began_on_one_day_the_later_in_the_list_decides() -> None:
    day = date(2020, 3, 1)
    assert months_by_version(SPRING, [(day, None), (day, None)]) == [(), tuple(SPRING)]


def test_a_month_in_which_none_is_in_force_is_decided_by_none() -> None:
    assert months_by_version(SPRING, [(date(2020, 4, 1), date(2020, 4, 30))]) == [("202004",)]
    assert months_by_version(SPRING, []) == []
    assert months_by_version([], [(None, None)]) == [()]


@given(st.lists(st.tuples(DAYS, DAYS), max_size=4))
def test_a_month_is_decided_once_at_most_and_only_by_a_version_that_holds_in_it(
    versions: list[tuple[date | None, date | None]],
) -> None:
    months = [f"2020{number:02d}" for number in range(1, 8)]
    decided = months_by_version(months, versions)
    assert len(decided) == len(versions)
    every = [month for by_one in decided for month in by_one]
    assert len(every) == len(set(every))
    for (begins, ends), by_one in zip(versions, decided, strict=True):
        for month in by_one:
            assert begins is None or f"{begins:%Y%m}" <= month
            assert ends is None or month <= f"{ends:%Y%m}"
