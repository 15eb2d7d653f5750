"""A number that nothing holds is answered with a sentence, in the language of whoever asks, or narrows no list."""

import re

import pytest

from tests.hostile.conftest import Stage
from tests.hostile.targets import Target
from tests.hostile.test_forms import send
from tests.hostile.values import GOOD, Field, Pairs
from tests.hostile.watching import used

TOO_LARGE = str(10**20)
KEPT = frozenset({"csrf_token", "form_name", "receipt_code", "action", "bulk", "confirmed"})
"""What leads to where the numbers are read."""
_SENTENCES = re.compile(
    r'<p class="error"[^>]*>(.*?)</p>|<div class="(?:note|notice) (?:danger|warning)"[^>]*>(.*?)</div>', re.DOTALL
)
_CHINESE = re.compile(r"[\u4e00-\u9fff][^<]*")
SAME_IN_BOTH = re.compile(
    r"补贴[0-9（）二]*|阿西木牛|会东县|县民政局|县林草局|甲[0-9]+|花名册|\w*(?:镇|乡|村|社|街道)|\d+年\d+月|“[^”]*”|经办\d+|王某某"
    r"|<q\b[^>]*>.*?</q>"
)
"""Names, what is quoted, and the ways in which a month may be written."""
STORED = frozenset({"staff.confirm_upload POST"})
"""What a job found is kept in the words in which it was found."""


def filled(fields: dict[str, Field], *, all_of_them: bool) -> Pairs:
    """The form with numbers that are too large wherever something is typed, or in every field."""
    pairs = []
    for name, field in fields.items():
        good = (field.offered or GOOD.get(field.kind, GOOD["text"]))[0]
        typed = field.kind in {"text", "number", "search", "tel", "date", "month"}
        large = name not in KEPT and (all_of_them or typed)
        pairs.append((name, (TOO_LARGE if large else good).encode()))
    return pairs


def told(content: bytes) -> list[str]:
    """The sentences of a page that say what is wrong."""
    page = content.decode("utf-8", "replace")
    return ["".join(found) for found in _SENTENCES.findall(page)]


def faults_of(stage: Stage, target: Target, *, all_of_them: bool) -> list[str]:
    """What is wrong with the answer to such a form, or such a query."""
    person, address = target.ways[0]
    fields = dict(stage.shapes[target.name])
    with stage.undone.example():
        target.prepare()
        stage.undone.told()
        visitor = stage.visitor(person)
        visitor.cookies["language"] = "en"
        began = used()
        answer = send(visitor, target, address, filled(fields, all_of_them=all_of_them), parts=False)
        found = stage.watch.faults_of(answer, used() - began)
        if answer.status in {302, 303}:
            answer = visitor.get(*answer.headers["Location"].partition("?")[::2])
    for sentence in told(answer.content):
        if target.name not in STORED and _CHINESE.search(SAME_IN_BOTH.sub("", sentence)):
            found.append(f"says to an English reader: {sentence.strip()}")
    return [f"{target.name}: {fault}" for fault in found]


@pytest.mark.parametrize("all_of_them", [False, True], ids=["typed", "every field"])
def test_it_is_answered_with_a_sentence_and_in_english(on_postgresql: Stage, all_of_them: bool) -> None:
    faults = []
    for target in on_postgresql.scene.targets.values():
        faults += faults_of(on_postgresql, target, all_of_them=all_of_them)
    assert not faults, "\n".join(faults)
