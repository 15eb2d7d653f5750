"""Amounts as townships and banks write them, to the fen."""

import json
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlrd
from hypothesis import given
from hypothesis import strategies as st

from core.money import (
    Fen,
    MoneyProblem,
    format_yuan,
    format_yuan_plain,
    parse_fen,
    parse_signed_yuan,
    parse_yuan,
)

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
SUBSIDY_ROLL = "roll-困难残疾人生活补贴-202006-鲹鱼河镇.xlsx"
FARMLAND_ROLL = "roll-耕地地力保护补贴-2020-姜州镇.xls"

amounts = st.integers(1, 10**13)


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("270", 27000),
        ("270.00", 27000),
        ("270.5", 27050),
        ("270.500", 27050),
        ("0.01", 1),
        (".5", 50),
        ("+5", 500),
        ("1,080,000.00", 108000000),
        ("１，０８０．００", 108000),
        ("２７０．００", 27000),
        ("￥270", 27000),
        ("¥ 270.00", 27000),
        ("270元", 27000),
        ("270圆整", 27000),
        (" 270\u3000", 27000),
        ("270\u200b", 27000),
        ("\t270.00", 27000),
        ("'270", 27000),
        ('="270.00"', 27000),
        ("人民币270元整", 27000),
        ("1.2万元", 1200000),
        ("0.000001万", 1),
        ("12.3456万元", 12345600),
    ],
)
def test_what_townships_write_is_read(written: str, fen: int) -> None:
    assert parse_yuan(written) == (fen, None)


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "九十元", "约270", "元", "￥", ".", "-", "无", "270元/人", "270*3", "=A1*3", "abc"),
        *("1e3", "2.7E+02", "inf", "nan", "1_000", "٢٧٠"),
        *("1,08", "1,0800", "10,80.00", "1.080,00", "1.2.3"),
        *("90 180", "90\n180", "270元180元"),
        *("--3", "+-3", "-(3)", "-3-", "()", "(元)"),
        *("6217003854216655960", "513426199509167030", "1" * 61, "0." + "0" * 100),
    ],
)
def test_what_could_mean_something_else_is_not_guessed(written: str) -> None:
    assert parse_yuan(written) == (None, MoneyProblem.UNREADABLE)
    assert parse_signed_yuan(written) == (None, MoneyProblem.UNREADABLE)


@pytest.mark.parametrize(
    ("written", "fen"),
    [
        ("0", 0),
        ("0.00", 0),
        ("-0", 0),
        ("-150.00", -15000),
        ("−150", -15000),
        ("－１５０", -15000),
        ("150-", -15000),
        ("￥-150", -15000),
        ("-￥150", -15000),
        ("(150.00)", -15000),
        ("（150.00）元", -15000),
        ("(1,150元)", -115000),
    ],
)
def test_what_is_not_positive_is_no_payment_but_may_stand_in_a_statement(written: str, fen: int) -> None:
    assert parse_yuan(written) == (None, MoneyProblem.NOT_POSITIVE)
    assert parse_signed_yuan(written) == (fen, None)


@pytest.mark.parametrize("written", ["270.005", "0.001", "0.009", "1.2345678万元", "270.0000000001"])
def test_there_is_no_part_of_a_fen(written: str) -> None:
    assert parse_yuan(written) == (None, MoneyProblem.BELOW_FEN)


def test_a_negative_part_of_a_fen_is_first_of_all_not_positive() -> None:
    assert parse_yuan("-0.001") == (None, MoneyProblem.NOT_POSITIVE)
    assert parse_yuan("-0.001", from_number=True) == (None, MoneyProblem.NOT_POSITIVE)


@pytest.mark.parametrize(
    ("value", "fen"),
    [
        ("757.44", 75744),
        ("270.0", 27000),
        ("104.99999999999999", 10500),
        ("0.30000000000000004", 30),
        ("2600000.5", 260000050),
        ("123456789.12000001", 12345678912),
    ],
)
def test_a_trace_of_binary_arithmetic_in_a_number_cell_is_no_part_of_a_fen(value: str, fen: int) -> None:
    assert parse_yuan(value, from_number=True) == (fen, None)


@pytest.mark.parametrize("value", ["104.99999999999999", "0.30000000000000004"])
def test_the_same_digits_as_text_were_typed_and_are_refused(value: str) -> None:
    assert parse_yuan(value) == (None, MoneyProblem.BELOW_FEN)


@pytest.mark.parametrize("value", ["270.005", "5000000.005", "123456789.005", "104.999999", "0.001"])
def test_a_real_part_of_a_fen_in_a_number_cell_is_refused_however_large_the_sum(value: str) -> None:
    assert parse_yuan(value, from_number=True) == (None, MoneyProblem.BELOW_FEN)


def test_the_remainder_of_a_difference_is_nought() -> None:
    assert parse_signed_yuan(repr(0.1 + 0.2 - 0.3), from_number=True) == (0, None)
    assert parse_signed_yuan("-5.551115123125783e-17", from_number=True) == (0, None)


@pytest.mark.parametrize("value", ["1e+16", "inf", "nan", "1e999", "5.134261967071229e+17"])
def test_a_number_cell_beyond_any_amount_is_unreadable(value: str) -> None:
    assert parse_yuan(value, from_number=True) == (None, MoneyProblem.UNREADABLE)


@given(st.integers(-(10**13), 10**13))
def test_what_is_written_is_read_back(fen: int) -> None:
    for written in (format_yuan(fen), format_yuan_plain(fen), format_yuan(fen) + "元"):
        assert parse_signed_yuan(written) == (fen, None)


@given(amounts)
def test_a_formatted_amount_is_the_decimal_of_its_fen(fen: int) -> None:
    assert Decimal(format_yuan_plain(fen)) == Decimal(fen).scaleb(-2)
    assert format_yuan(-fen) == "-" + format_yuan(fen)


@given(st.integers(1, 10**11), st.integers(2, 12))
def test_a_sum_of_doubles_in_a_number_cell_is_the_sum_of_its_fen(fen: int, months: int) -> None:
    total = sum([fen / 100] * months)  # as a spreadsheet adds
    assert parse_yuan(repr(total), from_number=True) == (fen * months, None)


@given(amounts, st.integers(1, 9))
def test_half_a_fen_is_never_rounded(fen: int, digit: int) -> None:
    assert parse_yuan(f"{format_yuan_plain(fen)}{digit}") == (None, MoneyProblem.BELOW_FEN)
    assert parse_yuan(f"{format_yuan_plain(fen)}{digit}", from_number=True) == (None, MoneyProblem.BELOW_FEN)


@given(st.text(max_size=80), st.booleans())
def test_no_text_raises_and_each_has_an_amount_or_a_problem(text: str, from_number: bool) -> None:
    fen, problem = parse_yuan(text, from_number=from_number)
    assert (fen is None) is (problem is not None)
    assert fen is None or fen > 0


def test_fen_of_a_bank_are_whole_and_positive() -> None:
    assert parse_fen("27000") == (27000, None)
    assert parse_fen(" ２７０００ ") == (27000, None)
    assert parse_fen("0") == parse_fen("-1") == (None, MoneyProblem.NOT_POSITIVE)
    for written in ("", "270.00", "27,000", "2.7e4", "1" * 20):
        assert parse_fen(written) == (None, MoneyProblem.UNREADABLE)


def test_amounts_are_shown_with_two_places() -> None:
    assert format_yuan(Fen(123456)) == "1,234.56"
    assert format_yuan(Fen(-5)) == "-0.05"
    assert format_yuan_plain(Fen(108000000)) == "1080000.00"


def _expected(file: str) -> dict[tuple[str, int], str]:
    entry = next(
        item for item in json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8")) if item["file"] == file
    )
    return {(line["sheet"], line["row"]): line["problem"] for line in entry["problems"]}


def test_the_amounts_of_the_subsidy_roll_are_judged_as_expected() -> None:
    expected = _expected(SUBSIDY_ROLL)
    book = openpyxl.load_workbook(SAMPLES / SUBSIDY_ROLL)
    found = {}
    for sheet in book.worksheets[1:]:
        for row, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if not isinstance(cells[0], int):
                continue
            amount = cells[9]
            _, problem = parse_yuan(str(amount), from_number=not isinstance(amount, str))
            if problem:
                found[sheet.title, row] = str(problem)
    assert found == {place: code for place, code in expected.items() if code.startswith("amount_")}


def test_the_amounts_of_the_farmland_roll_are_all_exact() -> None:
    sheet = xlrd.open_workbook(str(SAMPLES / FARMLAND_ROLL)).sheet_by_index(0)
    refused = {row - 1 for _, row in _expected(FARMLAND_ROLL)}
    total = 0
    for row in range(2, sheet.nrows):
        area, amount = sheet.cell_value(row, 6), sheet.cell_value(row, 8)
        if isinstance(area, float) and sheet.cell_value(row, 3) and row not in refused:
            fen, problem = parse_yuan(repr(amount), from_number=True)
            assert problem is None
            total += fen or 0
    assert total == 8551708
