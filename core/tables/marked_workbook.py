"""Marked copies of workbooks of Excel 2007 and later: only the new cells are put into the XML, everything else stays
byte for byte, formats, formulas and their results included. Runs in the child process."""

import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, BinaryIO
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring
from python_calamine import CalamineError, CalamineWorkbook

from core.tables.marks import Marks
from core.tables.workbooks import rows_of

_CHUNK = 1 << 20
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_RELATION_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_ROW = rb"<%srow\b[^>]*?(?:/>|>.*?</%srow>)"
_CELL = rb"<%sc\b[^>]*?(?:/>|>.*?</%sc>)"
_ROW_NUMBER = re.compile(rb"\sr=[\"'](\d+)[\"']")
_REFERENCE = re.compile(rb"\sr=[\"']([A-Z]{1,3})\d+[\"']")
_SPANS = re.compile(rb"\sspans=[\"'][^\"']*[\"']")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LAST_COLUMN = 16_383
_WIDTH_OF_SENTENCES = 60


class NotEditableError(Exception):
    """A workbook whose XML is not of the usual form: it has to be written anew."""


def mark_workbook(file: BinaryIO, marks: Marks, out: BinaryIO) -> None:
    """Write the workbook with one more column on each sheet that has sentences or a heading. Raises NotEditableError,
    and then what it has written is worth nothing."""
    try:
        _mark(file, marks, out)
    except (CalamineError, zipfile.BadZipFile, zlib.error, ParseError, KeyError, ValueError, EOFError) as error:
        # A slightly broken workbook, of which perhaps only the parts that are copied here are broken.
        raise NotEditableError from error


def _mark(file: BinaryIO, marks: Marks, out: BinaryIO) -> None:
    edits_by_name = _edits(file, marks)
    file.seek(0)
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        parts = _parts_of_sheets(source)
        edits = {parts[name]: edit for name, edit in edits_by_name.items() if name in parts}
        if len(edits) < len(edits_by_name):
            raise NotEditableError
        for entry in source.infolist():
            with source.open(entry) as old, target.open(entry.filename, "w", force_zip64=True) as new:
                if entry.filename in edits:
                    edits[entry.filename].copy(old, new)
                else:
                    shutil.copyfileobj(old, new, _CHUNK)


def _edits(file: BinaryIO, marks: Marks) -> dict[str, "_Edit"]:
    """What is to be done to each sheet that gets sentences."""
    edits = {}
    workbook = CalamineWorkbook.from_filelike(file)
    for index, name in enumerate(workbook.sheet_names):
        if not marks.concern(name):
            continue
        sheet = workbook.get_sheet_by_index(index)
        width = sheet.end[1] + 1 if sheet.end else 0
        texts, column = marks.placed(name, rows_of(sheet), width)
        used = column < width
        # A cell inside a merged range would not be seen.
        for (top, left), (bottom, right) in sorted(sheet.merged_cell_ranges or [], key=lambda place: place[0][1]):
            if left <= column <= right and any(top < row <= bottom + 1 for row in texts):
                column = right + 1
        edits[name] = _Edit(texts, min(column, _LAST_COLUMN), used)
    return edits


def _parts_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The entry of the archive that holds each sheet."""
    workbook = fromstring(archive.read("xl/workbook.xml"))
    relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    parts = {}
    for space in (_MAIN, _STRICT):
        for sheet in workbook.iter(f"{space}sheet"):
            target = next((targets[key] for name in _RELATION_IDS if (key := sheet.get(name)) in targets), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if path in archive.namelist():
                parts[sheet.get("name")] = path
    return parts


class _Edit:
    """Puts sentences into the XML of one sheet as it is copied."""

    def __init__(self, sentences: dict[int, str], column: int, used: bool) -> None:
        """``used`` says that the column may hold the sentences of an earlier copy, which go."""
        self._sentences = sentences
        self._used = used
        self._column = column
        self._letters = _letters(column)
        self._row_number = 0
        self._left = set(sentences)

    def copy(self, old: IO[bytes], new: IO[bytes]) -> None:
        """Copy the sheet from one stream to the other."""
        head = b""
        while not (begin := re.search(rb"<(\w+:)?sheetData\s*/?>", head)):
            chunk = old.read(_CHUNK)
            if not chunk:
                raise NotEditableError
            head += chunk
        self._prefix = begin[1] or b""
        prefix = re.escape(self._prefix)
        self._rows = re.compile(_ROW % (prefix, prefix), re.DOTALL)
        self._cells = re.compile(_CELL % (prefix, prefix), re.DOTALL)
        new.write(self._with_width(head[: begin.start()]) + begin[0])
        for piece in self._pieces(head[begin.end() :], old):
            new.write(self._rows.sub(self._edited, piece))
        if self._left:
            raise NotEditableError

    def _pieces(self, first: bytes, old: IO[bytes]) -> Iterator[bytes]:
        """The rest of the sheet, cut behind the end of a row."""
        end = b"</" + self._prefix + b"row>"
        rest = first
        while chunk := old.read(_CHUNK):
            rest += chunk
            cut = rest.rfind(end)
            if cut >= 0:
                yield rest[: cut + len(end)]
                rest = rest[cut + len(end) :]
        yield rest

    def _edited(self, match: re.Match[bytes]) -> bytes:
        row = match[0]
        tag, _, _ = row.partition(b">")
        number = _ROW_NUMBER.search(tag)
        self._row_number = int(number[1]) if number else self._row_number + 1
        sentence = self._sentences.get(self._row_number)
        self._left.discard(self._row_number)
        if sentence is None and not self._used:
            return row
        place = self._place_in(row)
        if sentence is None:
            return row[: place[0]] + row[place[1] :] if place else row
        if tag.endswith(b"/"):
            return _SPANS.sub(b"", tag[:-1]) + b">" + self._cell(sentence) + b"</" + self._prefix + b"row>"
        first, last = place or (row.rindex(b"</"), row.rindex(b"</"))
        begin = len(tag)
        return _SPANS.sub(b"", tag) + row[begin:first] + self._cell(sentence) + row[last:]

    def _place_in(self, row: bytes) -> tuple[int, int] | None:
        """Where in the row the cell of the column stands, or where it would have to (an empty stretch); None for the
        end of the row."""
        for cell in self._cells.finditer(row):
            reference = _REFERENCE.search(cell[0].partition(b">")[0])
            if reference is None:
                raise NotEditableError
            column = _column_number(reference[1])
            if column >= self._column:
                return cell.start(), cell.end() if column == self._column else cell.start()
        return None

    def _cell(self, sentence: str) -> bytes:
        p = self._prefix.decode()
        text = escape(_CONTROLS.sub("", sentence))
        return (
            f'<{p}c r="{self._letters}{self._row_number}" t="inlineStr"><{p}is><{p}t xml:space="preserve">{text}</{p}t>'
            f"</{p}is></{p}c>"
        ).encode()

    def _with_width(self, head: bytes) -> bytes:
        """The part before the cells, without the stated extent and with a width for the new column."""
        p = self._prefix
        head = re.sub(rb"<%sdimension\b[^>]*?(?:/>|>\s*</%sdimension>)" % (p, p), b"", head)
        column = f'<{p.decode()}col min="{self._column + 1}" max="{self._column + 1}" width="{_WIDTH_OF_SENTENCES}"'
        added = f'{column} customWidth="1"/>'.encode()
        ends = [int(last) for last in re.findall(rb"<%scol\b[^>]*?\smax=[\"'](\d+)[\"']" % p, head)]
        if not ends:
            return head + b"<" + p + b"cols>" + added + b"</" + p + b"cols>" if b"cols>" not in head else head
        return head.replace(b"</" + p + b"cols>", added + b"</" + p + b"cols>") if max(ends) <= self._column else head


def _letters(column: int) -> str:
    letters, rest = "", column + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        letters = chr(65 + place) + letters
    return letters


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
