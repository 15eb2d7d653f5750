"""Reads small tables of known columns (regions, programmes, fund plans) from whatever sheet, row and order they stand
in. Rolls, which are long and messy, have a reader of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from core.errors import UserError
from core.msgid import N_
from core.tables.furniture import is_column_numbers, is_note, is_signature, is_total
from core.tables.headers import Header, columns_by_wording, find_header, label_of, unit_of
from core.tables.reading import WholeSheet, read_all
from core.tables.rows import NUMBER, Row

NO_TABLE = N_("文件里没有找到所需的表。表头至少要有这些列：%(columns)s。请检查是否选错了文件。")

ROWS_ABOVE = 6
"""Rows above a header that may say what the table is and in which unit its money stands."""


@dataclass(frozen=True)
class Form:
    """A kind of table: its name, and for each column the wordings under which people write it, ours first.
    Without its ``required`` columns a table is none of this kind."""

    name: str
    wordings: Mapping[str, Sequence[str]]
    required: frozenset[str]

    @cached_property
    def labels(self) -> frozenset[str]:
        """Every wording as header cells are compared."""
        return frozenset(label_of(word) for words in self.wordings.values() for word in words)


@dataclass(frozen=True)
class Record:
    """One line: the text of each column that the table has ("" where the cell is blank), and which cells held
    numbers. ``sheet`` is None for text files; ``row`` counts from 1."""

    sheet: str | None
    row: int
    values: Mapping[str, str]
    numbers: frozenset[str]

    def text(self, name: str) -> str:
        """A column's text without outer blanks; "" where the table lacks it."""
        return self.values.get(name, "").strip()

    def is_number(self, name: str) -> bool:
        """Whether the cell held a number of a spreadsheet."""
        return name in self.numbers


@dataclass(frozen=True)
class RecordTable:
    """A table that was found. ``headings`` are the header's words for each column and ``places`` where it stands (the
    first column is 0), ``units`` the unit of money that a header, or a line above it, names; ``title`` is what stands
    above the header."""

    form: Form
    sheet: str | None
    headings: Mapping[str, str]
    places: Mapping[str, int]
    units: Mapping[str, str]
    title: str
    records: list[Record] = field(default_factory=list)

    def columns_json(self) -> list[dict[str, Any]]:
        """Which header was taken for what, for a Report."""
        return [
            {
                "sheet": self.sheet,
                "letter": column_letter(self.places[name]),
                "header": heading,
                "column": self.form.wordings[name][0],
            }
            for name, heading in self.headings.items()
        ]


def column_letter(place: int) -> str:
    """What a spreadsheet calls a column: 0 is A, 26 is AA."""
    letters = ""
    while place >= 0:
        letters = chr(ord("A") + place % 26) + letters
        place = place // 26 - 1
    return letters


def read_records(content: bytes, *forms: Form) -> list[RecordTable]:
    """Every table of these forms in the file. Raises TableError for a file that cannot be read, UserError where no
    sheet has a table of the first form."""
    tables = [table for sheet in read_all(content) for table in _tables(sheet, forms)]
    if not any(table.form is forms[0] for table in tables):
        needed = [forms[0].wordings[name][0] for name in forms[0].wordings if name in forms[0].required]
        raise UserError(NO_TABLE, columns="、".join(needed))
    return tables


def _tables(sheet: WholeSheet, forms: Sequence[Form]) -> list[RecordTable]:
    rows = _unmerged(sheet)
    tables: list[RecordTable] = []
    place, columns = 0, dict[str, int]()
    while place < len(rows):
        found = _header_at(rows, place, sheet, forms)
        if found is not None:
            form, header, columns = found
            # A header that comes again, at the top of each printed page, goes on with the table.
            if not tables or tables[-1].form is not form or _columns_differ(tables[-1], header, columns):
                tables.append(_table(sheet, rows[max(place - ROWS_ABOVE, 0) : place], form, header, columns))
            place += sum(row.number <= header.last_row for row in rows[place:])
            continue
        if tables and not _is_furniture(rows[place], columns):
            tables[-1].records.append(_record(sheet, rows[place], columns))
        place += 1
    return tables


def _header_at(
    rows: list[Row], place: int, sheet: WholeSheet, forms: Sequence[Form]
) -> tuple[Form, Header, dict[str, int]] | None:
    """The header that begins at this row, of the form that it fits best."""
    best = None
    for form in forms:
        header = find_header(rows[place : place + 6], form.labels.__contains__, sheet.merged, depth=1)
        if header is None or header.first_row != rows[place].number:
            continue
        columns = columns_by_wording(header, form.wordings)
        if form.required <= columns.keys() and (best is None or len(columns) > len(best[2])):
            best = (form, header, columns)
    return best


def _columns_differ(table: RecordTable, header: Header, columns: Mapping[str, int]) -> bool:
    return dict(table.places) != dict(columns) or dict(table.headings) != _headings(header, columns)


def _headings(header: Header, columns: Mapping[str, int]) -> dict[str, str]:
    return {name: header.text(column) for name, column in columns.items()}


def _table(
    sheet: WholeSheet, above: Sequence[Row], form: Form, header: Header, columns: Mapping[str, int]
) -> RecordTable:
    over = [cell for row in above for cell in row.cells if cell.strip()]
    general = next((unit for cell in reversed(over) if "单位" in cell and (unit := unit_of(cell))), None)
    headings = _headings(header, columns)
    units = {name: unit for name, text in headings.items() if (unit := unit_of(text) or general)}
    return RecordTable(form, sheet.name, headings, columns, units, " ".join(over))


def _record(sheet: WholeSheet, row: Row, columns: Mapping[str, int]) -> Record:
    present = {name: column for name, column in columns.items() if column < len(row.cells)}
    values = {name: row.cells[column] for name, column in present.items()}
    numbers = frozenset(name for name, column in present.items() if row.kinds[column] == NUMBER)
    return Record(sheet.name, row.number, values, numbers)


def _is_furniture(row: Row, columns: Mapping[str, int]) -> bool:
    """Whether a row below a header is no line: blank in all known columns, a total, a note, signatures."""
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    known = [row.cells[column] for column in columns.values() if column < len(row.cells)]
    if not any(cell.strip() for cell in known) or is_column_numbers(row.cells):
        return True
    return is_total(filled[0]) or (len(filled) <= 2 and (is_note(filled[0]) or all(map(is_signature, filled))))


def _unmerged(sheet: WholeSheet) -> list[Row]:
    """The rows with the value of a cell that is merged downwards in each row it covers. (Merging to the right is for
    titles and headers, which are read as they are.)"""
    rows = {row.number: row for row in sheet.rows}
    for first_row, first_column, last_row, last_column in sheet.merged:
        top = rows.get(first_row)
        if top is None or last_row == first_row or last_column != first_column or first_column >= len(top.cells):
            continue
        for number in range(first_row + 1, last_row + 1):
            row = rows.get(number)
            if row is not None and not (first_column < len(row.cells) and row.cells[first_column].strip()):
                rows[number] = _with_cell(row, first_column, top.cells[first_column], top.kinds[first_column])
    return list(rows.values())


def _with_cell(row: Row, column: int, text: str, kind: str) -> Row:
    blank = column + 1 - len(row.cells)
    cells = [*row.cells, *([""] * blank)]
    kinds = row.kinds + "t" * max(blank, 0)
    cells[column] = text
    return Row(row.number, cells, kinds[:column] + kind + kinds[column + 1 :])
