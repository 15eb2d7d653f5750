"""Reads a roll from an open table: good lines and bad ones in their order, and an account of everything else."""

from collections.abc import Iterable, Iterator
from datetime import date

from core.tables.reading import Table
from disbursement.roll_files.account import Note, RollFileError, SheetAccount
from disbursement.roll_files.columns import Recognised
from disbursement.roll_files.lines import LineProblem, RollLine, Seen
from disbursement.roll_files.regions import RegionIndex
from disbursement.roll_files.sheets import SheetReader
from disbursement.roll_files.vocabulary import FIELD_NAMES, Field

_MOST_HEADERS_TOLD = 20


class RollReading:
    """The reading of one file. Iterate over `items` once; `sheets` and `notes` are complete when it has ended."""

    def __init__(self, table: Table, regions: RegionIndex, today: date) -> None:
        """``table`` is open and unread; ``today`` is the day in Shanghai, against which births are checked."""
        self.sheets: list[SheetAccount] = []
        self.notes: list[Note] = []
        self.regions = regions
        self.today = today
        self.seen = Seen()
        self._table = table
        self._missing: set[Field] = set()
        self._headers: dict[str, None] = {}

    def items(self) -> Iterator[RollLine | LineProblem]:
        """Every line of every sheet, good or bad, in order. Raises TableError for a file that cannot be read and
        RollFileError, at the end, for one that has no roll in it."""
        empty = True
        for sheet in self._table.sheets():
            reader = SheetReader(self, sheet)
            yield from reader.items()
            self.sheets.append(reader.account)
            empty = empty and not sheet.row_count
        if not any(account.columns for account in self.sheets):
            raise self._refusal(empty)

    def note(self, code: str, **parameters: object) -> None:
        """Remember something for the official."""
        self.notes.append(Note(code, parameters))

    def not_a_roll(self, missing: Iterable[Field], found: Recognised | None) -> None:
        """Remember what a sheet lacked, and which headers it had."""
        self._missing.update(missing)
        if found and found.header:
            texts = (found.header.text(column) for column in range(len(found.header.paths)))
            self._headers.update(dict.fromkeys(text[:20] for text in texts if text))

    def _refusal(self, empty: bool) -> RollFileError:
        if empty:
            return RollFileError("no_rows")
        if not self._headers:
            return RollFileError("no_headers")
        missing = "、".join(FIELD_NAMES[field] for field in Field if field in self._missing)
        return RollFileError("not_a_roll", missing=missing, headers="、".join(list(self._headers)[:_MOST_HEADERS_TOLD]))
