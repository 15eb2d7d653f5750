"""Writing offers, reading results, matching the two: pure, and by their properties."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from disbursement.bank_files import raw_lines
from disbursement.bank_files.matching import BookAttempt, DiscrepancyKind, Matching, match
from disbursement.bank_files.offers import OfferLine, write_offer
from disbursement.bank_files.profiles import SAMPLE, columns_of
from disbursement.bank_files.results import ResultContent, ResultLine, Totals, read_result

NAMES = st.sampled_from(["李丽", "阿西·木呷", "李䶮", "王𬭎", "何平", "Nima Dorje"])
CARD = "6217002572034294702"


def index_of(card: str) -> bytes:
    return hashlib.sha256(card.encode()).digest()[:16]


def indexes_of(cards: list[str]) -> list[bytes]:
    return [index_of(card) for card in cards]


def told(text: str, paid: int = 0, failed: int = 0, unclear: int = 0, fen: int = 0) -> bytes:
    """Lines and their trailer."""
    lines = text.splitlines()
    return "\r\n".join((*lines, f"TOTAL|{len(lines)}|{fen}|{paid}|{failed}|{unclear}|", "")).encode("gb18030")


def one_line(text: str) -> ResultLine:
    return read_result(SAMPLE, told(text, paid=1, fen=27000)).lines[0]


# --- Offers --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.text(max_size=12), st.integers(1, 10**11)), max_size=20))
def test_an_offer_keeps_its_lines_and_totals_whatever_the_names(people: list[tuple[str, int]]) -> None:
    lines = [
        OfferLine(f"{n}-1", name, f"62170{n:011d}", fen, "高龄津贴202006") for n, (name, fen) in enumerate(people, 1)
    ]
    written = write_offer(SAMPLE, lines)
    rows = [row.split("|") for row in written.content.decode("gbk").split("\r\n")]
    assert rows[-2:] == [["TOTAL", str(len(people)), str(sum(fen for _, fen in people))], [""]]
    assert [(row[0], row[2], row[3]) for row in rows[:-2]] == [
        (line.reference, line.card, str(line.fen)) for line in lines
    ]
    assert all(len(row) == 5 for row in rows[:-2])
    assert write_offer(SAMPLE, lines) == written


def test_a_large_amount_and_leading_noughts_survive() -> None:
    """123456.78 yuan became 123456.78125 elsewhere, and account 0012345678 became 12345678."""
    written = write_offer(SAMPLE, [OfferLine("1-1", "李丽", "0012345678", 12345678, "高龄津贴202006")])
    assert written.content.decode("gbk").startswith("1-1|李丽|0012345678|12345678|")


# --- Results -------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_encodings_and_line_ends_do_not_matter(encoding: str, newline: str) -> None:
    text = newline.join([f"7-1|阿西·木呷|{CARD}|27000|0000||20200715", "TOTAL|1|27000|1|0|0|", "", " "])
    found = read_result(SAMPLE, text.encode(encoding))
    assert found.lines == [
        ResultLine(1, "7-1", "阿西·木呷", CARD, 27000, "paid", "", date(2020, 7, 15), doubtful=False)
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"7-1|李丽|{CARD}|27000|0000||20200715",
        f" 7-1 | 李丽 | {CARD} | 27000 | 0000 | | 2020-07-15 ",
        f"00000001|李丽|{CARD}|27000|0000||20200715|7-1",
        f"00000001|李丽|{CARD}|27000|0000||20200715|网点3|7-1|",
        f"7-1|李丽|{CARD}|0027000|0000||2020/07/15",
        f"７-1|李丽|{CARD}|27000|0000||20200715|7-1",
    ],
)
def test_padding_and_further_columns_do_not_matter(text: str) -> None:
    line = one_line(text)
    assert (line.reference, line.name, line.card, line.fen, line.bank_date) == (
        "7-1",
        "李丽",
        CARD,
        27000,
        date(2020, 7, 15),
    )


def test_the_banks_own_running_number_is_no_reference() -> None:
    assert one_line(f"00000001|李丽|{CARD}|27000|0000||20200715").reference is None


@pytest.mark.parametrize("day", ["", "20200231", "yesterday", "20200715120000"])
def test_a_day_that_cannot_be_read_is_no_obstacle(day: str) -> None:
    assert one_line(f"7-1|李丽|{CARD}|27000|0000||{day}").bank_date is None


def test_leading_noughts_of_an_account_stay() -> None:
    assert one_line("7-1|李丽|0012345678|27000|0000||20200715").card == "0012345678"


def test_a_masked_card_and_none_are_enough_beside_a_reference_only() -> None:
    assert one_line("7-1|李丽|621700******4702|27000|0000||").card == "621700******4702"
    assert one_line("7-1|李丽||27000|0000||").card == ""
    found = read_result(SAMPLE, told("00000001|李丽||27000|0000||", paid=1))
    assert (found.lines, found.unreadable) == ([], [1])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \r\n ",
        b"PK\x03\x04\x00\x00binary",
        "姓名,金额\r\n李丽,270\r\n".encode("gbk"),
        b"TOTAL|x|1|1|0|0|\r\n",
        b"TOTAL|1\n",
    ],
)
def test_a_file_of_another_kind_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(UserError, match="。"):
        read_result(SAMPLE, content)


def test_lines_after_the_trailer_make_it_no_trailer() -> None:
    content = told(f"7-1|李丽|{CARD}|27000|0000||20200715", paid=1, fen=27000)
    with pytest.raises(UserError, match="合计行"):
        read_result(SAMPLE, content + f"8-1|李丽|{CARD}|27000|0000||\r\n".encode("gbk"))


def test_two_files_in_one_are_refused() -> None:
    content = told(f"7-1|李丽|{CARD}|27000|0000||20200715", paid=1, fen=27000)
    with pytest.raises(UserError, match="对不上"):
        read_result(SAMPLE, content + content)


def test_a_bank_may_count_a_code_we_do_not_know_as_it_likes() -> None:
    text = f"1-1|李丽|{CARD}|27000|0000||\n2-1|李丽|{CARD}|27000|E77|系统忙|"
    for failed, unclear in ((1, 0), (0, 1)):
        found = read_result(SAMPLE, told(text, paid=1, failed=failed, unclear=unclear, fen=54000))
        assert [line.outcome for line in found.lines] == ["paid", "unclear"]
    with pytest.raises(UserError, match="对不上"):
        read_result(SAMPLE, told(text, paid=1, failed=1, unclear=1, fen=54000))


def test_the_difference_is_told_in_numbers_and_without_people() -> None:
    text = f"1-1|李丽|{CARD}|27000|0000||\n2-1|李丽|{CARD}|27000|0000||\n???"
    with pytest.raises(UserError, match=r"3 笔 0\.00 元.*3 笔 540\.00 元.*第 3 行") as refused:
        read_result(SAMPLE, told(text, paid=2))
    assert CARD not in str(refused.value)
    assert "李丽" not in str(refused.value)


def test_blocks_do_not_cut_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_lines, "_BLOCK", 7)
    text = "\n".join(f"{n}-1|李丽|{CARD}|27000|0000||20200715" for n in range(1, 30))
    found = read_result(SAMPLE, told(text, paid=29, fen=29 * 27000))
    assert [line.number for line in found.lines] == list(range(1, 30))
    assert [line.reference for line in found.lines] == [f"{n}-1" for n in range(1, 30)]


def test_another_bank_is_a_profile_not_code() -> None:
    layout = replace(
        SAMPLE.result,
        columns=columns_of("date", "reason", "code", "amount", "card", "name", "reference"),
        delimiter=",",
        mark="合计",
    )
    other = replace(SAMPLE, name="other", result=layout, paid_codes=frozenset({"S"}))
    text = f"20200715,,S,27000,{CARD},李丽,7-1\n合计,1,27000,1,0,0\n"
    line = read_result(other, text.encode("gbk")).lines[0]
    assert (line.reference, line.name, line.outcome, line.fen) == ("7-1", "李丽", "paid", 27000)


@given(st.binary(max_size=400))
def test_no_bytes_bring_the_reader_down(content: bytes) -> None:
    try:
        read_result(SAMPLE, content + b"\nTOTAL|1|1|1|0|0|\n")
    except UserError as refused:
        assert str(refused)


# --- Matching ------------------------------------------------------------------------------------

OUTCOMES = st.sampled_from(["paid", "failed", "unclear"])
ATTEMPTS = st.lists(
    st.builds(
        lambda n, card, name, fen, outcome: BookAttempt(n, f"{n}-1", name, index_of(card), card[-4:], fen, outcome),
        st.integers(1, 9),
        st.sampled_from(["62170001", "62170002"]),
        NAMES,
        st.sampled_from([100, 200]),
        st.sampled_from(["open", "open", "unclear", "paid", "failed"]),
    ),
    unique_by=lambda attempt: attempt.id,
    max_size=8,
)
LINES = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(1, 9).map(lambda n: f"{n}-1")),
        st.one_of(NAMES, st.just("李?"), st.just("阿西?木呷")),
        st.sampled_from(["62170001", "62170002", "62170003", "6217**0001"]),
        st.sampled_from([100, 200]),
        OUTCOMES,
    ),
    max_size=12,
)


def matched(raw: list[tuple[str | None, str, str, int, str]], book: list[BookAttempt]) -> Matching:
    lines = [
        ResultLine(number, reference, name, card, fen, outcome, "", None, doubtful=False)
        for number, (reference, name, card, fen, outcome) in enumerate(raw, 1)
    ]
    totals = Totals(len(lines), sum(line.fen for line in lines), 0, 0, 0)
    return match(ResultContent(lines, [], totals), book, indexes_of)


@given(LINES, ATTEMPTS)
def test_money_is_never_guessed(raw: list[tuple[str | None, str, str, int, str]], book: list[BookAttempt]) -> None:
    found = matched(raw, book)
    attempts = {attempt.id: attempt for attempt in book}
    # Each line is used once: it answers, repeats, or is set aside.
    used = [answer.line.number for answer in found.answers] + [aside.line_number for aside in found.set_aside]
    assert len(used) == len(set(used))
    assert len(used) + found.repeated == len(raw)
    # Each attempt is answered once, only while it waits, and with its own amount.
    answered = Counter(answer.attempt_id for answer in found.answers)
    assert all(count == 1 for count in answered.values())
    for attempt_id, line in found.answers:
        attempt = attempts[attempt_id]
        assert attempt.outcome in ("open", "unclear") and attempt.outcome != line.outcome
        assert attempt.fen == line.fen
        assert line.reference in (None, attempt.reference)
        assert "*" in line.card or attempt.card_index == index_of(line.card)


@given(LINES, ATTEMPTS)
def test_a_second_reading_finds_nothing_new(
    raw: list[tuple[str | None, str, str, int, str]], book: list[BookAttempt]
) -> None:
    first = matched(raw, book)
    told_now = {answer.attempt_id: answer.line.outcome for answer in first.answers}
    after = [attempt._replace(outcome=told_now.get(attempt.id, attempt.outcome)) for attempt in book]
    again = matched(raw, after)
    # A line that was repeated or ambiguous may not suddenly pay somebody.
    assert not [answer for answer in again.answers if answer.line.outcome != "unclear"]


@given(LINES, ATTEMPTS, st.randoms())
def test_the_order_of_the_book_does_not_matter_for_lines_with_references(
    raw: list[tuple[str | None, str, str, int, str]], book: list[BookAttempt], random: Random
) -> None:
    named = [line for line in raw if line[0] is not None]
    shuffled = list(book)
    random.shuffle(shuffled)
    first, second = matched(named, book), matched(named, shuffled)
    assert (sorted(first.answers), first.set_aside) == (sorted(second.answers), second.set_aside)


def attempt(number: int, name: str = "李丽", card: str = CARD, fen: int = 27000, outcome: str = "open") -> BookAttempt:
    return BookAttempt(number, f"{number}-1", name, index_of(card), card[-4:], fen, outcome)


def kinds(found: Matching) -> list[DiscrepancyKind]:
    return [aside.kind for aside in found.set_aside]


def test_a_stand_in_for_a_lost_character_matches_beside_card_and_amount() -> None:
    found = matched([(None, "李?", CARD, 27000, "paid")], [attempt(1, "李䶮")])
    assert [answer.attempt_id for answer in found.answers] == [1]


def test_a_stand_in_that_fits_two_people_is_left_to_a_person() -> None:
    book = [attempt(1, "李䶮"), attempt(2, "李𬭎")]
    found = matched([(None, "李?", CARD, 27000, "paid"), (None, "李䶮", CARD, 27000, "failed")], book)
    assert (found.answers, kinds(found)) == ([], [DiscrepancyKind.AMBIGUOUS] * 2)


def test_an_account_without_its_leading_noughts_is_another_account() -> None:
    found = matched([("1-1", "李丽", "12345678", 27000, "paid")], [attempt(1, card="0012345678")])
    assert kinds(found) == [DiscrepancyKind.CARD_DIFFERS]


def test_what_a_reference_names_is_not_looked_for_by_its_card() -> None:
    book = [attempt(1), attempt(2)]
    found = matched([("1-1", "李丽", CARD, 27000, "paid"), (None, "李丽", CARD, 27000, "failed")], book)
    assert [(answer.attempt_id, answer.line.outcome) for answer in found.answers] == [(1, "paid"), (2, "failed")]


def test_a_discrepancy_names_the_attempt_only_where_there_is_one() -> None:
    two = [attempt(1), attempt(2)]
    found = matched([(None, "李丽", CARD, 30000, "paid")], two)
    assert (kinds(found), found.set_aside[0].attempt_id) == ([DiscrepancyKind.AMOUNT_DIFFERS], None)
    found = matched([(None, "李丽", CARD, 30000, "paid")], two[:1])
    assert (found.set_aside[0].attempt_id, found.set_aside[0].bank_fen, found.set_aside[0].book_fen) == (
        1,
        30000,
        27000,
    )
