"""Lists at the staff door: searched, filtered, sorted, paged and exported in one way. A room declares a Listing once
and hands it a select that its queries.py has already narrowed to the principal; core.listing_pages serves it, page by
page as core.listing_screen cuts it.

Query parameters are a whitelist made from the declaration. Nothing personal is ever in an address: the search form
posts, and what looks like an ID number, card or phone goes to the listing's ``find_person`` or is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, Protocol, TypeAlias

from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement, Select, or_
from sqlalchemy.sql.base import ExecutableOption

from core import clock
from core.bulk_actions import BulkAction
from core.database import db
from core.money import format_yuan_plain
from core.plain_text import plain
from core.principal import OrganisationKind, Permission, Principal
from core.status import Status

PAGE_SIZE = 50
COUNT_CAP = 10_000
"""Counting stops here: an exact count of a huge table costs more than it tells."""
LONGEST_TERM = 50
SMALLEST_CHUNK = 2_000

AnySelect: TypeAlias = Select[*tuple[Any, ...]]
Text: TypeAlias = LazyString | str
# narrow never breaks; long gets room to break in.
Kind = Literal["text", "narrow", "long", "money", "number", "day", "time", "due", "status"]

_SEPARATORS = re.compile(r"(?<=[0-9Xx])[\s\-·.]+(?=[0-9Xx])")
# ID numbers (15 or 18), cards (13–19) and receipt codes (20) are 13 digits or more; a region code has 12.
_PERSONAL = re.compile(r"\d{13,}|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)0\d{9,11}(?!\d)")


def looks_personal(term: str) -> bool:
    """Whether a search term holds what could be an ID number, a card, a phone or a receipt code."""
    return bool(_PERSONAL.search(_SEPARATORS.sub("", plain(term)).removeprefix("+86")))


def _day(value: date | datetime) -> str:
    return (clock.local_date(value) if isinstance(value, datetime) else value).isoformat()


def _time(at: datetime) -> str:
    return clock.local_time(at).strftime("%Y-%m-%d %H:%M")


_WRITERS: Mapping[str, Callable[[Any], str]] = {"money": format_yuan_plain, "day": _day, "due": _day, "time": _time}


@dataclass(frozen=True)
class Column:
    """One column. ``value`` takes a row of the select and gives: fen for money, a date for day and due, an instant
    for time, a state for status (its words are in ``states``). ``sort`` is the expression to order by (None: not
    sortable). ``link`` gives the address that the cell leads to. ``screen=False``: in the export only. ``note`` gives a
    small line under the cell, on the screen only. ``wording`` turns a value into words where its kind does not.

    ``expression`` is what the database itself gives for ``value``: a list all of whose columns have one is exported
    without making an object of every row, which would take longer than to write the file."""

    key: str
    title: Text
    value: Callable[[Any], Any]
    kind: Kind = "text"
    sort: Any = None
    link: Callable[[Any], str | None] | None = None
    states: Mapping[str, Status] = field(default_factory=dict)
    screen: bool = True
    note: Callable[[Any], str] | None = None
    wording: Callable[[Any], str] | None = None
    expression: Any = None

    def words(self, row: Any) -> str:
        """The cell as text for an export: plain yuan, ISO days, county time, the word for a state."""
        return self.writer()(self.value(row))

    def writer(self) -> Callable[[Any], str]:
        """What turns a value of this column into text, in the language of this moment."""
        if self.kind == "status":
            words = {state: str(shown) for state, shown in self.states.items()}
            return lambda state: words.get(state, state or "")
        write = self.wording or _WRITERS.get(self.kind, str)
        return lambda value: "" if value is None or value == "" else write(value)


class Filter(Protocol):
    """What narrows a list. ``keys`` are its query parameters."""

    @property
    def title(self) -> Text:
        """What it is called."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Its query parameters."""

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        """What the given parameters ask for; a value that makes no sense asks for nothing."""

    def described(self, given: Mapping[str, str]) -> str:
        """The given parameters in words."""


@dataclass(frozen=True)
class ChoiceFilter:
    """One of several values. ``choices``: value → words, or a function that gives it (called for each page).
    ``condition``: a column that must equal the value, or a function from value to condition."""

    key: str
    title: Text
    choices: Mapping[str, Text | Status] | Callable[[], Mapping[str, Text | Status]]
    condition: Any

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def options(self) -> Mapping[str, Text | Status]:
        """The choices as they stand now."""
        return self.choices() if callable(self.choices) else self.choices

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        value = given.get(self.key, "")
        if value not in self.options():
            return []
        plain_function = callable(self.condition) and not hasattr(self.condition, "type")
        return [self.condition(value) if plain_function else self.condition == value]

    def described(self, given: Mapping[str, str]) -> str:
        return str(self.options().get(given.get(self.key, ""), ""))


@dataclass(frozen=True)
class DayFilter:
    """From one day to another, both included; either may be left open. ``instants``: the column holds UTC instants,
    and the days are the county's."""

    key: str
    title: Text
    column: Any
    instants: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        return (f"{self.key}_from", f"{self.key}_to")

    def _edge(self, day: date) -> date | datetime:
        return datetime.combine(day, time.min, clock.SHANGHAI) if self.instants else day

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        first, last = (_iso_day(given.get(key, "")) for key in self.keys)
        found = [self.column >= self._edge(first)] if first else []
        if last:
            found.append(self.column < self._edge(last + timedelta(days=1)))
        return found

    def described(self, given: Mapping[str, str]) -> str:
        first, last = (_iso_day(given.get(key, "")) for key in self.keys)
        return f"{first or '…'} – {last or '…'}" if first or last else ""


def _iso_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 2999 else None


@dataclass(frozen=True)
class ExactFilter:
    """A text that a column must equal, typed in by the reader. What looks like an ID number, a card or a phone asks for
    nothing: it must not stand in an address."""

    key: str
    title: Text
    column: Any

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def _wanted(self, given: Mapping[str, str]) -> str:
        text = plain(given.get(self.key, "")).strip()
        return "" if looks_personal(text) else text

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        wanted = self._wanted(given)
        return [self.column == wanted] if wanted else []

    def described(self, given: Mapping[str, str]) -> str:
        return self._wanted(given)


@dataclass(frozen=True)
class IdFilter:
    """Rows of one other thing, by its internal id (from a link or from ``find_person``); shown as a chip."""

    key: str
    title: Text
    column: Any
    label: Callable[[int], str] = str

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,)

    def _id(self, given: Mapping[str, str]) -> int | None:
        text = given.get(self.key, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None

    def conditions(self, given: Mapping[str, str]) -> list[ColumnElement[bool]]:
        number = self._id(given)
        return [] if number is None else [self.column == number]

    def described(self, given: Mapping[str, str]) -> str:
        number = self._id(given)
        return "" if number is None else self.label(number)


@dataclass(frozen=True)
class Parts:
    """The rows of a list once more, as several selects that together give them and may overlap. Each is served by an
    index in the order of the list; of the whole, a database would draw up every row before it shows the first fifty.
    ``rows`` selects what a row is, unnarrowed. ``counted_in_order``: counting up to the cap follows these indexes too;
    without, PostgreSQL may read a table from its start, where there may be none of a part for millions of rows."""

    rows: AnySelect
    parts: Sequence[AnySelect]
    counted_in_order: bool = False


_titles: dict[str, Text] = {}


def title_of(name: str) -> Text | None:
    """What the list of that name is called; None for one that nobody has declared."""
    return _titles.get(name)


FindPerson = Callable[[Principal, str], Mapping[str, str] | None]


@dataclass(frozen=True)
class Listing:
    """A list as a room declares it.

    ``id`` is a unique column: the last word in every order. ``order`` is the key of a sortable column, with ``-`` for
    descending. ``search`` are the text columns that the search box looks into. ``find_person`` turns an ID number,
    card or phone into parameters of this list's filters (None: nobody found) — through the principal. ``empty`` says
    what to do next where there is nothing yet. ``export_right`` is what an export needs (None: seeing is enough).
    ``confidential_to``: the one kind of organisation that may learn from the audit log that the list was exported.
    ``actions``: what can be done with many rows at once (core.bulk_actions); ``id`` is a number then, or text
    of digits that does not begin with a zero.
    ``summed_by``: what a choice of rows is summed by where that is not a column of its own.
    ``most_counted``: counting stops there.
    ``loads``: what the screen reads of the rows beside their own columns, as loader options; an export does not.
    """

    name: str
    title: Text
    columns: Sequence[Column]
    id: Any
    order: str
    search: Sequence[Any] = ()
    search_hint: Text = ""
    filters: Sequence[Filter] = ()
    find_person: FindPerson | None = None
    empty: Text = ""
    export_right: Permission | None = None
    confidential_to: OrganisationKind | None = None
    page_size: int = PAGE_SIZE
    most_counted: int = COUNT_CAP
    actions: Sequence[BulkAction] = ()
    summed_by: Any = None
    loads: Sequence[ExecutableOption] = ()

    def __post_init__(self) -> None:
        if self.sort_expression(self.order) is None:
            raise ValueError(f"listing {self.name} is ordered by a column that it lacks or cannot sort")
        _titles.setdefault(self.name, self.title)

    def column(self, key: str) -> Column | None:
        """The column of that key."""
        return next((column for column in self.columns if column.key == key), None)

    def row_id(self, row: Any) -> Any:
        """The id of a row of the select, whether it is one thing or several side by side."""
        owner, key = self.id.class_, self.id.key
        parts = (row,) if isinstance(row, owner) else row
        thing = next((part for part in parts if isinstance(part, owner)), row)
        return getattr(thing, key)

    @property
    def amount(self) -> Any:
        """The money that a choice of rows is summed by: the first column of it that can be sorted, if nothing else is
        said; None without."""
        if self.summed_by is not None:
            return self.summed_by
        return next((c.sort for c in self.columns if c.kind == "money" and c.sort is not None), None)

    def sort_expression(self, order: str) -> Any:
        """What ``order`` (a key, with ``-`` for descending) sorts by, or None where that is not possible."""
        column = self.column(order.removeprefix("-"))
        if column is None or column.sort is None:
            return None
        ordered = column.sort.desc() if order.startswith("-") else column.sort.asc()
        # The databases disagree on where blanks go; asking costs an index, so only where there can be blanks.
        return ordered.nulls_last() if getattr(column.sort, "nullable", True) else ordered

    def whitelisted(self, arguments: Mapping[str, str]) -> dict[str, str]:
        """The parameters that this list knows, those without a meaning left out."""
        given = {"q": plain(arguments.get("q", ""))[:LONGEST_TERM]} if self.search else {}
        for narrowing in self.filters:
            mine = {key: arguments.get(key, "").strip()[:40] for key in narrowing.keys}
            if narrowing.conditions(mine):
                given |= mine
        sort = arguments.get("sort", "")
        if sort != self.order and self.sort_expression(sort) is not None:
            given["sort"] = sort
        return {key: value for key, value in given.items() if value}

    def asks_for_numbers_of_people(self, arguments: Mapping[str, str]) -> bool:
        """Whether a field to type into holds what looks like an ID number, a card or a phone."""
        exact = (key for narrowing in self.filters if isinstance(narrowing, ExactFilter) for key in narrowing.keys)
        return any(looks_personal(arguments.get(key, "")) for key in exact)

    def narrowed(self, statement: AnySelect, given: Mapping[str, str]) -> AnySelect:
        """The select with search and filters applied."""
        for narrowing in self.filters:
            statement = statement.where(*narrowing.conditions(given))
        term = given.get("q", "")
        if term and self.search:
            statement = statement.where(or_(*(column.icontains(term, autoescape=True) for column in self.search)))
        return statement

    def ordered(self, statement: AnySelect, given: Mapping[str, str]) -> AnySelect:
        """The select in its order, the id last so that no row is on two pages."""
        order = given.get("sort", self.order)
        last = self.id.desc() if order.startswith("-") else self.id.asc()
        return statement.order_by(None).order_by(self.sort_expression(order), last)

    def export_rows(self, statement: AnySelect, given: Mapping[str, str], limit: int) -> Iterator[list[str]]:
        """All rows of the list as text, at most ``limit``, in its order, read in chunks."""
        wanted = self.ordered(self.narrowed(statement, given), given).limit(limit)
        chunked = wanted.execution_options(yield_per=SMALLEST_CHUNK)
        # The same names, amounts and states stand in row after row: each is turned into text once.
        writers = [lru_cache(SMALLEST_CHUNK)(column.writer()) for column in self.columns]
        expressions = [column.expression for column in self.columns]
        if all(expression is not None for expression in expressions):
            plain_rows = chunked.with_only_columns(*expressions, maintain_column_froms=True)
            for values in db.session.connection().execute(plain_rows):
                yield [write(value) for write, value in zip(writers, values, strict=True)]
            return
        getters = [column.value for column in self.columns]
        for row in rows_of(chunked):
            yield [write(get(row)) for write, get in zip(writers, getters, strict=True)]


def rows_of(statement: AnySelect) -> Iterator[Any]:
    """The rows of a select: entities where it selects one thing, rows with names where it selects several."""
    result = db.session.execute(statement)
    return iter(result.scalars() if len(statement.column_descriptions) == 1 else result)
