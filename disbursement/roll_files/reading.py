"""Reads a roll from an open table: good lines and bad ones in their order, and an account of everything else."""

from collections.abc import Iterator
from datetime import date

from core.tables.reading import Table
from disbursement.roll_files.account import Note, SheetAccount
from disbursement.roll_files.lines import LineProblem, RollLine
from disbursement.roll_files.regions import RegionIndex
from disbursement.roll_files.sheets import SheetReader
from disbursement.roll_files.whole_file import WholeFile


class RollReading:
    """The reading of one file. Iterate over `items` once; `sheets` and `notes` are complete when it has ended."""

    def __init__(self, table: Table, regions: RegionIndex, today: date) -> None:
        """``table`` is open and unread; ``today`` is the day in Shanghai, against which births are checked."""
        self.sheets: list[SheetAccount] = []
        self._table = table
        self._file = WholeFile(regions, today)

    @property
    def notes(self) -> list[Note]:
        """What the official should look at."""
        return self._file.notes

    def items(self) -> Iterator[RollLine | LineProblem]:
        """Every line of every sheet, good or bad, in order. Raises TableError for a file that cannot be read and
        RollFileError, at the end, for one that has no roll in it."""
        empty = True
        for sheet in self._table.sheets():
            reader = SheetReader(self._file, sheet)
            yield from reader.items()
            self.sheets.append(reader.account)
            empty = empty and not sheet.row_count
        if not any(account.columns for account in self.sheets):
            raise self._file.refusal(empty=empty)
