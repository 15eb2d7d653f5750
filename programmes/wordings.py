"""How cells of policy lists and fund plans are read: the many ways in which offices write the same."""

import re
from datetime import date
from decimal import Decimal

from core.money import Fen, MoneyProblem, parse_yuan
from core.plain_text import plain, plain_without_spaces
from programmes.rules import MOST_PUBLICITY_DAYS, PUBLICITY_DAYS, Channel, Handling, Scope, Source

_NOT_PLATFORM = re.compile(r"线下|现金|非一卡通|不(?:通过|纳入|走|经)|未纳入|否|^不|offline", re.IGNORECASE)
_PLATFORM = re.compile(r"一卡通|平台|社保卡|^是$|纳入|线上|platform", re.IGNORECASE)
_UNDECIDED = re.compile(r"待定|未定|未决定|待决定|待研究|暂未确定|undecided|[-—/]+", re.IGNORECASE)
_HIGHER = re.compile(r"就高|择高|从高|较高|take_higher", re.IGNORECASE)
_DIFFERENCE = re.compile(r"补差|差额|take_difference", re.IGNORECASE)
_FORBIDDEN = re.compile(r"不得|不可|不能|不予|禁止|不相容|不应|择一|二选一|只能|否|forbidden", re.IGNORECASE)
_ALLOWED = re.compile(r"可以|可同时|允许|可叠加|^可$|相容|^是$|allowed", re.IGNORECASE)
_CARRIED_OVER = re.compile(r"结转|上年|往年|以前年度|结余|carried_over", re.IGNORECASE)
_HOUSEHOLD = re.compile(r"户|家庭|household", re.IGNORECASE)
_DAY = re.compile(r"(20[0-9]{2})(?:年|[-./])?([01]?[0-9])(?:月|[-./])?([0-3]?[0-9])日?(?:00:00:00)?")
_CURRENT_YEAR = re.compile(r"当年|本年|今年|年初预算|新增|追加|下达|current_year", re.IGNORECASE)
_THIS_YEAR = re.compile("当年|本年|今年")
_YEAR = re.compile(r"(20[0-9]{2})(?:\.0)?(?:年度?)?")
_YEAR_IN_TITLE = re.compile(r"(20[0-9]{2})\s*年")
_BRACKETED_YEAR = re.compile(r"[\[【({〔]\s*(20[0-9]{2})\s*[\]】)}〕]")
_NUMBER = re.compile(r"-?(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{0,15})?")
_TIMES = {"元": Decimal(1), "万元": Decimal(10_000), "千元": Decimal(1000), "百元": Decimal(100)}


def read_channel(text: str) -> Channel | None:
    """What is written under 发放方式; blank is undecided, None cannot be read."""
    word = plain_without_spaces(text)
    if not word or _UNDECIDED.fullmatch(word):
        return Channel.UNDECIDED
    if _NOT_PLATFORM.search(word):
        return Channel.OFFLINE
    return Channel.PLATFORM if _PLATFORM.search(word) else None


def read_handling(text: str) -> Handling | None:
    """What is written under 处理; None cannot be read. One of two (择一) means not both; 就高 names which."""
    word = plain_without_spaces(text)
    if _HIGHER.search(word):
        return Handling.TAKE_HIGHER
    if _DIFFERENCE.search(word):
        return Handling.TAKE_DIFFERENCE
    if _FORBIDDEN.search(word):
        return Handling.FORBIDDEN
    return Handling.ALLOWED if _ALLOWED.search(word) else None


def read_scope(text: str) -> Scope:
    """For whom a rule holds: for a household where the cell says so (户, 家庭), else for a person."""
    return Scope.HOUSEHOLD if _HOUSEHOLD.search(plain_without_spaces(text)) else Scope.PERSON


def read_day(text: str) -> tuple[date | None, bool]:
    """A day of this century in the ways offices write it (2020-01-01, 2020年1月1日, 2020.1.1, 20200101), and whether
    the cell can be read; blank and 长期 are no day and readable."""
    word = plain_without_spaces(text)
    if not word or word in ("长期", "长期有效", "-", "—"):
        return None, True
    found = _DAY.fullmatch(word)
    if found is None:
        return None, False
    try:
        return date(*(int(part) for part in found.groups())), True
    except ValueError:
        return None, False


def read_source(text: str) -> Source | None:
    """What is written under 资金性质; None cannot be read, as where both are named."""
    word = plain_without_spaces(text)
    if _CARRIED_OVER.search(word):
        return None if _THIS_YEAR.search(word) else Source.CARRIED_OVER
    return Source.CURRENT_YEAR if _CURRENT_YEAR.search(word) else None


def read_year(text: str) -> int | None:
    """2020, 2020年 or 2020年度 of this century."""
    found = _YEAR.fullmatch(plain_without_spaces(text))
    return int(found[1]) if found else None


def year_in_title(title: str) -> str:
    """The year that the words above a table name, "" where they name none."""
    found = _YEAR_IN_TITLE.search(plain(title))
    return found[1] if found else ""


def read_publicity_days(text: str) -> int | None:
    """7, 7天, 不少于7天; blank is the default; 0 is paper only. None cannot be read."""
    word = plain_without_spaces(text)
    if not word:
        return PUBLICITY_DAYS
    found = re.fullmatch(r"\D{0,6}?([0-9]{1,3})(?:\.0)?(?:个?(?:工作日|自然日|日历日|天|日))?", word)
    days = int(found[1]) if found and not word.startswith(("-", "−", "–")) else None
    return days if days is not None and days <= MOST_PUBLICITY_DAYS else None


def read_document(text: str) -> str:
    """A document number in one spelling, so that the same paper is the same key: 川财社〔2020〕11号."""
    return _BRACKETED_YEAR.sub(r"〔\1〕", plain_without_spaces(text))


def read_amount(text: str, unit: str, *, from_number: bool) -> tuple[Fen | None, MoneyProblem | None]:
    """An amount under a header that names its unit of money (元, 万元 …; "" is 元): exact fen, or the problem."""
    times = _TIMES.get(unit or "元")
    if times is None:
        return None, MoneyProblem.UNREADABLE
    if times == 1:
        return parse_yuan(text, from_number=from_number)
    number = plain(text)
    if _NUMBER.fullmatch(number):
        return parse_yuan(f"{Decimal(number.replace(',', '')) * times:f}", from_number=from_number)
    # 260万元 under a header 万元 says its own unit; 二百六十 says none that can be read.
    return parse_yuan(text) if "元" in number else (None, MoneyProblem.UNREADABLE)


def tidy(text: str) -> str:
    """A cell as it is kept: no outer blanks, no line breaks."""
    return " ".join(plain(text).split())


def same_words(ours: str, theirs: str) -> bool:
    """Whether two names are the same but for blanks, width and brackets."""
    return _compared(ours) == _compared(theirs)


def _compared(text: str) -> str:
    return re.sub(r"[\s()\[\]·,、]", "", plain(text)).casefold()
