"""What the reading of a roll reports beside its lines: how each sheet was understood, and what to look at."""

from collections import Counter
from dataclasses import dataclass, field

from core.errors import UserError
from disbursement.roll_files.problems import NOTES, REFUSALS
from disbursement.roll_files.rows import RowKind
from disbursement.roll_files.vocabulary import FIELD_NAMES, Field


class RollFileError(UserError):
    """A file that is no roll. ``code`` names the reason for programs, the sentence says it to people."""

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(REFUSALS[code], **parameters)
        self.code = code


@dataclass(frozen=True)
class Note:
    """Something that the official should look at: a code of `problems.NOTES` and what its sentence is filled with.
    Holds names of sheets and headers, never personal data."""

    code: str
    parameters: dict[str, object]

    @property
    def sentence(self) -> str:
        """The message id of its sentence."""
        return NOTES[self.code]


@dataclass(frozen=True)
class ColumnUse:
    """Which column was taken for what: its number from 0, its header as written, and the field."""

    column: int
    header: str
    field: Field

    @property
    def letter(self) -> str:
        """The column as spreadsheet programs name it: A, B, … AA."""
        letters, rest = "", self.column + 1
        while rest:
            rest, place = divmod(rest - 1, 26)
            letters = chr(65 + place) + letters
        return letters

    @property
    def field_name(self) -> str:
        """The message id of the name of the field."""
        return FIELD_NAMES[self.field]


@dataclass
class SheetAccount:
    """What became of a sheet: how its columns were understood (none if it was not read) and what its rows were.

    ``rows`` counts every physical row once, blank ones included. ``header_row`` is the last row of labels of its
    (first) header: where the heading of a marked copy goes. ``certain`` says that nothing about the columns was
    doubtful; a doubt has its note.
    """

    name: str | None
    columns: list[ColumnUse] = field(default_factory=list)
    header_row: int | None = None
    rows: Counter[RowKind] = field(default_factory=Counter)
    certain: bool = True
