"""Tables in HTML and in SpreadsheetML 2003: what many systems export under the name ".xls". Runs in the child."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.parsers import expat

from core.tables.frames import PlainRow, SheetStart, TableFrame, batches
from core.tables.refusals import TableError
from core.tables.rows import BOOLEAN, DATE, NUMBER, TEXT
from core.tables.workbooks import shown_number

_WIDEST = 16_384
"""Columns of a sheet; a wider span is a slip or an attack."""
_LONGEST = 1_048_576
_BLANKS = re.compile(r"[ \t\r\n\f]+")


def read_html(text: str) -> Iterator[TableFrame]:
    """All tables of a page as one sheet, one below the other. Raises TableError where there is none."""
    page = _Page()
    page.feed(text)
    page.close()
    if not page.rows:
        raise TableError("no_table")
    rows: list[PlainRow] = [
        (number, cells, TEXT * len(cells)) for number, cells in enumerate(page.rows, 1) if any(map(str.strip, cells))
    ]
    yield SheetStart(None, False, page.merged)
    yield from batches(rows, len(page.rows))


def _span(attributes: list[tuple[str, str | None]], name: str, most: int) -> int:
    digits = re.match(r"\s*(\d{1,7})", dict(attributes).get(name) or "")
    return min(max(int(digits[1]), 1), most) if digits else 1


class _Page(HTMLParser):
    """Collects the rows of all tables. A table within a cell counts as text of that cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self._depth = 0
        self._row: list[str] | None = None
        self._text: list[str] | None = None
        self._covered: dict[int, int] = {}  # column → rows below that a cell above still covers
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
            self._covered = self._covered if self._depth > 1 else {}
        elif tag in ("script", "style"):
            self._hidden += 1
        elif tag == "br" and self._text is not None:
            self._text.append("\n")
        elif self._depth == 1 and tag == "tr":
            self._end_row()
            self._row = []
        elif self._depth == 1 and tag in ("td", "th") and self._row is not None:
            self._end_cell()
            self._begin_cell(_span(attrs, "rowspan", _LONGEST), _span(attrs, "colspan", _WIDEST))

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            if self._depth == 1:
                self._end_row()
            self._depth = max(self._depth - 1, 0)
        elif tag in ("script", "style"):
            self._hidden = max(self._hidden - 1, 0)
        elif self._depth == 1 and tag == "tr":
            self._end_row()
        elif self._depth == 1 and tag in ("td", "th"):
            self._end_cell()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._hidden:
            self._text.append(_BLANKS.sub(" ", data).replace("\xa0", " "))

    def close(self) -> None:
        super().close()
        self._end_row()

    def _begin_cell(self, height: int, width: int) -> None:
        assert self._row is not None
        while self._covered.get(len(self._row), 0):
            self._row.append("")
        top, left = len(self.rows) + 1, len(self._row)
        if height > 1 or width > 1:
            self.merged.append((top, left, top + height - 1, left + width - 1))
        for column in range(left, left + width):
            self._covered[column] = height
        self._row.extend([""] * width)
        if len(self._row) > _WIDEST:
            raise TableError("too_complex")
        self._text, self._column = [], left

    def _end_cell(self) -> None:
        if self._text is not None and self._row is not None:
            lines = "".join(self._text).split("\n")
            self._row[self._column] = "\n".join(line.strip(" ") for line in lines).strip("\n")
        self._text = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is not None:
            while self._covered.get(len(self._row), 0):
                self._row.append("")
            self.rows.append(self._row)
            self._covered = {column: rows - 1 for column, rows in self._covered.items() if rows > 1}
        self._row = None


# --- SpreadsheetML 2003 -----------------------------------------------------------------------

_NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet "
_EXCEL = "urn:schemas-microsoft-com:office:excel "
_KINDS = {"Number": NUMBER, "DateTime": DATE, "Boolean": BOOLEAN}


def read_spreadsheetml(content: bytes, *, hidden_too: bool = False) -> Iterator[TableFrame]:
    """The sheets of an "XML spreadsheet 2003"; the rows of hidden ones only on demand. Raises TableError for broken
    XML or one that defines entities."""
    workbook = _Workbook()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = workbook.start
    parser.EndElementHandler = workbook.end
    parser.CharacterDataHandler = workbook.data
    parser.EntityDeclHandler = _refuse_entities
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError) as error:
        raise TableError("damaged") from error
    for sheet in workbook.sheets:
        read = hidden_too or not sheet.hidden
        yield SheetStart(sheet.name, sheet.hidden, sheet.merged if read else [])
        yield from batches(sheet.rows if read else [], sheet.last_row)


def _refuse_entities(*_: object) -> None:
    # The classic bomb: entities that expand into each other. No spreadsheet needs any.
    raise TableError("damaged")


class _Sheet:
    def __init__(self, name: str) -> None:
        self.name = name
        self.hidden = False
        self.rows: list[PlainRow] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self.last_row = 0


class _Workbook:
    """Takes what the parser finds. Rows and cells may say their place (ss:Index), else they follow each other."""

    def __init__(self) -> None:
        self.sheets: list[_Sheet] = []
        self._cells: list[str] = []
        self._kinds: list[str] = []
        self._column = 0
        self._kind = TEXT
        self._text: list[str] | None = None
        self._in_visible = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == _NAMESPACE + "Worksheet":
            self.sheets.append(_Sheet(attributes.get(_NAMESPACE + "Name", "")))
        elif not self.sheets:
            return
        elif tag == _NAMESPACE + "Row":
            self._start_row(attributes)
        elif tag == _NAMESPACE + "Cell":
            self._start_cell(attributes)
        elif tag == _NAMESPACE + "Data":
            self._kind = _KINDS.get(attributes.get(_NAMESPACE + "Type", ""), TEXT)
            self._text = []
        elif tag == _EXCEL + "Visible":
            self._in_visible = True

    def end(self, tag: str) -> None:
        if tag == _NAMESPACE + "Row" and self.sheets:
            sheet = self.sheets[-1]
            if any(map(str.strip, self._cells)):
                sheet.rows.append((sheet.last_row, self._cells, "".join(self._kinds)))
        elif tag == _NAMESPACE + "Data" and self._text is not None:
            self._put("".join(self._text))
            self._text = None
        elif tag == _EXCEL + "Visible":
            self._in_visible = False

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)
        elif self._in_visible and "Hidden" in text:
            self.sheets[-1].hidden = True

    def _start_row(self, attributes: dict[str, str]) -> None:
        sheet = self.sheets[-1]
        sheet.last_row = _place(attributes, "Index", sheet.last_row + 1, _LONGEST)
        self._cells, self._kinds, self._column = [], [], -1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._column = _place(attributes, "Index", self._column + 2, _WIDEST) - 1
        across = _place(attributes, "MergeAcross", 0, _WIDEST)
        down = _place(attributes, "MergeDown", 0, _LONGEST)
        if across or down:
            sheet = self.sheets[-1]
            top, left = sheet.last_row, self._column
            sheet.merged.append((top, left, top + down, left + across))
        self._fill_to(self._column + across)
        self._at, self._column = self._column, self._column + across

    def _fill_to(self, column: int) -> None:
        missing = column + 1 - len(self._cells)
        if column >= _WIDEST:
            raise TableError("too_complex")
        self._cells.extend([""] * missing)
        self._kinds.extend([TEXT] * missing)

    def _put(self, text: str) -> None:
        self._cells[self._at], self._kinds[self._at] = text, self._kind
        if self._kind == NUMBER:
            try:
                self._cells[self._at] = shown_number(float(text))
            except ValueError:
                self._kinds[self._at] = TEXT
        elif self._kind == DATE:
            self._cells[self._at] = text.removesuffix("T00:00:00.000")


def _place(attributes: dict[str, str], name: str, otherwise: int, most: int) -> int:
    text = attributes.get(_NAMESPACE + name, "")
    if not text.isdigit() or len(text) > 7:
        return otherwise
    if int(text) > most:
        raise TableError("too_complex")
    return int(text)
