"""Reads one sheet of a roll: finds its tables one after the other, and accounts for every row."""

import re
from collections.abc import Generator, Iterator, Sequence
from itertools import chain, islice

from core.money import format_yuan
from core.msgid import N_
from core.plain_text import plain_without_spaces
from core.tables.furniture import is_column_numbers, is_total
from core.tables.headers import Header, find_header, label_of
from core.tables.reading import Sheet
from core.tables.rows import NUMBER, Row
from disbursement.roll_files.account import ColumnUse, SheetAccount
from disbursement.roll_files.columns import NEEDED, Columns, Recognised, recognise
from disbursement.roll_files.evidence import looks_like_id
from disbursement.roll_files.lines import LineProblem, ReadLine, RollLine, Surroundings, line_reader, read_amount
from disbursement.roll_files.rows import RowKind, is_header_row, kind_of_row, section_text
from disbursement.roll_files.vocabulary import FIELD_NAMES, Field, is_label
from disbursement.roll_files.whole_file import WholeFile

_SAMPLE = 300
"""Rows that are looked at before the columns of a sheet are decided."""
_AHEAD = 100
"""Rows that are looked at where a new header stands between the lines."""
_MOST_HEADERS_TRIED = 4
_UNIT_ABOVE = re.compile(r"单位[::]?\(?([万千百]?元)")
_PART_TOTAL = re.compile("小计|本页|页计")

Item = RollLine | LineProblem


class SheetReader:
    """Reads one sheet; `account` says afterwards what became of it."""

    def __init__(self, file: WholeFile, sheet: Sheet) -> None:
        self.account = SheetAccount(sheet.name)
        self._file = file
        self._sheet = sheet
        self._around = Surroundings()
        self._totals = _Totals()
        self._ended = False
        self._outside = False

    def items(self) -> Iterator[Item]:
        """The lines of the sheet in their order; none if it is hidden or no roll."""
        if self._sheet.hidden:
            self._file.note("hidden_sheet", sheet=self._title)
            return
        rows = self._sheet.rows()
        head = list(islice(rows, _SAMPLE))
        found, body = self._table_in(head)
        if found is not None and found.complete:
            self._begin(found, head[: len(head) - len(body)])
            yield from self._tables(found, chain(body, rows))
        elif head:
            self._leave(found, head, rows)
        self._close()

    # --- finding a table -------------------------------------------------------------------------

    def _table_in(self, head: list[Row]) -> tuple[Recognised | None, list[Row]]:
        """The first table in some rows whose columns are all found, and the rows below its header; else the first
        that lacks some, or None."""
        first: Recognised | None = None
        rest = head
        for _ in range(_MOST_HEADERS_TRIED):
            header = find_header(rest, is_label, self._sheet.merged)
            if header is None:
                break
            body = [row for row in rest if row.number > header.last_row]
            found = self._recognise(header, head, body)
            if found.complete:
                return found, body
            first, rest = first or found, body
        if first is None and any(any(map(looks_like_id, row.cells)) for row in head):
            first = self._recognise(None, head, head)
            return first, head
        return first, []

    def _recognise(self, header: Header | None, head: Sequence[Row], body: Sequence[Row]) -> Recognised:
        sample = [row for row in body if not is_header_row(row) and not any(map(is_total, row.cells[:6]))]
        return recognise(header, sample, _unit_above(head, header), self._file.today)

    def _begin(self, found: Recognised, above: Sequence[Row]) -> None:
        """Take note of a table whose lines are about to be read, and of what stands above it."""
        first_row = found.header.first_row if found.header else 0
        for row in above:
            self.account.rows[RowKind.NOTE if row.number < first_row else RowKind.HEADER] += 1
        self.account.header_row = found.header.label_row if found.header else None
        self._record(found)
        regions = self._file.regions
        by_title = next((m for row in above for cell in row.cells if cell and (m := regions.in_title(cell))), None)
        by_name = regions.in_title(self._sheet.name) if self._sheet.name else None
        for mention in (by_name, by_title):
            if mention is not None:
                self._around.begin(mention)
        villages = {mention.village for mention in (by_name, by_title) if mention and mention.village}
        if len(villages) > 1 and not any(Field.VILLAGE in block.places for block in found.blocks):
            self._file.note("village_conflict", sheet=self._title)

    def _record(self, found: Recognised) -> None:
        for block in found.blocks:
            uses = (ColumnUse(column, found.text(column), field) for field, column in block.places.items())
            self.account.columns.extend(use for use in uses if use not in self.account.columns)
        self.account.columns.sort(key=lambda use: use.column)
        for doubt in found.doubts:
            self.account.certain = False
            self._file.note(doubt.code, sheet=self._title, header=doubt.header)

    @property
    def _title(self) -> str:
        return self._sheet.name or N_("整个文件")

    def _leave(self, found: Recognised | None, head: list[Row], rows: Iterator[Row]) -> None:
        """Leave a sheet that is no roll; one that holds people is named, so that nobody is lost unseen."""
        missing = [field for field in NEEDED if not found or any(field not in b.places for b in found.blocks)]
        self._file.not_a_roll(missing, found)
        holds_people = any(self._sheet_has_id(row) for row in head)
        names = "、".join(FIELD_NAMES[field] for field in missing)
        self._file.note("incomplete_sheet" if holds_people else "other_sheet", sheet=self._title, missing=names)
        self.account.rows[RowKind.NOTE] += len(head) + sum(1 for _ in rows)

    def _sheet_has_id(self, row: Row) -> bool:
        return any(len(plain_without_spaces(cell)) == 18 and looks_like_id(cell) for cell in row.cells)

    def _close(self) -> None:
        self._sheet.skip()
        counted = sum(self.account.rows.values())
        self.account.rows[RowKind.BLANK] += (self._sheet.row_count or 0) - counted
        for remark in self._sheet.remarks:
            self._file.note(remark.code, row=remark.row)
        if self._around.unnamed:
            self._file.note("region_unnamed", sheet=self._title, count=self._around.unnamed)
        if self._around.groups_unknown:
            self._file.note("group_unknown", sheet=self._title, count=self._around.groups_unknown)
        if self._around.noughts_wrong:
            # Excel fills up with noughts what it cannot keep; one such number in eleven has a right check digit.
            self._file.note("id_noughts", sheet=self._title, count=self._around.noughts)

    # --- reading the lines -----------------------------------------------------------------------

    def _tables(self, table: Recognised, rows: Iterator[Row]) -> Iterator[Item]:
        """The lines of a table, and of those that follow below it under headers of their own."""
        while True:
            at_header = None
            for row, item in self._lines(table, rows):
                if item is None:
                    at_header = row
                    break
                yield item
            if at_header is None:
                return
            ahead = [at_header, *islice(rows, _AHEAD)]
            below, rest = self._table_in(ahead)
            self.account.rows[RowKind.HEADER] += 1
            if below is not None and below.complete:
                table, self._outside = below, False
                self._record(table)
                self.account.rows[RowKind.HEADER] += len(ahead) - len(rest) - 1
            else:
                # Not a table of people, as far as one can see: its rows are no lines, but it is named.
                rest, self._outside = ahead[1:], True
                self._file.note("lost_table", sheet=self._title, row=at_header.number)
            rows = chain(rest, rows)

    def _lines(self, table: Recognised, rows: Iterator[Row]) -> Iterator[tuple[Row, Item | None]]:
        """Each line with its row, until a header that is not this table's own; that row comes with None."""
        readers = [(block, self._line_reader(block)) for block in table.blocks]
        (first_block, read), alone = readers[0], len(readers) == 1
        counted = 0
        try:
            for row in rows:
                item = read(row) if alone else None
                if item is not None:
                    counted += 1
                    self._ended = self._outside = False
                    self._totals.add(item, row, first_block)
                    yield row, item
                    continue
                parts = [(row, first_block, read)] if alone else _parts(row, readers)
                kind = yield from self._other(parts)
                if kind is RowKind.HEADER and not _repeats(row, table):
                    yield row, None
                    return
                self.account.rows[kind] += 1
        finally:
            self.account.rows[RowKind.LINE] += counted

    def _line_reader(self, block: Columns) -> ReadLine:
        file = self._file
        return line_reader(
            self._sheet.name,
            block,
            regions=file.regions,
            around=self._around,
            seen=file.seen,
            today=file.today,
        )

    def _other(self, parts: list["_Part"]) -> Generator[tuple[Row, Item | None], None, RowKind]:
        """The lines in a row that is not plainly one line, and what the row is in all."""
        kinds = []
        for row, block, read in parts:
            item = read(row) if len(parts) > 1 else None
            kind = RowKind.LINE if item else kind_of_row(row, block, self._file.regions, ended=self._ended)
            if kind is RowKind.LINE and not item and not self._outside:
                item = read(row, is_line=True)
            if item:
                self._ended = False
                self._totals.add(item, row, block)
                yield row, item
            else:
                kind = RowKind.NOTE if kind is RowKind.LINE else kind
                self._take_note(kind, row, block)
            kinds.append(kind)
        return RowKind.LINE if RowKind.LINE in kinds else kinds[0] if kinds else RowKind.BLANK

    def _take_note(self, kind: RowKind, row: Row, block: Columns) -> None:
        """What a row that is no line says about others."""
        if kind is RowKind.SECTION:
            texts = [cell.strip() for cell in row.cells if cell.strip()]
            mention = self._file.regions.in_title(section_text(texts))
            if mention is not None:
                self._around.begin(mention)
        elif kind is RowKind.TOTAL and not self._outside:
            stated = _amount_in(row, block)
            if stated is not None and not self._totals.agree(stated, row):
                self._file.note(
                    "total_differs",
                    sheet=self._title,
                    row=row.number,
                    stated=format_yuan(stated),
                    added=format_yuan(self._totals.in_all),
                )
        self._ended = self._ended or kind in (RowKind.TOTAL, RowKind.SIGNATURE)


_Part = tuple[Row, Columns, ReadLine]


def _parts(row: Row, readers: list[tuple[Columns, ReadLine]]) -> list[_Part]:
    """The row as each of several tables side by side has it: the cells of the others blank."""
    parts = []
    for block, read in readers:
        last = len(row.cells) if block.last is None else block.last
        cells = [""] * block.first + row.cells[block.first : last]
        if any(map(str.strip, cells)):
            parts.append((Row(row.number, cells, row.kinds), block, read))
    return parts


def _repeats(row: Row, table: Recognised) -> bool:
    """Whether a header row says what the header of the table says, as on each printed page."""
    if table.header is None:
        return False
    for column, cell in enumerate(row.cells):
        if cell.strip():
            path = table.header.paths[column] if column < len(table.header.paths) else ()
            if label_of(cell) not in (table.header.label(column), *map(label_of, path)):
                return is_column_numbers(row.cells)
    return True


def _unit_above(head: Sequence[Row], header: Header | None) -> str | None:
    """The unit of money named above a table: 单位：万元."""
    rows = (row for row in head if header is not None and row.number <= header.first_row)
    cells = (plain_without_spaces(cell[:100]) for row in rows for cell in row.cells if "单位" in cell)
    return next((match[1] for cell in cells if (match := _UNIT_ABOVE.search(cell))), None)


def _amount_in(row: Row, block: Columns) -> int | None:
    """The amount of a row in fen, whatever else is wrong with it; None if it has none."""
    column = block.places[Field.AMOUNT]
    if column >= len(row.cells):
        return None
    return read_amount(row.cells[column], row.kinds[column : column + 1] == NUMBER, block.decimal_places)[0]


class _Totals:
    """Sums of the amounts in fen, of good lines and bad, to be compared with the totals that the sheet states."""

    def __init__(self) -> None:
        self.in_all = 0
        self._since_last = 0

    def add(self, item: Item, row: Row, block: Columns) -> None:
        fen = item.amount_fen if item.__class__ is RollLine else _amount_in(row, block) or 0
        self.in_all += fen
        self._since_last += fen

    def agree(self, stated: int, row: Row) -> bool:
        """Whether a stated total is the sum of all lines, or of those since the last total; or is of a part only."""
        agrees = stated in (self.in_all, self._since_last) or any(_PART_TOTAL.search(cell) for cell in row.cells)
        self._since_last = 0
        return agrees
