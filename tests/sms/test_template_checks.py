"""What a wording may say and what it can cost at most: decided without a database."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.rendering import Wording, built_in, filled, render, segments
from sms.template_checks import (
    MOST_SEGMENTS,
    SAMPLES,
    Problem,
    measure,
    problems_of,
    read_places,
    written_places,
)
from sms.templates import TEMPLATES, Kind, Template, template_named

SIGNATURE = "会东一卡通"
PAID = TEMPLATES["payment_paid"]
GOOD = "{name}您好，{programme}{amount}元已到账。"


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_what_comes_with_the_product_is_in_order(template: Template) -> None:
    assert problems_of(template, template.chinese, template.english, SIGNATURE) == []
    assert {parameter.written_name for parameter in template.parameters} <= SAMPLES.keys()
    assert measure(template, template.chinese, SIGNATURE).most_segments <= MOST_SEGMENTS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "请写中文内容"),
        ("{name}您好，{programme}{amount}元{village}", "没有“{%(place)s}”这个变量"),
        ("{name}您好，{amount}元", "缺少必须有的变量"),
        (GOOD + "{", "大括号"),
        (GOOD + "{name.__class__}", "大括号"),
        (GOOD + "{name!r:>400}", "大括号"),
        ("【某某】" + GOOD, "【】"),
        (GOOD + "详见 www.example.com", "网址"),
        (GOOD + "详见 https://a.b/c", "网址"),
        (GOOD + "请拨打13800000001", "手机号码"),
        (GOOD + "110101199003074514", "证件号码"),
        (GOOD + "6214830212345678", "卡号"),
        (GOOD + "\n", "换行"),
        (GOOD + "\u200b", "看不见"),
        (GOOD + "某" * 500, "500"),
        (GOOD + "某" * 300, "超过 5 条"),
    ],
)
def test_each_fault_is_said(text: str, said: str) -> None:
    problems = problems_of(PAID, text, "", SIGNATURE)
    assert [problem for problem in problems if said in problem.sentence and problem.text == "chinese"]


def test_all_faults_are_said_at_once_and_where() -> None:
    problems = problems_of(PAID, "{name}{x}【】", "www.example.com", SIGNATURE)
    assert {problem.text for problem in problems} == {"chinese", "english"}
    assert Problem("chinese", "没有“{%(place)s}”这个变量，请从变量表里选。", "x") in problems
    assert len([problem for problem in problems if problem.text == "chinese"]) >= 3


def _values(template: Template) -> st.SearchStrategy[dict[str, object]]:
    kinds: dict[Kind, st.SearchStrategy[object]] = {
        Kind.TEXT: st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
        Kind.FEN: st.integers(0, 10**11),
        Kind.DIGITS: st.text(string.digits, min_size=1, max_size=4),
        Kind.NUMBER: st.integers(0, 99),
        Kind.PERIOD: st.just("202006"),
        Kind.DAY: st.dates().map(str),
    }
    return st.fixed_dictionaries({one.name: kinds[one.kind] for one in template.parameters})


@given(st.sampled_from([name for name, template in TEMPLATES.items() if not template.secret]), st.data())
def test_no_text_is_longer_than_was_said(name: str, data: st.DataObject) -> None:
    template = template_named(name)
    at_most = measure(template, template.chinese, SIGNATURE).most_segments
    try:
        text = render(template, data.draw(_values(template)), signature=SIGNATURE)
    except ValueError:
        return  # a value that looks like a link or a number is refused, which has tests of its own
    assert segments(text) <= at_most


@given(st.text(max_size=80))
def test_a_wording_reaches_nothing_but_its_places(text: str) -> None:
    values = {"name": "甲"}
    assert filled(text, values) == text.replace("{name}", "甲")


def test_another_wording_says_the_same_values() -> None:
    parameters = {"name": "甲", "period": "202006", "programme": "低保", "amount_fen": 9050, "card_tail": "5341"}
    text = render(PAID, parameters, signature=SIGNATURE, wording=Wording(1, "{name}：{programme}{amount}元。"))
    assert text == "【会东一卡通】甲：低保90.50元。"
    english = render(PAID, parameters, signature=SIGNATURE, language="en", wording=Wording(1, "{name}收到。"))
    assert english == "【会东一卡通】甲收到。", "without an English text the Chinese one is sent"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", (("name", "name"), ("programme", "programme"), ("amount", "amount"))),
        ("amount, name，programme", (("amount", "amount"), ("name", "name"), ("programme", "programme"))),
        ("name=user, programme, amount=money", (("name", "user"), ("programme", "programme"), ("amount", "money"))),
        ("name, programme", None),
        ("name, programme, amount, period", None),
        ("name, programme, amount=name", None),
        ("name=1x, programme, amount", None),
        ("name, name, programme, amount", None),
    ],
)
def test_the_places_as_a_provider_knows_them(said: str, read: tuple[tuple[str, str], ...] | None) -> None:
    assert read_places(PAID, GOOD, said) == read
    if read is not None:
        assert read_places(PAID, GOOD, written_places(read)) == read


def test_the_built_in_wording_is_number_nought() -> None:
    assert built_in(PAID) == Wording(0, PAID.chinese, PAID.english)
