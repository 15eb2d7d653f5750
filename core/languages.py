"""The languages of the site: Chinese, English, and Nuosu Yi as soon as somebody has begun to translate into it.

A line that a catalogue lacks stands in Chinese. No line of the Yi catalogue is invented here: the county has it
written by people who speak it.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import read_mo
from flask import Response

DEFAULT_LANGUAGE = "zh_CN"
LANGUAGES = {DEFAULT_LANGUAGE: "中文", "en": "English", "ii": "ꆈꌠꉙ"}
PREPARED = frozenset({"ii"})
"""Offered only where its catalogue holds a line: nobody is sent into a language that has no words yet."""

# A piece of text between two tags, with the tag before it; what may hold nothing but text is left alone.
_TEXT = re.compile(r"(<(?!title|option|textarea|script|style)[^<>]*>)([^<>]*[\u4e00-\u9fff][^<>]*)(?=<)")
_YI = re.compile("[\ua000-\ua4cf]")


def offered(directories: Iterable[Path]) -> dict[str, str]:
    """The languages to choose from by their codes, given where the compiled catalogues lie."""
    folders = list(directories)
    return {
        code: name
        for code, name in LANGUAGES.items()
        if code not in PREPARED or any(_has_a_line(folder / code / "LC_MESSAGES" / "messages.mo") for folder in folders)
    }


def _has_a_line(catalogue: Path) -> bool:
    if not catalogue.exists():
        return False
    with catalogue.open("rb") as file:
        # An empty line that is counted (one, many) is compiled as the Chinese text itself.
        return any(line.id and line.string not in ("", line.id) for line in read_mo(file))


def mark_chinese(response: Response) -> None:
    """Say of every text that stands in Chinese on a page of another language that it does: a voice that reads the page
    out must know (WCAG 3.1.2)."""
    if response.mimetype != "text/html" or response.is_streamed or response.direct_passthrough:
        return
    page = response.get_data(as_text=True)
    response.set_data(_TEXT.sub(lambda found: found[0] if _YI.search(found[2]) else _marked(found), page))


def _marked(found: re.Match[str]) -> str:
    return f'{found[1]}<bdi lang="zh-CN">{found[2]}</bdi>'
