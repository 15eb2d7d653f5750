"""What a statement says of its own period is held against the month that it is brought for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from reconciliation.profiles import BUILT_IN
from reconciliation.rules import month_days, month_of, stated_day, stated_period
from reconciliation.statements import check_statement
from tests.reconciliation.statements import BankStatement

JULY = (date(2020, 7, 1), date(2020, 7, 31))


@pytest.mark.parametrize(
    "words",
    [
        "2020-07", "202007", "2020年7月", "2020年07月份", "2020.07", "2020/7",
        "2020-07-01至2020-07-31", "20200701-20200731", "2020年7月1日-2020年7月31日", "2020.07.01~2020.07.31",
        "2020-07-01-2020-07-31", "2020/7/1—2020/7/31",
    ],
)  # fmt: skip
def test_the_ways_of_banks_to_write_a_month(words: str) -> None:
    assert stated_period(words) == JULY


@pytest.mark.parametrize("words", ["", "7月", "202013", "2020-07-32至2020-07-99", "2020-07-01", "12020071", "本月"])
def test_what_says_no_period_says_nothing(words: str) -> None:
    assert stated_period(words) is None


@given(first=st.dates(date(2000, 1, 1), date(2099, 12, 31)), last=st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_any_two_days_are_read_as_they_stand(first: date, last: date) -> None:
    assert stated_period(f"{first:%Y%m%d}-{last:%Y%m%d}") == (first, last)
    assert stated_period(f"{first.year}年{first.month}月{first.day}日至{last:%Y-%m-%d}") == (first, last)
    assert stated_period(f"{first:%Y-%m}") == month_days(month_of(first))
    assert stated_day(first.isoformat()) == first


def content(*told: str) -> bytes:
    """A sound statement of July that says this of its period, in cells of its first row."""
    made = BankStatement()
    made.other(debit=10, card="6217002572034294702")
    rows = made.content().decode("gb18030").split("\r\n")
    rows[0] = ",".join(["账号", made.account, *told])
    return "\r\n".join(rows).encode("gb18030")


def refused(*told: str) -> str:
    with pytest.raises(UserError) as error:
        check_statement(BUILT_IN["sample"], content(*told), "2020-07")
    return str(error.value)


def test_another_period_is_refused_with_its_row_and_label() -> None:
    assert refused("对账期间", "2020-08").startswith(
        "第 1 行“对账期间”写的是 2020-08-01 到 2020-08-31，不是完整的 2020-07"
    )
    assert "2020-07-01 到 2020-07-15" in refused("期间：2020年7月1日至2020年7月15日")
    assert refused("起始日期", "2020-07-02", "截止日期", "2020-07-31").startswith("第 1 行“起始日期”写的是 2020-07-02")
    assert "应为 2020-07-31" in refused("起始日期", "20200701", "截止日期", "20200730")


@pytest.mark.parametrize(
    "told",
    [
        ("期间", "2020-07"),
        ("期间：20200701-20200731",),
        ("起始日期", "20200701", "截止日期", "20200731"),
        ("期间", "本月"),
        (),
    ],
)
def test_the_month_itself_and_what_cannot_be_read_are_taken(told: tuple[str, ...]) -> None:
    assert check_statement(BUILT_IN["sample"], content(*told), "2020-07").line_count == 1


def test_a_line_of_another_month_is_named_with_its_column() -> None:
    wrong = content().replace(b"2020-07-15", b"2020-08-15")
    with pytest.raises(UserError, match="第 4 行“交易日期”是 2020-08-15，不在 2020-07"):
        check_statement(BUILT_IN["sample"], wrong, "2020-07")
    wrong = content().replace(b"2020-07-15", b"2020-13-15")
    with pytest.raises(UserError, match="第 4 行“交易日期”认不出来"):
        check_statement(BUILT_IN["sample"], wrong, "2020-07")
    wrong = content().replace(b"0.10", b"0.1x")
    with pytest.raises(UserError, match="“借方发生额”认不出来"):
        check_statement(BUILT_IN["sample"], wrong, "2020-07")
