"""Where the header of a table stands, and what it says over each column, on however many rows."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.tables.furniture import is_column_numbers, is_signature, is_total, is_unit
from core.tables.rows import Merged, Row

IsLabel = Callable[[str], bool]

_BRACKETS = re.compile(r"[(\[{【〔<《][^)\]}】〕>》]*[)\]}】〕>》]")
_UNIT_OF_MONEY = re.compile(
    r"(?:[(\[【〔]|单位\s*:)\s*(?:单位\s*:)?\s*([万千百]?元|角|分)\s*(?:[)\]】〕]|$)|([万千百]?元)\s*$"
)
_NOISE = re.compile(r"[\s:;,.*＊、，。；：·_'\"“”‘’!?\u200b\ufeff-]+")
_LONG_NUMBER = re.compile(r"[0-9]{6,}")
_LONGEST_LABEL = 60
_MOST_HEADER_ROWS = 5


@lru_cache(maxsize=4096)
def label_of(text: str) -> str:
    """What a header cell says, without units and remarks in brackets, blanks, line breaks and punctuation, lower
    case: "补贴标准\\n(元/月)" is "补贴标准". A cell that is all brackets keeps what is in them."""
    plain = unicodedata.normalize("NFKC", text).lower()
    outside = _NOISE.sub("", _BRACKETS.sub("", plain))
    return outside or _NOISE.sub("", re.sub(r"[()\[\]{}【】〔〕<>《》]", "", plain))


def unit_of(text: str) -> str | None:
    """The unit of money that a header cell names, in brackets or at its end: "金额（万元）" has 万元."""
    match = _UNIT_OF_MONEY.search(unicodedata.normalize("NFKC", text))
    return (match[1] or match[2]) if match else None


@dataclass(frozen=True)
class Header:
    """A header of one or several rows. ``paths`` has, for each column, its texts from the top row to the bottom,
    merged cells counted for each column they cover; ``last_row`` includes a row that only numbers the columns,
    ``label_row`` is the last with labels."""

    first_row: int
    label_row: int
    last_row: int
    paths: tuple[tuple[str, ...], ...]

    def label(self, column: int) -> str:
        """The label of a column, its levels joined: 受益人 above 姓名 is 受益人姓名."""
        return "".join(label_of(text) for text in self.paths[column]) if column < len(self.paths) else ""

    def text(self, column: int) -> str:
        """The label as people read it, for messages: 受益人 姓名."""
        return " ".join(" ".join(text.split()) for text in self.paths[column]) if column < len(self.paths) else ""


def find_header(
    rows: Sequence[Row], is_label: IsLabel, merged: Sequence[Merged] = (), *, depth: int = 60
) -> Header | None:
    """The first header among the first ``depth`` rows that are not blank, or None.

    ``is_label`` says of a normalised label whether it is one of the wordings looked for. Two-level headers, merged
    cells, rows of units and of column numbers are understood. The rows given must follow each other.
    """
    scores = [header_score(row, is_label) for row in rows[:depth]]
    best = max(scores, default=0)
    if best < 2:
        return None
    start = next(place for place, score in enumerate(scores) if score >= 2 and score * 2 >= best)
    return _grown(rows, start, is_label, merged)


def header_score(row: Row, is_label: IsLabel) -> int:
    """How many cells of a row are labels looked for; 0 for a row that holds data or a total."""
    known = 0
    for cell in row.cells:
        text = cell.strip()
        if not text:
            continue
        if len(text) > _LONGEST_LABEL or _LONG_NUMBER.search(text):
            return 0
        known += is_label(label_of(text))
    return known if known >= 2 and not is_total(next(cell for cell in row.cells if cell.strip())) else 0


def _grown(rows: Sequence[Row], start: int, is_label: IsLabel, merged: Sequence[Merged]) -> Header:
    """The header around its first sure row: rows above that group its columns, rows below that divide them."""
    covering = _Covering(merged)
    first, last = start, start
    if start and _groups(rows[start - 1], rows[start], covering):
        first -= 1
    while last + 1 < len(rows) and last + 1 - first < _MOST_HEADER_ROWS:
        if not _continues(rows[last + 1], rows[first : last + 1], is_label, covering):
            break
        last += 1
    paths, label_row = _paths(rows[first : last + 1], covering), rows[last].number
    if last + 1 < len(rows) and is_column_numbers(rows[last + 1].cells):
        last += 1
    return Header(rows[first].number, label_row, rows[last].number, paths)


class _Covering:
    """Which merged range covers a cell."""

    def __init__(self, merged: Sequence[Merged]) -> None:
        self._ranges: dict[int, list[Merged]] = {}
        for place in merged:
            # Headers are low and people merge a group of hundreds of rows: only what begins here is of interest.
            for row in range(place.first_row, min(place.last_row, place.first_row + _MOST_HEADER_ROWS) + 1):
                self._ranges.setdefault(row, []).append(place)

    def over(self, row: int, column: int) -> Merged | None:
        for place in self._ranges.get(row, ()):
            if place.first_column <= column <= place.last_column:
                return place
        return None

    def ranges(self, row: int) -> list[Merged]:
        return self._ranges.get(row, [])


def _filled(row: Row) -> list[int]:
    return [column for column, cell in enumerate(row.cells) if cell.strip()]


def _groups(above: Row, row: Row, covering: _Covering) -> bool:
    """Whether the row above belongs to the header: it groups several columns or labels some that the row leaves
    blank. A title or a row with the name of the office does neither."""
    filled = _filled(above)
    texts = [above.cells[column] for column in filled]
    if len(filled) < 2 or any(_LONG_NUMBER.search(text) or is_signature(text) for text in texts):
        return False
    blank_below = [column for column in filled if column >= len(row.cells) or not row.cells[column].strip()]
    tall = [place for place in covering.ranges(above.number) if place.last_row >= row.number]
    labelled = [column for column in blank_below if len(above.cells[column].strip()) <= 20]
    return bool(tall) or bool(labelled)


def _continues(row: Row, above: Sequence[Row], is_label: IsLabel, covering: _Covering) -> bool:
    """Whether a row divides the columns of the header above it, or gives their units."""
    filled = _filled(row)
    texts = [row.cells[column].strip() for column in filled]
    if any(_LONG_NUMBER.search(text) or len(text) > _LONGEST_LABEL for text in texts):
        return False
    if filled and all(map(is_unit, texts)):
        return True
    header = above[-1]
    if any(place.last_row >= row.number for place in covering.ranges(above[0].number)):
        return True
    known = [column for column in filled if is_label(label_of(row.cells[column]))]
    unknown = [row.cells[column] for column in filled if column not in known]
    if len(filled) < 2 or any(char.isdigit() for text in unknown for char in text):
        return False
    wide = [place for place in covering.ranges(header.number) if place.last_column > place.first_column]
    if wide and all(any(p.first_column <= c <= p.last_column for p in wide) for c in filled):
        return True
    open_columns = [c for c in filled if c >= len(header.cells) or not header.cells[c].strip()]
    return len(known) >= 2 and len(known) * 2 >= len(filled) and bool(open_columns)


def _paths(rows: Sequence[Row], covering: _Covering) -> tuple[tuple[str, ...], ...]:
    width = max(len(row.cells) for row in rows)
    for place in covering.ranges(rows[0].number):
        width = max(width, min(place.last_column + 1, width + 50))
    numbered = {row.number: row for row in rows}
    paths = []
    for column in range(width):
        levels: list[str] = []
        for level, row in enumerate(rows):
            text = _text_at(row, column)
            if not text:
                range_ = covering.over(row.number, column)
                if range_ is not None and range_.first_row in numbered:
                    text = _text_at(numbered[range_.first_row], range_.first_column)
                else:
                    text = _group_from_left(rows, level, column)
            if text and text not in levels:
                levels.append(text)
        paths.append(tuple(levels))
    return tuple(paths)


def _text_at(row: Row, column: int) -> str:
    return row.cells[column].strip() if column < len(row.cells) else ""


def _group_from_left(rows: Sequence[Row], level: int, column: int) -> str:
    """Where merging was lost (in text files), a blank cell above a label belongs to the group on its left, if that
    has labels below it too."""
    if not any(_text_at(row, column) for row in rows[level + 1 :]):
        return ""
    for left in range(column - 1, -1, -1):
        if not any(_text_at(row, left) for row in rows[level + 1 :]):
            return ""
        if text := _text_at(rows[level], left):
            return text
    return ""


def columns_by_wording(header: Header, wordings: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Which column holds what, for files whose wording is our own: the first column whose label is one of the
    wordings of a name. Wordings are compared as `label_of` gives them."""
    found: dict[str, int] = {}
    for name, words in wordings.items():
        known = {label_of(word) for word in words}
        for column, path in enumerate(header.paths):
            if path and (header.label(column) in known or label_of(path[-1]) in known):
                found.setdefault(name, column)
    return found
