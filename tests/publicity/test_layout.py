"""How words break into lines, and lines into pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicity.prints.layout import rows_on_pages, wrapped

WORDS = st.text(alphabet="张石门坎村，。（）“”12.3 ab:/-", max_size=60)


def wide(words: str) -> float:
    """Chinese characters are twice as wide as others."""
    return sum(1.0 if ord(character) < 128 else 2.0 for character in words)


def test_words_that_fit_stay_in_one_line() -> None:
    assert wrapped("鲹鱼河镇", 8, wide) == ["鲹鱼河镇"]
    assert wrapped("", 8, wide) == [""]


def test_no_line_begins_with_a_comma_or_ends_with_an_opening_bracket() -> None:
    assert wrapped("查询不收费，不下载", 10, wide) == ["查询不收", "费，不下载"]
    assert wrapped("补贴办法（川府发）", 10, wide) == ["补贴办法", "（川府发）"]


def test_numbers_and_addresses_stay_whole_where_they_can() -> None:
    assert wrapped("网址http://a.cn看", 12, wide) == ["网址", "http://a.cn", "看"]
    assert wrapped("http://hmhn.huidong.gov.cn", 10, wide) == ["http://hmh", "n.huidong.", "gov.cn"]


@given(WORDS, st.floats(4, 40))
def test_wrapping_loses_no_character_and_overflows_nowhere(words: str, width: float) -> None:
    lines = wrapped(words, width, wide)
    assert "".join("".join(lines).split()) == "".join(words.split())
    assert all(wide(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("heights", "first", "others", "counts"),
    [
        ([], 10, 20, [0]),
        ([5, 5], 10, 20, [2]),
        ([5, 5, 5], 10, 20, [2, 1]),
        ([5] * 7, 10, 20, [2, 4, 1]),
        # The heading leaves no room: the table begins on the second sheet.
        ([15, 5], 10, 20, [0, 2]),
        # Higher than any sheet: it has one for itself.
        ([50, 5], 10, 20, [0, 1, 1]),
        ([50], 20, 20, [1]),
    ],
)
def test_rows_stand_on_as_few_pages_as_they_fit(
    heights: list[float], first: float, others: float, counts: list[int]
) -> None:
    assert rows_on_pages(heights, first, others) == counts


@given(st.lists(st.floats(1, 10), max_size=200), st.floats(10, 50), st.floats(50, 100))
def test_every_row_stands_on_a_page_and_no_page_overflows(heights: list[float], first: float, others: float) -> None:
    counts = rows_on_pages(heights, first, others)
    assert sum(counts) == len(heights)
    done = 0
    for page, count in enumerate(counts):
        assert sum(heights[done : done + count]) <= (others if page else first) + 1e-6
        done += count
