"""The question that somebody answers after too many tries: in words, without a script, for a screen reader too.

It slows a machine down and shuts nobody out. The question is made from a random name and the signing key, so nothing
is kept of it until it is answered; each name counts once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext
from itsdangerous import BadData, TimestampSigner
from limits import parse

from core.limits import Counter, count
from core.msgid import N_
from core.plain_text import plain_without_spaces

GOOD_FOR = timedelta(minutes=30)
_ONCE = parse("1 per 1 day")
_NUMBERS = (N_("一"), N_("二"), N_("三"), N_("四"), N_("五"), N_("六"), N_("七"), N_("八"), N_("九"), N_("十"))
_HAN_TEN = "十"
_HAN_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Question:
    """A sum in words, and the signed name that comes back with its answer."""

    token: str
    sentence: str


def ask() -> Question:
    """A new question."""
    name = secrets.token_urlsafe(9)
    first, second = _summands(name)
    sentence = gettext(
        "%(first)s加%(second)s等于几？", first=gettext(_NUMBERS[first - 1]), second=gettext(_NUMBERS[second - 1])
    )
    return Question(_signer().sign(name).decode(), sentence)


def must_answer(past: Collection[Counter], form: Mapping[str, str], *, at: datetime) -> bool:
    """Whether there is a counter that is used up, and the form brings no right answer. A right answer is used up by
    this."""
    return bool(past) and not _is_answered(form, at=at)


def _is_answered(form: Mapping[str, str], *, at: datetime) -> bool:
    try:
        name = _signer().unsign(form.get("question", ""), max_age=int(GOOD_FOR.total_seconds())).decode()
    except BadData:
        return False
    if _number(form.get("answer", "")) != sum(_summands(name)):
        return False
    return not count([Counter(_ONCE, f"question/{name}")], at=at)


def _summands(name: str) -> tuple[int, int]:
    digest = hmac.digest(_key(), f"question/{name}".encode(), "sha256")
    return digest[0] % len(_NUMBERS) + 1, digest[1] % len(_NUMBERS) + 1


def _number(text: str) -> int | None:
    """The number that was typed, in digits or in Chinese up to twenty; None for anything else."""
    plain = plain_without_spaces(text)
    if plain.isascii() and plain.isdecimal() and len(plain) <= 2:
        return int(plain)
    tens, ten, ones = plain.rpartition(_HAN_TEN)
    if not set(tens + ones) <= set(_HAN_DIGITS) or len(tens) > 1 or len(ones) > 1 or not plain:
        return None
    value = _HAN_DIGITS.index(ones) if ones else 0
    return value + 10 * (_HAN_DIGITS.index(tens) if tens else 1) if ten else value


def _key() -> bytes:
    key: bytes = current_app.config["SECRET_KEY"]
    return key


def _signer() -> TimestampSigner:
    return TimestampSigner(_key(), salt="question", digest_method=hashlib.sha256)
