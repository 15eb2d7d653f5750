"""Reading a bank's result file: its lines, the lines that cannot be read, and its control totals."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from core.errors import UserError
from core.identity import check_card_number
from core.money import format_yuan, parse_fen, parse_signed_yuan, parse_yuan
from core.msgid import N_
from core.plain_text import plain_without_spaces
from disbursement.bank_files.outcomes import classify
from disbursement.bank_files.profiles import DELIMITED, USUAL_RESULT, Layout, Profile
from disbursement.bank_files.raw_lines import RawLine, held_number, take_apart

_REFERENCE = "[1-9][0-9]{0,18}-[1-9][0-9]{0,5}"
_is_reference = re.compile(_REFERENCE).fullmatch
_MASKED_CARD = re.compile(r"[0-9]{0,12}\*+[0-9]{4}")

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


MOST_MEGABYTES = 64
"""A million lines: what is longer is no answer of a bank."""


class ResultContent(NamedTuple):
    """What a result file holds. ``unreadable`` are the physical numbers of lines that say nothing to us."""

    lines: list[ResultLine]
    unreadable: list[int]
    totals: Totals


def read_result(profile: Profile, content: bytes) -> ResultContent:
    """Read a result file. Raises UserError for a file of another kind, one without its summary line, and one whose
    lines do not add up to it (with the difference): such a file is refused whole (design §4)."""
    if len(content) > MOST_MEGABYTES * 2**20:
        raise UserError(
            "文件有 %(megabytes)s MB，超过了 %(limit)s MB 的上限，不像是回盘文件。请确认选对了文件。",
            megabytes=-(-len(content) // 2**20),
            limit=MOST_MEGABYTES,
        )
    layout = profile.result
    parts = take_apart(layout, content)
    told = stated_totals(layout, parts.summary)
    reader = LineReader(profile)
    lines, unreadable = [], []
    if parts.texts is not None:
        read = reader.read_text
        for number, text in parts.texts:
            if not text or text.isspace():
                continue
            line = read(number, text)
            if line is None:
                unreadable.append(number)
            else:
                lines.append(line)
    for raw in parts.lines or ():
        line = reader.read_cells(raw)
        if line is None:
            unreadable.append(raw.number)
        else:
            lines.append(line)
    totals = add_up(lines, len(unreadable))
    stated = complete(told, totals)
    difference = difference_of(stated, totals, lines, unreadable)
    if difference is not None:
        raise difference
    return ResultContent(lines, unreadable, stated)


def stated_totals(layout: Layout, summary: Sequence[str] | None) -> dict[str, int]:
    """What the summary line says, by the names of Totals; nothing where the layout has none. Raises UserError for a
    line that is no such."""
    if layout.summary_place == "none":
        return {}
    cells = [plain_without_spaces(cell) for cell in summary or ()]
    places = {column.field: place for place, column in enumerate(layout.summary)}
    mark_at = places.get("mark")
    if mark_at is not None and (mark_at >= len(cells) or cells[mark_at] != layout.mark):
        raise UserError(
            "文件的合计行（%(mark)s）不在应在的位置，可能没有传完整，或者不是这种格式的回盘文件。"
            "整个文件没有导入，请向银行重新索取。",
            mark=layout.mark,
        )
    told: dict[str, int] = {}
    for field, place in places.items():
        if field in ("mark", "other"):
            continue
        value = _figure(layout, field, cells[place] if place < len(cells) else "")
        if value is None:
            raise UserError("合计行读不出笔数和金额。整个文件没有导入，请向银行重新索取。")
        told["fen" if field == "total" else field] = value
    return told


def _figure(layout: Layout, field: str, text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 18 and (field != "total" or layout.unit == "fen"):
        return int(text)
    if field == "total" and layout.unit == "yuan":
        fen, _ = parse_signed_yuan(_without_noughts(text))
        return fen if fen is not None and fen >= 0 else None
    return None


def complete(told: Mapping[str, int], found: Totals) -> Totals:
    """The stated totals, with ours where a bank states none. Of the three outcomes it states all or none counts."""
    given = dict(told)
    if not {"paid", "failed", "unclear"} <= given.keys():
        given = {field: count for field, count in given.items() if field in ("lines", "fen")}
    return found._replace(**given)


class _Said(NamedTuple):
    """What the last columns of a line say."""

    outcome: str
    reason: str
    bank_date: date | None
    doubtful: bool


class LineReader:
    """Reads the lines of one file by its profile."""

    def __init__(self, profile: Profile) -> None:
        self.layout = layout = profile.result

        @lru_cache(4096)  # a file has few codes, reasons and days
        def said(code: str, reason: str, day: str) -> _Said:
            reading = classify(profile, code, reason)
            return _Said(reading.outcome, reading.reason, day_of(layout, day), reading.doubtful)

        self._said = said
        self._places = {field: place for place, field in enumerate(layout.fields) if field != "other"}
        self._needed = max((self._places[field] for field in ("name", "amount", "code")), default=0) + 1
        self._known = len(layout.columns)
        self.read_text = self._read_usual() if is_usual(layout) else self._read_patiently

    def _read_patiently(self, number: int, text: str) -> ResultLine | None:
        return self.read_cells(RawLine(number, text.split(self.layout.delimiter)))

    def _read_usual(self) -> Callable[[int, str], ResultLine | None]:
        usual, patiently, said = _usual_line(self.layout.delimiter), self._read_patiently, self._said

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

    def read_cells(self, raw: RawLine) -> ResultLine | None:
        """A line however a bank pads, masks or extends it; None for one that cannot be read."""
        if len(raw.cells) < self._needed:
            return None
        fen, card, reference = self.amount_of(raw), self.card_of(raw), self.reference_of(raw)
        if fen is None or card is None or not (card or reference):
            return None
        outcome, reason, day, doubtful = self._said(
            self.cell(raw, "code"), self.cell(raw, "reason"), self.cell(raw, "date")
        )
        name = self.cell(raw, "name").strip()
        return ResultLine(raw.number, reference, name, card, fen, outcome, reason, day, doubtful)

    def cell(self, raw: RawLine, field: str) -> str:
        """What stands in a field of a line; nothing where the line or the layout lacks it."""
        place = self._places.get(field)
        return raw.cells[place] if place is not None and place < len(raw.cells) else ""

    def amount_of(self, raw: RawLine) -> int | None:
        """The fen of a line, above nought; None for what is no such amount."""
        text = self.cell(raw, "amount")
        if self.layout.unit == "fen":
            return _fen(text)
        fen, _ = parse_yuan(_without_noughts(text), from_number=held_number(raw, self._places["amount"]))
        return fen

    def card_of(self, raw: RawLine) -> str | None:
        """The card of a line, masked or empty as it may be; None for what is none."""
        place = self._places.get("card")
        return _card(self.cell(raw, "card"), from_number=place is not None and held_number(raw, place))

    def reference_of(self, raw: RawLine) -> str | None:
        """The first field that has the form of one of our references: its own, or one of the bank's behind ours."""
        return _reference(self.cell(raw, "reference"), raw.cells[self._known :])


def is_usual(layout: Layout) -> bool:
    """Whether the lines are those that one regular expression reads."""
    return (
        layout.kind == DELIMITED
        and layout.fields == USUAL_RESULT
        and (layout.unit, layout.date_order)
        == (
            "fen",
            "ymd",
        )
    )


def _usual_line(delimiter: str) -> Callable[[str], re.Match[str] | None]:
    """Nearly every line of nearly every file looks like this, and one match reads it: exactly the known columns, a
    whole card number, a whole amount, and for a serial our reference or the bank's running number."""
    d, text = re.escape(delimiter), f"([^{re.escape(delimiter)}]*)"
    pattern = f"(?:({_REFERENCE})|[0-9]+){d}{text}{d}([0-9]{{8,25}}){d}([0-9]{{1,14}}){d}{text}{d}{text}{d}{text}"
    return re.compile(pattern).fullmatch


def _fen(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= 14:
        return int(text) or None
    return parse_fen(text)[0]


def _without_noughts(text: str) -> str:
    """Yuan that a bank has filled with noughts: 0000270.00."""
    bare = text.strip().lstrip("0")
    return bare if bare[:1].isdigit() else "0" + bare if bare[:1] == "." else text


def _card(text: str, *, from_number: bool = False) -> str | None:
    card, problem = check_card_number(text, from_number=from_number)
    if problem is None:
        return card
    masked = plain_without_spaces(text)
    return masked if _MASKED_CARD.fullmatch(masked) else None


def _reference(serial: str, others: Sequence[str]) -> str | None:
    if _is_reference(serial):
        return serial
    return next((field.strip() for field in (serial, *others) if _is_reference(field.strip())), None)


def day_of(layout: Layout, text: str) -> date | None:
    """The day of the bank, in the layout's order of day, month and year; None for what is no day."""
    digits = plain_without_spaces(text).replace("-", "").replace("/", "").replace(".", "")
    if len(digits) != 8:
        return None
    if layout.date_order != "ymd":
        first, second, year = digits[:2], digits[2:4], digits[4:]
        digits = year + (second + first if layout.date_order == "dmy" else first + second)
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def add_up(lines: Sequence[ResultLine], unreadable: int) -> Totals:
    """What the lines come to. One that cannot be read counts as a line of no amount."""
    outcomes = Counter(line.outcome for line in lines)
    total = sum(line.fen for line in lines)
    return Totals(len(lines) + unreadable, total, outcomes["paid"], outcomes["failed"], outcomes["unclear"])


def difference_of(
    stated: Totals, found: Totals, lines: Sequence[ResultLine], unreadable: Sequence[int]
) -> UserError | None:
    """Count and sum must be equal. So must the outcome counts, except that a bank may have counted a line we cannot
    classify for certain, or cannot read, as any of the three. Gives what to tell where they are not; None otherwise."""
    doubtful = Counter(line.outcome for line in lines if line.doubtful)
    free = sum(doubtful.values()) + len(unreadable)
    certain = [found.paid - doubtful["paid"], found.failed - doubtful["failed"], found.unclear - doubtful["unclear"]]
    spare = [told - sure for told, sure in zip(stated[2:], certain, strict=True)]
    agrees = (stated.lines, stated.fen) == (found.lines, found.fen)
    # A bank that states no outcomes counts each line as we do, and those we cannot read as none.
    as_ours = stated[2:] == found[2:]
    if agrees and (as_ours or (min(spare) >= 0 and sum(spare) == free)):
        return None
    return UserError(DIFFERS_UNREADABLE if unreadable else DIFFERS, **_both(stated, found), rows=_some(unreadable))


def _both(stated: Totals, found: Totals) -> dict[str, object]:
    """What the sentences of a difference name: the trailer's figures and ours."""
    words: dict[str, object] = {}
    for prefix, totals in (("stated", stated), ("found", found)):
        words |= {f"{prefix}_{field}": count for field, count in totals._asdict().items() if field != "fen"}
        words[f"{prefix}_yuan"] = format_yuan(totals.fen)
    return words


def _some(numbers: Sequence[int]) -> str:
    return "、".join(str(number) for number in numbers[:10]) + ("…" if len(numbers) > 10 else "")
