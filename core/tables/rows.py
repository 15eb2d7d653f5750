"""What a file is made of once it has been read. Imported by the child process too, so it stays light."""

from typing import NamedTuple

TEXT, NUMBER, DATE, BOOLEAN = "t", "n", "d", "b"
"""What a cell held: text (a blank cell as well), or a number, a date or time, a truth value of a spreadsheet."""


class Row(NamedTuple):
    """One row that is not blank.

    ``number`` is physical: the first line of a sheet or file is 1; in text, a row whose quoted cells hold line
    breaks has the number of its first line. ``cells`` begin with the first column of the sheet; text is what the
    file holds (7.0 is "7", 0.30000000000000004 is "0.3" as on the screen of a spreadsheet, dates are ISO).
    ``kinds`` has one letter a cell: TEXT, NUMBER, DATE, BOOLEAN.
    """

    number: int
    cells: list[str]
    kinds: str


class Merged(NamedTuple):
    """A merged range of cells. Rows count from 1, columns from 0, both ends belong to it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int
