"""Windows, masks, places and tokens: pure decisions."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publicity import rules

KEY = b"k" * 32
DAY = date(2020, 7, 6)


def test_a_window_counts_its_first_day() -> None:
    assert rules.window(DAY, 7) == rules.Window(DAY, date(2020, 7, 12), True)
    assert rules.window(DAY, 1) == rules.Window(DAY, DAY, True)


def test_no_day_online_means_paper_for_the_usual_time() -> None:
    assert rules.window(DAY, 0) == rules.Window(DAY, date(2020, 7, 12), False)


def test_paper_hangs_from_the_day_on_which_it_was_put_up() -> None:
    assert rules.paper_window(date(2020, 7, 9)) == rules.Window(date(2020, 7, 9), date(2020, 7, 15), False)


ONLINE = rules.Hung(date(2020, 7, 12), online=True, posted=False)
PAPER = rules.Hung(date(2020, 7, 14), online=False, posted=True)
IN_THE_DRAWER = rules.Hung(date(2020, 7, 12), online=False, posted=False)
TAKEN_DOWN = rules.Hung(date(2020, 7, 12), online=True, posted=True, taken_down=True)


@pytest.mark.parametrize(
    ("lists", "until"),
    [
        ([ONLINE], date(2020, 7, 12)),
        ([ONLINE, PAPER], date(2020, 7, 14)),
        ([PAPER, IN_THE_DRAWER], None),
        ([ONLINE, TAKEN_DOWN], None),
        ([], None),
    ],
)
def test_a_round_hangs_until_its_last_list_and_not_while_one_does_not(lists: list[rules.Hung], until: date) -> None:
    assert rules.hangs_until(lists) == until


@pytest.mark.parametrize(
    ("code", "board"),
    [
        ("513426100200001", "513426100200"),
        ("513426100200", "513426100200"),
        ("513426100000", "513426100000"),
    ],
)
def test_a_village_and_its_groups_share_a_board(code: str, board: str) -> None:
    assert rules.board_of(code) == board


@pytest.mark.parametrize(
    ("posted_on", "online", "fault"),
    [
        (date(2020, 7, 6), True, ""),
        (date(2020, 7, 12), True, ""),
        (date(2020, 7, 13), True, "晚于公示期"),
        (date(2020, 7, 13), False, ""),
        (date(2020, 7, 5), True, "早于公示表生成"),
        (date(2020, 7, 15), False, "不能晚于今天"),
    ],
)
def test_the_day_of_a_posting_lies_within_what_can_be(posted_on: date, online: bool, fault: str) -> None:
    said = rules.posting_fault(
        posted_on, made_on=DAY, closes_on=date(2020, 7, 12), online=online, today=date(2020, 7, 14)
    )
    assert fault in said and bool(fault) == bool(said)


def test_a_list_on_paper_waits_for_the_board() -> None:
    def state(today: date, **more: bool) -> str:
        given = {"online": True, "withdrawn": False, "posted": False} | more
        return rules.list_state(date(2020, 7, 12), today, **given)

    assert state(DAY) == rules.OPEN
    assert state(date(2020, 7, 13)) == rules.CLOSED
    assert state(date(2020, 7, 13), online=False) == rules.NOT_POSTED
    assert state(DAY, online=False, posted=True) == rules.PAPER_ONLY
    assert state(DAY, withdrawn=True) == rules.WITHDRAWN


def test_a_sensitive_programme_shows_the_surname_only() -> None:
    assert rules.masked_name("欧阳小梅", sensitive=True) == "欧阳**"
    assert rules.masked_name("欧阳小梅", sensitive=False) == "欧阳*梅"
    assert rules.masked_name("阿西·木牛", sensitive=True) == "阿西·**"


def test_titles_name_place_period_and_programme() -> None:
    assert rules.title("高龄津贴", "202006", "野租乡") == "野租乡2020年6月高龄津贴发放公示表"
    assert rules.title("高龄津贴", "202006", "野租乡", rules.AFTER) == "野租乡2020年6月高龄津贴发放结果公示表"
    assert rules.title("耕地地力保护补贴", "202000", "姜州镇") == "姜州镇2020年耕地地力保护补贴发放公示表"


@pytest.mark.parametrize(
    ("code", "around"),
    [
        ("513426100200001", ("513426100200001", "513426100200", "513426100000")),
        ("513426100200", ("513426100200", "513426100000")),
        ("513426100000", ("513426100000",)),
        ("513426000000", ()),
    ],
)
def test_a_region_lies_in_those_above_it(code: str, around: tuple[str, ...]) -> None:
    assert rules.regions_around(code) == around


def test_tokens_say_what_was_signed() -> None:
    name = rules.QrName(17, "513426100200")
    token = rules.qr_token(KEY, name)
    assert len(token) < 60
    assert rules.read_qr_token(KEY, token) == name
    assert rules.read_list_token(KEY, rules.list_token(KEY, 9)) == 9


def test_a_token_of_one_kind_or_key_is_none_of_another() -> None:
    assert rules.read_qr_token(KEY, rules.list_token(KEY, 9)) is None
    assert rules.read_list_token(KEY, rules.qr_token(KEY, rules.QrName(9, "513426100200"))) is None
    assert rules.read_list_token(b"x" * 32, rules.list_token(KEY, 9)) is None


def test_no_flipped_bit_is_accepted() -> None:
    token = rules.qr_token(KEY, rules.QrName(17, "513426100200")).encode()
    for place in range(len(token)):
        for bit in range(8):
            changed = bytearray(token)
            changed[place] ^= 1 << bit
            assert rules.read_qr_token(KEY, changed.decode("latin-1")) is None, (place, bit)


@given(st.text(max_size=80))
def test_no_text_of_a_stranger_is_a_token(text: str) -> None:
    assert rules.read_qr_token(KEY, text) is None
    assert rules.read_list_token(KEY, text) is None
