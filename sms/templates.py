"""What messages there are. A message is a template and parameters; its text is made when it is sent, by the wording
that is in use then: an approved version (sms/wordings.py), or the one that stands here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

CHINESE = "zh_CN"
ENGLISH = "en"

# Urgency. A code is waited for with the phone in hand, so it goes first and at any hour.
CODE = 0
NOTICE = 5
REMINDER = 7
PRIORITIES = (CODE, NOTICE, REMINDER)


class TemplateError(ValueError):
    """A template was used wrongly: unknown, a parameter missing or of another kind. A fault of the caller."""


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

    @property
    def written_name(self) -> str:
        """The name that it has in a wording, and by which providers know it: an amount is a text there, in yuan."""
        return self.name.removesuffix("_fen")


@dataclass(frozen=True)
class Template:
    """A text in both languages with its places, how urgent it is, and how long it is worth sending.

    ``secret``: the parameters are forgotten once it has been handed over. ``confidential``: that it was sent at all
    may tell who complained, so its entry in the list is for the discipline commission only. ``refusable``: a phone may
    say that it wants no such messages; what somebody has to act on is none of these. ``needed``: places that no wording
    may lack.
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
    needed: tuple[str, ...] = ()


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
        "{name}您好，您第{period}期{programme}金额{amount}元，已发放到尾号为{card_tail}的社会保障卡，请注意查收。",
        "Dear {name}, your {programme} for {period}, {amount} yuan, has been paid to the card ending {card_tail}.",
        (_NAME, _PERIOD, _PROGRAMME, _AMOUNT, _CARD_TAIL),
        timedelta(days=3),
        refusable=True,
        needed=("name", "programme", "amount"),
    ),
    Template(
        "payment_failed",
        "发放失败通知",
        "{name}您好，您第{period}期{programme}金额{amount}元，未能发放到尾号为{card_tail}的卡，原因：{reason}。{advice}",
        "Dear {name}, your {programme} for {period}, {amount} yuan, could not be paid to the card ending "
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
        needed=("name", "programme", "advice"),
    ),
    Template(
        "payment_returned",
        "退票通知",
        "{name}您好，您第{period}期{programme}金额{amount}元，到账后被银行从尾号为{card_tail}的卡退回。"
        "请带身份证和社保卡到村委会核对，核对后再发。",
        "Dear {name}, your {programme} for {period}, {amount} yuan, was sent back by the bank from the card ending "
        "{card_tail}. Please bring your ID and bank card to the village office.",
        (_NAME, _PERIOD, _PROGRAMME, _AMOUNT, _CARD_TAIL),
        timedelta(days=7),
        needed=("name", "programme", "amount"),
    ),
    Template(
        "card_ready",
        "社保卡办好通知",
        "{name}您好，{bank}为您办的尾号为{card_tail}的社会保障卡已经办好。请带身份证到该行网点领取并激活，补贴才能到账。",
        "Dear {name}, your social security card ending {card_tail} is ready at {bank}. Please collect and activate it "
        "with your ID, so that subsidies can be paid to it.",
        (_NAME, Parameter("bank", Kind.TEXT, 24), _CARD_TAIL),
        timedelta(days=7),
        needed=("name", "bank"),
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
        needed=("number",),
    ),
    Template(
        "complaint_answered",
        "事项答复通知",
        "您提交的事项（编号{number}）已有答复，请凭查询码在查询页面查看。",
        "The matter you handed in (number {number}) has been answered. Read the answer with your receipt code.",
        (_NUMBER,),
        timedelta(days=7),
        confidential=True,
        needed=("number",),
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
        needed=("code",),
    ),
    Template(
        "phone_code",
        "登记手机核对",
        "验证码{code}，{minutes}分钟内有效，用于核对{name}的登记手机。请读给乡镇经办人员；不认识此人请回复“不是我”。",
        "{code} confirms the phone on record of {name}, valid for {minutes} minutes. Read it to the township official. "
        "If you do not know this person, answer 不是我.",
        (Parameter("code", Kind.DIGITS, 8), Parameter("minutes", Kind.NUMBER, 2), _NAME),
        timedelta(minutes=10),
        priority=CODE,
        secret=True,
        needed=("code", "name"),
    ),
    Template(
        "deadline_reminder",
        "到期提醒",
        "您单位承办的“{title}”将于{due_on}到期，请及时办理。",
        "“{title}” of your office is due on {due_on}.",
        (Parameter("title", Kind.TEXT, 35), _DUE_ON),
        timedelta(days=1),
        priority=REMINDER,
        needed=("title", "due_on"),
    ),
)
TEMPLATES: Mapping[str, Template] = {template.name: template for template in _ALL}


def template_named(name: str) -> Template:
    """The template of that name. Raises TemplateError where there is none."""
    if name not in TEMPLATES:
        raise TemplateError(f"no template named {name}")
    return TEMPLATES[name]
