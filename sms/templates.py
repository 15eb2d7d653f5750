"""What messages say. A message is a template and parameters; its text is made when it is sent.

Style and limits: policy §4 (signature 【…】 of 3–8 characters, no link, no ID number, card tail only).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from core.money import format_yuan_plain

CHINESE = "zh_CN"
ENGLISH = "en"

# Urgency. A code is waited for with the phone in hand, so it goes first and at any hour.
CODE = 0
NOTICE = 5
REMINDER = 7
PRIORITIES = (CODE, NOTICE, REMINDER)

LONGEST_SIGNATURE = 8
SINGLE_SEGMENT = 70
"""UTF-16 units of a message that is sent in one piece (UCS-2)."""
JOINED_SEGMENT = 67
"""UTF-16 units of each piece of a longer message: three go to the header that joins the pieces."""


class TemplateError(ValueError):
    """A template was used wrongly: unknown, a parameter missing or of another kind. A fault of the caller."""


class ForbiddenContent(ValueError):
    """The finished text holds what no message may hold. ``code`` says what; the text itself is never repeated."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Kind(StrEnum):
    """What a parameter is, and so how it is written."""

    TEXT = "text"
    FEN = "fen"
    DIGITS = "digits"
    NUMBER = "number"
    PERIOD = "period"
    DAY = "day"


@dataclass(frozen=True)
class Parameter:
    """A named place in a template. ``longest`` counts characters of what is shown."""

    name: str
    kind: Kind
    longest: int


@dataclass(frozen=True)
class Template:
    """A text in both languages with its places, how urgent it is, and how long it is worth sending.

    ``secret``: the parameters are forgotten once it has been handed over. ``confidential``: that it was sent at all
    may tell who complained, so its entry in the list is for the discipline commission only. ``refusable``: a phone may
    say that it wants no such messages; what somebody has to act on is none of these.
    """

    name: str
    title: str
    chinese: str
    english: str
    parameters: tuple[Parameter, ...]
    lifetime: timedelta
    priority: int = NOTICE
    secret: bool = False
    confidential: bool = False
    refusable: bool = False


_NAME = Parameter("name", Kind.TEXT, 20)
_PERIOD = Parameter("period", Kind.PERIOD, 6)
_PROGRAMME = Parameter("programme", Kind.TEXT, 24)
_AMOUNT = Parameter("amount_fen", Kind.FEN, 14)
_CARD_TAIL = Parameter("card_tail", Kind.DIGITS, 4)
_NUMBER = Parameter("number", Kind.TEXT, 24)
_DUE_ON = Parameter("due_on", Kind.DAY, 11)

_ALL = (
    Template(
        "payment_paid",
        "到账通知",
        "{name}您好，您第{period}期{programme}金额{amount_fen}元，已发放到尾号为{card_tail}的社会保障卡，请注意查收。",
        "Dear {name}, your {programme} for {period}, {amount_fen} yuan, has been paid to the card ending {card_tail}.",
        (_NAME, _PERIOD, _PROGRAMME, _AMOUNT, _CARD_TAIL),
        timedelta(days=3),
        refusable=True,
    ),
    Template(
        "payment_failed",
        "发放失败通知",
        "{name}您好，您第{period}期{programme}金额{amount_fen}元，未能发放到尾号为{card_tail}的卡，原因：{reason}。{advice}",
        "Dear {name}, your {programme} for {period}, {amount_fen} yuan, could not be paid to the card ending "
        "{card_tail}. Reason: {reason}. {advice}",
        (
            _NAME,
            _PERIOD,
            _PROGRAMME,
            _AMOUNT,
            _CARD_TAIL,
            Parameter("reason", Kind.TEXT, 20),
            Parameter("advice", Kind.TEXT, 35),
        ),
        timedelta(days=7),
    ),
    Template(
        "payment_returned",
        "退票通知",
        "{name}您好，您第{period}期{programme}金额{amount_fen}元，到账后被银行从尾号为{card_tail}的卡退回。"
        "请带身份证和社保卡到村委会核对，核对后再发。",
        "Dear {name}, your {programme} for {period}, {amount_fen} yuan, was sent back by the bank from the card ending "
        "{card_tail}. Please bring your ID and bank card to the village office.",
        (_NAME, _PERIOD, _PROGRAMME, _AMOUNT, _CARD_TAIL),
        timedelta(days=7),
    ),
    Template(
        "complaint_accepted",
        "事项受理通知",
        "您提交的事项（编号{number}）已受理，将在{due_on}前办结答复。请保管好查询码，凭码可随时查询进度。",
        "The matter you handed in (number {number}) has been accepted and will be answered by {due_on}. "
        "Keep your receipt code to follow it.",
        (_NUMBER, _DUE_ON),
        timedelta(days=3),
        confidential=True,
    ),
    Template(
        "complaint_answered",
        "事项答复通知",
        "您提交的事项（编号{number}）已有答复，请凭查询码在查询页面查看。",
        "The matter you handed in (number {number}) has been answered. Read the answer with your receipt code.",
        (_NUMBER,),
        timedelta(days=7),
        confidential=True,
    ),
    Template(
        "lookup_code",
        "查询验证码",
        "验证码{code}，{minutes}分钟内有效，用于查询补贴发放。工作人员不会索要验证码，请勿告诉他人。",
        "{code} is your code to look up payments, valid for {minutes} minutes. Never tell it to anybody.",
        (Parameter("code", Kind.DIGITS, 8), Parameter("minutes", Kind.NUMBER, 2)),
        timedelta(minutes=5),
        priority=CODE,
        secret=True,
    ),
    Template(
        "deadline_reminder",
        "到期提醒",
        "您单位承办的“{title}”将于{due_on}到期，请及时办理。",
        "“{title}” of your office is due on {due_on}.",
        (Parameter("title", Kind.TEXT, 35), _DUE_ON),
        timedelta(days=1),
        priority=REMINDER,
    ),
)
TEMPLATES: Mapping[str, Template] = {template.name: template for template in _ALL}


def template_named(name: str) -> Template:
    """The template of that name. Raises TemplateError where there is none."""
    if name not in TEMPLATES:
        raise TemplateError(f"no template named {name}")
    return TEMPLATES[name]


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


def render(template: Template, parameters: Mapping[str, Any], *, signature: str, language: str = CHINESE) -> str:
    """The finished text with its signature. A text that is too long is shortened with an ellipsis.

    Raises TemplateError for wrong parameters and ForbiddenContent for a text that may not be sent.
    """
    if {parameter.name for parameter in template.parameters} != set(parameters):
        raise TemplateError(f"{template.name} has wrong parameters")
    values = {
        parameter.name: _written(parameter, parameters[parameter.name], language) for parameter in template.parameters
    }
    body = (template.english if language == ENGLISH else template.chinese).format_map(values)
    refuse_forbidden(body)
    return f"【{signature}】{body}"


def written_values(template: Template, parameters: Mapping[str, Any], language: str = CHINESE) -> dict[str, str]:
    """The parameters as they stand in the text, by the names that a provider knows them by: amounts are texts there
    and have lost their unit from their name. Raises TemplateError."""
    return {
        parameter.name.removesuffix("_fen"): _written(parameter, parameters[parameter.name], language)
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
