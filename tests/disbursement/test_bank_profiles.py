"""Bank file formats as data: what is written can be read, whatever the kind; faults are told all at once."""

import io
from dataclasses import replace

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.identity import names_match_with_lost_characters
from disbursement.bank_files.offers import OfferLine, write_offer
from disbursement.bank_files.profile_checks import faults_of, read_columns, written_columns
from disbursement.bank_files.profiles import (
    BUILT_IN,
    FIELDS,
    FIXED,
    SAMPLE,
    TOTALS,
    WORKBOOK,
    Column,
    Profile,
    columns_of,
    profile_from,
)
from disbursement.bank_files.raw_lines import cells_of, take_apart
from disbursement.bank_files.results import read_result
from disbursement.bank_files.trial import try_offer, try_result
from tests.disbursement.bank_answers import answer_in

KINDS = pytest.mark.parametrize("profile", BUILT_IN.values(), ids=BUILT_IN.keys())
NAMES = st.sampled_from(["李丽", "阿西·木呷", "李䶮", "王𬭎", "何平", "Nima Dorje", "?李", "吉克阿牛惹·沙马拉毕"])
CARDS = st.from_regex(r"0{0,3}[1-9][0-9]{8,18}", fullmatch=True)
PEOPLE = st.lists(st.tuples(NAMES, CARDS, st.integers(1, 10**11)), min_size=1, max_size=8)


def as_offered(profile: Profile, people: list[tuple[str, str, int]]) -> list[OfferLine]:
    return [
        OfferLine(f"{n}-{n % 3 + 1}", name, card, fen, "高龄津贴202006")
        for n, (name, card, fen) in enumerate(people, 1)
    ]


def round_trip(profile: Profile, people: list[tuple[str, str, int]]) -> None:
    offered = as_offered(profile, people)
    written = write_offer(profile, offered)
    assert write_offer(profile, offered).content == written.content
    parts = take_apart(profile.offer, written.content)
    places = {field: place for place, field in enumerate(profile.offer.fields)}
    lines = [raw.cells for raw in cells_of(profile.offer, parts)]
    assert [(line[places["reference"]], line[places["card"]]) for line in lines] == [
        (line.reference, line.card) for line in offered
    ]
    total = sum(fen for _, _, fen in people)
    assert (written.line_count, written.total_fen) == (len(people), total)
    answer = answer_in(profile, [(line.reference, line.name, line.card, line.fen, "0000", "") for line in offered])
    found = read_result(profile, answer)
    assert found.unreadable == []
    assert [(line.reference, line.card, line.fen, line.outcome) for line in found.lines] == [
        (line.reference, line.card, line.fen, "paid") for line in offered
    ]
    assert all(
        names_match_with_lost_characters(ours.name, theirs.name)
        for ours, theirs in zip(offered, found.lines, strict=True)
    )
    assert found.totals.fen == total


@given(PEOPLE)
def test_a_delimited_file_comes_back_as_it_went(people: list[tuple[str, str, int]]) -> None:
    round_trip(SAMPLE, people)


@given(PEOPLE)
def test_a_fixed_width_file_comes_back_as_it_went(people: list[tuple[str, str, int]]) -> None:
    round_trip(FIXED, people)


@settings(max_examples=6, deadline=None)
@given(PEOPLE)
def test_a_workbook_comes_back_as_it_went(people: list[tuple[str, str, int]]) -> None:
    round_trip(WORKBOOK, people)


@KINDS
def test_the_control_totals_stand_in_the_file(profile: Profile) -> None:
    written = write_offer(profile, as_offered(profile, [("李丽", "0012345678", 12345678), ("何平", "6217000001", 5)]))
    summary = take_apart(profile.offer, written.content).summary
    places = {column.field: place for place, column in enumerate(profile.offer.summary)}
    assert summary is not None
    assert summary[places["lines"]] == "2"
    assert summary[places["total"]] == ("12345683" if profile.offer.unit == "fen" else "123456.83")


@KINDS
def test_a_profile_survives_its_row(profile: Profile) -> None:
    again = profile_from(
        profile.content(), name=profile.name, title=profile.title, bank=profile.bank, version=profile.version
    )
    assert again == profile
    for layout in (profile.offer, profile.result):
        assert read_columns(written_columns(layout.columns, FIELDS), FIELDS) == layout.columns
        assert read_columns(written_columns(layout.summary, TOTALS), TOTALS) == layout.summary
        assert read_columns(written_columns(layout.columns, {}), FIELDS) == layout.columns


@KINDS
def test_the_formats_of_the_house_have_no_fault(profile: Profile) -> None:
    assert faults_of(profile) == []
    assert try_offer(profile).refusal is None


def test_all_faults_are_told_at_once() -> None:
    bad = replace(
        FIXED,
        paid_codes=frozenset({"1"}),
        failed_codes=frozenset({"1"}),
        file_name="{bank}.txt",
        offer=replace(FIXED.offer, columns=(Column("reference", width=26), Column("card", width=25, fill="0"))),
        result=replace(FIXED.result, columns=columns_of("name", "amount", "code", "户主"), encoding="big5"),
    )
    told = "".join(fault.text for fault in faults_of(bad))
    for words in (
        "户名、金额",
        "不能用 0 补足",
        "既没有流水号也没有卡号",
        "同时写在两类",
        "{bank}",
        "宽度",
        "户主",
        "编码",
    ):
        assert words in told


def test_widths_are_bytes_and_a_name_is_never_cut() -> None:
    narrow = tuple(replace(column, width=5) if column.field == "name" else column for column in FIXED.offer.columns)
    profile = replace(FIXED, offer=replace(FIXED.offer, columns=narrow))
    line = OfferLine("1-1", "李丽", "6217000001", 5, "高龄津贴202006")
    assert write_offer(profile, [line]).content[26:31] == "李丽 ".encode("gbk")
    with pytest.raises(UserError, match="第 1 行的户名有 6 个字节"):
        write_offer(profile, [line._replace(name="李丽丽")])


def test_a_card_that_a_spreadsheet_made_a_number_of_is_not_believed() -> None:
    """Excel keeps 15 digits of a number: the rest of a card is lost, and with it whose card it is."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["流水号", "户名", "卡号", "金额", "代码", "原因", "日期"])
        sheet.write_row(1, 0, ["1-1", "李丽", 6217002572034294702, 270.1, "0000", "", ""])
        sheet.write_row(2, 0, ["2-1", "何平", "6217002572034294702", 104.99999999999999, "0000", "", ""])
        sheet.write_row(3, 0, ["合计", 2, "", 105, 2, 0, 0])
    found = read_result(WORKBOOK, out.getvalue())
    assert found.unreadable == [2]
    assert [(line.card, line.fen) for line in found.lines] == [("6217002572034294702", 10500)]


def test_a_text_is_no_workbook() -> None:
    with pytest.raises(UserError, match="Excel"):
        read_result(WORKBOOK, b"a,b,c\n1,2,3\n")


def test_the_totals_may_stand_first_or_be_missing() -> None:
    line = "1-1|李丽|6217000001|27000|0000||20200715"
    first = replace(SAMPLE, result=replace(SAMPLE.result, summary_place="first"))
    none = replace(SAMPLE, result=replace(SAMPLE.result, summary_place="none", header_lines=1))
    assert read_result(first, f"TOTAL|1|27000|1|0|0\n{line}\n".encode()).lines[0].number == 2
    found = read_result(none, f"流水号|户名|卡号|金额|代码|原因|日期\n{line}\n".encode())
    assert ([one.number for one in found.lines], found.totals.fen) == ([2], 27000)


# --- Trying one ----------------------------------------------------------------------------------


@KINDS
def test_a_trial_says_what_is_wrong_where(profile: Profile) -> None:
    lines = [
        ("1-1", "李丽", "6217002572034294702", 27000, "0000", ""),
        ("2-1", "何平", "6217002572034294703", 27000, "E77", "系统忙"),
        ("x", "何平", "", 27000, "0000", ""),
    ]
    trial = try_result(profile, answer_in(profile, lines, fen=1, paid=2))
    assert [bool(tried.line) for tried in trial.lines] == [True, True, False]
    assert trial.lines[0].faults == []
    assert trial.lines[0].card.endswith("4702")
    assert "6217002572034294702" not in trial.lines[0].card
    assert [field for field, _ in trial.lines[1].faults] == ["code"]
    assert [field for field, _ in trial.lines[2].faults] == ["reference"]
    assert trial.refusal is not None
    assert trial.stated is not None
    assert trial.stated.fen == 1


def test_a_trial_agrees_with_the_reading() -> None:
    content = answer_in(SAMPLE, [("1-1", "李丽", "6217002572034294702", 27000, "0000", "")])
    trial = try_result(SAMPLE, content)
    assert trial.refusal is None
    assert [tried.line for tried in trial.lines] == read_result(SAMPLE, content).lines
