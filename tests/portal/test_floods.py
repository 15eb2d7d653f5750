"""Limits that hold: ten thousand tries find nothing, and a village behind one address is slowed, never shut out."""

import re
from collections import Counter as Tally
from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from stdnum.cn import ric

from core import limits
from core.database import db, set_only_reads
from portal import rules
from tests import factories
from tests.plain_requests import Body, Visitor
from tests.portal.conftest import CARD, GROUP, Village, id_number, look_up
from tests.portal.test_enumeration import MISSED, NAME, NUMBER, TAIL, answer_of

FOUND = "结束查询</button>"
ASKED = "请先回答一个小问题"
TRIES = 10_000
KNOWN = 60


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait after a miss: what time tells is tested elsewhere."""
    monkeypatch.setattr(rules, "MISS_SECONDS", 0)


def number_of(serial: int) -> str:
    """One of ten thousand well-formed ID numbers."""
    body = f"513426{1930 + serial // 1000:04}0101{serial % 1000:03}"
    return body + ric.calc_check_digit(body + "0")


@pytest.fixture
def crowd(village: Village) -> None:
    """Sixty people among the ten thousand, of one name, each with a card that ends in 0001."""
    set_only_reads(False)
    db.session.rollback()
    for serial in range(KNOWN):
        factories.beneficiary("王建国", number_of(serial * 7), GROUP, card_number=f"622848{serial:08}0001")
    db.session.commit()
    set_only_reads(True)


def tries() -> Iterator[tuple[str, dict[str, str]]]:
    """What a machine tries, with the kind of miss that each is: those who are on record over and over again."""
    known = {number_of(serial * 7) for serial in range(KNOWN)}
    for serial in range(TRIES):
        number = number_of(serial)
        kind = ("wrong name", "wrong card")[serial % 2] if number in known else "unknown"
        name = "王建军" if kind == "wrong name" else "王建国"
        tail = "0001" if kind == "wrong name" else f"{serial % 9000 + 2:04}"
        yield kind, {"id_number": number, "name": name, "card_tail": tail}
        if serial % 50 == 0:
            # Somebody on record among the strangers at every stage of the flood.
            person = number_of(serial // 50 % KNOWN * 7)
            yield "wrong card", {"id_number": person, "name": "王建国", "card_tail": "9998"}
            yield "wrong name", {"id_number": person, "name": "王建军", "card_tail": "0001"}


def post(
    app: Flask, form: Mapping[str, str], address: str, cookies: Mapping[str, str]
) -> tuple[str, list[tuple[str, object]]]:
    """Ask from this address; the page and its head."""
    visitor = Visitor(app, dict(cookies), {"REMOTE_ADDR": address})
    answer = visitor.post("/lookup", Body(urlencode(form).encode()))
    found = [(name, value) for name, value in answer.headers if name != "X-Request-Id"]
    return answer.content.decode(), [("status", answer.status), *found]


def impersonal(page: str) -> str:
    """The page without what was typed and without the numbers of its question."""
    return re.sub(r"[一二三四五六七八九十]加[一二三四五六七八九十]等于", "加等于", re.sub(r'value="[^"]*"', "", page))


# A quarter of a minute where nothing else is at work.
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("at_once", "standing_clock", "crowd")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_ten_thousand_numbers_from_many_addresses_find_nobody(app: Flask) -> None:
    answers: set[tuple[str, str, str]] = set()
    seen: Tally[tuple[str, str]] = Tally()
    # Whoever comes for the first time gets a cookie with his first page, whatever he asks.
    first = Visitor(app)
    first.get("/lookup")
    assert first.cookies
    for place, (kind, form) in enumerate(tries()):
        address = f"203.{place % 200}.{place // 200 % 200}.7"
        page, headers = post(app, form, address, first.cookies)
        stage = "asked" if ASKED in page else "missed"
        if stage == "asked" and place % 40 < 3:
            # A machine that adds up gets no further than one that does not.
            page, headers = post(app, form | answer_of(page), address, first.cookies)
            stage = "missed" if MISSED in page else "asked again"
        assert FOUND not in page
        seen[kind, stage] += 1
        answers.add((stage, impersonal(page), str(headers)))
    kinds = ("unknown", "wrong name", "wrong card")
    assert {(kind, stage) for kind in kinds for stage in ("missed", "asked")} <= set(seen), seen
    assert Tally(stage for stage, *_ in answers) == {"asked": 1, "missed": 1}, "one page and one head for each stage"
    assert sum(seen.values()) > TRIES


@pytest.mark.usefixtures("at_once", "standing_clock")
def test_a_machine_that_answers_questions_does_not_try_all_cards(client: FlaskClient, village: Village) -> None:
    asked_for_more = set()
    for number in (NUMBER, id_number(900)):
        for tail in range(rules.MISSES_A_DAY.amount):
            page = look_up(client, number, NAME, f"{tail:04}")
            if ASKED in page:
                page = look_up(client, number, NAME, f"{tail:04}", **answer_of(page))
            assert MISSED in page
        page = look_up(client, number, NAME, TAIL)
        assert "请填写卡号最后八位数字" in page and FOUND not in page
        asked_for_more.add(re.sub(r'value="[^"]*"', "", page))
    assert len(asked_for_more) == 1, "of nobody, the same is asked"
    # Whose card it is has it at hand.
    wrong = look_up(client, NUMBER, NAME, "9999" + TAIL)
    assert FOUND not in look_up(client, NUMBER, NAME, "9999" + TAIL, **answer_of(wrong))
    page = look_up(client, NUMBER, NAME, CARD[-8:])
    assert FOUND in look_up(client, NUMBER, NAME, CARD[-8:], **answer_of(page))


def test_eight_digits_are_taken_at_any_time_and_compared(client: FlaskClient, village: Village) -> None:
    assert MISSED in look_up(client, NUMBER, NAME, "9999" + TAIL)
    assert FOUND in look_up(client, NUMBER, NAME, CARD[-8:])


@pytest.mark.usefixtures("at_once", "standing_clock")
def test_a_village_behind_one_address_is_slowed_and_nobody_is_shut_out(app: Flask, village: Village) -> None:
    villagers = 200
    set_only_reads(False)
    db.session.rollback()
    for serial in range(villagers):
        factories.beneficiary("王建国", number_of(serial), GROUP, card_number=f"622848{serial:08}{serial:04}")
    db.session.commit()
    set_only_reads(True)
    questions = 0
    for serial in range(villagers):
        client, number = app.test_client(), number_of(serial)
        for name in ("王建军", "王建国") if serial % 2 else ("王建国",):
            page = look_up(client, number, name, f"{serial:04}")
            if ASKED in page:
                questions += 1
                page = look_up(client, number, name, f"{serial:04}", **answer_of(page))
            assert (FOUND in page) is (name == "王建国")
    assert questions > 0, "the address is slowed"
    assert questions <= villagers * 3 // 2, "one question for one try, and none before anybody has missed"
    counted = db.session.scalars(select(limits.RateCounter.count)).all()
    assert max(counted) == villagers // 2, "only misses are counted"
