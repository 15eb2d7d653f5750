"""From a template and its parameters to the text that leaves, and what that text costs.

Style and limits: policy §4 (signature 【…】 of 3–8 characters, no link, no ID number, card tail only).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.money import format_yuan_plain
from sms.templates import CHINESE, ENGLISH, Kind, Parameter, Template, TemplateError

PLACE = re.compile(r"\{([a-z_]+)\}")
"""Where a parameter stands in a wording: {name}."""
LONGEST_SIGNATURE = 8
SINGLE_SEGMENT = 70
"""UTF-16 units of a message that is sent in one piece (UCS-2)."""
JOINED_SEGMENT = 67
"""UTF-16 units of each piece of a longer message: three go to the header that joins the pieces."""


class ForbiddenContent(ValueError):
    """The finished text holds what no message may hold. ``code`` says what; the text itself is never repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def signature_of(county_name: str) -> str:
    """What stands in 【】 before every message, e.g. 会东一卡通; 3–8 characters whatever the county is called."""
    place = county_name.strip()
    if len(place) > 2 and place[-1] in "县市区旗":
        place = place[:-1]
    if len(place) > LONGEST_SIGNATURE - 3:
        place = place[: LONGEST_SIGNATURE - 3]
    return f"{place}一卡通"


def check_parameters(template: Template, parameters: Mapping[str, Any]) -> None:
    """Raise TemplateError unless exactly the template's parameters are there, each of its kind."""
    wanted = {parameter.name for parameter in template.parameters}
    if wanted != set(parameters):
        raise TemplateError(f"{template.name} takes {sorted(wanted)}, not {sorted(parameters)}")
    for parameter in template.parameters:
        _written(parameter, parameters[parameter.name], CHINESE)


@dataclass(frozen=True)
class Wording:
    """What a template says, in Chinese and in English ("": Chinese is sent). ``number`` counts the versions of a
    template; 0 is the one that comes with the product."""

    number: int
    chinese: str
    english: str = ""

    def in_language(self, language: str) -> str:
        """The text with its places."""
        return self.english if language == ENGLISH and self.english else self.chinese


def built_in(template: Template) -> Wording:
    """The wording that comes with the product."""
    return Wording(0, template.chinese, template.english)


def render(
    template: Template,
    parameters: Mapping[str, Any],
    *,
    signature: str,
    language: str = CHINESE,
    wording: Wording | None = None,
) -> str:
    """The finished text with its signature. A value that is too long is shortened with an ellipsis.

    Raises TemplateError for wrong parameters and ForbiddenContent for a text that may not be sent.
    """
    if {parameter.name for parameter in template.parameters} != set(parameters):
        raise TemplateError(f"{template.name} has wrong parameters")
    values = written_values(template, parameters, language)
    return composed((wording or built_in(template)).in_language(language), values, signature)


def composed(text: str, values: Mapping[str, str], signature: str) -> str:
    """The finished text of a wording and its written values. Raises ForbiddenContent."""
    body = filled(text, values)
    refuse_forbidden(body)
    return f"【{signature}】{body}"


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled. Nothing but a known name in braces is a place: a wording is what somebody wrote,
    and must not reach into objects as str.format would let it."""
    return PLACE.sub(lambda place: values.get(place[1], place[0]), text)


def written_values(template: Template, parameters: Mapping[str, Any], language: str = CHINESE) -> dict[str, str]:
    """The parameters as they stand in the text, by their written names. Raises TemplateError."""
    return {
        parameter.written_name: _written(parameter, parameters[parameter.name], language)
        for parameter in template.parameters
    }


def _written(parameter: Parameter, value: Any, language: str) -> str:
    whole = parameter.kind in (Kind.FEN, Kind.NUMBER)
    if isinstance(value, bool) or not isinstance(value, int if whole else str):
        raise TemplateError(f"{parameter.name} must be {'an integer' if whole else 'text'}")
    shown = _WRITERS[parameter.kind](value, language)
    if len(shown) <= parameter.longest:
        return shown
    if parameter.kind is not Kind.TEXT:
        raise TemplateError(f"{parameter.name} is longer than {parameter.longest}")
    return shown[: parameter.longest - 1] + "…"


def _text(value: str, language: str) -> str:
    # A value must not look like the message's own form: no second signature, no lines of its own.
    return " ".join(value.replace("【", "[").replace("】", "]").split())


def _fen(value: int, language: str) -> str:
    return format_yuan_plain(value).removesuffix(".00")


def _digits(value: str, language: str) -> str:
    if not (value.isascii() and value.isdigit()):
        raise TemplateError("a place for digits holds something else")
    return value


def _day(value: str, language: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise TemplateError("a place for a day does not hold YYYY-MM-DD") from error
    return day.isoformat() if language == ENGLISH else f"{day.year}年{day.month}月{day.day}日"


_WRITERS: Mapping[Kind, Callable[[Any, str], str]] = {
    Kind.TEXT: _text,
    Kind.FEN: _fen,
    Kind.DIGITS: _digits,
    Kind.NUMBER: lambda value, language: str(value),
    Kind.PERIOD: _digits,
    Kind.DAY: _day,
}

_LINK = re.compile(r"(?i)https?:|www\.|://|[a-z0-9-]\.(?:com|cn|net|org|gov|top|xyz|cc|me|info|vip|link)\b")
_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{9}[0-9Xx](?![0-9])")
_LONG_NUMBER = re.compile(r"[0-9]{16,}")
_PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


def refuse_forbidden(body: str) -> None:
    """Raise ForbiddenContent for a link, an ID number, a card or a mobile number in the body (policy §4)."""
    for code, pattern in (
        ("link", _LINK),
        ("id_number", _ID_NUMBER),
        ("card_number", _LONG_NUMBER),
        ("phone", _PHONE),
    ):
        if pattern.search(body):
            raise ForbiddenContent(code)


def utf16_units(text: str) -> int:
    """How many 16-bit units the text takes: a character beyond the basic plane takes two."""
    return len(text.encode("utf-16-le")) // 2


def segments(text: str) -> int:
    """How many pieces the text is sent (and charged) in, signature included: 70 units alone, 67 each in several.

    A pair that makes one character is never cut in two, so a piece may hold one unit less.
    """
    if utf16_units(text) <= SINGLE_SEGMENT:
        return 1
    pieces, filled = 1, 0
    for character in text:
        units = 2 if ord(character) > 0xFFFF else 1
        if filled + units > JOINED_SEGMENT:
            pieces, filled = pieces + 1, 0
        filled += units
    return pieces
