"""Who somebody is: ID numbers, names, phones and cards, read as townships and banks really write them.

Everything here is pure: today comes in as an argument. Nothing here raises for what a file contains:
a problem is an answer, by the code of which a person then reads the sentence.
"""

import re
import unicodedata
from datetime import date
from enum import StrEnum
from functools import lru_cache

from stdnum import luhn
from stdnum.cn import ric

from core.plain_text import plain, plain_without_spaces


class IdNumberProblem(StrEnum):
    """What can be wrong with an ID number, in the order in which the first one is reported."""

    MISSING = "id_missing"
    PRECISION_LOST = "id_precision_lost"
    FIFTEEN_DIGITS = "id_15_digits"
    LENGTH = "id_length"
    BIRTHDATE = "id_birthdate"
    CHECKSUM = "id_checksum"


class CardProblem(StrEnum):
    """What can be wrong with a card or account number. A missing one is no problem but a card gap."""

    UNREADABLE = "card_unreadable"


# --- ID numbers (GB 11643-1999) ----------------------------------------------------------------

OLDEST_AGE = 130
"""Years. Nobody has lived longer; a birth before that is a slip of the pen."""

_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN_DIGITS = re.compile(r"[0-9]{15}")
_EXCEL_DISPLAY = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{2}|[0-9]{16,}\.0+")
_WHOLE_NUMBER = re.compile(r"([0-9]+)(?:\.0*)?")
_EXACT_DIGITS = 15  # Excel keeps fifteen significant digits of a number and fills the rest with noughts

# Provinces of GB/T 2260 (81–83 also for residents from Hong Kong, Macao and Taiwan), and 9 before a region
# for the permanent residence card of foreigners (2023). Only the province is checked: abolished counties live
# on in numbers that are valid for life, and no list of counties has them all.
_MAINLAND = (*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66))
_PROVINCES = frozenset(str(code) for code in (*_MAINLAND, 71, 81, 82, 83, *range(91, 97)))


def check_id_number(text: str, today: date, *, from_number: bool = False) -> tuple[str, IdNumberProblem | None]:
    """Normalise an ID number and say what is wrong with it first, or None.

    In: the text of a cell or field; the day of the check in Shanghai; `from_number` when the cell held a
    number, which is `id_precision_lost` whatever its length. Out: the number in its normal form (18
    characters if there is no problem, what is left of the text otherwise; personal data either way) and the problem.

    A number whose province does not exist is `id_length` (the code for wrong characters), and is said last: a
    single wrong digit breaks the check digit first, and that is the likelier cause.
    """
    # The common case costs one match; everything that people add is dealt with off the main road.
    number = text if _ID_NUMBER.fullmatch(text) else plain_without_spaces(text).upper()
    if from_number or not _ID_NUMBER.fullmatch(number):
        return _problem_of_form(number, from_number)
    born = _day(number[6:14])
    if born is None or born > today or _years_between(born, today) > OLDEST_AGE:
        return number, IdNumberProblem.BIRTHDATE
    if ric.calc_check_digit(number) != number[17]:
        return number, IdNumberProblem.CHECKSUM
    if number[:2] not in _PROVINCES:
        return number, IdNumberProblem.LENGTH
    return number, None


def _problem_of_form(number: str, from_number: bool) -> tuple[str, IdNumberProblem]:
    if not number:
        return "", IdNumberProblem.MISSING
    if _EXCEL_DISPLAY.fullmatch(number):
        return number, IdNumberProblem.PRECISION_LOST
    if from_number and (whole := _WHOLE_NUMBER.fullmatch(number)):
        # Whatever its length: which digits were typed is not to be seen in what Excel made of them.
        return whole[1], IdNumberProblem.PRECISION_LOST
    if _FIFTEEN_DIGITS.fullmatch(number):
        return number, IdNumberProblem.FIFTEEN_DIGITS
    return number, IdNumberProblem.LENGTH


@lru_cache(maxsize=65536)  # 130 years have some 47,500 days: each is parsed once
def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _years_between(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birth_date_of(id_number: str) -> date:
    """The day of birth in a checked 18-character ID number. Raises ValueError where there is none."""
    born = _day(id_number[6:14])
    if born is None or len(id_number) != 18:
        raise ValueError("not a checked ID number")
    return born


def age_on(id_number: str, day: date) -> int:
    """Full years (周岁) on a day, of the holder of a checked ID number. Born on 29 February, one completes a
    year on 1 March of a common year. Raises ValueError as `birth_date_of` does."""
    return _years_between(birth_date_of(id_number), day)


def is_female(id_number: str) -> bool:
    """Whether the sequence number of a checked ID number is even, which GB 11643 gives to women."""
    return int(id_number[16]) % 2 == 0


def mask_id_number(id_number: str) -> str:
    """For screens of officials: prefecture and last four, `5134**********7030`. Short text shows nothing."""
    return _masked(id_number, 4, 4) if len(id_number) >= 15 else "*" * len(id_number)


def id_tail(id_number: str) -> str:
    """The last four characters: enough for an official to tell apart people of one name."""
    return id_number[-4:]


def _masked(text: str, head: int, tail: int) -> str:
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


# --- Names -------------------------------------------------------------------------------------

LOST_CHARACTERS = "?□\ufffd"
"""What stands in a bank's file where its character set lacks a character (？ becomes ? by NFKC)."""

_MASK = "*"
_LONGEST_NAME = 200  # characters; what is longer is an attempt to keep the machine busy
_INTERPUNCTS = frozenset("·•・‧∙⋅⸱ꞏᐧ●⚫˙․.。､、-‐‑‒–—―−_'`´‘’")  # after NFKC, which folds ．･﹒－ and others
_HAN_ONLY = re.compile(r"[\u4e00-\u9fff]+")

# The last characters of GBK had no place in Unicode when it was made, so older systems keep 䶮 and others in
# the private use area, U+E815 to U+E864 in the order of the codes FE50–FEA0. GB 18030 names the real ones.
_FORMER_PRIVATE_USE = {
    0xE815 + place: bytes((0xFE, trail)).decode("gb18030")
    for place, trail in enumerate(trail for trail in range(0x50, 0xA1) if trail != 0x7F)
}

_COMPOUND_SURNAMES_LISTED = """
欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔
申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 漆雕 乐正
宰父 谷梁 拓跋 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门 第五
"""
_COMPOUND_SURNAMES = frozenset(_COMPOUND_SURNAMES_LISTED.split())


def clean_name(text: str) -> str:
    """A name as it is kept and shown: NFKC, no invisible characters, every interpunct between Chinese or Yi
    characters as `·`, no white space except one blank between words of other scripts."""
    words = _readable(text).split()
    glued = words[:1]
    for word in words[1:]:
        glued.append(word if _is_unspaced(word[0]) or _is_unspaced(glued[-1][-1]) else " " + word)
    name = unicodedata.normalize("NFKC", "".join(glued))
    kept = (
        "·" if char in _INTERPUNCTS and not _touches_latin(name, place) else char for place, char in enumerate(name)
    )
    return re.sub("[ ·]*·[ ·]*", "·", "".join(kept)).strip("· ")


def _is_unspaced(char: str) -> bool:
    """Whether a letter is of a script without capitals, as Chinese and Yi, in which blanks mean nothing."""
    return unicodedata.category(char) == "Lo"


def _touches_latin(name: str, place: int) -> bool:
    around = name[max(place - 1, 0) : place] + name[place + 1 : place + 2]
    return any(char.isalpha() and not _is_unspaced(char) for char in around)


def _readable(text: str) -> str:
    """`plain(text)` with the private-use characters of the GBK age replaced; inner blanks stay."""
    return plain(text.translate(_FORMER_PRIVATE_USE))


@lru_cache(maxsize=16384)
def _counts_in_name(char: str) -> bool:
    """Whether a character (after NFKC) is part of the name: letter, digit, mark, private use or stand-in."""
    category = unicodedata.category(char)
    return category[0] in "LMN" or category == "Co" or _stands_in(char)


def _stands_in(char: str) -> bool:
    return char in LOST_CHARACTERS or char == _MASK


def name_key(name: str) -> str:
    """What two spellings of one name have in common: the key for equality.

    Interpuncts of any kind, blanks, invisible characters and punctuation do not count, nor do width, case and
    compatibility forms. Stand-ins for lost characters do. Two empty keys are no match: see `names_match`.
    """
    if _HAN_ONLY.fullmatch(name):
        return name
    kept = "".join(char for char in _readable(name).casefold() if _counts_in_name(char))
    return unicodedata.normalize("NFKC", kept)  # again: what stands together now may compose


def names_match(ours: str, theirs: str) -> bool:
    """Whether two names are the same but for the way they are written. An empty name matches none."""
    key = name_key(ours)
    return key != "" and key == name_key(theirs)


def names_match_with_lost_characters(ours: str, theirs: str) -> bool:
    """Whether their name is ours after a system with a smaller character set has had it.

    One or two of `?`, `□` or U+FFFD stand for one character that GB 2312 lacks (a rare character, one beyond
    the basic plane) or an interpunct, and for no other: 李䶮 may come back as 李?, 李明 may not.
    One `*` is a mask over any one character. To be used only beside an equal card or reference, never alone.
    """
    wanted = name_key(theirs)
    if not any(_stands_in(char) for char in wanted):
        return names_match(ours, theirs)
    if len(ours) > _LONGEST_NAME or len(wanted) > _LONGEST_NAME:
        return False
    tokens = [char for char in _readable(ours) if _counts_in_name(char) or _may_get_lost(char)]
    # Positions reached in their name, token by token: stand-ins are ambiguous, and trying all ways one after
    # another would take exponential time on a hostile name.
    reached = {0}
    for token in tokens:
        reached = {end for start in reached for end in _ends(token, wanted, start)}
    return wanted != "" and len(wanted) in reached


def _ends(token: str, wanted: str, start: int) -> set[int]:
    ends = set()
    if not _counts_in_name(token):
        ends.add(start)  # an interpunct that they left out
    letters = token.casefold()  # of ß it makes two
    if wanted.startswith(letters, start):
        ends.add(start + len(letters))
    if wanted.startswith(_MASK, start):
        ends.add(start + 1)
    if _may_get_lost(token):
        for width in (1, 2):
            lost = wanted[start : start + width]
            if len(lost) == width and all(char in LOST_CHARACTERS for char in lost):
                ends.add(start + width)
    return ends


@lru_cache(maxsize=16384)
def _may_get_lost(char: str) -> bool:
    """Whether a system that knows GB 2312 only may lose a character. An interpunct always may: it has a code
    there, but systems do not agree which of the many dots it is."""
    if char in _INTERPUNCTS:
        return True
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return not char.isspace()
    return False


def mask_name(name: str, *, surname_only: bool = False) -> str:
    """A name for a public list: 李*明, 李* (of two), 欧阳*; with an interpunct 阿西·**.

    `surname_only` (programmes that reveal sensitive personal information, PIPL §28) always gives two
    asterisks after the surname, 李** or 阿西·**, so that not even the length is told.
    """
    shown = clean_name(name)
    first, interpunct, _ = shown.partition("·")
    if interpunct:
        rest = len(name_key(shown)) - len(name_key(first))
        return f"{first}·{'**' if surname_only else '*' * rest}"
    letters = shown.replace(" ", "")
    if len(letters) < 2:
        return "*" * len(letters)
    surname = letters[:2] if letters[:2] in _COMPOUND_SURNAMES and len(letters) > 2 else letters[:1]
    given = letters[len(surname) :]
    if surname_only:
        return surname + "**"
    return surname + ("*" if len(given) == 1 else "*" * (len(given) - 1) + given[-1])


# --- Phones ------------------------------------------------------------------------------------

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(?:010|02[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}")
_PHONE_SEPARATORS = re.compile(r"[-‐‑‒–—―−.()]")
_COUNTRY_PREFIX = re.compile(r"(?:\+|00)86|86(?=1[3-9][0-9]{9}$)")


def normalise_phone(text: str) -> str | None:
    """The digits of one mainland phone number, or None if the text is not one.

    A mobile number has 11 digits (13–19…); a landline keeps its area code with the nought (08345421234).
    Country prefixes (+86, 0086, 86), blanks, dashes, brackets and full-width forms are understood.
    """
    digits = _PHONE_SEPARATORS.sub("", re.sub(r"\.0$", "", plain_without_spaces(text)))
    national = _COUNTRY_PREFIX.sub("", digits, count=1) if _COUNTRY_PREFIX.match(digits) else digits
    if is_mobile(national):
        return national
    if national != digits and not national.startswith("0"):
        national = "0" + national  # abroad the nought of the area code is left out
    return national if _LANDLINE.fullmatch(national) else None


def is_mobile(phone: str) -> bool:
    """Whether a normalised phone number can receive SMS."""
    return _MOBILE.fullmatch(phone) is not None


def mask_phone(phone: str) -> str:
    """`187****0300`; a landline shows its last two digits only."""
    if is_mobile(phone):
        return _masked(phone, 3, 4)
    return _masked(phone, 0, 2) if len(phone) > 7 else "*" * len(phone)


# --- Cards and accounts ------------------------------------------------------------------------

# Social security cards have 16–19 digits, passbook accounts of the rural credit cooperatives 8–25.
_CARD = re.compile(r"[0-9]{8,25}")
_CARD_SEPARATORS = re.compile(r"[-‐‑‒–—―−]")
_NO_CARD = frozenset(("", "无", "暂无", "没有", "无卡", "未办", "未办卡", "未办理", "/", "\\"))


def check_card_number(text: str, *, from_number: bool = False) -> tuple[str, CardProblem | None]:
    """Normalise a card or account number. It is text: leading noughts stay (0012345678 is not 12345678).

    Out: the digits and None; "" and None if there is no card (empty, 无, 未办卡, a dash); what was written
    and `card_unreadable` for letters, an impossible length, scientific notation, or a cell that held a number
    (`from_number`) of more digits than Excel keeps. The check digit is another question: see
    `has_wrong_check_digit`.
    """
    if not from_number and _CARD.fullmatch(text):
        return text, None
    number = _CARD_SEPARATORS.sub("", plain_without_spaces(text))
    if number in _NO_CARD:
        return "", None
    if from_number and (whole := _WHOLE_NUMBER.fullmatch(number)):
        number = whole[1]
    if not _CARD.fullmatch(number) or (from_number and len(number) > _EXACT_DIGITS):
        return number, CardProblem.UNREADABLE
    return number, None


_WITH_CHECK_DIGIT = range(16, 20)


def has_wrong_check_digit(number: str) -> bool:
    """Whether a number as long as a bank card's (16–19 digits, ISO/IEC 7812) does not fit its last digit by Luhn's sum:
    most likely one digit is wrong. Shorter and longer numbers are passbook accounts, which have no check digit; some
    accounts of 16–19 digits have none either, so that whoever has looked twice may insist."""
    return len(number) in _WITH_CHECK_DIGIT and not luhn.is_valid(number)


def card_tail(number: str) -> str:
    """The last four digits: the only part of a card that screens, messages and proofs use."""
    return number[-4:]


def mask_card(number: str) -> str:
    """`**** 4702`, or nothing where there is no card: its length tells nothing about the number."""
    return f"**** {card_tail(number)}" if number else ""
