"""What the rooms hold of one person, for the file that is handed to him (个人信息保护法 §45): the room that owns people
collects it, rooms above add their own.

Every table that refers to a person or keeps something encrypted is either read by a provider or declared as left out,
with the reason; ``tables_about`` finds which those are, and a test holds that none is forgotten.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from sqlalchemy import MetaData

from core import clock
from core.database import BlindIndex, EncryptedBytes, EncryptedText
from core.money import Fen, format_yuan_plain
from core.principal import Principal

T = TypeVar("T")


@dataclass(frozen=True)
class Records:
    """A table of the file: everything in it is text. ``note`` says what is not in it and why."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""

    @property
    def facts(self) -> list[list[tuple[str, str]]]:
        """The rows as pairs of column and value, without what is empty: for tables too wide for paper."""
        return [[pair for pair in zip(self.columns, row, strict=True) if pair[1]] for row in self.rows]


def written(value: object) -> str:
    """A value as the file has it: county time, days, yuan; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return clock.local_time(value).strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else str(value)


def yuan(fen: int) -> str:
    """An amount as the file has it."""
    return format_yuan_plain(Fen(fen))


def records(title: str, columns: Iterable[object], rows: Iterable[Sequence[object]], note: str = "") -> Records:
    """A table of the file from values as they come from the database."""
    return Records(title, [str(column) for column in columns], [[written(cell) for cell in row] for row in rows], note)


Provide = Callable[[Principal, T], Sequence[Records]]


class PersonalRecords(Generic[T]):
    """Who provides what. The room that owns people holds one of these; rooms above register with it."""

    def __init__(self) -> None:
        self._providers: dict[str, tuple[int, Provide[T]]] = {}
        self._read: set[str] = set()
        self._left_out: dict[str, str] = {}

    def provider(self, order: int, *tables: str) -> Callable[[Provide[T]], Provide[T]]:
        """Register a part of the file (decorator), at its place by ``order``, with the tables that it reads."""

        def register(provide: Provide[T]) -> Provide[T]:
            self._providers[f"{provide.__module__}.{provide.__name__}"] = (order, provide)
            self._read.update(tables)
            return provide

        return register

    def leave_out(self, reasons: Mapping[str, str]) -> None:
        """Declare why tables are not in the file."""
        self._left_out.update(reasons)

    @property
    def read(self) -> frozenset[str]:
        """The tables of which the file has something."""
        return frozenset(self._read)

    @property
    def left_out(self) -> Mapping[str, str]:
        """The tables of which it has nothing, with the reason."""
        return dict(self._left_out)

    def found_for(self, principal: Principal, subject: T) -> list[Records]:
        """All tables of the file, in their order."""
        ordered = sorted(self._providers.items(), key=lambda found: (found[1][0], found[0]))
        return [part for _name, (_order, provide) in ordered for part in provide(principal, subject)]


def tables_about(metadata: MetaData, people: Collection[str]) -> set[str]:
    """The tables that are about a person: ``people`` themselves, whatever refers to one of these directly or through
    others, and whatever keeps a value encrypted or as a keyed hash."""
    about = set(people)
    while True:
        more = {
            table.name
            for table in metadata.tables.values()
            if table.name not in about and any(key.column.table.name in about for key in table.foreign_keys)
        }
        if not more:
            break
        about |= more
    secret = (EncryptedText, EncryptedBytes, BlindIndex)
    return about | {
        table.name
        for table in metadata.tables.values()
        if any(isinstance(column.type, secret) for column in table.columns)
    }
