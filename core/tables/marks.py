"""The sentences that a marked copy is to carry, as the child process gets them."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import BinaryIO

from core.tables.frames import PlainRow


class Marks:
    """What to write where."""

    def __init__(self, told: BinaryIO) -> None:
        task = json.load(told)
        self.heading: str = task["heading"]
        self._header_rows: dict[str | None, int] = dict(task["header_rows"])
        self._sentences: dict[str | None, dict[int, str]] = defaultdict(dict)
        for sheet, row, sentence in task["marks"]:
            self._sentences[sheet][row] = sentence

    def concern(self, sheet: str | None) -> bool:
        """Whether anything is to be written into a sheet: sentences, or a heading over none, so that those of an
        earlier copy go."""
        return sheet in self._sentences or sheet in self._header_rows

    def placed(self, sheet: str | None, rows: Iterable[PlainRow], width: int) -> tuple[dict[int, str], int]:
        """What goes into which row of a sheet, the heading included, and the column for it (from 0): that of an
        earlier copy, or the first one right of everything (``width``)."""
        if not self.concern(sheet):
            return {}, width
        texts = dict(self._sentences.get(sheet, {}))
        header_row, header = self._header(sheet, rows, min(texts, default=0))
        if header_row:
            texts[header_row] = self.heading
        last = max((column for column, cell in enumerate(header) if cell.strip()), default=-1)
        old = last >= 0 and header[last].strip() == self.heading
        return texts, last if old else width

    def _header(self, sheet: str | None, rows: Iterable[PlainRow], first_marked: int) -> tuple[int, list[str]]:
        """The row for the heading and its cells: the one that was told, or the first that looks like a header."""
        told = self._header_rows.get(sheet, 0)
        for number, cells, _ in rows:
            if number == told or (not told and sum(map(bool, map(str.strip, cells))) >= 3):
                return (number, cells) if not first_marked or number < first_marked else (0, [])
        return 0, []
