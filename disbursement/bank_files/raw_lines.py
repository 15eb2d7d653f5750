"""A result file taken apart into its summary line and the lines about people, whatever its kind. Nothing here knows
what the columns mean."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.errors import UserError
from core.tables.reading import TableError, open_table
from core.tables.rows import DATE, NUMBER
from disbursement.bank_files.profiles import FIXED_WIDTH, XLSX, Column, Layout

_BLOCK = 1 << 20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class RawLine(NamedTuple):
    """One physical line. ``kinds`` has a letter for each cell of a workbook, and is empty for text."""

    number: int
    cells: list[str]
    kinds: str = ""


class Parts(NamedTuple):
    """The cells of the summary line (None where the layout has none, or the file) and what holds the other lines:
    texts of a delimited file (read by one regular expression), or lines cut into cells."""

    summary: list[str] | None
    texts: Iterator[tuple[int, str]] | None = None
    lines: Iterator[RawLine] | None = None


def take_apart(layout: Layout, content: bytes) -> Parts:
    """The summary and the other lines of a file. Raises UserError for a file of another kind."""
    if layout.kind == XLSX:
        return _of_workbook(layout, content)
    if b"\x00" in content or not content.strip():
        raise UserError("这不是银行回盘文件：文件是空的，或者不是文本。请向银行索取文本格式的回盘文件。")
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if b"\n" not in content:
        # A file of an old machine.
        content = content.replace(b"\r", b"\n")
    first, body, summary = _split(layout, content)
    if layout.kind == FIXED_WIDTH:
        return Parts(
            None if summary is None else cut(layout, layout.summary, summary),
            lines=_fixed(layout, body, first),
        )
    encoding = _encoding_of(content)
    told = None if summary is None else summary.decode(encoding, "replace").split(layout.delimiter)
    return Parts(told, texts=_texts(body, encoding, first, first + layout.header_lines))


def cells_of(layout: Layout, parts: Parts) -> Iterator[RawLine]:
    """The lines about people as cells, of any kind of file."""
    if parts.lines is not None:
        yield from parts.lines
    for number, text in parts.texts or ():
        if text and not text.isspace():
            yield RawLine(number, text.split(layout.delimiter))


def cut(layout: Layout, columns: Sequence[Column], line: bytes) -> list[str]:
    """A line of a fixed-width file as cells, by the bytes of its encoding. What stands behind the last column is a cell
    more."""
    # GB 18030 reads all that GBK can write, and what a bank calls GBK often is.
    encoding = "utf-8" if layout.encoding == "utf-8" else "gb18030"
    cells, place = [], 0
    for column in columns:
        text = line[place : place + column.width].decode(encoding, "replace")
        cells.append(_unfilled(column, text))
        place += column.width
    rest = line[place:].decode(encoding, "replace").strip()
    return [*cells, rest] if rest else cells


def _unfilled(column: Column, text: str) -> str:
    if column.fill == " ":
        return text.strip()
    text = text.strip()
    return (text.lstrip(column.fill) or text[-1:]) if column.right else text.rstrip(column.fill)


def _split(layout: Layout, content: bytes) -> tuple[int, bytes, bytes | None]:
    """The number of the first line of the body, the body, and the line of the totals. Neither a line feed nor a
    carriage return occurs within a character of GB 18030."""
    if layout.summary_place == "none":
        return 1, content, None
    if layout.summary_place == "first":
        summary, _, body = content.partition(b"\n")
        return 2, body, summary.rstrip(b"\r")
    body = content.rstrip(b"\r\n\x1a \t")
    place = body.rfind(b"\n") + 1
    return 1, body[:place], body[place:]


def _encoding_of(content: bytes) -> str:
    """UTF-8 where the whole file is that, else GB 18030 (with it GBK and GB 2312)."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _texts(body: bytes, encoding: str, first: int, from_line: int) -> Iterator[tuple[int, str]]:
    """The lines of the file with their numbers, decoded in blocks: a long file is never held twice over."""
    place, number = 0, first - 1
    while place < len(body):
        end = body.find(b"\n", place + _BLOCK) + 1 or len(body)
        block = body[place:end].decode(encoding, "replace").removesuffix("\n")
        for number, text in enumerate(block.split("\n"), number + 1):  # noqa: B020 - goes on where the block ended
            if number >= from_line:
                yield number, text.rstrip("\r\x1a")
        place = end


def _fixed(layout: Layout, body: bytes, first: int) -> Iterator[RawLine]:
    number, place = first - 1, 0
    while place < len(body):
        end = body.find(b"\n", place) + 1 or len(body)
        number += 1
        line = body[place:end].rstrip(b"\r\n\x1a")
        place = end
        if number >= first + layout.header_lines and line.strip():
            yield RawLine(number, cut(layout, layout.columns, line))


def _of_workbook(layout: Layout, content: bytes) -> Parts:
    """The rows of the first sheet that has any. The child process that reads them has its own limits, and a whole
    answer is held at once: the totals stand in its last row."""
    try:
        with open_table(content) as table:
            if table.kind == "text":
                raise UserError("这不是 Excel 文件，和所选的格式不符。请确认选对了文件和格式。")
            rows = next((found for sheet in table.sheets() if (found := list(sheet.rows()))), [])
    except TableError as error:
        raise UserError(error.sentence, **error.parameters) from error
    lines = [RawLine(row.number, _dates(row.cells, row.kinds), row.kinds) for row in rows]
    summary: list[str] | None = None
    if layout.summary_place != "none" and lines:
        summary = lines.pop(0 if layout.summary_place == "first" else -1).cells
    return Parts(summary, lines=iter(lines[layout.header_lines :]))


def _dates(cells: list[str], kinds: str) -> list[str]:
    if DATE not in kinds:
        return cells
    return [cell[:10] if kind == DATE else cell for cell, kind in zip(cells, kinds, strict=True)]


def held_number(line: RawLine, place: int) -> bool:
    """Whether a cell held a number, not the text of one."""
    return line.kinds[place : place + 1] == NUMBER if line.kinds else False
