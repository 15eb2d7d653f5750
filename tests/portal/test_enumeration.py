"""Nobody learns from a miss: words, status, headers, length and time are the same for every kind of it."""

import random
import re
import time
from collections.abc import Callable
from statistics import NormalDist

import pytest
from flask.testing import FlaskClient

from portal import queries, rules
from portal.pages import lookup
from tests.portal.conftest import CARD, Village, id_number, look_up

NAME = "阿西·木牛"
NUMBER = id_number(1)
TAIL = CARD[-4:]
MISSED = "您填的几项对不上，或者没有登记。"

# What a stranger may try about somebody: known or not, with the right name or not, with the right card or not.
MISSES = {
    "unknown person": (id_number(900), NAME, TAIL),
    "wrong name": (NUMBER, "阿西·木羊", TAIL),
    "wrong card": (NUMBER, NAME, "9999"),
    "both wrong": (NUMBER, "阿西·木羊", "9999"),
    "card of somebody else": (NUMBER, NAME, "1234"),
}


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No questions asked: these tests try often."""
    monkeypatch.setattr(lookup, "used_up", lambda counters, at: [])


@pytest.mark.usefixtures("unlimited")
def test_every_miss_gives_the_same_answer(client: FlaskClient, village: Village) -> None:
    client.get("/lookup")
    answers = set()
    for number, name, tail in MISSES.values():
        answer = client.post("/lookup", data={"id_number": number, "name": name, "card_tail": tail})
        assert MISSED in answer.text
        headers = [(key, value) for key, value in answer.headers if key != "X-Request-Id"]
        # What was typed comes back into its own fields, and nothing else of the page may differ.
        page = re.sub(r'value="[^"]*"', "", answer.text)
        answers.add((answer.status_code, page, str(sorted(key for key, _ in headers)), len(answer.data)))
        assert "Set-Cookie" not in answer.headers
    assert len(answers) == 1


@pytest.mark.usefixtures("unlimited")
def test_every_miss_with_a_code_gives_the_same_answer(client: FlaskClient, village: Village) -> None:
    client.post("/lookup/code", data={"id_number": NUMBER, "name": NAME})
    pages = {
        re.sub(r'value="[^"]*"', "", look_up(client, number, name, code="000000"))
        for number, name, _ in MISSES.values()
    }
    assert len(pages) == 1 and MISSED in pages.pop()


def seconds_of(client: FlaskClient, number: str, name: str, tail: str) -> float:
    began = time.perf_counter()
    look_up(client, number, name, tail)
    return time.perf_counter() - began


def difference(first: list[float], second: list[float]) -> float:
    """The probability of a difference at least this large between samples of one distribution (Mann–Whitney U)."""
    ranked = sorted((value, side) for side, values in enumerate((first, second)) for value in values)
    ranks = sum(place for place, (_, side) in enumerate(ranked, start=1) if side == 0)
    size, other = len(first), len(second)
    u = ranks - size * (size + 1) / 2
    spread = (size * other * (size + other + 1) / 12) ** 0.5
    return 2 * (1 - NormalDist().cdf(abs(u - size * other / 2) / spread))


def interleaved(client: FlaskClient, kinds: tuple[str, str], count: int) -> tuple[list[float], list[float]]:
    """Times of two kinds of miss, tried in random order, so that a slow moment of the machine hits both alike."""
    order = [0, 1] * count
    random.Random(7).shuffle(order)
    times: tuple[list[float], list[float]] = ([], [])
    for side in order:
        times[side].append(seconds_of(client, *MISSES[kinds[side]]))
    return times


def never_by_chance(client: FlaskClient, kinds: tuple[str, str]) -> bool:
    """Whether two kinds differ in time in each of three samplings: chance alone does so once in eight million."""
    return all(difference(*interleaved(client, kinds, 40)) < 0.005 for _ in range(3))


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("kinds", [("unknown person", "wrong card"), ("wrong name", "unknown person")])
def test_no_clock_tells_one_miss_from_another(client: FlaskClient, village: Village, kinds: tuple[str, str]) -> None:
    look_up(client, *MISSES["wrong card"])
    assert not never_by_chance(client, kinds)


def early_return(real: Callable[..., object]) -> Callable[..., object]:
    """The fault that the clock must show: somebody unknown is answered without the work and the wait."""

    def miss(form: lookup.LookupForm, counters: object, **more: object) -> object:
        if queries.person_by_id_number(form.checked_id_number) is queries.STRANGER:
            return lookup._unanswered_page(form, with_code=False)
        return real(form, counters, **more)

    return miss


@pytest.mark.usefixtures("unlimited")
def test_the_clock_would_show_an_early_return(
    client: FlaskClient, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "_miss", early_return(lookup._miss))
    look_up(client, *MISSES["wrong card"])
    assert never_by_chance(client, ("unknown person", "wrong card"))


@pytest.mark.usefixtures("unlimited")
def test_a_miss_takes_its_time_and_no_more(client: FlaskClient, village: Village) -> None:
    look_up(client, *MISSES["wrong card"])
    times = [seconds_of(client, *MISSES[kind]) for kind in MISSES for _ in range(5)]
    assert min(times) >= rules.MISS_SECONDS


def answer_of(page: str) -> dict[str, str]:
    """The answer to the question on the page, as a person gives it."""
    numbers = "一二三四五六七八九十"
    asked = re.search(f"([{numbers}])加([{numbers}])等于几？", page)
    token = re.search(r'name="question" value="([^"]+)"', page)
    assert asked and token
    total = sum(numbers.index(asked[group]) + 1 for group in (1, 2))
    return {"question": token[1], "answer": str(total)}


@pytest.mark.usefixtures("standing_clock")
def test_after_many_misses_a_question_comes_and_nobody_is_shut_out(client: FlaskClient, village: Village) -> None:
    for _ in range(rules.LOOKUPS_PER_PERSON.amount):
        assert MISSED in look_up(client, *MISSES["wrong card"])
    asked = look_up(client, NUMBER, NAME, TAIL)
    assert "请先回答一个小问题" in asked and 'value="4702"' in asked
    assert "请先回答一个小问题" in look_up(client, NUMBER, NAME, TAIL, question="x", answer="5")
    wrong = answer_of(asked) | {"answer": "99"}
    assert "请先回答一个小问题" in look_up(client, NUMBER, NAME, TAIL, **wrong)
    answered = answer_of(asked)
    assert "结束查询</button>" in look_up(client, NUMBER, NAME, TAIL, **answered)
    client.post("/lookup/end")
    assert "请先回答一个小问题" in look_up(client, NUMBER, NAME, TAIL, **answered), "an answer counts once"


@pytest.mark.usefixtures("standing_clock")
def test_an_answer_may_be_written_in_words(client: FlaskClient, village: Village) -> None:
    for _ in range(rules.LOOKUPS_PER_PERSON.amount):
        look_up(client, *MISSES["wrong card"])
    answer = answer_of(look_up(client, NUMBER, NAME, TAIL))
    total = int(answer["answer"])
    ones = "零一二三四五六七八九"[total % 10]
    words = (("二" if total == 20 else "") + "十" if total > 9 else "") + (ones if total % 10 else "")
    assert "结束查询</button>" in look_up(client, NUMBER, NAME, TAIL, **(answer | {"answer": words}))


@pytest.mark.usefixtures("standing_clock")
def test_one_address_is_slowed_for_all_its_people(client: FlaskClient, village: Village) -> None:
    for serial in range(rules.LOOKUPS_PER_ADDRESS.amount):
        look_up(client, id_number(100 + serial), NAME, TAIL)
    assert "请先回答一个小问题" in look_up(client, NUMBER, NAME, TAIL)
    elsewhere = client.post(
        "/lookup",
        data={"id_number": NUMBER, "name": NAME, "card_tail": TAIL},
        environ_base={"REMOTE_ADDR": "198.51.100.7"},
    )
    assert "结束查询</button>" in elsewhere.text


def test_those_who_find_what_is_theirs_are_not_counted(client: FlaskClient, village: Village) -> None:
    for _ in range(rules.LOOKUPS_PER_PERSON.amount + 2):
        assert "结束查询</button>" in look_up(client, NUMBER, NAME, TAIL)
