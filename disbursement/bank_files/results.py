"""Reading a bank's result file: its lines, the lines that cannot be read, and its control totals."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from core.errors import UserError
from core.identity import check_card_number
from core.money import format_yuan, parse_fen
from core.msgid import N_
from core.plain_text import plain_without_spaces
from disbursement.bank_files.outcomes import classify
from disbursement.bank_files.profiles import Profile, ResultColumns

_REFERENCE = "[1-9][0-9]{0,18}-[1-9][0-9]{0,5}"
_is_reference = re.compile(_REFERENCE).fullmatch
_BLOCK = 1 << 20
_MASKED_CARD = re.compile(r"[0-9]{0,12}\*+[0-9]{4}")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

DIFFERS = N_(
    "文件各行与合计行对不上，整个文件没有导入。合计行：%(stated_lines)s 笔 %(stated_yuan)s 元，成功 %(stated_paid)s、"
    "失败 %(stated_failed)s、不明 %(stated_unclear)s；逐行相加：%(found_lines)s 笔 %(found_yuan)s 元，"
    "成功 %(found_paid)s、失败 %(found_failed)s、不明 %(found_unclear)s。请向银行核对后重新索取。"
)
DIFFERS_UNREADABLE = N_(
    "文件各行与合计行对不上，整个文件没有导入。合计行：%(stated_lines)s 笔 %(stated_yuan)s 元，成功 %(stated_paid)s、"
    "失败 %(stated_failed)s、不明 %(stated_unclear)s；逐行相加：%(found_lines)s 笔 %(found_yuan)s 元，"
    "成功 %(found_paid)s、失败 %(found_failed)s、不明 %(found_unclear)s。读不出的行：第 %(rows)s 行。"
    "请向银行核对后重新索取。"
)


class ResultLine(NamedTuple):
    """One line of the bank's answer. ``reference`` is None where the bank wrote none of ours; ``number`` is the
    physical line; ``card`` may be masked (``621700******4702``) and, beside a reference, empty."""

    number: int
    reference: str | None
    name: str
    card: str
    fen: int
    outcome: str
    reason: str
    bank_date: date | None
    doubtful: bool


class Totals(NamedTuple):
    """Count, sum and the counts of the three outcomes, as a trailer states them or as lines add up to them."""

    lines: int
    fen: int
    paid: int
    failed: int
    unclear: int


MOST_MEGABYTES = 50
"""More than half a million lines: what is longer is no answer of a bank."""


class ResultContent(NamedTuple):
    """What a result file holds. ``unreadable`` are the physical numbers of lines that say nothing to us."""

    lines: list[ResultLine]
    unreadable: list[int]
    totals: Totals


def read_result(profile: Profile, content: bytes) -> ResultContent:
    """Read a result file. Raises UserError for a file of another kind, one without its trailer, and one whose lines
    do not add up to it (with the difference): such a file is refused whole (design §4)."""
    if len(content) > MOST_MEGABYTES * 2**20:
        raise UserError(
            "文件有 %(megabytes)s MB，超过了 %(limit)s MB 的上限，不像是回盘文件。请确认选对了文件。",
            megabytes=-(-len(content) // 2**20),
            limit=MOST_MEGABYTES,
        )
    if b"\x00" in content or not content.strip():
        raise UserError("这不是银行回盘文件：文件是空的，或者不是文本。请向银行索取文本格式的回盘文件。")
    body, trailer = _split_trailer(content.removeprefix(_BYTE_ORDER_MARK))
    encoding = _encoding_of(content)
    stated = _stated_totals(profile, trailer.decode(encoding, "replace"))
    read = _reader(profile)
    lines, unreadable = [], []
    for number, text in enumerate(_texts(body, encoding), 1):
        if not text or text.isspace():
            continue
        line = read(number, text)
        if line is None:
            unreadable.append(number)
        else:
            lines.append(line)
    totals = _add_up(lines, len(unreadable))
    _refuse_difference(stated, totals, lines, unreadable)
    return ResultContent(lines, unreadable, stated)


def _split_trailer(content: bytes) -> tuple[bytes, bytes]:
    """What stands before the last line that is not blank, and that line. A line ends with a line feed, in a file of
    an old machine with a carriage return; neither byte occurs within a character of GB 18030."""
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    body = content.rstrip(b"\r\n\x1a \t")
    place = body.rfind(b"\n") + 1
    return body[:place], body[place:]


def _encoding_of(content: bytes) -> str:
    """UTF-8 where the whole file is that, else GB 18030 (with it GBK and GB 2312)."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _stated_totals(profile: Profile, trailer: str) -> Totals:
    fields = [field.strip() for field in trailer.split(profile.delimiter)]
    if fields[0] != profile.total_mark:
        raise UserError(
            "文件最后一行不是合计行（%(mark)s），可能没有传完整，或者不是这种格式的回盘文件。"
            "整个文件没有导入，请向银行重新索取。",
            mark=profile.total_mark,
        )
    if len(fields) < 6 or not all(field.isascii() and field.isdigit() for field in fields[1:6]):
        raise UserError("最后的合计行读不出笔数和金额。整个文件没有导入，请向银行重新索取。")
    return Totals(*(int(field) for field in fields[1:6]))


def _texts(body: bytes, encoding: str) -> Iterator[str]:
    """The lines of the file, decoded in blocks: a long file is never held twice over."""
    place = 0
    while place < len(body):
        end = body.find(b"\n", place + _BLOCK) + 1 or len(body)
        block = body[place:end].decode(encoding, "replace").removesuffix("\n")
        for text in block.split("\n"):
            yield text.rstrip("\r\x1a")
        place = end


class _Said(NamedTuple):
    """What the last columns of a line say."""

    outcome: str
    reason: str
    bank_date: date | None
    doubtful: bool


_Said3 = Callable[[str, str, str], _Said]
_Read = Callable[[int, str], ResultLine | None]


def _reader(profile: Profile) -> _Read:
    """A function that reads one line; None for a line that cannot be read."""

    @lru_cache(4096)  # a file has few codes, reasons and days
    def said(code: str, reason: str, day: str) -> _Said:
        reading = classify(profile, code, reason)
        return _Said(reading.outcome, reading.reason, _day(day), reading.doubtful)

    patiently = _patient_reader(profile, said)
    if profile.columns != ResultColumns():
        return patiently
    usual = _usual_line(profile.delimiter)

    def read(number: int, text: str) -> ResultLine | None:
        found = usual(text)
        if found is None:
            return patiently(number, text)
        reference, name, card, fen, code, reason, day = found.groups()
        amount = int(fen)
        if not amount:
            return None
        outcome, why, bank_date, doubtful = said(code, reason, day)
        return ResultLine(number, reference, name.strip(), card, amount, outcome, why, bank_date, doubtful)

    return read


def _usual_line(delimiter: str) -> Callable[[str], re.Match[str] | None]:
    """Nearly every line of nearly every file looks like this, and one match reads it: exactly the known columns, a
    whole card number, a whole amount, and for a serial our reference or the bank's running number."""
    d, text = re.escape(delimiter), f"([^{re.escape(delimiter)}]*)"
    pattern = f"(?:({_REFERENCE})|[0-9]+){d}{text}{d}([0-9]{{8,25}}){d}([0-9]{{1,14}}){d}{text}{d}{text}{d}{text}"
    return re.compile(pattern).fullmatch


def _patient_reader(profile: Profile, said: _Said3) -> _Read:
    """A function that reads a line however a bank pads, masks or extends it."""
    at, delimiter = profile.columns, profile.delimiter

    def read(number: int, text: str) -> ResultLine | None:
        fields = text.split(delimiter)
        if len(fields) < at.needed:
            return None
        if len(fields) < at.known:
            fields += [""] * (at.known - len(fields))
        fen, card, serial, reference = _fen(fields[at.fen]), _card(fields[at.card]), fields[at.serial], None
        if "-" in serial or len(fields) > at.known:
            reference = _reference(serial, fields[at.known :])
        if fen is None or card is None or not (card or reference):
            return None
        outcome, reason, bank_date, doubtful = said(fields[at.code], fields[at.reason], fields[at.bank_date])
        return ResultLine(number, reference, fields[at.name].strip(), card, fen, outcome, reason, bank_date, doubtful)

    return read


def _fen(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 14:
        return int(text) or None
    return parse_fen(text)[0]


def _card(text: str) -> str | None:
    card, problem = check_card_number(text)
    if problem is None:
        return card
    masked = plain_without_spaces(text)
    return masked if _MASKED_CARD.fullmatch(masked) else None


def _reference(serial: str, others: Sequence[str]) -> str | None:
    """The first field that has the form of one of our references; the bank's own running number has not."""
    if _is_reference(serial):
        return serial
    return next((field.strip() for field in (serial, *others) if _is_reference(field.strip())), None)


def _day(text: str) -> date | None:
    digits = plain_without_spaces(text).replace("-", "").replace("/", "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if len(digits) == 8 else None
    except ValueError:
        return None


def _add_up(lines: Sequence[ResultLine], unreadable: int) -> Totals:
    outcomes = Counter(line.outcome for line in lines)
    total = sum(line.fen for line in lines)
    return Totals(len(lines) + unreadable, total, outcomes["paid"], outcomes["failed"], outcomes["unclear"])


def _refuse_difference(stated: Totals, found: Totals, lines: Sequence[ResultLine], unreadable: Sequence[int]) -> None:
    """Count and sum must be equal. So must the outcome counts, except that a bank may have counted a line we cannot
    classify for certain, or cannot read, as any of the three."""
    doubtful = Counter(line.outcome for line in lines if line.doubtful)
    free = sum(doubtful.values()) + len(unreadable)
    certain = [found.paid - doubtful["paid"], found.failed - doubtful["failed"], found.unclear - doubtful["unclear"]]
    spare = [told - sure for told, sure in zip(stated[2:], certain, strict=True)]
    agrees = (stated.lines, stated.fen) == (found.lines, found.fen)
    if agrees and min(spare) >= 0 and sum(spare) == free:
        return
    raise UserError(DIFFERS_UNREADABLE if unreadable else DIFFERS, **_both(stated, found), rows=_some(unreadable))


def _both(stated: Totals, found: Totals) -> dict[str, object]:
    """What the sentences of a difference name: the trailer's figures and ours."""
    words: dict[str, object] = {}
    for prefix, totals in (("stated", stated), ("found", found)):
        words |= {f"{prefix}_{field}": count for field, count in totals._asdict().items() if field != "fen"}
        words[f"{prefix}_yuan"] = format_yuan(totals.fen)
    return words


def _some(numbers: Sequence[int]) -> str:
    return "、".join(str(number) for number in numbers[:10]) + ("…" if len(numbers) > 10 else "")
