"""A month is a month, however it is written."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.months import check_month, check_period, parse_month


@pytest.mark.parametrize(
    "text",
    [
        "202006",
        "2020-06",
        "2020-6",
        "2020/06",
        "2020.6",
        "2020年6月",
        "2020年06月份",
        " 2020 年 6 月 ",
        "２０２０－０６",
    ],
)
def test_one_month_in_many_words(text: str) -> None:
    assert (check_month(text), check_period(text)) == ("2020-06", "202006")


@pytest.mark.parametrize("text", ["", "2020", "20206", "2020-13", "2020-00", "202013", "1999-06", "20200601", "六月"])
def test_what_is_no_month_is_refused_with_the_way_to_write_it(text: str) -> None:
    assert parse_month(text) is None
    with pytest.raises(UserError, match="2020年7月"):
        check_month(text)
    with pytest.raises(UserError, match="2020年6月"):
        check_period(text)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_every_month_is_read_as_it_is_kept(day: date) -> None:
    for text in (f"{day:%Y-%m}", f"{day:%Y%m}", f"{day.year}年{day.month}月"):
        assert parse_month(text) == f"{day:%Y-%m}"
