"""ID numbers, names, phones and cards in the forms in which they come."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlrd
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import ric

from core.identity import (
    CardProblem,
    IdNumberProblem,
    age_on,
    birth_date_of,
    card_tail,
    check_card_number,
    check_id_number,
    clean_name,
    has_wrong_check_digit,
    is_female,
    is_mobile,
    mask_card,
    mask_id_number,
    mask_name,
    mask_phone,
    name_key,
    names_match,
    names_match_with_lost_characters,
    normalise_phone,
)

TODAY = date(2020, 6, 30)
SAMPLES = Path(__file__).parents[1] / "data" / "samples"
SUBSIDY_ROLL = "roll-困难残疾人生活补贴-202006-鲹鱼河镇.xlsx"
FARMLAND_ROLL = "roll-耕地地力保护补贴-2020-姜州镇.xls"
SENIOR_ROLL = "roll-高龄津贴-202006-野租乡.csv"
BANK_RESULT = "bank-result-困难残疾人生活补贴-202006.txt"


def _number(prefix: str, born: date, sequence: int) -> str:
    body = f"{prefix}{born:%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


births = st.dates(TODAY - timedelta(days=47_000), TODAY)
numbers = st.builds(_number, st.sampled_from(["513426", "510000", "110101", "659004"]), births, st.integers(0, 999))


# --- ID numbers --------------------------------------------------------------------------------------------


@given(numbers)
def test_every_number_that_is_right_is_taken(number: str) -> None:
    assert check_id_number(number, TODAY) == (number, None)


@given(numbers, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_noticed(number: str, place: int, other: str) -> None:
    assume(number[place] != other)
    _, problem = check_id_number(number[:place] + other + number[place + 1 :], TODAY)
    assert problem in (IdNumberProblem.LENGTH, IdNumberProblem.BIRTHDATE, IdNumberProblem.CHECKSUM)


@given(numbers, st.integers(0, 15))
def test_two_neighbours_swapped_are_always_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assume(swapped != number)
    assert check_id_number(swapped, TODAY)[1] is not None


@given(numbers, st.data())
def test_what_is_strewn_about_a_number_does_not_count(number: str, data: st.DataObject) -> None:
    noise = st.sampled_from(["", " ", "\n", "\t", "\u3000", "\u200b", "\ufeff", "\r\n", "\u00a0"])
    written = "".join(data.draw(noise) + char for char in number) + data.draw(noise)
    full_width = written.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    for form in (written, written.lower(), full_width, f'="{written}"', f"'{written}", f"\t{written}"):
        assert check_id_number(form, TODAY) == (number, None)


@given(st.text(max_size=40), st.booleans())
def test_no_text_raises(text: str, from_number: bool) -> None:
    number, problem = check_id_number(text, TODAY, from_number=from_number)
    assert problem is not None or len(number) == 18


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", IdNumberProblem.MISSING),
        (" \u3000\u200b\n", IdNumberProblem.MISSING),
        ("'", IdNumberProblem.MISSING),
        ('=""', IdNumberProblem.MISSING),
        ("513426670712290", IdNumberProblem.FIFTEEN_DIGITS),
        ("５１３４２６６７０７１２２９０", IdNumberProblem.FIFTEEN_DIGITS),
        ("51342667071229X", IdNumberProblem.LENGTH),
        ("5134262001032552", IdNumberProblem.LENGTH),
        ("5134261995091670301", IdNumberProblem.LENGTH),
        ("51342619950916X030", IdNumberProblem.LENGTH),
        ("51342619950916703O", IdNumberProblem.LENGTH),
        ("٥١٣٤٢٦١٩٩٥٠٩١٦٧٠٣٠", IdNumberProblem.LENGTH),
        ("无", IdNumberProblem.LENGTH),
        ("513426199502307030", IdNumberProblem.BIRTHDATE),
        ("513426199513017030", IdNumberProblem.BIRTHDATE),
        ("513426000001017030", IdNumberProblem.BIRTHDATE),
        ("513426199509167031", IdNumberProblem.CHECKSUM),
        ("51342619950916703X", IdNumberProblem.CHECKSUM),
        ("5.13426E+17", IdNumberProblem.PRECISION_LOST),
        ("5.134261967071229e+17", IdNumberProblem.PRECISION_LOST),
    ],
)
def test_the_first_problem_is_named(written: str, problem: IdNumberProblem) -> None:
    assert check_id_number(written, TODAY)[1] is problem


@pytest.mark.parametrize("written", ["513426196707122900", "513426199509167030.0", "513426670712290.0", "51342667.0"])
def test_a_number_cell_is_told_as_such_whatever_its_length(written: str) -> None:
    assert check_id_number(written, TODAY, from_number=True)[1] is IdNumberProblem.PRECISION_LOST


def test_a_blank_number_cell_is_missing() -> None:
    assert check_id_number("", TODAY, from_number=True)[1] is IdNumberProblem.MISSING


def test_birth_is_neither_in_the_future_nor_beyond_any_age() -> None:
    def problem(born: date) -> IdNumberProblem | None:
        return check_id_number(_number("513426", born, 1), TODAY)[1]

    assert problem(TODAY) is None
    assert problem(TODAY + timedelta(days=1)) is IdNumberProblem.BIRTHDATE
    assert problem(date(1890, 6, 30)) is None
    assert problem(date(1889, 6, 30)) is IdNumberProblem.BIRTHDATE


@pytest.mark.parametrize("prefix", ["513425", "512701", "422103", "810000", "830000", "911124"])
def test_abolished_counties_and_residents_from_elsewhere_are_taken(prefix: str) -> None:
    assert check_id_number(_number(prefix, date(1970, 1, 1), 2), TODAY)[1] is None


@pytest.mark.parametrize("prefix", ["000000", "013426", "103426", "903426", "993426", "723426"])
def test_a_province_that_never_was_is_refused(prefix: str) -> None:
    assert check_id_number(_number(prefix, date(1970, 1, 1), 2), TODAY)[1] is IdNumberProblem.LENGTH


def test_a_number_tells_birth_age_and_sex() -> None:
    number = "513426199509167030"
    assert birth_date_of(number) == date(1995, 9, 16)
    assert age_on(number, date(2020, 9, 15)) == 24
    assert age_on(number, date(2020, 9, 16)) == 25
    assert not is_female(number)
    assert is_female("513426196605279004")
    leap = _number("513426", date(1996, 2, 29), 2)
    assert (age_on(leap, date(2019, 2, 28)), age_on(leap, date(2019, 3, 1))) == (22, 23)
    for broken in ("", "513426199502307030", "51342619950916"):
        with pytest.raises(ValueError, match="ID number"):
            birth_date_of(broken)


def test_a_masked_number_shows_prefecture_and_last_four() -> None:
    assert mask_id_number("513426199509167030") == "5134**********7030"
    assert mask_id_number("12345678") == "********"


# --- Names -------------------------------------------------------------------------------------------------

INTERPUNCTS = "·•・‧∙⋅．.･﹒●-－。"


@pytest.mark.parametrize("dot", INTERPUNCTS)
def test_an_interpunct_is_an_interpunct(dot: str) -> None:
    assert names_match("阿西·木呷", f"阿西{dot}木呷")
    assert names_match("阿西木呷", f"阿西 {dot} 木呷")
    assert clean_name(f"阿西{dot}木呷") == "阿西·木呷"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("罗超", "罗\u3000超"),
        ("罗超", " 罗 \n超\u200b"),
        ("罗超", "\t罗超"),
        ("罗超", "'罗超"),
        ("李䶮", "李\ue863"),  # 䶮 in the private use area of the GBK age
        ("凌霄", "\uf955霄"),  # a compatibility ideograph
        ("祝福", "祝\u200d福\ufe00"),
        ("ＡＬＩ·Ｍ", "Ali.m"),
        ("John Smith", "JOHN  SMITH"),
        ("José-María", "josé maría"),
    ],
)
def test_two_spellings_of_one_name_match(one: str, other: str) -> None:
    assert names_match(one, other)
    assert names_match(other, one)


def test_a_name_is_kept_as_it_is_to_be_shown() -> None:
    assert clean_name(" 罗\u3000超\n") == "罗超"
    assert clean_name("阿西 · 木呷") == "阿西·木呷"
    assert clean_name("José  María O'Neill") == "José María O'Neill"
    assert clean_name("李\ue863·") == "李䶮"
    assert clean_name("\u200b \t") == ""


def test_other_names_and_no_names_do_not_match() -> None:
    assert not names_match("李明", "李敏")
    assert not names_match("李明", "李明明")
    assert not names_match("", "")
    assert not names_match("·", " ")
    assert not names_match("李䶮", "李?")


@given(st.text(max_size=20))
def test_the_key_of_a_name_is_its_own_key_and_that_of_its_clean_form(name: str) -> None:
    assert name_key(clean_name(name)) == name_key(name)
    assert clean_name(clean_name(name)) == clean_name(name)


han = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=6)


@given(han, st.data())
def test_blanks_and_dots_strewn_about_a_name_do_not_count(name: str, data: st.DataObject) -> None:
    noise = st.sampled_from(["", " ", "\u3000", "\u200b", *INTERPUNCTS])
    assert names_match(name, "".join(char + data.draw(noise) for char in name))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("李䶮", "李?"),
        ("李䶮", "李？"),
        ("李䶮", "李??"),
        ("李䶮", "李□"),
        ("李䶮", "李\ufffd"),
        ("李\u3000䶮", "李 ?"),
        ("李𠮷明", "李??明"),
        ("䶮㛃", "???"),
        ("阿西·木呷", "阿西?木呷"),
        ("阿西·木呷", "阿西木呷"),
        ("李小明", "李*明"),
        ("李䶮", "李*"),
    ],
)
def test_a_lost_character_may_stand_where_ours_is_rare(ours: str, theirs: str) -> None:
    assert names_match_with_lost_characters(ours, theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("李明", "李?"),  # every bank has 明
        ("李䶮", "李???"),
        ("李䶮", "李"),
        ("李䶮", "王?"),
        ("李䶮明", "李?"),
        ("李小明", "李*"),
        ("李小明", "**"),
        ("", "?"),
        ("李䶮", ""),
        ("", ""),
    ],
)
def test_a_lost_character_does_not_stand_for_anything(ours: str, theirs: str) -> None:
    assert not names_match_with_lost_characters(ours, theirs)


written_characters = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x2EBE0),
    st.characters(min_codepoint=0xA000, max_codepoint=0xA48C),  # Yi
    st.characters(min_codepoint=0xE800, max_codepoint=0xE870),  # private use
    st.sampled_from("·•・ AbÈßü\u3000"),
)


@given(st.text(written_characters, max_size=12))
def test_a_name_matches_what_gbk_makes_of_it(name: str) -> None:
    assume(name_key(name) != "")
    shown = clean_name(name)
    assert names_match_with_lost_characters(shown, shown.encode("gbk", "replace").decode("gbk"))


def test_a_hostile_name_takes_no_time() -> None:
    assert not names_match_with_lost_characters("·䶮" * 90 + "李", "?" * 199)
    assert not names_match_with_lost_characters("·䶮" * 100_000, "?" * 100_000)


@pytest.mark.parametrize(
    ("name", "masked", "surname"),
    [
        ("李明", "李*", "李**"),
        ("李小明", "李*明", "李**"),
        ("李\u3000明", "李*", "李**"),
        ("欧阳明", "欧阳*", "欧阳**"),
        ("欧阳小明", "欧阳*明", "欧阳**"),
        ("欧阳", "欧*", "欧**"),
        ("阿西·木呷", "阿西·**", "阿西·**"),
        ("阿西•阿支莫", "阿西·***", "阿西·**"),
        ("吉克·阿木·拉且", "吉克·****", "吉克·**"),
        ("海来木呷", "海**呷", "海**"),
        ("李", "*", "*"),
        ("", "", ""),
    ],
)
def test_names_on_public_lists_are_masked(name: str, masked: str, surname: str) -> None:
    assert mask_name(name) == masked
    assert mask_name(name, surname_only=True) == surname


@given(han)
def test_a_masked_name_never_shows_all(name: str) -> None:
    assert "*" in mask_name(name)
    assert name[-1] not in mask_name(name, surname_only=True)[2:]


# --- Phones ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("18739320300", "18739320300"),
        ("187 3932 0300", "18739320300"),
        ("187-3932-0300", "18739320300"),
        ("+86 18739320300", "18739320300"),
        ("+8618739320300", "18739320300"),
        ("0086-18739320300", "18739320300"),
        ("8618739320300", "18739320300"),
        ("１８７３９３２０３００", "18739320300"),
        ("\t18739320300", "18739320300"),
        ("18739320300.0", "18739320300"),
        ("0834-5421234", "08345421234"),
        ("（0834）5421234", "08345421234"),
        ("+86 834 5421234", "08345421234"),
        ("028-86543210", "02886543210"),
    ],
)
def test_phones_are_understood(written: str, phone: str) -> None:
    assert normalise_phone(written) == phone


@pytest.mark.parametrize(
    "written",
    [
        "",
        "无",
        "12345678901",
        "1873932030",
        "187393203001",
        "5421234",
        "18739320300/13800138000",
        "1.87E+10",
        "+1 2025550100",
    ],
)
def test_what_is_no_mainland_phone_is_none(written: str) -> None:
    assert normalise_phone(written) is None


@given(st.text(max_size=30))
def test_a_phone_in_its_normal_form_stays(text: str) -> None:
    phone = normalise_phone(text)
    assert phone is None or (normalise_phone(phone) == phone and phone.isascii() and phone.isdigit())


def test_only_mobiles_get_messages_and_masks_hide_the_middle() -> None:
    assert is_mobile("18739320300")
    assert not is_mobile("08345421234")
    assert mask_phone("18739320300") == "187****0300"
    assert mask_phone("08345421234") == "*********34"
    assert mask_phone("123") == "***"


# --- Cards -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("6217002572034294702", "6217002572034294702"),
        ("\t6217002572034294702", "6217002572034294702"),
        ("6217 0025 7203 4294 702", "6217002572034294702"),
        ("6217-0025-7203-4294-702", "6217002572034294702"),
        ("６２１７００２５７２０３４２９４７０２", "6217002572034294702"),
        ('="6217002572034294702"', "6217002572034294702"),
        ("'6217002572034294702", "6217002572034294702"),
        ("0012345678", "0012345678"),
        ("88080120001234567890123", "88080120001234567890123"),
        *((absent, "") for absent in ("", " ", "无", "未办卡", "—", "/", '=""')),
    ],
)
def test_cards_and_accounts_are_text(written: str, number: str) -> None:
    assert check_card_number(written) == (number, None)


@pytest.mark.parametrize(
    "written",
    [
        "6.217E+18",
        "6.21700257203429e+18",
        "6217002572034294702.0",
        "1234567",
        "1" * 26,
        "62170025720342947O2",
        "见备注",
    ],
)
def test_a_card_that_cannot_be_read_is_said_to_be_so(written: str) -> None:
    assert check_card_number(written)[1] is CardProblem.UNREADABLE


def test_the_last_digit_of_a_card_tells_of_a_slip() -> None:
    assert not has_wrong_check_digit("6217002572034294702")
    for place in range(19):
        other = str((int("6217002572034294702"[place]) + 1) % 10)
        assert has_wrong_check_digit("6217002572034294702"[:place] + other + "6217002572034294702"[place + 1 :])
    # Passbook accounts have no such digit, and no card is so short or so long.
    assert not any(has_wrong_check_digit(number) for number in ("", "12345678", "1" * 15, "1" * 20))


def test_a_number_cell_keeps_fifteen_digits_of_a_card() -> None:
    assert check_card_number("6217002572034294700", from_number=True)[1] is CardProblem.UNREADABLE
    assert check_card_number("6.2170025720342947e+18", from_number=True)[1] is CardProblem.UNREADABLE
    assert check_card_number("221345670000.0", from_number=True) == ("221345670000", None)
    assert check_card_number("", from_number=True) == ("", None)


@given(st.text("0123456789", min_size=8, max_size=25))
def test_no_digit_of_an_account_is_ever_lost(number: str) -> None:
    for written in (number, f" {number}", f'="{number}"', f"'{number}"):
        assert check_card_number(written) == (number, None)


@given(st.text(max_size=40), st.booleans())
def test_a_card_is_digits_or_nothing_or_a_problem(text: str, from_number: bool) -> None:
    number, problem = check_card_number(text, from_number=from_number)
    assert problem is not None or number == "" or (number.isascii() and number.isdigit())


def test_of_a_card_only_the_tail_is_shown() -> None:
    assert card_tail("6217002572034294702") == "4702"
    assert mask_card("6217002572034294702") == "**** 4702"
    assert mask_card("") == ""


# --- The files as they came --------------------------------------------------------------------------------


def _expected(file: str) -> dict[tuple[str | None, int], str]:
    entries = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    entry = next(item for item in entries if item["file"] == file)
    codes = {(line["sheet"], line["row"]): line["problem"] for line in entry["problems"]}
    return {place: code for place, code in codes.items() if code.startswith(("id_", "card_"))}


def test_the_id_numbers_of_the_subsidy_roll_are_judged_as_expected() -> None:
    found: dict[tuple[str | None, int], str] = {}
    for sheet in openpyxl.load_workbook(SAMPLES / SUBSIDY_ROLL).worksheets[1:]:
        for row, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            if isinstance(cells[0], int):
                problem = check_id_number(str(cells[3]), TODAY)[1] or check_card_number(str(cells[5]))[1]
                found |= {(sheet.title, row): str(problem)} if problem else {}
    assert found == _expected(SUBSIDY_ROLL)


def test_the_id_numbers_of_the_farmland_roll_are_judged_as_expected() -> None:
    sheet = xlrd.open_workbook(str(SAMPLES / FARMLAND_ROLL)).sheet_by_index(0)
    found: dict[tuple[str | None, int], str] = {}
    for row in range(2, sheet.nrows):
        number, area = sheet.cell_value(row, 3), sheet.cell_value(row, 6)
        if number != "" and isinstance(area, float):
            problem = check_id_number(str(number), TODAY, from_number=isinstance(number, float))[1]
            found |= {("Sheet1", row + 1): str(problem)} if problem else {}
    assert found == _expected(FARMLAND_ROLL)


def test_the_id_numbers_of_the_senior_roll_are_all_right_behind_their_guards() -> None:
    with (SAMPLES / SENIOR_ROLL).open(encoding="gb18030", newline="") as file:
        numbered = [cells for cells in csv.reader(file) if cells and cells[0].isdigit()]
    assert len(numbered) > 150
    for cells in numbered:
        assert check_id_number(cells[5], TODAY)[1] is None
        assert len(check_card_number(cells[6])[0]) == 19
        assert is_mobile(normalise_phone(cells[7]) or "")
    assert _expected(SENIOR_ROLL) == {}


def test_the_names_that_the_bank_could_not_write_match_those_of_the_roll() -> None:
    ours = {}
    for sheet in openpyxl.load_workbook(SAMPLES / SUBSIDY_ROLL).worksheets[1:]:
        for cells in sheet.iter_rows(values_only=True):
            if isinstance(cells[0], int):
                ours[str(cells[5])] = str(cells[2])
    lines = (SAMPLES / BANK_RESULT).read_text(encoding="gbk").splitlines()
    theirs = {line.split("|")[2]: line.split("|")[1] for line in lines if not line.startswith("TOTAL")}
    assert sum("?" in name for name in theirs.values()) == 5
    assert all(names_match_with_lost_characters(ours[card], name) for card, name in theirs.items())
    plain_names = {card: name for card, name in theirs.items() if "?" not in name}
    assert all(names_match(ours[card], name) for card, name in plain_names.items())
