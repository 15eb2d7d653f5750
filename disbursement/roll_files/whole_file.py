"""What the sheets of one roll file share: what they are read with, whom they have named, what the official is told."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from disbursement.roll_files.account import Note, RollFileError
from disbursement.roll_files.columns import Recognised
from disbursement.roll_files.lines import Seen
from disbursement.roll_files.regions import RegionIndex
from disbursement.roll_files.vocabulary import FIELD_NAMES, Field

_MOST_HEADERS_TOLD = 20
_LONGEST_HEADER_TOLD = 20


@dataclass
class WholeFile:
    """``today`` is the day in Shanghai, against which births are checked."""

    regions: RegionIndex
    today: date
    seen: Seen = field(default_factory=Seen)
    notes: list[Note] = field(default_factory=list)
    _missing: set[Field] = field(default_factory=set)
    _headers: dict[str, None] = field(default_factory=dict)

    def note(self, code: str, **parameters: object) -> None:
        """Remember something for the official."""
        self.notes.append(Note(code, parameters))

    def not_a_roll(self, missing: Iterable[Field], found: Recognised | None) -> None:
        """Remember what a sheet lacked, and which headers it had."""
        self._missing.update(missing)
        if found and found.header:
            texts = (found.header.text(column) for column in range(len(found.header.paths)))
            self._headers.update(dict.fromkeys(text[:_LONGEST_HEADER_TOLD] for text in texts if text))

    def refusal(self, *, empty: bool) -> RollFileError:
        """Why no sheet was read; ``empty``: none has a row."""
        if empty:
            return RollFileError("no_rows")
        if not self._headers:
            return RollFileError("no_headers")
        missing = "、".join(FIELD_NAMES[field] for field in Field if field in self._missing)
        return RollFileError("not_a_roll", missing=missing, headers="、".join(list(self._headers)[:_MOST_HEADERS_TOLD]))
