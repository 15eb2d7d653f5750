"""What a wording may say, and what it will cost at most. The strictest of the providers decides (policy §4; Aliyun:
values of 1 to 35 characters, 500 in all, no 【】 of one's own)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.msgid import N_
from sms.rendering import PLACE, ForbiddenContent, filled, refuse_forbidden, segments, utf16_units
from sms.templates import Kind, Parameter, Template

LONGEST_TEXT = 500
"""Characters of a wording with its places."""
MOST_SEGMENTS = 5
"""Pieces of the longest text that a wording can become: beyond, phones show it in disorder and it costs too much."""
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_CODE = re.compile(r"[A-Za-z0-9_-]{3,40}")
_VARIABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,19}")

SAMPLES: Mapping[str, str] = {
    "name": "吉克阿依",
    "period": "202006",
    "programme": "困难残疾人生活补贴",
    "bank": "会东农村商业银行",
    "amount": "90",
    "card_tail": "5341",
    "reason": "账户已销户",
    "advice": "请到银行重新开卡，把新卡号告诉村委会。",
    "number": "TS-7K4M-2Q9X",
    "due_on": "2020年7月31日",
    "code": "528316",
    "minutes": "5",
    "title": "低保金发放失败的更正",
}
"""What usually stands in a place."""


@dataclass(frozen=True)
class Problem:
    """Why a wording cannot be used: in which text (``chinese``, ``english``), as a message id with a place in it."""

    text: str
    sentence: str
    place: str = ""


@dataclass(frozen=True)
class Size:
    """How a wording usually looks and in how many pieces it is sent; and at most, with every place at its longest and
    every character beyond the basic plane (a rare name takes two units a character)."""

    usual: str
    usual_segments: int
    most_units: int
    most_segments: int


def problems_of(template: Template, chinese: str, english: str, signature: str) -> list[Problem]:
    """All that is wrong with a wording; empty where nothing is. English may be left out."""
    if not chinese:
        return [Problem("chinese", N_("请写中文内容。"))]
    texts = {"chinese": chinese} | ({"english": english} if english else {})
    return [
        Problem(which, sentence, place)
        for which, text in texts.items()
        for sentence, place in _problems(template, text, signature)
    ]


def _problems(template: Template, text: str, signature: str) -> list[tuple[str, str]]:
    known = {parameter.written_name for parameter in template.parameters}
    used = PLACE.findall(text)
    rest = PLACE.sub("", text)
    found = [(N_("没有“{%(place)s}”这个变量，请从变量表里选。"), place) for place in used if place not in known]
    found += [(N_("缺少必须有的变量“{%(place)s}”。"), place) for place in template.needed if place not in used]
    if "{" in rest or "}" in rest:
        found.append((N_("大括号只能用来写变量，例如 {name}。"), ""))
    if "【" in rest or "】" in rest:
        found.append((N_("不要写【】：签名由系统加在最前面。"), ""))
    if len(text) > LONGEST_TEXT:
        found.append((N_("太长：最多 500 个字，请删减。"), ""))
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        found.append((N_("有换行或看不见的字符，请写成一行普通文字。"), ""))
    try:
        refuse_forbidden(rest)
    except ForbiddenContent as error:
        found.append((_FORBIDDEN[error.code], ""))
    if not found and measure(template, text, signature).most_segments > MOST_SEGMENTS:
        found.append((N_("变量都填满时会超过 5 条，请写短一些。"), ""))
    return list(dict.fromkeys(found))


_FORBIDDEN: Mapping[str, str] = {
    "link": N_("有网址，短信不允许。请写“到查询页面”这样的话。"),
    "id_number": N_("有像证件号码的数字，短信不允许。"),
    "card_number": N_("有像卡号的长数字，短信不允许。"),
    "phone": N_("有手机号码，短信不允许。"),
}


def measure(template: Template, text: str, signature: str) -> Size:
    """What a wording becomes, usually and at most, signature included."""
    usual = f"【{signature}】{filled(text, {p.written_name: _usual(p) for p in template.parameters})}"
    longest = f"【{signature}】{filled(text, {p.written_name: _longest(p) for p in template.parameters})}"
    return Size(usual, segments(usual), utf16_units(longest), segments(longest))


def _usual(parameter: Parameter) -> str:
    return SAMPLES.get(parameter.written_name, _longest(parameter))


def _longest(parameter: Parameter) -> str:
    return ("\U00020bb7" if parameter.kind == Kind.TEXT else "8") * parameter.longest


def read_places(template: Template, text: str, said: str) -> tuple[tuple[str, str], ...] | None:
    """The places of ``text`` as a provider knows them, from "name, period=issue": pairs of our name and its, in the
    order given; "" means all under their own names. None where one is missing, unknown, named twice or misnamed."""
    used = [p.written_name for p in template.parameters if p.written_name in PLACE.findall(text)]
    pairs = [_pair(part) for part in said.replace("，", ",").split(",") if part.strip()] or [(n, n) for n in used]
    ours, theirs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if sorted(ours) != sorted(used) or len(set(theirs)) != len(theirs) or not all(map(_VARIABLE.fullmatch, theirs)):
        return None
    return tuple(pairs)


def _pair(part: str) -> tuple[str, str]:
    ours, _, theirs = (one.strip() for one in part.partition("="))
    return ours, theirs or ours


def is_code(code: str) -> bool:
    """Whether it can be a provider's code for a template."""
    return _CODE.fullmatch(code) is not None


def written_places(places: Sequence[tuple[str, str]]) -> str:
    """How ``read_places`` would read them."""
    return ", ".join(ours if ours == theirs else f"{ours}={theirs}" for ours, theirs in places)
