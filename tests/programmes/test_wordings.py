"""How cells of policy lists and fund plans are read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import MoneyProblem, format_yuan
from programmes import wordings
from programmes.rules import Channel, Handling, Source, is_sensitive


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        ("一卡通", Channel.PLATFORM),
        ("社保卡一卡通发放", Channel.PLATFORM),
        ("是", Channel.PLATFORM),
        ("已纳入", Channel.PLATFORM),
        ("线下", Channel.OFFLINE),
        ("线 下", Channel.OFFLINE),
        ("否", Channel.OFFLINE),
        ("未纳入一卡通", Channel.OFFLINE),
        ("不通过一卡通发放", Channel.OFFLINE),
        ("非一卡通", Channel.OFFLINE),
        ("", Channel.UNDECIDED),
        ("　", Channel.UNDECIDED),
        ("待定", Channel.UNDECIDED),
        ("—", Channel.UNDECIDED),
        ("邮局", None),
    ],
)
def test_channels(text: str, channel: Channel | None) -> None:
    assert wordings.read_channel(text) == channel


@pytest.mark.parametrize(
    ("text", "handling"),
    [
        ("不得同时享受", Handling.FORBIDDEN),
        ("不可以同时享受", Handling.FORBIDDEN),
        ("否", Handling.FORBIDDEN),
        ("择一享受", Handling.FORBIDDEN),
        ("就高不就低", Handling.TAKE_HIGHER),
        ("按就高原则，不得重复", Handling.TAKE_HIGHER),
        ("补差额", Handling.TAKE_DIFFERENCE),
        ("只能享受其中一项", Handling.FORBIDDEN),
        ("可以同时享受", Handling.ALLOWED),
        ("可同时享受", Handling.ALLOWED),
        ("是", Handling.ALLOWED),
        ("视情况", None),
        ("", None),
    ],
)
def test_handlings(text: str, handling: Handling | None) -> None:
    assert wordings.read_handling(text) == handling


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("上年结转", Source.CARRIED_OVER),
        ("结转资金", Source.CARRIED_OVER),
        ("以前年度结余", Source.CARRIED_OVER),
        ("当年下达", Source.CURRENT_YEAR),
        ("本年追加", Source.CURRENT_YEAR),
        ("当年下达（含上年结转）", None),
        ("自筹", None),
        ("", None),
    ],
)
def test_sources(text: str, source: Source | None) -> None:
    assert wordings.read_source(text) == source


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("7", 7),
        ("7.0", 7),
        ("７天", 7),
        ("不少于7天", 7),
        ("5个工作日", 5),
        ("0", 0),
        ("", 7),
        ("60", 60),
        ("61", None),
        ("-1", None),
        ("一周", None),
    ],
)
def test_days_of_publicity(text: str, days: int | None) -> None:
    assert wordings.read_publicity_days(text) == days


@pytest.mark.parametrize(
    ("text", "year"), [("2020", 2020), ("2020年", 2020), ("２０２０年度", 2020), ("1920", None), ("", None)]
)
def test_years(text: str, year: int | None) -> None:
    assert wordings.read_year(text) == year


def test_one_document_has_one_number() -> None:
    written = (
        "川财社〔2020〕11号",
        "川财社[2020]11号",
        "川财社（2020）11号",
        " 川财社【2020】 11 号",
        "川财社﹝2020﹞11号",
    )
    assert {wordings.read_document(text) for text in written} == {"川财社〔2020〕11号"}


@pytest.mark.parametrize(
    ("text", "unit", "from_number", "fen"),
    [
        ("1,080,000.00", "", False, 108_000_000),
        ("2600000.5", "元", True, 260_000_050),
        ("260.00005", "万元", True, 260_000_050),
        ("260.00005", "万元", False, 260_000_050),
        ("1,080", "万元", False, 1_080_000_000),
        ("0.1", "千元", True, 10_000),
        ("260万元", "万元", False, 260_000_000),
        ("100元", "万元", False, 10_000),
    ],
)
def test_amounts_in_the_unit_of_their_header(text: str, unit: str, from_number: bool, fen: int) -> None:
    assert wordings.read_amount(text, unit, from_number=from_number) == (fen, None)


@pytest.mark.parametrize(
    ("text", "unit", "problem"),
    [
        ("", "", MoneyProblem.UNREADABLE),
        ("", "万元", MoneyProblem.UNREADABLE),
        ("约260", "万元", MoneyProblem.UNREADABLE),
        ("260,5", "万元", MoneyProblem.UNREADABLE),
        ("NaN", "万元", MoneyProblem.UNREADABLE),
        ("1e999999", "万元", MoneyProblem.UNREADABLE),
        ("9" * 40, "万元", MoneyProblem.UNREADABLE),
        ("-3", "万元", MoneyProblem.NOT_POSITIVE),
        ("0", "", MoneyProblem.NOT_POSITIVE),
        ("0.0000001", "万元", MoneyProblem.BELOW_FEN),
        ("100", "角", MoneyProblem.UNREADABLE),
    ],
)
def test_amounts_that_cannot_be_booked(text: str, unit: str, problem: MoneyProblem) -> None:
    assert wordings.read_amount(text, unit, from_number=False) == (None, problem)


@given(st.integers(1, 10**11), st.sampled_from(["", "元", "万元", "千元", "百元"]), st.booleans())
def test_every_amount_comes_back_to_the_fen(fen: int, unit: str, from_number: bool) -> None:
    times = {"万元": 10_000, "千元": 1000, "百元": 100}.get(unit, 1)
    text = f"{Decimal(fen) / 100 / times:f}"
    assert wordings.read_amount(text, unit, from_number=from_number) == (fen, None)


@given(st.text(max_size=30), st.sampled_from(["", "万元", "分"]), st.booleans())
def test_nothing_that_is_written_raises(text: str, unit: str, from_number: bool) -> None:
    fen, problem = wordings.read_amount(text, unit, from_number=from_number)
    assert (fen is None) != (problem is None)
    wordings.read_channel(text)
    wordings.read_handling(text)
    wordings.read_source(text)
    wordings.read_publicity_days(text)
    wordings.read_year(text)


@given(st.integers(1, 10**11))
def test_amounts_are_read_as_they_are_shown(fen: int) -> None:
    assert wordings.read_amount(format_yuan(fen), "", from_number=False) == (fen, None)


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("困难残疾人生活补贴", "低保家庭中的残疾人", True),
        ("孤儿基本生活费", "孤儿", True),
        ("营养改善补助", "义务教育阶段学生", True),
        ("生活补助", "精神障碍患者家庭", True),
        ("耕地地力保护补贴", "承包户", False),
        ("高龄津贴", "80周岁以上老人", False),
    ],
)
def test_what_a_list_would_reveal(name: str, target: str, expected: bool) -> None:
    assert is_sensitive(name, target) == expected
