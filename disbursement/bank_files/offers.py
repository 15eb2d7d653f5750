"""Writing the file by which a bank pays: one line an attempt, and a line with the control totals."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from core.errors import UserError
from core.money import format_yuan_plain
from disbursement.bank_files.profiles import DELIMITED, FIELDS, FIXED_WIDTH, NEWLINES, XLSX, Column, Layout, Profile

_BREAKS = re.compile(r"[\r\n\t\x00]+")
_CONTROLS = re.compile(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]+")
# A workbook names the day on which it was made: always this one, so that the same lines are the same bytes.
_MADE_ON = datetime(2020, 1, 1)  # noqa: DTZ001 - a spreadsheet knows no zones
_MAY_BE_CUT = frozenset({"purpose"})


class OfferLine(NamedTuple):
    """One attempt as the bank sees it."""

    reference: str
    name: str
    card: str
    fen: int
    purpose: str


class WrittenOffer(NamedTuple):
    """The bytes of the file, its control totals, and how many characters the bank's character set lacks (each
    became a question mark)."""

    content: bytes
    line_count: int
    total_fen: int
    lost_characters: int


def write_offer(profile: Profile, lines: Iterable[OfferLine]) -> WrittenOffer:
    """The offer file in the profile's layout; of the profile ``sample``: ``reference|name|card|fen|purpose`` and
    ``TOTAL|count|fen``. Raises UserError with the number of the line where a field is longer than its column."""
    layout = profile.offer
    written, total = [], 0
    for line in lines:
        total += line.fen
        written.append(_cells(layout, line))
    count = len(written)
    totals = [_total(layout, column.field, count, total) for column in layout.summary]
    if layout.kind == DELIMITED:
        content, lost = _delimited(layout, written, totals)
    else:
        lost = sum(lost_in(layout.encoding, cell) for cells in written for cell in cells)
        content = (_fixed if layout.kind == FIXED_WIDTH else _workbook)(layout, written, totals)
    return WrittenOffer(content, count, total, lost)


def lost_in(encoding: str, text: str) -> int:
    """How many characters of a text an encoding lacks."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode(encoding, "replace").count(b"?") - text.count("?")
    return 0


def as_written(encoding: str, text: str) -> str:
    """A text as it stands in a file of that encoding: a question mark for what it lacks."""
    return text.encode(encoding, "replace").decode(encoding)


def _cells(layout: Layout, line: OfferLine) -> list[str]:
    amount = str(line.fen) if layout.unit == "fen" else format_yuan_plain(line.fen)
    known = {
        "reference": line.reference,
        "name": _field(layout, line.name),
        "card": line.card,
        "amount": amount,
        "purpose": _field(layout, line.purpose),
    }
    return [known.get(column.field, "") for column in layout.columns]


def _total(layout: Layout, field: str, count: int, fen: int) -> str:
    amount = str(fen) if layout.unit == "fen" else format_yuan_plain(fen)
    return {"mark": layout.mark, "lines": str(count), "total": amount}.get(field, "")


def _in_order(layout: Layout, lines: Sequence[list[str]], totals: list[str]) -> Iterator[tuple[list[str], bool]]:
    """Every line of the file and whether it is the one of the totals, the header included."""
    if layout.summary_place == "first":
        yield totals, True
    if layout.header_lines:
        yield [column.title or FIELDS[column.field] for column in layout.columns], False
    for line in lines:
        yield line, False
    if layout.summary_place == "last":
        yield totals, True


def _delimited(layout: Layout, lines: Sequence[list[str]], totals: list[str]) -> tuple[bytes, int]:
    texts = [layout.delimiter.join(cells) for cells, _ in _in_order(layout, lines, totals)]
    text = NEWLINES[layout.newline].join((*texts, ""))
    content = text.encode(layout.encoding, "replace")
    return content, content.count(b"?") - text.count("?")


def _fixed(layout: Layout, lines: Sequence[list[str]], totals: list[str]) -> bytes:
    newline = NEWLINES[layout.newline].encode("ascii")
    out = bytearray()
    for number, (cells, is_summary) in enumerate(_in_order(layout, lines, totals), 1):
        columns = layout.summary if is_summary else layout.columns
        is_header = bool(layout.header_lines) and number == (2 if layout.summary_place == "first" else 1)
        for column, cell in zip(columns, cells, strict=True):
            out += _padded(layout, column, cell, number, may_cut=is_header or column.field in _MAY_BE_CUT)
        out += newline
    return bytes(out)


def _padded(layout: Layout, column: Column, text: str, number: int, *, may_cut: bool) -> bytes:
    """A field in the bytes of its column."""
    content = text.encode(layout.encoding, "replace")
    if len(content) > column.width:
        if not may_cut:
            raise UserError(
                "第 %(number)s 行的%(field)s有 %(length)s 个字节，超过了文件格式规定的 %(width)s 个字节，没有生成文件。"
                "请加宽格式里的这一列；户名过长的，请先登记银行的写法。",
                number=number,
                field=FIELDS.get(column.field, column.field),
                length=len(content),
                width=column.width,
            )
        # Not through the middle of a character.
        content = content[: column.width].decode(layout.encoding, "ignore").encode(layout.encoding)
    fill = column.fill.encode("ascii")
    return content.rjust(column.width, fill) if column.right else content.ljust(column.width, fill)


def _workbook(layout: Layout, lines: Sequence[list[str]], totals: list[str]) -> bytes:
    """A workbook of one sheet, every cell text: no card loses its digits. What the bank's system lacks is written as
    in a text file, so that screens and file agree."""
    import xlsxwriter

    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        workbook.set_properties({"created": _MADE_ON})
        sheet = workbook.add_worksheet()
        for row, (cells, _) in enumerate(_in_order(layout, lines, totals)):
            for column, cell in enumerate(cells):
                if cell:
                    sheet.write_string(row, column, as_written(layout.encoding, cell))
    return out.getvalue()


def _field(layout: Layout, text: str) -> str:
    """The text without what would make two fields or two lines of it."""
    if layout.kind == XLSX:
        return _CONTROLS.sub(" ", text)
    text = _BREAKS.sub(" ", text)
    return text.replace(layout.delimiter, " ") if layout.kind == DELIMITED else text
